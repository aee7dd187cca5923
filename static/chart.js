// The chart of a series: begins with all of it, merged; asks for finer candles where somebody zooms in, for older and
// newer ones where somebody scrolls, for coarser ones where somebody zooms out; grows as bars arrive. What it knows and
// decides is in chart/state.js; here its events come from the page and its effects are carried out.

import { makeControls } from "./chart/controls.js";
import { makeDrawing } from "./chart/drawing.js";
import { FetchError, makeFetching } from "./chart/fetching.js";
import { secondsOf } from "./chart/intervals.js";
import { makeLegend } from "./chart/legend.js";
import { makeNotice } from "./chart/notice.js";
import { viewOf } from "./chart/sections.js";
import { initialState, reduce } from "./chart/state.js";
import { makeWords } from "./chart/words.js";
import { followZone } from "./chart/zone.js";
import { byId } from "./dom.js";

/**
 * @import { ChartEvent, Effect } from "./chart/protocol.d.ts"
 * @import { Query } from "./chart/types.d.ts"
 */

/** @typedef {ChartEvent extends infer E ? E extends ChartEvent ? Omit<E, "range"> : never : never} Happening */

const SETTLE = 200; // ms without a movement before anything is asked for

/**
 * @param {HTMLElement} box
 * @param {typeof import("lightweight-charts")} library
 */
const start = (box, library) => {
  const { interval = "", timezone = "UTC", decimals, gaps, follow = "" } = box.dataset;
  const words = makeWords({
    language: document.documentElement.lang,
    timezone,
    decimals: decimals ? Number(decimals) : null,
    sentences: box.dataset,
  });
  const view = makeDrawing(box, words, library);
  const legend = makeLegend(box, words, view);
  const fetching = makeFetching(box);

  let state = initialState({ finest: secondsOf(interval), hasGaps: Boolean(gaps) });
  let settling = 0; // the timer until nothing has moved for a while

  const range = () => view.scale.getVisibleLogicalRange();
  const dispatch = (/** @type {Happening} */ happening) => {
    const step = reduce(state, /** @type {ChartEvent} */ ({ ...happening, range: range() }));
    state = step.state;
    step.effects.forEach(perform);
  };
  const say = makeNotice(box, () => dispatch({ type: "retried" }));

  const send = async (/** @type {Query} */ query) => {
    box.setAttribute("aria-busy", "true");
    /** @type {Happening} */
    let happening;
    try {
      const data = await fetching.ask(query);
      if (data === undefined) return; // interrupted: whoever did it has gone on
      happening = { type: "answered", query, data };
    } catch (error) {
      const { status, message } = error instanceof FetchError ? error : { status: 0, message: "" };
      happening = { type: "failed", query, status, message };
    }
    box.removeAttribute("aria-busy");
    dispatch(happening);
  };

  const settle = () => {
    clearTimeout(settling);
    settling = window.setTimeout(() => dispatch({ type: "settled" }), SETTLE);
  };

  const look = () => {
    box.dataset.looks = String(Number(box.dataset.looks ?? 0) + 1);
    view.mark();
    legend.refresh();
  };

  const perform = (/** @type {Effect} */ effect) => {
    switch (effect.type) {
      case "draw":
        return view.draw(effect.data, effect, effect.edges);
      case "fit":
        return view.scale.fitContent();
      case "turn":
        return view.scale.setVisibleLogicalRange(effect.range);
      case "label":
        requestAnimationFrame(legend.refresh); // once the chart has turned to where it shall look
        return view.mark();
      case "say":
        return say(effect.notice, effect.isSmall);
      case "offer":
        return controls.offer(effect.bounds);
      case "fetch":
        return void send(effect.query);
      case "interrupt":
        box.removeAttribute("aria-busy");
        return fetching.interrupt();
      case "settle":
        return settle();
      case "look":
        return look();
      case "remember":
        return controls.remember(effect.span);
      case "countGaps":
        box.dataset.gapsTotal = String(effect.count);
        return undefined;
      case "lackGaps":
        byId("chart-gaps-note", HTMLElement).textContent = words.text("textGapsFailed");
        return undefined;
    }
  };

  const controls = makeControls(box, words, {
    look: (span) => dispatch({ type: "aimed", span }),
    reset: () => dispatch({ type: "reset" }),
    shift: (share, zoom = 1) => dispatch({ type: "shifted", share, zoom }),
    reread: () => dispatch({ type: "reread" }),
    instants: () => viewOf(state, range())?.instants ?? null,
    bounds: () => state.bounds,
  });
  followZone(controls.bar, words, () => {
    view.dress();
    legend.refresh();
  });

  const grasp = () => {
    dispatch({ type: "grasped" });
    controls.press(null);
  };
  for (const kind of ["wheel", "pointerdown", "touchstart"]) box.addEventListener(kind, grasp, { passive: true });
  box.addEventListener("dblclick", () => dispatch({ type: "reset" }));
  view.scale.subscribeVisibleLogicalRangeChange(() => dispatch({ type: "moved" }));
  view.scale.subscribeSizeChange(() => dispatch({ type: "resized" }));

  // New bars: the live card says how many were written.
  const rows = () => document.getElementById(follow)?.dataset.rows;
  document.addEventListener("htmx:afterSwap", () => dispatch({ type: "swapped", rows: rows() }));
  window.addEventListener("online", () => dispatch({ type: "online" }));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", view.dress);

  view.dress();
  dispatch({ type: "started", aim: controls.linked(), rows: rows() });
};

const chart = document.getElementById("chart");
if (chart && window.LightweightCharts) start(chart, window.LightweightCharts);
