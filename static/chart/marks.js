// Dividends and splits: at which candle each one is marked, and which of them there is room for. Pure.

import { DAY } from "./intervals.js";

/**
 * @import { Action, Candles, Mark, PlacedMark } from "./types.d.ts"
 * @import { Words } from "./words.js"
 */

const ROOM = 30; // pixels that a mark needs

/**
 * The candle in which an action took effect: the one that holds its date, or the first one after its midnight; else -1.
 * @param {Action} action
 * @param {number[]} times
 * @param {number} seconds the length of a candle
 * @param {Pick<Words, "midnight">} words
 */
const candleOf = (action, times, seconds, words) => {
  if (seconds >= DAY) {
    const after = times.findIndex((time) => time > action.time);
    const index = (after < 0 ? times.length : after) - 1;
    return index >= 0 && (index < times.length - 1 || action.time < times[index] + seconds) ? index : -1;
  }
  const midnight = words.midnight(action.time);
  const index = times.findIndex((time) => time >= midnight);
  return index > 0 || (index === 0 && times[0] < midnight + 5 * DAY) ? index : -1;
};

/**
 * @param {Action} action
 * @param {Pick<Words, "text" | "amount">} words
 */
const describe = ({ kind, value, currency }, words) => {
  if (kind === "split") return words.text("textSplit", { new: words.amount(value) });
  const name = kind === "dividend" ? "textDividend" : "textGain";
  if (currency) return words.text(`${name}In`, { value: words.amount(value), currency });
  return words.text(name, { value: words.amount(value) }).trim();
};

/**
 * All marks by candle, ascending.
 * @param {Candles} data
 * @param {number} seconds
 * @param {Pick<Words, "text" | "amount" | "midnight">} words
 * @returns {Mark[]}
 */
export const findMarks = (data, seconds, words) =>
  data.actions
    .map((action) => ({
      candle: candleOf(action, data.time, seconds, words),
      isSplit: action.kind === "split",
      label: action.kind === "split" ? `${words.amount(action.value)}:1` : "",
      sentence: describe(action, words),
    }))
    .filter(({ candle }) => candle >= 0)
    .sort((a, b) => a.candle - b.candle);

/**
 * Splits first, then the newest: what would stand closer than ROOM to one that is shown already waits for a zoom.
 * @param {PlacedMark[]} marks
 * @param {number} spacing pixels of a place
 */
export const thinOut = (marks, spacing) => {
  /** @type {PlacedMark[]} */
  const shown = [];
  const byWeight = [...marks].sort((a, b) => Number(b.isSplit) - Number(a.isSplit) || b.place - a.place);
  for (const mark of byWeight) {
    if (shown.every(({ place }) => Math.abs(place - mark.place) * spacing >= ROOM)) shown.push(mark);
  }
  return shown.sort((a, b) => a.place - b.place);
};
