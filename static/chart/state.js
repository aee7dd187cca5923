// What each event makes of a chart: reduce(state, event) -> {state, effects}. Pure.

import { takeAnswer, takeFailure } from "./answers.js";
import { proceed, windowOf } from "./queries.js";
import { hasCandles, show, turn, viewOf } from "./sections.js";
import { around } from "./windows.js";

/**
 * @import { ChartEvent, Effect, State, Step } from "./protocol.d.ts"
 * @import { Span } from "./types.d.ts"
 */

/**
 * @param {{finest: number, hasGaps: boolean}} options
 * @returns {State}
 */
export const initialState = ({ finest, hasGaps }) => ({
  finest,
  hasGaps,
  whole: null,
  shown: null,
  places: [],
  bands: [],
  bounds: { from: 0, to: 0 },
  gaps: null,
  aim: null,
  isTouched: false,
  isStale: true,
  isPending: false,
  urgent: null,
  useless: "",
  notice: null,
  rows: undefined,
});

/** @type {Effect} */
const SETTLE = { type: "settle" };

/**
 * @param {Step} step
 * @param {{before?: Effect[], after?: Effect[]}} effects
 * @returns {Step}
 */
const wrap = ({ state, effects }, { before = [], after = [] }) => ({
  state,
  effects: [...before, ...effects, ...after],
});

/**
 * @param {State} state
 * @param {Span} span
 * @param {Span | null} range
 * @returns {Step}
 */
const lookAt = (state, span, range) => {
  const { shown, whole, bounds } = state;
  if (!shown || !hasCandles(state)) return { state, effects: [] };
  const isThere = (shown.from ?? -Infinity) <= span.from && span.to <= (shown.to ?? Infinity);
  if (isThere) return { state, effects: turn(state, span) };
  if (whole) return show(state, whole, range);
  const urgent = windowOf({ ...around(span, bounds), width: span.to - span.from });
  return { state: { ...state, urgent }, effects: [] };
};

/**
 * @param {State} state
 * @param {{share: number, zoom: number, range: Span | null}} event
 * @returns {Step}
 */
const shift = (state, { share, zoom, range }) => {
  const view = viewOf(state, range);
  if (!view) return { state, effects: [] };
  const { from, to } = view.places;
  const half = ((to - from) * zoom) / 2;
  const middle = (from + to) / 2 + (to - from) * share;
  return {
    state: { ...state, isTouched: true, aim: null },
    effects: [{ type: "turn", range: { from: middle - half, to: middle + half } }, SETTLE],
  };
};

/**
 * @param {State} state
 * @param {Span | null} range
 * @returns {Step}
 */
const showAll = (state, range) => {
  const next = { ...state, isTouched: false, aim: null, urgent: null, isPending: false };
  const step = next.whole ? show(next, next.whole, range) : { state: next, effects: [] };
  return wrap(step, { before: [{ type: "interrupt" }, { type: "remember", span: null }], after: [SETTLE] });
};

/**
 * Nothing has moved for a while: note where the reader is, and ask for what is lacking there.
 * @param {State} state
 * @param {Span | null} range
 * @returns {Step}
 */
const rest = (state, range) => {
  /** @type {Effect[]} */
  const before = [{ type: "look" }];
  const instants = viewOf(state, range)?.instants ?? null;
  if (state.isTouched && state.shown) before.push({ type: "remember", span: instants });
  return wrap(proceed(state, range), { before });
};

/**
 * @param {State} state
 * @returns {Step}
 */
const fitAgain = (state) => {
  if (!state.isTouched) return { state, effects: state.shown ? [{ type: "fit" }] : [] };
  return { state, effects: state.aim ? turn(state, state.aim) : [] };
};

/**
 * The card of a live job says how many bars were written.
 * @param {State} state
 * @param {string | undefined} rows
 * @param {Span | null} range
 * @returns {Step}
 */
const follow = (state, rows, range) => {
  if (rows === state.rows) return { state, effects: [] };
  const whole = state.shown === state.whole ? state.whole : null;
  return proceed({ ...state, rows, whole, isStale: true }, range);
};

/**
 * @param {State} state
 * @param {ChartEvent} event
 * @returns {Step}
 */
export const reduce = (state, event) => {
  const { range } = event;
  switch (event.type) {
    case "started":
      return proceed({ ...state, aim: event.aim, isTouched: event.aim !== null, rows: event.rows }, range);
    case "answered":
      return takeAnswer(state, event);
    case "failed":
      return takeFailure(state, event);
    case "settled":
      return rest(state, range);
    case "moved":
      return { state, effects: [SETTLE] };
    case "resized":
      return fitAgain(state);
    case "grasped":
      return { state: { ...state, isTouched: true, aim: null }, effects: [] };
    case "retried":
      return proceed(state, range);
    case "online":
      return state.notice?.canRetry ? proceed(state, range) : { state, effects: [] };
    case "reread": {
      const next = { ...state, whole: null, urgent: null, isStale: true, isPending: false };
      return wrap(proceed(next, range), { before: [{ type: "interrupt" }] });
    }
    case "reset":
      return showAll(state, range);
    case "aimed":
      return wrap(lookAt({ ...state, isTouched: true, aim: event.span }, event.span, range), { after: [SETTLE] });
    case "shifted":
      return shift(state, event);
    case "swapped":
      return follow(state, event.rows, range);
  }
};
