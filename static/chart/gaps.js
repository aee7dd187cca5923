// Gaps on the axis: empty places as wide as what is missing, and where bands are drawn behind them. Pure.

import { DAY } from "./intervals.js";

/** @import { Band, Gap, OpenSpan, Place } from "./types.d.ts" */

/** @typedef {{gap: Gap, from: number, to: number, width: number}} Room a gap, and how many places it takes */

const FEWEST = 200; // empty places that any chart may have; one with more candles may have as many as candles

/**
 * Where a gap lies on the axis of this step, and how many candles would be in it.
 * @param {Gap} gap
 * @param {number} seconds
 * @returns {Room}
 */
const measure = (gap, seconds) => {
  if (seconds < DAY) return { gap, from: gap.start, to: gap.end, width: Math.floor(gap.seconds / seconds) };
  const from = gap.first_day;
  const to = gap.last_day + DAY;
  return { gap, from, to, width: Math.round(seconds === DAY ? gap.sessions : (to - from) / seconds) };
};

/**
 * @param {number[]} times
 * @param {number} from
 * @param {number} to
 */
const countWithin = (times, from, to) => times.filter((time) => time >= from && time < to).length;

/**
 * Lay out the axis: candles and empty places, ascending, and a band for each gap as indices of places.
 *
 * A gap that is less than a candle wide is a line before the first candle after it.
 * @param {number[]} times of the candles
 * @param {Gap[]} gaps
 * @param {number} seconds the length of a candle
 * @param {OpenSpan} edges between which instants anything is shown, null where nothing is cut
 * @returns {{places: Place[], bands: Band[]}}
 */
export const layOut = (times, gaps, seconds, edges) => {
  if (!times.length) return { places: [], bands: [] };
  const first = edges.from ?? -Infinity;
  const last = edges.to ?? Infinity;
  const rooms = gaps
    .map((gap) => measure(gap, seconds))
    .filter(({ from, to }) => to > first && from < last)
    .map((room) => ({ ...room, width: Math.max(0, room.width - countWithin(times, room.from, room.to)) }));
  const total = rooms.reduce((sum, { width }) => sum + width, 0);
  const limit = Math.max(FEWEST, times.length);
  const used = new Set(times);
  /** @type {Place[]} */
  const places = times.map((time, candle) => ({ time, candle, gap: null }));
  for (const { gap, from, to, width } of rooms) {
    const count = total > limit ? Math.ceil((width * limit) / total) : width;
    for (let n = 0; n < count; n++) {
      const time = from + Math.floor((n * (to - from)) / count);
      if (used.has(time) || time < first || time >= last) continue;
      used.add(time);
      places.push({ time, candle: null, gap });
    }
  }
  places.sort((a, b) => a.time - b.time);
  return { places, bands: placeBands(places, rooms) };
};

/**
 * @param {Place[]} places
 * @param {Room[]} rooms
 * @returns {Band[]}
 */
const placeBands = (places, rooms) => {
  /** @type {Map<Gap, {from: number, to: number}>} */
  const ends = new Map();
  places.forEach(({ gap }, index) => {
    if (gap) ends.set(gap, { from: ends.get(gap)?.from ?? index, to: index });
  });
  return rooms.map(({ gap, from }) => {
    const end = ends.get(gap);
    if (end) return { gap, ...end, isLine: false };
    const after = places.findIndex(({ time }) => time >= from);
    const index = after < 0 ? places.length : after;
    return { gap, from: index, to: index, isLine: true };
  });
};
