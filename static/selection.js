// Picking jobs in the table: all of the page at once, how many, and which buttons apply to any of them.
(() => {
  "use strict";

  const form = document.getElementById("selection");
  if (!form) return;
  const everything = form.querySelector("[data-pick-all]");
  const count = form.querySelector("output");
  // All that match the filter, on other pages too; only a table of several pages offers it.
  const whole = () => document.querySelector("input[form='selection'][data-every]:checked");
  const boxes = () => [...document.querySelectorAll("input[form='selection'][name='id']")];

  const refresh = () => {
    const shown = boxes();
    const picked = shown.filter((box) => box.checked);
    everything.disabled = shown.length === 0;
    everything.checked = shown.length > 0 && picked.length === shown.length;
    everything.indeterminate = picked.length > 0 && picked.length < shown.length;
    const every = whole();
    const number = every ? every.dataset.every : String(picked.length);
    if (count.textContent !== number) count.textContent = number;
    form.classList.toggle("is-empty", number === "0");
    for (const button of form.querySelectorAll("[data-verb]")) {
      const applies = every !== null || picked.some((box) => box.dataset.can.split(" ").includes(button.dataset.verb));
      // Not "disabled": the button that was just pressed would lose the keyboard's place.
      button.setAttribute("aria-disabled", String(!applies));
    }
  };

  everything.addEventListener("change", () => {
    for (const box of boxes()) box.checked = everything.checked;
    refresh();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("input[form='selection']")) refresh();
  });
  document.addEventListener("htmx:afterSwap", refresh);
  document.addEventListener("htmx:after:swap", refresh);
  const stop = (event) => {
    if (!event.target.closest?.("#selection [aria-disabled='true']")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("click", stop, true);
  // Return in the field for the reason must not press whichever button comes first.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input[type='text']")) event.preventDefault();
  });
  refresh();
})();
