// Where a period of the buttons begins, which of them make sense, and where a jump to a date looks. Pure.

import { DAY } from "./intervals.js";

/** @import { Span } from "./types.d.ts" */

/**
 * @param {number} time
 * @param {number} months
 */
const monthsBefore = (time, months) => {
  const date = new Date(time * 1000);
  date.setUTCMonth(date.getUTCMonth() - months);
  return date.valueOf() / 1000;
};

/**
 * Where a period begins that ends with the last bar.
 * @param {string} period as its button names it; not "all"
 * @param {number} last the time of the last bar
 * @param {(time: number) => number} startOfDay of the exchange's day that holds an instant
 */
export const startOf = (period, last, startOfDay) => {
  switch (period) {
    case "1d":
      return startOfDay(last);
    case "1mo":
      return monthsBefore(last, 1);
    case "6mo":
      return monthsBefore(last, 6);
    case "1y":
      return monthsBefore(last, 12);
    case "5y":
      return monthsBefore(last, 60);
    case "ytd":
      return Date.UTC(new Date(last * 1000).getUTCFullYear(), 0, 1) / 1000;
    default:
      throw new RangeError(`“${period}” is no period`);
  }
};

/**
 * Whether the series is longer than a period, and there are a few bars in it.
 * @param {string} period
 * @param {Span} bounds
 * @param {number} finest the seconds of a bar
 * @param {(time: number) => number} startOfDay
 */
export const makesSense = (period, { from, to }, finest, startOfDay) => {
  if (period === "all") return to > from;
  const start = startOf(period, to - finest, startOfDay);
  return start > from && to - start >= 4 * finest;
};

/**
 * Where to look for a date: it goes to the middle; a view so wide that nothing new would be seen becomes narrower.
 * @param {number} middle
 * @param {Span} seen
 * @param {Span} bounds
 * @param {number} least seconds that are seen afterwards
 * @returns {Span}
 */
export const spanAround = (middle, seen, bounds, least) => {
  const width = Math.max(least, Math.min(seen.to - seen.from, (bounds.to - bounds.from) / 4));
  return { from: middle - width / 2, to: middle + width / 2 };
};

/**
 * As much as is seen, at the first or at the last bars.
 * @param {boolean} isLast
 * @param {Span} seen
 * @param {Span} bounds
 * @returns {Span}
 */
export const spanAtEdge = (isLast, seen, { from, to }) => {
  const width = Math.min(seen.to - seen.from, to - from);
  return isLast ? { from: to - width, to } : { from, to: from + width };
};

/**
 * How wide a jump to a date looks at least.
 * @param {boolean} hasDates
 * @param {number} finest
 */
export const leastWidth = (hasDates, finest) => (hasDates ? 20 * finest : DAY);
