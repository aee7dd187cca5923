// Instants and places on the axis of a chart, where the candle at index 3 reaches from 2.5 to 3.5. Pure.

/** @import { Axis } from "./types.d.ts" */

/** @param {number[]} column the values of a column that is not empty */
export const lastOf = (column) => /** @type {number} */ (column.at(-1));

/**
 * How far apart the candles of an axis are on average, in seconds.
 * @param {Axis} axis
 */
export const averageStep = ({ times, seconds }) =>
  (lastOf(times) - times[0]) / Math.max(1, times.length - 1) || seconds;

/**
 * How long a place goes on: to the next one; a candle no longer than candles are, for then trading pauses.
 * @param {Axis} axis
 * @param {number} index
 */
const lengthAt = ({ times, empty, seconds }, index) => {
  const next = index < times.length - 1 ? times[index + 1] - times[index] : seconds;
  return empty[index] ? next : Math.min(seconds, next);
};

/**
 * The instant at a place; it may lie beyond the ends.
 * @param {Axis} axis
 * @param {number} at
 */
export const instantAt = (axis, at) => {
  const { times } = axis;
  const place = at + 0.5;
  const last = times.length - 1;
  if (place < 0) return times[0] + place * averageStep(axis);
  if (place > last + 1) return times[last] + axis.seconds + (place - last - 1) * averageStep(axis);
  const index = Math.min(Math.floor(place), last);
  return times[index] + (place - index) * lengthAt(axis, index);
};

/**
 * The place of an instant: the inverse of the above; all of a night lies between two candles.
 * @param {Axis} axis
 * @param {number} time
 */
export const placeOf = (axis, time) => {
  const { times } = axis;
  const last = times.length - 1;
  if (time < times[0]) return (time - times[0]) / averageStep(axis) - 0.5;
  const end = times[last] + axis.seconds;
  if (time > end) return last + 0.5 + (time - end) / averageStep(axis);
  const index = indexOf(times, time);
  return index + Math.min(1, (time - times[index]) / lengthAt(axis, index)) - 0.5;
};

/**
 * The last index whose time is not after an instant; -1 before the first.
 * @param {number[]} times ascending
 * @param {number} time
 */
export const indexOf = (times, time) => {
  let low = -1;
  let high = times.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time) low = middle;
    else high = middle;
  }
  return low;
};
