import assert from "node:assert/strict";
import { test } from "node:test";
import { putSpan, readSpan, spell } from "../../static/chart/address.js";
import { addressOf } from "../../static/chart/fetching.js";
import { leastWidth, makesSense, spanAround, spanAtEdge, startOf } from "../../static/chart/periods.js";
import { addSymbol } from "../../static/symbols.js";
import { DAY, query } from "./factories.mjs";

const at = (/** @type {string} */ text) => Date.parse(text) / 1000;
const startOfDay = (/** @type {number} */ time) => Math.floor(time / DAY) * DAY;

test("a period begins so long before the last bar", () => {
  const last = at("2024-08-31T15:00Z");
  const start = (/** @type {string} */ period) => spell(startOf(period, last, startOfDay), false);
  assert.equal(start("1d"), "2024-08-31T00:00Z");
  assert.equal(start("1mo"), "2024-07-31T15:00Z");
  assert.equal(start("6mo"), "2024-03-02T15:00Z", "there is no 31st of February");
  assert.equal(start("ytd"), "2024-01-01T00:00Z");
  assert.equal(start("1y"), "2023-08-31T15:00Z");
  assert.equal(start("5y"), "2019-08-31T15:00Z");
  assert.throws(() => startOf("2y", last, startOfDay), RangeError);
});

test("a period makes sense when the series is longer and there are a few bars in it", () => {
  const bounds = { from: at("2024-01-10"), to: at("2024-08-31") };
  const sensible = (/** @type {number} */ finest) =>
    ["1d", "1mo", "6mo", "ytd", "1y", "5y", "all"].filter((period) => makesSense(period, bounds, finest, startOfDay));
  assert.deepEqual(sensible(300), ["1d", "1mo", "6mo", "all"]);
  assert.deepEqual(sensible(DAY), ["1mo", "6mo", "all"]);
  assert.equal(makesSense("all", { from: 5, to: 5 }, DAY, startOfDay), false);
});

test("a date goes to the middle of as much as is seen, of a quarter of the series at most", () => {
  const bounds = { from: 0, to: 400 * DAY };
  assert.deepEqual(spanAround(200 * DAY, { from: 0, to: 50 * DAY }, bounds, DAY), { from: 175 * DAY, to: 225 * DAY });
  assert.deepEqual(spanAround(200 * DAY, bounds, bounds, DAY), { from: 150 * DAY, to: 250 * DAY });
  assert.deepEqual(spanAround(0, { from: 0, to: 60 }, bounds, DAY), { from: -DAY / 2, to: DAY / 2 });
  assert.deepEqual([leastWidth(true, DAY), leastWidth(false, 300)], [20 * DAY, DAY]);
});

test("Home and End look at the first and the last bars", () => {
  const bounds = { from: 100, to: 200 };
  assert.deepEqual(spanAtEdge(false, { from: 130, to: 160 }, bounds), { from: 100, to: 130 });
  assert.deepEqual(spanAtEdge(true, { from: 130, to: 160 }, bounds), { from: 170, to: 200 });
  assert.deepEqual(spanAtEdge(true, { from: 0, to: 999 }, bounds), bounds);
});

test("the address says what is seen, to the minute or to the day, and is read back", () => {
  const bounds = { from: at("2024-01-01"), to: at("2024-02-01") };
  const values = new URLSearchParams("adjust=none");
  putSpan(values, { from: at("2023-12-01"), to: at("2024-01-15T10:20:30Z") }, bounds, false);
  assert.equal(values.toString(), "adjust=none&from=2024-01-01T00%3A00Z&to=2024-01-15T10%3A20Z");
  assert.deepEqual(readSpan(`?${values}`), { from: bounds.from, to: at("2024-01-15T10:20Z") });
  putSpan(values, { from: bounds.from, to: at("2025-01-01") }, bounds, true);
  assert.equal(values.get("to"), "2024-02-01");
  putSpan(values, null, bounds, true);
  assert.equal(values.toString(), "adjust=none");
});

test("an address that makes no span asks for none", () => {
  for (const text of ["", "?from=2024-01-01", "?from=2024-02-01&to=2024-01-01", "?from=x&to=y"]) {
    assert.equal(readSpan(text), null, text);
  }
});

test("a query has an address: whole seconds outwards, the adjustment, and the step where one is wanted", () => {
  const place = { candles: "/series/1/candles.json", gaps: "/series/1/gaps.json", adjust: "all", base: "http://site/" };
  assert.equal(addressOf(query({}), place), "http://site/series/1/candles.json?adjust=all");
  assert.equal(
    addressOf(query({ kind: "older", from: 1.9, to: 5.1, step: "5m" }), { ...place, adjust: null }),
    "http://site/series/1/candles.json?start=1&end=6&step=5m",
  );
  assert.equal(addressOf(query({ kind: "gaps" }), place), "/series/1/gaps.json");
});

test("a symbol joins the list once, however it is separated", () => {
  assert.equal(addSymbol("", "AAPL"), "AAPL");
  assert.equal(addSymbol("AAPL; MSFT\nNVDA", "TSLA"), "AAPL, MSFT, NVDA, TSLA");
  assert.equal(addSymbol("AAPL MSFT", "MSFT"), "AAPL MSFT");
});
