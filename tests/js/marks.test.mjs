import assert from "node:assert/strict";
import { test } from "node:test";
import { findMarks, thinOut } from "../../static/chart/marks.js";
import { candles, DAY, plainWords } from "./factories.mjs";

/**
 * @param {string} kind
 * @param {number} time
 * @param {number} value
 */
const action = (kind, time, value = 0.25) => ({ kind, time, value });

/**
 * The candles that actions are marked at.
 * @param {ReturnType<typeof candles>} data
 * @param {number} seconds
 * @param {number[]} times
 */
const markedAt = (data, seconds, times) =>
  findMarks({ ...data, actions: times.map((time) => action("dividend", time)) }, seconds, plainWords).map(
    ({ candle }) => candle,
  );

test("among days an action is marked at the one that holds its date", () => {
  const weeks = candles(0, 4, "1wk", 7 * DAY);
  assert.deepEqual(markedAt(weeks, 7 * DAY, [0, 8 * DAY, 27 * DAY]), [0, 1, 3]);
  assert.deepEqual(markedAt(weeks, 7 * DAY, [-DAY, 28 * DAY]), [], "before the first and after the last is nothing");
});

test("among minutes it is marked at the first candle after the exchange's midnight", () => {
  const hours = candles(12 * 3600, 48, "1h", 3600);
  assert.deepEqual(markedAt(hours, 3600, [DAY]), [17], "the midnight of these words is at five");
  assert.deepEqual(markedAt(hours, 3600, [0]), [0], "the chart begins within that day");
  assert.deepEqual(markedAt(hours, 3600, [-10 * DAY, 9 * DAY]), []);
});

test("splits and dividends are told apart", () => {
  const data = {
    ...candles(0, 3, "1d", DAY),
    actions: [action("split", DAY, 4), action("gain", 0), action("dividend", 0)],
  };
  const marks = findMarks(data, DAY, plainWords);
  assert.deepEqual(
    marks.map(({ label }) => label),
    ["", "", "4:1"],
  );
  assert.deepEqual(
    marks.map(({ sentence }) => sentence),
    ['textGain {"value":"0.25"}', 'textDividend {"value":"0.25"}', 'textSplit {"new":"4"}'],
  );
});

test("a dividend in another currency than the prices says its own", () => {
  const data = { ...candles(0, 1, "1d", DAY), actions: [{ ...action("dividend", 0), currency: "USD" }] };
  const [{ sentence }] = findMarks(data, DAY, plainWords);
  assert.equal(sentence, 'textDividendIn {"value":"0.25","currency":"USD"}');
});

test("where there is no room, splits stay first and then the newest", () => {
  const mark = (/** @type {number} */ place, isSplit = false) => ({
    candle: place,
    place,
    isSplit,
    label: "",
    sentence: "",
  });
  const marks = [mark(0), mark(5), mark(10, true), mark(15), mark(40)];
  const places = (/** @type {number} */ spacing) => thinOut(marks, spacing).map(({ place }) => place);
  assert.deepEqual(places(10), [0, 5, 10, 15, 40], "thirty pixels apart");
  assert.deepEqual(places(5), [0, 10, 40]);
  assert.deepEqual(places(0.1), [10]);
});
