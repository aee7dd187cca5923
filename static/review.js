// The keyboard keeps its place among bars that look wrong: a decision replaces the cards, and with them what was in focus.

import { all, detailOf } from "./dom.js";

/** @type {{ids: string[], verb: string | null} | null} where the keyboard was when the cards were about to be replaced */
let focus = null;

// The same bar first, then those that may take its place, then those before it.
document.addEventListener("htmx:beforeSwap", (event) => {
  const element = document.activeElement;
  const place = element?.closest("[data-place]");
  const { target } = detailOf(event);
  if (!element || !place || !target?.contains(place)) return;
  const ids = all("[data-place]", HTMLElement, target).map(({ id }) => id);
  const index = ids.indexOf(place.id);
  focus = {
    ids: [...ids.slice(index), ...ids.slice(0, index).reverse()],
    verb: element.getAttribute("formaction"),
  };
});

/**
 * @param {HTMLElement} place
 * @param {string | null} verb
 */
const hasFocus = (place, verb) => {
  const { activeElement } = document;
  if (!place.contains(activeElement)) return false;
  // A morph may make another button of the one that was pressed.
  return verb === null || activeElement?.getAttribute("formaction") === verb;
};

const focusOn = (/** @type {Element | null} */ element) => {
  if (element instanceof HTMLElement) element.focus();
};

document.addEventListener("htmx:afterSwap", () => {
  if (!focus) return;
  const { ids, verb } = focus;
  focus = null;
  const place = ids.map((id) => document.getElementById(id)).find((element) => element !== null);
  if (!place) focusOn(document.querySelector("[data-place-heading]"));
  else if (!hasFocus(place, verb)) focusOn((verb && place.querySelector(`[formaction="${verb}"]`)) || place);
});
