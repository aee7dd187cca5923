// What pages need beyond HTMX: polling that rests with the tab, times in the reader's zone, and small courtesies. It runs
// once; all of it listens at the document, so that it goes on when a swap or the Back button replaces what is shown.

import { all, closest, detailOf } from "./dom.js";
import { addSymbol } from "./symbols.js";

const isPolled = (/** @type {Element | undefined} */ element) => element?.hasAttribute("data-poll") ?? false;

// What a person typed, picked or unfolded survives a poll.
if (window.Idiomorph) {
  // (Not "ignoreActiveValue": it also keeps the label of a button in focus that has become another button.)
  const isOwn = (/** @type {string} */ name, /** @type {Element} */ node) =>
    (name === "open" && node.tagName === "DETAILS") ||
    (name === "value" && node === document.activeElement && node.tagName !== "BUTTON") ||
    (name === "selected" && node.closest("select") === document.activeElement) ||
    ((name === "checked" || name === "value") && node.hasAttribute("data-keep"));
  window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !isOwn(name, node);
}

// Polling rests while nobody sees the tab, and looks at once when somebody does. (htmx 2 and 4 name the event apart.)
const rest = (/** @type {Event} */ event) => {
  if (document.hidden && isPolled(detailOf(event).elt)) event.preventDefault();
};
document.addEventListener("htmx:beforeRequest", rest);
document.addEventListener("htmx:before:request", rest);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const element of all("[data-poll]", HTMLElement)) window.htmx.trigger(element, "seen");
});

// A poll that fails says so once, in one place, and does not disturb what is shown.
const showLost = (/** @type {boolean} */ isLost) => {
  const banner = document.getElementById("connection-lost");
  if (banner) banner.hidden = !isLost;
};
document.addEventListener("htmx:sendError", () => showLost(true));
document.addEventListener("htmx:beforeSwap", (event) => {
  const detail = detailOf(event);
  const status = detail.xhr?.status ?? 0;
  const isPoll = isPolled(detail.requestConfig?.elt);
  showLost(isPoll && status >= 500);
  if (isPoll && status >= 400) detail.shouldSwap = false;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (detailOf(event).successful) showLost(false);
});

// Times are UTC in the page; here they become the reader's own, with UTC as their title.
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" });
const localize = () => {
  for (const time of all("time[data-local]", HTMLTimeElement)) {
    const instant = new Date(time.dateTime);
    if (!Number.isNaN(instant.valueOf())) time.textContent = clock.format(instant);
  }
};
document.addEventListener("htmx:afterSwap", localize);
document.addEventListener("htmx:oobAfterSwap", localize);

// After a submission, the eye and the keyboard go to what it has become.
document.addEventListener("htmx:afterSwap", (event) => {
  const { target, elt } = detailOf(event);
  const form = [target?.id, elt?.id].find((id) => id === "collect" || id === "gateway-form");
  if (!form) return;
  const wrong = document.querySelector(`#${form} [aria-invalid='true']`);
  if (wrong instanceof HTMLElement) wrong.focus();
  else document.querySelector("#collect .receipt")?.scrollIntoView({ block: "nearest" });
});

// A question opens as a dialog, and closes when it is answered either way. What was typed for an order goes with it.
document.addEventListener("htmx:afterSwap", (event) => {
  const { target } = detailOf(event);
  if (target instanceof HTMLDialogElement && target.id === "dialog" && !target.open) target.showModal();
});
document.addEventListener("submit", (event) => {
  const dialog = closest(event, "#dialog");
  if (dialog instanceof HTMLDialogElement) dialog.close();
});
document.addEventListener("click", (event) => {
  const dialog = closest(event, "#dialog");
  if (!(dialog instanceof HTMLDialogElement) || (event.target !== dialog && !closest(event, "[data-close]"))) return;
  event.preventDefault();
  dialog.close();
});
document.body.addEventListener("jobs-changed", () => {
  for (const field of all("[data-clear]", HTMLInputElement)) field.value = "";
});

// Without HTMX a form is sent once, however often its button is pressed.
document.addEventListener("submit", ({ target }) => {
  if (!(target instanceof HTMLFormElement) || target.hasAttribute("hx-post")) return;
  const button = target.querySelector(".submit");
  if (button instanceof HTMLButtonElement) button.disabled = true;
});
document.addEventListener("change", (event) => {
  if (event.target instanceof HTMLInputElement && event.target.type === "search") return; // it has filtered already
  const form = closest(event, "form[data-submit-on-change]");
  if (form instanceof HTMLFormElement) form.requestSubmit();
});

// A usual value goes into its field; an instrument that was found joins the symbols, once.
/**
 * @param {Element | null} field
 * @param {string} text
 */
const write = (field, text) => {
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};
document.addEventListener("click", (event) => {
  const preset = closest(event, "[data-fill]");
  if (preset) write(document.getElementById(String(preset.dataset.fill)), String(preset.dataset.value));
  const hit = closest(event, "[data-add]");
  const field = document.getElementById("symbols");
  if (!hit || !(field instanceof HTMLTextAreaElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const symbols = addSymbol(field.value, String(hit.dataset.add));
  if (symbols !== field.value) write(field, symbols);
  hit.classList.add("is-added");
});

document.addEventListener("click", (event) => {
  closest(event, "[data-dismiss]")?.closest(".toast")?.remove();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.getElementById("toasts")?.replaceChildren();
  const isTyping = event.target instanceof Element && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
  const field = document.querySelector("input[type='search'], #symbols");
  if (!(field instanceof HTMLElement)) return;
  event.preventDefault();
  field.focus();
});

localize();
