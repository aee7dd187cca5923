import assert from "node:assert/strict";
import { test } from "node:test";
import { candles, gap, HOUR, LEFT, makeChart, openedChart, query, START, zoomedChart } from "./factories.mjs";

const END = START + 1000 * HOUR;

test("finer candles take the place of coarser ones, where the eye is already", () => {
  const chart = openedChart();
  chart.happen({ type: "grasped" });
  chart.range = { from: 450, to: 550 };
  chart.happen({ type: "settled" });
  const sent = chart.sent();
  assert.equal(sent.kind, "window");
  const fine = candles(LEFT, 3600, "5m");
  chart.happen({ type: "answered", query: sent, data: fine });
  assert.equal(chart.state.shown?.data.step, "5m");
  const range = /** @type {NonNullable<typeof chart.range>} */ (chart.range);
  assert.equal(fine.time[Math.round(range.from + 0.5)], START + 450.5 * HOUR);
  assert.equal(range.to - range.from, 1200, "a hundred hours of five minutes");
});

test("an answer for where the reader is no longer is of no use, and is not asked for again", () => {
  const chart = openedChart();
  chart.happen({ type: "grasped" });
  chart.range = { from: 450, to: 550 };
  chart.happen({ type: "settled" });
  const sent = chart.sent();
  chart.range = { from: 100, to: 200 };
  chart.happen({ type: "answered", query: sent, data: candles(LEFT, 3600, "5m") });
  assert.deepEqual(chart.kinds, ["say", "settle"]);
  assert.equal(chart.state.shown?.data.step, "1h");
  chart.range = { from: 450, to: 550 };
  chart.happen({ type: "settled" });
  assert.equal(chart.query, undefined);
});

test("a window without any bar leaves the candles that say so already", () => {
  const chart = openedChart();
  chart.happen({ type: "grasped" });
  chart.range = { from: 450, to: 550 };
  chart.happen({ type: "settled" });
  const sent = chart.sent();
  chart.happen({ type: "answered", query: sent, data: candles(START, 0, "5m") });
  assert.equal(chart.state.shown, chart.state.whole);
  chart.happen({ type: "settled" });
  assert.equal(chart.query, undefined, "and it is not asked for again");
});

test("older candles come before those that are there, and nothing moves on the screen", () => {
  const chart = zoomedChart();
  const first = LEFT;
  chart.range = { from: 10, to: 110 };
  chart.happen({ type: "settled" });
  const sent = chart.sent();
  assert.deepEqual([sent.kind, sent.step], ["older", "5m"]);
  chart.happen({ type: "answered", query: sent, data: candles(first - 300 * 100, 100, "5m") });
  assert.equal(chart.state.shown?.data.time.length, 3700);
  assert.deepEqual(chart.range, { from: 110, to: 210 });
  assert.equal(chart.state.shown?.from, first - 300 * 100);
});

test("where no older candle is, the next try reaches twice as far", () => {
  const chart = zoomedChart();
  chart.range = { from: 10, to: 110 };
  chart.happen({ type: "settled" });
  const sent = chart.sent();
  chart.happen({ type: "answered", query: sent, data: candles(START, 0, "5m") });
  assert.equal(chart.state.shown?.stretch, 2);
  assert.equal(chart.state.shown?.from, sent.from);
});

test("where so many lie that they come coarser, the next try reaches less far", () => {
  const chart = zoomedChart();
  chart.range = { from: 10, to: 110 };
  chart.happen({ type: "settled" });
  const sent = chart.sent();
  chart.happen({ type: "answered", query: sent, data: candles(START, 50, "15m", 900) });
  assert.equal(chart.state.shown?.stretch, 1 / 4);
  assert.equal(chart.state.shown?.data.step, "5m");
});

test("newer candles beyond what is kept let go of the oldest", () => {
  const chart = zoomedChart();
  const { length } = chart.state.places;
  chart.range = { from: length - 110, to: length - 10 };
  chart.happen({ type: "settled" });
  const sent = chart.sent();
  assert.equal(sent.kind, "newer");
  chart.happen({ type: "answered", query: sent, data: candles(LEFT + 3600 * 300, 5000, "5m") });
  const shown = chart.state.shown;
  assert.equal(shown?.data.time.length, 8000);
  assert.equal(shown?.from, shown?.data.time[0]);
});

test("a failure is said over what is shown, and all of it is asked for again", () => {
  const chart = makeChart();
  chart.happen({ type: "started", aim: null, rows: undefined });
  const sent = chart.sent();
  chart.happen({ type: "failed", query: sent, status: 503, message: "Away" });
  const notice = { sentence: "textFailed", message: "Away", canRetry: true };
  assert.deepEqual(chart.effects, [{ type: "say", notice, isSmall: false }]);
  chart.happen({ type: "online" });
  assert.deepEqual(chart.query, sent);
  chart.happen({ type: "answered", query: sent, data: candles(START, 10) });
  assert.equal(chart.state.notice, null);
});

test("what is gone can't be tried again, and no answer at all has no message", () => {
  const chart = openedChart();
  chart.happen({ type: "failed", query: query({ kind: "older" }), status: 404, message: "Gone" });
  assert.equal(chart.state.notice?.canRetry, false);
  assert.equal(chart.state.isStale, false);
  chart.happen({ type: "online" });
  assert.deepEqual(chart.kinds, []);
  chart.happen({ type: "failed", query: query({ kind: "older" }), status: 0, message: "TypeError" });
  assert.deepEqual(chart.effects, [
    { type: "say", notice: { sentence: "textFailed", message: "", canRetry: true }, isSmall: true },
  ]);
});

test("a series without bars says so, as long as nothing changes", () => {
  const chart = makeChart();
  chart.happen({ type: "started", aim: null, rows: "0" });
  chart.happen({ type: "answered", query: query({ isRefresh: true }), data: candles(START, 0) });
  assert.equal(chart.state.notice?.sentence, "textEmpty");
  chart.happen({ type: "swapped", rows: "1" });
  chart.happen({ type: "answered", query: query({ isRefresh: true }), data: null });
  assert.deepEqual(chart.kinds, ["say", "say", "settle"]);
  assert.equal(chart.state.notice?.sentence, "textEmpty");
});

test("gaps are asked for once there is time, and drawn among the candles", () => {
  const chart = openedChart({ hasGaps: true });
  chart.happen({ type: "settled" });
  assert.equal(chart.query?.kind, "gaps");
  const sent = chart.sent();
  const hole = gap({ start: END, end: END + 10 * HOUR, seconds: 10 * HOUR });
  chart.happen({ type: "answered", query: sent, data: { gaps: [hole] } });
  assert.equal(chart.kinds[1], "countGaps");
  assert.equal(chart.state.places.length, 1010);
  chart.happen({ type: "settled" });
  assert.equal(chart.query, undefined);
});

test("a chart is right without its gaps, and says so", () => {
  const chart = openedChart({ hasGaps: true });
  chart.happen({ type: "settled" });
  const sent = chart.sent();
  chart.happen({ type: "failed", query: sent, status: 503, message: "Away" });
  assert.deepEqual(chart.kinds, ["lackGaps"]);
  chart.happen({ type: "settled" });
  assert.equal(chart.query, undefined);
});
