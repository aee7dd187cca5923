// Period buttons, the jump to a date, keys, and the address that brings a reader back to a view.

import { all, byId } from "../dom.js";
import { put, putSpan, readSpan, rewrite } from "./address.js";
import { DAY, isDated, secondsOf } from "./intervals.js";
import { leastWidth, makesSense, spanAround, spanAtEdge, startOf } from "./periods.js";

/**
 * @import { Span } from "./types.d.ts"
 * @import { Words } from "./words.js"
 */

/**
 * What controls can have a chart do, and what it tells them.
 * @typedef {object} Actions
 * @property {(span: Span) => void} look at a span
 * @property {() => void} reset look at all
 * @property {(share: number, zoom?: number) => void} shift by a share of what is seen, and zoomed
 * @property {() => void} reread everything, for another adjustment
 * @property {() => Span | null} instants that are seen
 * @property {() => Span} bounds of the series
 */

const SHARE = 0.1; // of what is seen that an arrow key moves by
const ZOOM = 0.7;

/**
 * @param {HTMLElement} box
 * @param {Words} words
 * @param {Actions} act
 */
export const makeControls = (box, words, act) => {
  const view = document.getElementById("view");
  const bar = byId("chart-bar", HTMLElement);
  const jump = byId("chart-date", HTMLInputElement);
  const buttons = all("[data-period]", HTMLButtonElement, bar);
  const interval = String(box.dataset.interval);
  const finest = secondsOf(interval);
  const hasDates = isDated(interval);
  const startOfDay = (/** @type {number} */ time) => words.midnight(words.label(time));

  const press = (/** @type {string | null} */ pressed) => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.period === pressed));
  };

  const offer = (/** @type {Span} */ bounds) => {
    for (const button of buttons) {
      button.hidden = !makesSense(String(button.dataset.period), bounds, finest, startOfDay);
    }
    bar.hidden = !(bounds.to > bounds.from);
    const spell = (/** @type {number} */ time) => new Date(time * 1000).toISOString().slice(0, 10);
    [jump.min, jump.max] = [spell(bounds.from), spell(bounds.to - finest)];
  };

  for (const button of buttons) {
    button.addEventListener("click", () => {
      const period = String(button.dataset.period);
      const { to } = act.bounds();
      if (period === "all") act.reset();
      else act.look({ from: startOf(period, to - finest, startOfDay), to });
      press(period);
    });
  }

  jump.addEventListener("change", () => {
    const label = Date.parse(jump.value) / 1000;
    const seen = act.instants();
    if (Number.isNaN(label) || !seen || !jump.checkValidity()) return;
    const middle = hasDates ? label : words.midnight(label) + DAY / 2;
    press(null);
    act.look(spanAround(middle, seen, act.bounds(), leastWidth(hasDates, finest)));
  });

  const goToEdge = (/** @type {boolean} */ isLast) => {
    const seen = act.instants();
    if (!seen) return;
    press(null);
    act.look(spanAtEdge(isLast, seen, act.bounds()));
  };
  /** @type {Record<string, (share: number) => void>} */
  const KEYS = {
    ArrowLeft: (share) => act.shift(-share),
    ArrowRight: (share) => act.shift(share),
    "+": () => act.shift(0, ZOOM),
    "=": () => act.shift(0, ZOOM),
    "-": () => act.shift(0, 1 / ZOOM),
    Home: () => goToEdge(false),
    End: () => goToEdge(true),
    0: () => act.reset(),
  };
  box.addEventListener("keydown", (event) => {
    if (!Object.hasOwn(KEYS, event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    press(null);
    KEYS[event.key](event.shiftKey ? 1 : SHARE);
  });

  view?.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.name !== "adjust") return;
    const usual = view.querySelector("[name='adjust']");
    const isUsual = usual instanceof HTMLInputElement && usual.value === target.value;
    rewrite((values) => put(values, "adjust", isUsual ? null : target.value));
    act.reread();
  });

  return {
    bar,
    offer,
    press,
    /** @param {Span | null} span that is seen; null takes it out of the address */
    remember: (span) => {
      if (view) rewrite((values) => putSpan(values, span, act.bounds(), hasDates));
    },
    /** The span that the address asks for, or null. */
    linked: () => (view ? readSpan(location.search) : null),
  };
};
