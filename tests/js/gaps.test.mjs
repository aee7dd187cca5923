import assert from "node:assert/strict";
import { test } from "node:test";
import { layOut } from "../../static/chart/gaps.js";
import { DAY, gap } from "./factories.mjs";

const WHOLE = { from: null, to: null };

/**
 * Days but for those of a hole.
 * @param {number} count
 * @param {number} from
 * @param {number} to
 */
const daysWithout = (count, from, to) =>
  Array.from({ length: count }, (_, i) => i * DAY).filter((time) => time < from * DAY || time >= to * DAY);

/**
 * @param {number} from
 * @param {number} to
 * @param {number} sessions
 */
const missingDays = (from, to, sessions) =>
  gap({ start: from * DAY, end: to * DAY, sessions, first_day: from * DAY, last_day: (to - 1) * DAY });

test("without gaps the axis holds the candles alone", () => {
  const { places, bands } = layOut([1, 2, 3], [], 1, WHOLE);
  assert.deepEqual(
    places.map(({ candle }) => candle),
    [0, 1, 2],
  );
  assert.deepEqual(bands, []);
  assert.deepEqual(layOut([], [gap({})], 1, WHOLE), { places: [], bands: [] });
});

test("a gap takes as many places as sessions are missing", () => {
  const { places, bands } = layOut(daysWithout(30, 10, 17), [missingDays(10, 17, 5)], DAY, WHOLE);
  assert.equal(places.filter(({ candle }) => candle === null).length, 5);
  assert.deepEqual([bands[0].from, bands[0].to, bands[0].isLine], [10, 14, false]);
  const times = places.map(({ time }) => time);
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
  assert.equal(new Set(times).size, times.length, "no time stands twice");
});

test("a gap of intraday bars takes as many places as fit into what was traded", () => {
  const times = [0, 300, 600, 3600, 3900];
  const { places, bands } = layOut(times, [gap({ start: 900, end: 3600, seconds: 2700 })], 300, WHOLE);
  assert.equal(places.length, 5 + 9);
  assert.deepEqual([bands[0].from, bands[0].to], [3, 11]);
});

test("what is less than a candle wide is a line before the first candle after it", () => {
  const { places, bands } = layOut([0, 3600, 7200], [gap({ start: 1800, end: 2400, seconds: 600 })], 3600, WHOLE);
  assert.equal(places.length, 3);
  assert.deepEqual([bands[0].from, bands[0].isLine], [1, true]);
  const after = layOut([0, 3600], [gap({ start: 9000, end: 9600, seconds: 600 })], 3600, WHOLE);
  assert.equal(after.bands[0].from, 2, "behind the last candle");
});

test("candles inside a gap leave less room for what is missing", () => {
  const { places } = layOut(daysWithout(30, 10, 15), [missingDays(10, 17, 7)], DAY, WHOLE);
  assert.equal(places.filter(({ candle }) => candle === null).length, 5);
});

test("a gap beyond the edges of a window is not shown, and one across an edge as far as it is inside", () => {
  const times = daysWithout(20, 10, 15);
  const edges = { from: 12 * DAY, to: 20 * DAY };
  const cut = layOut(
    times.filter((time) => time >= 12 * DAY),
    [missingDays(2, 5, 3), missingDays(10, 15, 5)],
    DAY,
    edges,
  );
  assert.equal(cut.bands.length, 1);
  assert.equal(cut.places.filter(({ candle }) => candle === null).length, 3);
});

test("empty places are no more than candles, or two hundred", () => {
  const gaps = [missingDays(10, 1010, 1000), missingDays(1020, 2020, 1000)];
  const times = [...daysWithout(20, 10, 20), ...Array.from({ length: 10 }, (_, i) => (1010 + i) * DAY), 2020 * DAY];
  const { places, bands } = layOut(times, gaps, DAY, WHOLE);
  const count = places.filter((place) => place.candle === null).length;
  assert.ok(count >= 190 && count <= 200, `${count} empty places`);
  assert.deepEqual(
    bands.map(({ isLine }) => isLine),
    [false, false],
  );
});
