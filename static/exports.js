// The form of an export: what is picked while its preview is under way stays; another time zone begins as the reader's own.

import { closest, detailOf } from "./dom.js";

// The preview's answer replaces the form. One that was asked before the last change would undo it: the next one follows.
let isChanged = false;
document.addEventListener("input", (event) => {
  if (closest(event, "#export-form")) isChanged = true;
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (detailOf(event).elt?.id === "export-look") isChanged = false;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const detail = detailOf(event);
  if (isChanged && detail.requestConfig?.elt?.id === "export-look") detail.shouldSwap = false;
});

document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLSelectElement) || target.id !== "zone" || target.value !== "other") return;
  const name = document.querySelector("[data-own-zone]");
  if (!(name instanceof HTMLInputElement) || name.value) return;
  name.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  name.dispatchEvent(new Event("input", { bubbles: true }));
});
