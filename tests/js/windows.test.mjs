import assert from "node:assert/strict";
import { test } from "node:test";
import { instantAt } from "../../static/chart/axis.js";
import { around, plan, spare } from "../../static/chart/windows.js";
import { DAY } from "./factories.mjs";

const HOUR = 3600;
const BOUNDS = { from: 0, to: 10_000 * HOUR };

/** @import { Axis } from "../../static/chart/types.d.ts" */

/**
 * An axis of hours from an hour on.
 * @param {number} first
 * @param {number} count
 * @param {Partial<Axis>} values
 * @returns {Axis}
 */
const hours = (first, count, values = {}) => ({
  times: Array.from({ length: count }, (_, i) => (first + i) * HOUR),
  empty: Array.from({ length: count }, () => false),
  seconds: HOUR,
  from: first * HOUR,
  to: (first + count) * HOUR,
  stretch: 1,
  width: count * HOUR,
  isWhole: false,
  ...values,
});

/**
 * @param {Axis} axis
 * @param {number} from
 * @param {number} to
 * @param {number} finest
 */
const planFor = (axis, from, to, finest = 60) => {
  const instants = { from: instantAt(axis, from), to: instantAt(axis, to) };
  return plan(axis, { places: { from, to }, instants }, finest, BOUNDS);
};

test("as much again is asked for on either side, and no edge where the series ends anyway", () => {
  assert.deepEqual(around({ from: 1000 * HOUR, to: 1100 * HOUR }, BOUNDS), { from: 900 * HOUR, to: 1200 * HOUR });
  assert.deepEqual(around({ from: DAY, to: BOUNDS.to - DAY }, BOUNDS), { from: null, to: null });
});

test("few candles call for finer ones, as far as there are any", () => {
  const axis = hours(5000, 1000);
  const window = planFor(axis, 450, 550);
  assert.equal(window?.kind, "window");
  assert.equal(window?.width, 100 * HOUR);
  assert.ok(window?.from !== null && window?.to !== null);
  assert.equal(planFor(axis, 450, 550, HOUR), null, "they are the finest already");
  assert.equal(planFor({ ...axis, width: 110 * HOUR }, 450, 550), null, "finer ones were refused for about as much");
});

test("a reader who comes near an end is brought more of the same", () => {
  const axis = hours(5000, 1000);
  const older = planFor(axis, 100, 400, HOUR);
  assert.equal(older?.kind, "older");
  assert.equal(older?.from, (5000 - 600) * HOUR, "twice what is seen");
  assert.equal(older?.to, 5000 * HOUR + spare(HOUR), "what an edge has cut comes again");
  const newer = planFor(axis, 600, 900, HOUR);
  assert.deepEqual([newer?.kind, newer?.from, newer?.to], ["newer", 6000 * HOUR - spare(HOUR), 6600 * HOUR]);
  assert.equal(planFor(axis, 350, 650, HOUR), null, "far from both");
  assert.equal(planFor({ ...axis, from: null, to: null }, 100, 900, HOUR), null, "there is nothing beyond");
});

test("a stretched reach goes farther, up to the end of the series", () => {
  const axis = hours(5000, 1000, { stretch: 4 });
  assert.equal(planFor(axis, 100, 400, HOUR)?.from, (5000 - 2400) * HOUR);
  assert.equal(planFor({ ...axis, stretch: 100 }, 100, 400, HOUR)?.from, null);
});

test("too many candles call for coarser ones, unless these are all that there is", () => {
  const axis = hours(3000, 4000, { width: 500 * HOUR });
  assert.equal(planFor(axis, 900, 3000, HOUR)?.kind, "window", "more than a screen can show");
  assert.equal(planFor(axis, -200, 1100, HOUR)?.kind, "window", "many, and more would have to come");
  assert.equal(planFor(axis, 1000, 2300, HOUR), null, "many, and all are there");
  assert.equal(planFor({ ...axis, width: 4000 * HOUR }, 900, 3000, HOUR)?.kind, "older", "no wider than was asked for");
  assert.equal(planFor({ ...axis, isWhole: true, from: null, to: null }, 0, 3999, HOUR), null);
});

test("a day's candle may be cut a day away", () => {
  assert.equal(spare(HOUR), 2 * HOUR);
  assert.equal(spare(DAY), 3 * DAY);
});
