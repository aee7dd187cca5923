// What an answer of the server makes of a chart. Pure.

import { lastOf } from "./axis.js";
import { dropCut, join } from "./candles.js";
import { secondsOf } from "./intervals.js";
import { keyOf } from "./queries.js";
import { hasCandles, sayEmpty, show, viewOf } from "./sections.js";
import { spare } from "./windows.js";

/**
 * @import { Answer, Notice, State, Step } from "./protocol.d.ts"
 * @import { Candles, Gap, OpenSpan, Query, Section, Span } from "./types.d.ts"
 */

/**
 * All that there is, merged.
 * @param {State} state
 * @param {Candles} data
 * @param {Span | null} range
 * @returns {Step}
 */
const takeWhole = (state, data, range) => {
  const first = data.time[0] ?? 0;
  const last = (data.time.at(-1) ?? 0) + secondsOf(data.step);
  // A month's candle begins before its first bar and ends after its last.
  const bounds = { from: Math.max(first, data.first ?? first), to: Math.min(last, (data.last ?? last) + state.finest) };
  // It is a window with nothing around it.
  const whole = { data, from: null, to: null, stretch: 1, width: (bounds.to - bounds.from) / 3 };
  const step = show({ ...state, whole, bounds }, whole, range);
  return { state: step.state, effects: [{ type: "offer", bounds }, ...step.effects] };
};

/**
 * Between which instants all candles are there, those that were cut left out.
 * @param {Candles} part not empty
 * @param {OpenSpan} span that was asked for
 */
const edgesOf = (part, { from, to }) => {
  const overlap = spare(secondsOf(part.step));
  return {
    from: from === null ? null : Math.min(part.time[0], from + overlap),
    to: to === null ? null : Math.max(lastOf(part.time), to - overlap),
  };
};

/**
 * Other candles for what is seen.
 * @param {State} state
 * @param {Candles} data
 * @param {Query} query
 * @param {Span | null} range
 * @returns {Step}
 */
const takeWindow = (state, data, query, range) => {
  const part = dropCut(data, query);
  const isUseless = !query.isRefresh && hasStrayed(state, query, range);
  const useless = part.time.length && !isUseless ? "" : keyOf(query);
  const next = { ...state, useless };
  if (isUseless) return { state: next, effects: [] };
  if (part.time.length)
    return show(next, { data: part, ...edgesOf(part, query), stretch: 1, width: query.width }, range);
  // Where no bar is, the candles that are shown already say so as well.
  return state.whole && state.shown !== state.whole ? show(next, state.whole, range) : { state: next, effects: [] };
};

/**
 * Whether the reader went elsewhere meanwhile.
 * @param {State} state
 * @param {OpenSpan} span
 * @param {Span | null} range
 */
const hasStrayed = (state, { from, to }, range) => {
  const view = viewOf(state, range);
  if (!view) return false;
  const middle = (view.instants.from + view.instants.to) / 2;
  return middle < (from ?? -Infinity) || middle > (to ?? Infinity);
};

/**
 * Older or newer candles beside those that are shown.
 * @param {State} state
 * @param {Candles} data
 * @param {Query} query
 * @param {Span | null} range
 * @returns {Step}
 */
const takeSide = (state, data, query, range) => {
  const { shown } = state;
  if (!shown) return { state, effects: [] };
  const isOlder = query.kind === "older";
  const part = dropCut(data, query);
  if (part.time.length && part.step !== shown.data.step) {
    // So many bars lie there that they were merged further; the next try asks for less at once.
    return { state: { ...state, shown: { ...shown, stretch: shown.stretch / 4 } }, effects: [] };
  }
  const { data: joined, isCut } = join(shown.data, part, isOlder ? "older" : "newer");
  const isEmpty = joined.time.length === shown.data.time.length && !isCut;
  const stretch = isEmpty ? Math.min(shown.stretch * 2, 1e6) : Math.min(shown.stretch, 1);
  const reach = (/** @type {number | null} */ limit, /** @type {number} */ end) =>
    limit === null || isEmpty ? limit : end;
  const first = joined.time[0];
  const last = lastOf(joined.time);
  const edges = isOlder
    ? { from: reach(query.from, first), to: isCut ? last : shown.to }
    : { from: isCut ? first : shown.from, to: reach(query.to, last) };
  return show(state, { data: joined, ...edges, stretch, width: shown.width }, range);
};

/**
 * @param {State} state
 * @param {Gap[]} gaps
 * @param {Span | null} range
 * @returns {Step}
 */
const takeGaps = (state, gaps, range) => {
  const next = { ...state, gaps };
  const { state: drawn, effects } = next.shown ? show(next, next.shown, range) : { state: next, effects: [] };
  return { state: drawn, effects: [{ type: "countGaps", count: gaps.length }, ...effects] };
};

/**
 * @param {State} state
 * @param {Query} query
 * @param {Answer | null} data null when nothing has changed
 * @param {Span | null} range
 * @returns {Step}
 */
const take = (state, query, data, range) => {
  if (data === null) return hasCandles(state) ? { state, effects: [] } : sayEmpty(state);
  if ("gaps" in data) return takeGaps(state, data.gaps, range);
  if (query.kind === "whole") return takeWhole(state, data, range);
  return query.kind === "window" ? takeWindow(state, data, query, range) : takeSide(state, data, query, range);
};

/**
 * Take an answer; what was said before it is over.
 * @param {State} state
 * @param {{query: Query, data: Answer | null, range: Span | null}} event
 * @returns {Step}
 */
export const takeAnswer = (state, { query, data, range }) => {
  const step = take({ ...state, isPending: false, notice: null }, query, data, range);
  return {
    state: step.state,
    effects: [{ type: "say", notice: null, isSmall: false }, ...step.effects, { type: "settle" }],
  };
};

/**
 * Take a failure. A chart is right without its gaps, and says that they are not drawn.
 * @param {State} state
 * @param {{query: Query, status: number, message: string}} event status 0: the server did not answer
 * @returns {Step}
 */
export const takeFailure = (state, { query, status, message }) => {
  const next = { ...state, isPending: false };
  if (query.kind === "gaps") return { state: { ...next, gaps: [] }, effects: [{ type: "lackGaps" }] };
  /** @type {Notice} */
  const notice = { sentence: "textFailed", message: status ? message : "", canRetry: status !== 404 };
  const isStale = next.isStale || query.kind === "whole" || query.isRefresh;
  return {
    state: { ...next, isStale, notice },
    effects: [{ type: "say", notice, isSmall: hasCandles(next) }],
  };
};
