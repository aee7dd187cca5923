import assert from "node:assert/strict";
import { test } from "node:test";
import { spare } from "../../static/chart/windows.js";
import { candles, HOUR, LEFT, makeChart, openedChart, query, START, zoomedChart } from "./factories.mjs";

const END = START + 1000 * HOUR;

test("a chart begins with all of the series, which it fits to the screen and remembers nothing of", () => {
  const chart = makeChart();
  chart.happen({ type: "started", aim: null, rows: undefined });
  assert.deepEqual(chart.query, query({ isRefresh: true }));
  assert.equal(chart.state.isPending, true);
  chart.happen({
    type: "answered",
    query: query({}),
    data: { ...candles(START, 1000, "1h", HOUR), first: START + 60 },
  });
  assert.deepEqual(chart.kinds, ["say", "offer", "draw", "fit", "label", "settle"]);
  assert.deepEqual(chart.state.bounds, { from: START + 60, to: END });
  assert.equal(chart.state.isPending, false);
  chart.happen({ type: "settled" });
  assert.deepEqual(chart.kinds, ["look"], "nothing more is wanted");
});

test("while an answer is awaited nothing else is asked for", () => {
  const chart = makeChart();
  chart.happen({ type: "started", aim: null, rows: undefined });
  chart.happen({ type: "settled" });
  chart.happen({ type: "retried" });
  assert.equal(chart.query, undefined);
});

test("a link is looked at from the beginning", () => {
  const chart = makeChart();
  const aim = { from: START + 400 * HOUR, to: START + 500 * HOUR };
  chart.happen({ type: "started", aim, rows: undefined });
  chart.happen({ type: "answered", query: query({}), data: candles(START, 1000, "1h", HOUR) });
  assert.deepEqual(chart.range, { from: 399.5, to: 499.5 });
  chart.happen({ type: "settled" });
  assert.deepEqual(chart.kinds, ["look", "remember", "fetch"]);
  assert.equal(chart.query?.kind, "window");
  assert.deepEqual([chart.query?.from, chart.query?.to], [START + 300 * HOUR, START + 600 * HOUR]);
});

test("a button looks at a span: in what is there, or in all until it has come", () => {
  const chart = zoomedChart();
  const near = { from: START + 400 * HOUR, to: START + 410 * HOUR };
  chart.happen({ type: "aimed", span: near });
  assert.deepEqual(chart.kinds, ["turn", "settle"]);
  const far = { from: START + 900 * HOUR, to: START + 910 * HOUR };
  chart.happen({ type: "aimed", span: far });
  assert.deepEqual(chart.kinds, ["draw", "turn", "label", "settle"]);
  assert.equal(chart.state.shown, chart.state.whole);
  assert.deepEqual(chart.state.aim, far);
});

test("after new bars have come a far span is asked for first of all", () => {
  const chart = zoomedChart();
  chart.happen({ type: "swapped", rows: "12" });
  assert.equal(chart.state.whole, null);
  const sent = chart.sent();
  assert.equal(sent.isRefresh, true);
  chart.happen({ type: "aimed", span: { from: START + 900 * HOUR, to: START + 910 * HOUR } });
  assert.equal(chart.query, undefined, "an answer is awaited");
  chart.happen({ type: "answered", query: sent, data: null });
  chart.happen({ type: "settled" });
  const { kind, from } = chart.sent();
  assert.deepEqual([kind, from], ["window", START + 890 * HOUR]);
  assert.equal(chart.state.urgent, null);
});

test("a swap that brought no bars asks for nothing", () => {
  const chart = openedChart();
  chart.happen({ type: "swapped", rows: undefined });
  assert.deepEqual(chart.kinds, []);
  chart.happen({ type: "swapped", rows: "5" });
  assert.deepEqual(chart.query, query({ isRefresh: true }));
});

test("keys move and zoom what is seen, and the aim is over", () => {
  const chart = openedChart();
  chart.range = { from: 100, to: 200 };
  chart.happen({ type: "shifted", share: 0.1, zoom: 1 });
  assert.deepEqual(chart.range, { from: 110, to: 210 });
  chart.happen({ type: "shifted", share: 0, zoom: 0.5 });
  assert.deepEqual(chart.range, { from: 135, to: 185 });
  assert.deepEqual([chart.state.isTouched, chart.state.aim], [true, null]);
  const empty = makeChart();
  empty.happen({ type: "shifted", share: 1, zoom: 1 });
  assert.deepEqual(empty.kinds, []);
});

test("looking at all of it again forgets the place and interrupts what is under way", () => {
  const chart = zoomedChart();
  chart.happen({ type: "reset" });
  assert.deepEqual(chart.kinds, ["interrupt", "remember", "draw", "fit", "label", "settle"]);
  assert.equal(chart.state.isTouched, false);
  assert.equal(chart.state.isPending, false);
});

test("another adjustment reads what is shown once more, and the eye stays", () => {
  const chart = zoomedChart();
  const { shown } = chart.state;
  chart.happen({ type: "reread" });
  assert.deepEqual(chart.kinds, ["interrupt", "fetch"]);
  const sent = chart.sent();
  assert.deepEqual([sent.kind, sent.isRefresh], ["window", true]);
  assert.equal(sent.from, /** @type {number} */ (shown?.from) - spare(300));
  const before = chart.range;
  const data = candles(LEFT, 3600, "5m");
  chart.happen({ type: "answered", query: sent, data: { ...data, close: data.close.map((close) => close / 2) } });
  assert.deepEqual(chart.range, before);
});

test("who zooms out of a window sees all of it, which is there already", () => {
  const chart = zoomedChart();
  chart.range = { from: -4500, to: 7500 };
  chart.happen({ type: "settled" });
  assert.equal(chart.query, undefined);
  assert.equal(chart.state.shown, chart.state.whole);
});

test("a chart that changes its size shows the same", () => {
  const chart = openedChart();
  chart.happen({ type: "resized" });
  assert.deepEqual(chart.kinds, ["fit"]);
  chart.happen({ type: "aimed", span: { from: START, to: START + 10 * HOUR } });
  chart.happen({ type: "resized" });
  assert.deepEqual(chart.kinds, ["turn"]);
  chart.happen({ type: "grasped" });
  chart.happen({ type: "resized" });
  assert.deepEqual(chart.kinds, []);
});

test("a state is never changed in its place", () => {
  const freeze = (/** @type {object} */ value) => {
    for (const each of Object.values(value)) if (each && typeof each === "object") freeze(each);
    return Object.freeze(value);
  };
  const chart = zoomedChart();
  freeze(chart.state);
  chart.range = { from: 10, to: 110 };
  chart.happen({ type: "settled" });
  const sent = chart.sent();
  freeze(chart.state);
  chart.happen({ type: "answered", query: sent, data: candles(START, 50, "15m", 900) });
  freeze(chart.state);
  chart.happen({ type: "reset" });
  assert.equal(chart.state.shown, chart.state.whole);
});
