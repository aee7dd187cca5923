// Picking lines of a table: all of the page at once, how many, and which buttons apply to any of them. The form is looked
// up whenever something happens, for the Back button may have put another one in its place.

import { all, closest } from "./dom.js";

const boxes = () => all("input[form='selection'][name='id']", HTMLInputElement);
// All that match the filter, on other pages too; only a table of several pages offers it.
const whole = () => all("input[form='selection'][data-every]:checked", HTMLInputElement).at(0);

const refresh = () => {
  const form = document.getElementById("selection");
  const everything = form?.querySelector("[data-pick-all]");
  const count = form?.querySelector("output");
  if (!form || !count || !(everything instanceof HTMLInputElement)) return;
  const shown = boxes();
  const picked = shown.filter((box) => box.checked);
  everything.disabled = shown.length === 0;
  everything.checked = shown.length > 0 && picked.length === shown.length;
  everything.indeterminate = picked.length > 0 && picked.length < shown.length;
  const every = whole();
  const number = every?.dataset.every ?? String(picked.length);
  if (count.textContent !== number) count.textContent = number;
  form.classList.toggle("is-empty", number === "0");
  for (const button of all("[data-verb]", HTMLElement, form)) {
    const verb = String(button.dataset.verb);
    const applies = every !== undefined || picked.some((box) => box.dataset.can?.split(" ").includes(verb));
    // Not "disabled": the button that was just pressed would lose the keyboard's place.
    button.setAttribute("aria-disabled", String(!applies));
  }
};

document.addEventListener("change", (event) => {
  const everything = closest(event, "#selection [data-pick-all]");
  if (everything instanceof HTMLInputElement) for (const box of boxes()) box.checked = everything.checked;
  if (everything || closest(event, "input[form='selection']")) refresh();
});
document.addEventListener("htmx:afterSwap", refresh);
document.addEventListener("htmx:after:swap", refresh);
const stop = (/** @type {Event} */ event) => {
  if (!closest(event, "#selection [aria-disabled='true']")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
};
document.addEventListener("click", stop, true);
// Return in the field for the reason must not press whichever button comes first.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && closest(event, "#selection input[type='text']")) event.preventDefault();
});
refresh();
