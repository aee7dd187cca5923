// Intraday times are the reader's own, or the exchange's, as chosen last time.

import { all } from "../dom.js";

/** @import { Words } from "./words.js" */

const KEY = "chart-zone";

const recall = () => {
  try {
    return localStorage.getItem(KEY) ?? "mine";
  } catch {
    return "mine"; // a browser may forbid it
  }
};

const remember = (/** @type {string} */ name) => {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    return; // then the choice lasts as long as the page
  }
};

/**
 * Follow the choice of a time zone, where the page offers one.
 * @param {HTMLElement} bar
 * @param {Words} words
 * @param {() => void} react is called after each change
 */
export const followZone = (bar, words, react) => {
  const choices = all("[name='zone']", HTMLInputElement, bar);
  const note = document.getElementById("chart-zone");

  const use = (/** @type {string} */ name) => {
    const zone = words.useZone(name === "mine");
    if (note) note.textContent = words.text("textZone", { zone });
  };

  for (const choice of choices) {
    choice.checked = choice.value === recall();
    choice.addEventListener("change", () => {
      remember(choice.value);
      use(choice.value);
      react();
    });
  }
  if (choices.length) use(recall());
};
