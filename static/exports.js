// The form of an export: what is picked while its preview is under way stays; another time zone begins as the reader's own.
(() => {
  "use strict";

  // The preview's answer replaces the form. One that was asked before the last change would undo it: the next one follows.
  const isLook = (event) => event.detail?.elt?.id === "export-look";
  let isChanged = false;
  document.addEventListener("input", (event) => {
    if (event.target.closest("#export-form")) isChanged = true;
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isLook(event)) isChanged = false;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (isChanged && event.detail.requestConfig?.elt?.id === "export-look") event.detail.shouldSwap = false;
  });

  document.addEventListener("change", (event) => {
    if (event.target.id !== "zone" || event.target.value !== "other") return;
    const name = document.querySelector("[data-own-zone]");
    if (!name || name.value) return;
    name.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
    name.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
