// What is said over the chart, with a button to try again where that may help.

/** @import { Notice } from "./protocol.d.ts" */

/**
 * Make a function that says a notice, or takes it away (null).
 * @param {HTMLElement} box
 * @param {() => void} retry
 */
export const makeNotice = (box, retry) => {
  /**
   * @param {Notice | null} notice
   * @param {boolean} isSmall beside candles rather than in their place
   */
  return (notice, isSmall) => {
    box.parentElement?.querySelector(".chart-message")?.remove();
    if (!notice) return;
    const paragraph = document.createElement("p");
    paragraph.className = isSmall ? "chart-message chart-message-small" : "chart-message";
    paragraph.setAttribute("role", "status");
    const text = document.createElement("span");
    text.textContent = notice.message || String(box.dataset[notice.sentence]);
    paragraph.append(text);
    if (notice.canRetry) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button" });
      button.textContent = String(box.dataset.textRetry);
      button.addEventListener("click", retry);
      paragraph.append(button);
    }
    box.after(paragraph);
  };
};
