// What is on the axis and what of it is seen; and other candles in its place, where the eye is already. Pure.

import { indexOf, instantAt, placeOf } from "./axis.js";
import { layOut } from "./gaps.js";
import { secondsOf } from "./intervals.js";

/**
 * @import { Effect, State, Step } from "./protocol.d.ts"
 * @import { Axis, Section, Span } from "./types.d.ts"
 */

/**
 * The axis of what is shown; null while no candle is.
 * @param {State} state
 * @returns {Axis | null}
 */
export const axisOf = ({ shown, whole, places }) => {
  if (!shown?.data.time.length) return null;
  const { data, from, to, stretch, width } = shown;
  const times = places.map(({ time }) => time);
  const empty = places.map(({ gap }) => gap !== null);
  return { times, empty, seconds: secondsOf(data.step), from, to, stretch, width, isWhole: shown === whole };
};

/** @param {State} state */
export const hasCandles = ({ shown }) => Boolean(shown?.data.time.length);

/**
 * What is seen, as places on the axis and as instants; null while there is nothing.
 * @param {State} state
 * @param {Span | null} range
 * @returns {{axis: Axis, places: Span, instants: Span} | null}
 */
export const viewOf = ({ aim, ...state }, range) => {
  const axis = axisOf({ aim, ...state });
  if (!axis) return null;
  if (aim) return { axis, places: { from: placeOf(axis, aim.from), to: placeOf(axis, aim.to) }, instants: aim };
  if (!range) return null;
  const instants = { from: instantAt(axis, range.from), to: instantAt(axis, range.to) };
  return { axis, places: range, instants };
};

/**
 * @param {State} state
 * @param {Span} span
 * @returns {Effect[]}
 */
export const turn = (state, span) => {
  const axis = axisOf(state);
  if (!axis) return [];
  const range = { from: placeOf(axis, span.from), to: placeOf(axis, span.to) };
  return range.to > range.from ? [{ type: "turn", range }] : [];
};

/**
 * Where the same candle is there still, nothing moves by the fraction of one.
 * @param {State} state
 * @param {NonNullable<ReturnType<typeof viewOf>>} before what was seen before other candles came
 * @returns {Effect[]}
 */
const stay = (state, { axis: old, places, instants }) => {
  const axis = axisOf(state);
  if (!axis) return [];
  const middle = Math.round((places.from + places.to) / 2);
  const index = Math.max(0, Math.min(old.times.length - 1, middle));
  const now = indexOf(axis.times, old.times[index]);
  if (axis.seconds !== old.seconds || axis.times[now] !== old.times[index]) return turn(state, instants);
  return [{ type: "turn", range: { from: places.from + now - index, to: places.to + now - index } }];
};

/**
 * Show a section.
 * @param {State} before
 * @param {Section} section
 * @param {Span | null} range
 * @returns {Step}
 */
export const show = (before, section, range) => {
  const { data, from, to } = section;
  const layout = layOut(data.time, before.gaps ?? [], secondsOf(data.step), section);
  const state = { ...before, shown: section, ...layout };
  /** @type {Effect} */
  const draw = { type: "draw", data, ...layout, edges: { from, to } };
  if (!data.time.length) return sayEmpty(state, [draw, { type: "label" }]);
  return { state, effects: [draw, ...place(before, state, range), { type: "label" }] };
};

/**
 * @param {State} before
 * @param {State} state
 * @param {Span | null} range
 * @returns {Effect[]}
 */
const place = (before, state, range) => {
  if (state.aim) return turn(state, state.aim);
  const view = before.isTouched ? viewOf(before, range) : null;
  return view ? stay(state, view) : [{ type: "fit" }];
};

/**
 * Say that there is nothing yet.
 * @param {State} state
 * @param {Effect[]} [effects] what is done before
 * @returns {Step}
 */
export const sayEmpty = (state, effects = []) => {
  /** @type {State["notice"]} */
  const notice = { sentence: "textEmpty", message: "", canRetry: false };
  return { state: { ...state, notice }, effects: [...effects, { type: "say", notice, isSmall: false }] };
};
