// How the candles of neighbouring spans are put together. Pure.

import { lastOf } from "./axis.js";
import { secondsOf } from "./intervals.js";
import { slack } from "./windows.js";

/** @import { Action, Candles, OpenSpan } from "./types.d.ts" */

const LIMIT = 8000; // candles at once; beyond that the far side is let go
const COLUMNS = /** @type {const} */ (["time", "open", "high", "low", "close", "volume", "bars", "partial"]);

/**
 * @param {Candles} data
 * @param {number} start
 * @param {number} [end]
 * @returns {Candles}
 */
const slice = (data, start, end) => {
  const part = { ...data };
  for (const name of COLUMNS) part[name] = data[name].slice(start, end);
  return part;
};

/**
 * An answer without the candles that the edges of its span may have cut.
 * @param {Candles} data
 * @param {OpenSpan} span
 */
export const dropCut = (data, { from, to }) => {
  if (!data.time.length) return data;
  const seconds = secondsOf(data.step);
  const isCutFirst = from !== null && data.time[0] < from + slack(seconds);
  const isCutLast = to !== null && lastOf(data.time) + seconds + slack(seconds) > to;
  return slice(data, isCutFirst ? 1 : 0, isCutLast ? Math.max(0, data.time.length - 1) : undefined);
};

/**
 * The actions of several answers, each once, ascending.
 * @param {Action[]} actions
 */
const unite = (actions) => {
  const keyed = new Map(actions.map((action) => [`${action.kind} ${action.time}`, action]));
  return [...keyed.values()].sort((a, b) => a.time - b.time);
};

/**
 * @param {Candles} before
 * @param {Candles} after
 */
const attach = (before, after) => {
  const both = { ...after, actions: unite([...before.actions, ...after.actions]) };
  for (const name of COLUMNS) both[name] = before[name].concat(after[name]);
  return both;
};

/**
 * Put older candles before those that are there, or newer ones after them; the far side goes when it becomes too much.
 * @param {Candles} there not empty
 * @param {Candles} data
 * @param {"older" | "newer"} kind
 * @returns {{data: Candles, isCut: boolean}}
 */
export const join = (there, data, kind) => {
  if (kind === "older") {
    const place = data.time.findIndex((time) => time >= there.time[0]);
    const all = attach(slice(data, 0, place < 0 ? undefined : place), there);
    return { data: slice(all, 0, LIMIT), isCut: all.time.length > LIMIT };
  }
  const place = data.time.findIndex((time) => time > lastOf(there.time));
  const all = attach(there, slice(data, place < 0 ? data.time.length : place));
  return { data: slice(all, -LIMIT), isCut: all.time.length > LIMIT };
};
