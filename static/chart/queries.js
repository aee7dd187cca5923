// What a chart asks for next. Pure.

import { secondsOf } from "./intervals.js";
import { hasCandles, show, viewOf } from "./sections.js";
import { plan, spare } from "./windows.js";

/**
 * @import { State, Step } from "./protocol.d.ts"
 * @import { Query, Section, Span } from "./types.d.ts"
 */

/** @type {Query} */
const WHOLE = { kind: "whole", from: null, to: null, width: 0, step: null, isRefresh: false };

/**
 * What tells a query from others.
 * @param {Pick<Query, "kind" | "from" | "to">} query
 */
export const keyOf = ({ kind, from, to }) => `${kind} ${from} ${to}`;

/**
 * Ask for other candles in a span.
 * @param {Pick<Query, "from" | "to" | "width">} span
 * @returns {Query}
 */
export const windowOf = ({ from, to, width }) => ({ ...WHOLE, kind: "window", from, to, width });

/**
 * What is shown, once more.
 * @param {Section} section
 * @returns {Query}
 */
const reload = ({ data, from, to, width }) => {
  const overlap = spare(secondsOf(data.step));
  if (from === null && to === null) return { ...WHOLE, isRefresh: true };
  const span = { from: from === null ? null : from - overlap, to: to === null ? null : to + overlap };
  return { ...windowOf({ ...span, width }), isRefresh: true };
};

/**
 * Other candles for what is seen, or null.
 * @param {State} state
 * @param {Span | null} range
 * @returns {Query | null}
 */
const fittingQuery = (state, range) => {
  const { shown, bounds, finest, useless } = state;
  const view = state.isTouched && bounds.to > bounds.from ? viewOf(state, range) : null;
  const next = view && plan(view.axis, view, finest, bounds);
  if (!next || !shown || keyOf(next) === useless) return null;
  return { ...next, step: next.kind === "window" ? null : shown.data.step, isRefresh: false };
};

/**
 * The next thing to ask for, or null.
 * @param {State} state
 * @param {Span | null} range
 * @returns {Query | null}
 */
export const nextQuery = (state, range) => {
  const { shown, isTouched, isStale, urgent, gaps, hasGaps } = state;
  if (isStale) return isTouched && shown && hasCandles(state) ? reload(shown) : { ...WHOLE, isRefresh: true };
  const missing = gaps === null && hasGaps ? { ...WHOLE, kind: /** @type {const} */ ("gaps") } : null;
  return urgent ?? fittingQuery(state, range) ?? missing;
};

/**
 * Ask for the next thing, unless an answer is awaited; all that there is may be there already.
 * @param {State} state
 * @param {Span | null} range
 * @returns {Step}
 */
export const proceed = (state, range) => {
  const query = state.isPending ? null : nextQuery(state, range);
  if (!query) return { state, effects: [] };
  const isAll = query.kind === "window" && query.from === null && query.to === null;
  if (isAll && state.whole && state.shown !== state.whole) return show({ ...state, urgent: null }, state.whole, range);
  const next = { ...state, urgent: null, isStale: false, isPending: true };
  return { state: next, effects: [{ type: "fetch", query: isAll ? { ...query, kind: "whole" } : query }] };
};
