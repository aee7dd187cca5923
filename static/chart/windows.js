// Which candles a chart should have for what is seen. Pure.

import { averageStep } from "./axis.js";
import { DAY } from "./intervals.js";

/** @import { Axis, OpenSpan, Query, Span } from "./types.d.ts" */

const FEW = 200; // candles in view below which finer ones are worth asking for
const MANY = 1200; // candles in view above which coarser ones are asked for rather than more of the same
const CROWD = 2000; // candles in view above which coarser ones show as much
const SHORT = 300; // about how many are asked for at least on one side
const LONG = 1500; // and at most

/**
 * A span that reaches (nearly) to the edge of the series is asked for without that edge.
 * @param {number} from
 * @param {number} to
 * @param {Span} bounds
 * @returns {OpenSpan}
 */
const clip = (from, to, bounds) => ({
  from: from <= bounds.from + 2 * DAY ? null : Math.floor(from),
  to: to >= bounds.to - 2 * DAY ? null : Math.ceil(to),
});

/**
 * Around what is seen, as much again on either side.
 * @param {Span} span
 * @param {Span} bounds
 */
export const around = ({ from, to }, bounds) => clip(from - (to - from), to + (to - from), bounds);

/**
 * How far an edge may lie from the candle that it has cut, besides that candle. A day's candle has a date, which is up to
 * a day away from its instants.
 * @param {number} seconds
 */
export const slack = (seconds) => (seconds < DAY ? 0 : DAY);

/**
 * How much farther to ask where candles are to be attached, so that none is missing that an edge has cut.
 * @param {number} seconds
 */
export const spare = (seconds) => 2 * seconds + slack(seconds);

/**
 * What to ask for next, or null.
 *
 * Other candles than these are not to be had until much less or much more is seen than when these were asked for.
 * @param {Axis} axis
 * @param {{places: Span, instants: Span}} view what is seen, as places on the axis and as instants
 * @param {number} finest the seconds of the stored bars
 * @param {Span} bounds the series' first and last instant
 * @returns {Pick<Query, "kind" | "from" | "to" | "width"> | null}
 */
export const plan = (axis, { places, instants }, finest, bounds) => {
  const count = places.to - places.from;
  const width = instants.to - instants.from;
  const isFiner = axis.seconds > finest && count < FEW && width < 0.7 * axis.width;
  if (isFiner || isTooMuch(axis, places, width)) return { kind: "window", ...around(instants, bounds), width };
  const reach = Math.min(LONG, Math.max(SHORT, 2 * count)) * averageStep(axis) * axis.stretch;
  const overlap = spare(axis.seconds);
  if (axis.from !== null && places.from < count / 2) {
    const { from } = clip(axis.from - reach, bounds.to, bounds);
    return { kind: "older", from, to: axis.from + overlap, width };
  }
  if (axis.to !== null && places.to > axis.times.length - 1 - count / 2) {
    const { to } = clip(bounds.from, axis.to + reach, bounds);
    return { kind: "newer", from: axis.to - overlap, to, width };
  }
  return null;
};

/**
 * Whether coarser candles show as much.
 * @param {Axis} axis
 * @param {Span} places
 * @param {number} width
 */
const isTooMuch = (axis, places, width) => {
  if (axis.isWhole || width <= 1.3 * axis.width) return false;
  const count = places.to - places.from;
  const isBeyond = (axis.from !== null && places.from < 0) || (axis.to !== null && places.to > axis.times.length - 1);
  return (count > MANY && isBeyond) || count > CROWD;
};
