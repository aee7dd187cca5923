import assert from "node:assert/strict";
import { test } from "node:test";
import { candlesOf, countBars, describeGap, onScreen, summarize } from "../../static/chart/summary.js";
import { makeWords } from "../../static/chart/words.js";
import { candles, gap, START } from "./factories.mjs";

const WORDS = makeWords({
  language: "en",
  timezone: "UTC",
  decimals: null,
  sentences: {
    textEmpty: "Nothing",
    textGap: "Missing: {what}",
    textGapFailed: "Failed: {what}",
    textSummary: "{open} {close} {low} {high}",
    textOne: "1 bar",
    textRaw: "{rows} bars",
    textMerged: "{rows} of {bar} in {candles} of {step}",
  },
});
const HOLE = gap({ told: "2 sessions" });
const DATA = candles(START, 4);
/** @type {import("../../static/chart/types.d.ts").Place[]} */
const PLACES = [
  { time: START, candle: 0, gap: null },
  { time: START + 300, candle: 1, gap: null },
  { time: START + 400, candle: null, gap: HOLE },
  { time: START + 600, candle: 2, gap: null },
  { time: START + 900, candle: 3, gap: null },
];
const SCENE = { data: DATA, places: PLACES, bands: [], marks: [] };

test("on the screen is what lies in the range; all of it before anything was drawn", () => {
  assert.deepEqual(candlesOf(onScreen(PLACES, { from: 0.5, to: 3.2 })), [1, 2]);
  assert.deepEqual(candlesOf(onScreen(PLACES, { from: -5, to: 99 })), [0, 1, 2, 3]);
  assert.deepEqual(candlesOf(onScreen(PLACES, { from: 1.005, to: 2.995 })), [1, 2], "the fraction of a pixel is there");
  assert.deepEqual(onScreen(PLACES, null), PLACES);
});

test("a summary tells the first and the last price and the extremes between them", () => {
  assert.equal(summarize(SCENE, PLACES.slice(1, 4), WORDS), "101.00 102.50 100.00 103.50");
});

test("a summary tells the gap that fills the screen, and that there is nothing", () => {
  assert.equal(summarize(SCENE, PLACES.slice(2, 3), WORDS), "Missing: 2 sessions");
  assert.equal(summarize(SCENE, [], WORDS), "");
  assert.equal(summarize({ ...SCENE, data: candles(START, 0) }, [], WORDS), "Nothing");
  assert.equal(describeGap({ ...HOLE, has_failed: true }, WORDS), "Failed: 2 sessions");
});

test("bars are counted as they are stored, or as what they are merged into", () => {
  assert.equal(countBars(DATA, [0, 1, 2], "5m", WORDS), "3 bars");
  assert.equal(countBars(DATA, [2], "5m", WORDS), "1 bar");
  assert.equal(countBars(DATA, [], "5m", WORDS), "");
  const hours = candles(START, 4, "1h", 3600);
  assert.equal(countBars(hours, [0, 1], "5m", WORDS), "24 of 5 minutes in 2 of 1 hour");
});
