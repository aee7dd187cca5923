// What pages need beyond HTMX: polling that rests with the tab, times in the reader's zone, and small courtesies.
(() => {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const polled = (event) => event.detail?.elt?.hasAttribute?.("data-poll");

  // What a person typed, picked or unfolded survives a poll.
  if (window.Idiomorph) {
    // (Not "ignoreActiveValue": it also keeps the label of a button in focus that has become another button.)
    const kept = (name, node) =>
      (name === "open" && node.tagName === "DETAILS") ||
      (name === "value" && node === document.activeElement && node.tagName !== "BUTTON") ||
      (name === "selected" && node.closest("select") === document.activeElement) ||
      ((name === "checked" || name === "value") && node.hasAttribute("data-keep"));
    Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !kept(name, node);
  }

  // Polling rests while nobody sees the tab, and looks at once when somebody does. (htmx 2 and 4 name the event apart.)
  const rest = (event) => {
    if (document.hidden && polled(event)) event.preventDefault();
  };
  document.addEventListener("htmx:beforeRequest", rest);
  document.addEventListener("htmx:before:request", rest);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) all("[data-poll]").forEach((element) => htmx.trigger(element, "seen"));
  });

  // A poll that fails says so once, in one place, and does not disturb what is shown.
  const lost = (isLost) => {
    const banner = document.getElementById("connection-lost");
    if (banner) banner.hidden = !isLost;
  };
  document.addEventListener("htmx:sendError", () => lost(true));
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const isPoll = requestConfig?.elt?.hasAttribute?.("data-poll");
    if (isPoll) lost(xhr.status >= 500);
    else lost(false);
    if (isPoll && xhr.status >= 400) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) lost(false);
  });

  // Times are UTC in the page; here they become the reader's own, with UTC as their title.
  const language = document.documentElement.lang;
  const clock = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
  const localize = (root) => {
    for (const time of all("time[data-local]", root)) {
      const instant = new Date(time.dateTime);
      if (!Number.isNaN(instant.valueOf())) time.textContent = clock.format(instant);
    }
  };
  document.addEventListener("htmx:afterSwap", () => localize(document));
  document.addEventListener("htmx:oobAfterSwap", () => localize(document));

  // After a submission, the eye and the keyboard go to what it has become.
  document.addEventListener("htmx:afterSwap", (event) => {
    const form = [event.detail.target?.id, event.detail.elt?.id].find((id) => id === "collect" || id === "gateway-form");
    if (!form) return;
    const wrong = document.querySelector(`#${form} [aria-invalid='true']`);
    if (wrong) wrong.focus();
    else document.querySelector("#collect .receipt")?.scrollIntoView({ block: "nearest" });
  });

  // A question opens as a dialog, and closes when it is answered either way. What was typed for an order goes with it.
  const dialog = document.getElementById("dialog");
  const ask = (event) => {
    if (event.detail.target === dialog && !dialog.open) dialog.showModal();
  };
  document.addEventListener("htmx:afterSwap", ask);
  dialog?.addEventListener("submit", () => dialog.close());
  dialog?.addEventListener("click", (event) => {
    if (event.target !== dialog && !event.target.closest("[data-close]")) return;
    event.preventDefault();
    dialog.close();
  });
  document.body.addEventListener("jobs-changed", () => {
    for (const field of all("[data-clear]")) field.value = "";
  });

  // Without HTMX a form is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const button = event.target.querySelector(".submit");
    if (button && !event.target.hasAttribute("hx-post")) button.disabled = true;
  });
  document.addEventListener("change", (event) => {
    if (event.target.type === "search") return; // it has filtered while it was typed
    event.target.closest("form[data-submit-on-change]")?.requestSubmit();
  });

  // A usual value goes into its field; an instrument that was found joins the symbols, once.
  const write = (field, text) => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  document.addEventListener("click", (event) => {
    const preset = event.target.closest("[data-fill]");
    if (preset) write(document.getElementById(preset.dataset.fill), preset.dataset.value);
    const found = event.target.closest("[data-add]");
    const symbols = document.getElementById("symbols");
    if (!found || !symbols || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const there = symbols.value.split(/[\s,;]+/).filter(Boolean);
    if (!there.includes(found.dataset.add)) write(symbols, [...there, found.dataset.add].join(", "));
    found.classList.add("is-added");
  });

  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss]")?.closest(".toast").remove();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.getElementById("toasts")?.replaceChildren();
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      const field = document.querySelector("input[type='search'], #symbols");
      if (field) {
        event.preventDefault();
        field.focus();
      }
    }
  });

  localize(document);
})();
