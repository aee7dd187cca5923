import assert from "node:assert/strict";
import { test } from "node:test";
import { dropCut, join } from "../../static/chart/candles.js";
import { isDated, secondsOf } from "../../static/chart/intervals.js";
import { candles, DAY, START } from "./factories.mjs";

const WHOLE = { from: null, to: null };

test("intervals have lengths, and days and longer have dates", () => {
  assert.deepEqual(["15s", "5m", "4h", "1d", "1wk"].map(secondsOf), [15, 300, 14400, 86400, 604800]);
  assert.equal(Math.round((secondsOf("1mo") / DAY) * 12), 365);
  assert.deepEqual(["30m", "4h", "1d", "1wk", "1mo"].map(isDated), [false, false, true, true, true]);
  assert.throws(() => secondsOf("5 minutes"), RangeError);
});

test("candles that an edge may have cut are dropped", () => {
  const data = candles(START, 5);
  assert.deepEqual(dropCut(data, WHOLE), data);
  assert.deepEqual(dropCut(data, { from: START, to: null }).time, data.time, "it begins with the span");
  assert.deepEqual(dropCut(data, { from: START + 1, to: null }).time, data.time.slice(1));
  assert.deepEqual(dropCut(data, { from: null, to: START + 5 * 300 }).time, data.time, "it ends with the span");
  assert.deepEqual(dropCut(data, { from: null, to: START + 5 * 300 - 1 }).close, data.close.slice(0, 4));
  assert.deepEqual(dropCut(candles(START, 1), { from: START + 1, to: START + 2 }).time, []);
  assert.deepEqual(dropCut(candles(START, 0), { from: 0, to: 1 }).time, []);
});

test("a day at an edge is dropped, for its bars may lie a day away", () => {
  const data = candles(0, 5, "1d", DAY);
  assert.deepEqual(dropCut(data, { from: 0, to: null }).time, data.time.slice(1));
  assert.deepEqual(dropCut(data, { from: -DAY, to: 6 * DAY }).time, data.time);
});

test("older and newer candles are put beside those that are there, none twice", () => {
  const there = candles(START, 10);
  const older = join(there, candles(START - 5 * 300, 7), "older");
  assert.deepEqual(older.data.time, candles(START - 5 * 300, 15).time);
  assert.equal(older.isCut, false);
  const newer = join(there, candles(START + 8 * 300, 7), "newer");
  assert.deepEqual(newer.data.time, candles(START, 15).time);
  for (const column of /** @type {const} */ (["open", "high", "low", "close", "volume", "bars"])) {
    assert.equal(newer.data[column].length, 15, column);
  }
  assert.equal(newer.data.close[9], there.close[9], "what was there stays");
});

test("what was there already adds nothing", () => {
  const there = candles(START, 10);
  assert.deepEqual(join(there, candles(START, 3), "older").data.time, there.time);
  assert.deepEqual(join(there, candles(START, 10), "newer").data.time, there.time);
});

test("actions of both sides are united, each once", () => {
  const dividend = (/** @type {number} */ time) => ({ kind: "dividend", time, value: 1 });
  const there = { ...candles(START, 10), actions: [dividend(3), dividend(5)] };
  const data = { ...candles(START - 3000, 10), actions: [dividend(1), dividend(3), { ...dividend(3), kind: "split" }] };
  const { actions } = join(there, data, "older").data;
  assert.deepEqual(
    actions.map(({ kind, time }) => `${kind} ${time}`),
    ["dividend 1", "dividend 3", "split 3", "dividend 5"],
  );
});

test("the far side is let go when it becomes too much", () => {
  const there = candles(START, 7999);
  const older = join(there, candles(START - 600, 2), "older");
  assert.equal(older.isCut, true);
  assert.deepEqual([older.data.time.length, older.data.time[0]], [8000, START - 600]);
  const newer = join(there, candles(START + 7999 * 300, 2), "newer");
  assert.equal(newer.isCut, true);
  assert.deepEqual([newer.data.time.length, newer.data.time[0]], [8000, START + 300]);
});
