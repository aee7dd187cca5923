// The keyboard keeps its place among bars that look wrong: a decision replaces the cards, and with them what was in focus.
(() => {
  "use strict";

  const places = (root) => [...root.querySelectorAll("[data-place]")];
  let left = null; // where the keyboard was when the cards were about to be replaced

  // The same bar first, then those that may take its place, then those before it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const element = document.activeElement;
    const place = element?.closest("[data-place]");
    const { target } = event.detail;
    if (!place || !target.contains(place)) return;
    const all = places(target);
    const index = all.indexOf(place);
    const ids = [...all.slice(index), ...all.slice(0, index).reverse()].map(({ id }) => id);
    left = { ids, verb: element.getAttribute("formaction") };
  });

  const isKept = (place) => {
    const { activeElement } = document;
    if (!place.contains(activeElement)) return false;
    // A morph may make another button of the one that was pressed.
    return left.verb === null || activeElement.getAttribute("formaction") === left.verb;
  };

  document.addEventListener("htmx:afterSwap", () => {
    if (!left) return;
    const place = left.ids.map((id) => document.getElementById(id)).find(Boolean);
    if (!place) document.querySelector("[data-place-heading]")?.focus();
    else if (!isKept(place)) (left.verb && place.querySelector(`[formaction="${left.verb}"]`) || place).focus();
    left = null;
  });
})();
