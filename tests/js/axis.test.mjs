import assert from "node:assert/strict";
import { test } from "node:test";
import { indexOf, instantAt, placeOf } from "../../static/chart/axis.js";

/** Three candles, a night, two candles, room for one that is missing, one candle. */
const AXIS = {
  times: [0, 10, 20, 100, 110, 120, 130],
  empty: [false, false, false, false, false, true, false],
  seconds: 10,
  from: null,
  to: null,
  stretch: 1,
  width: 100,
  isWhole: true,
};

test("a candle reaches from half a place before its index to half a place after", () => {
  assert.equal(instantAt(AXIS, -0.5), 0);
  assert.equal(instantAt(AXIS, 0.5), 10);
  assert.equal(placeOf(AXIS, 10), 0.5);
  assert.equal(placeOf(AXIS, 105), 3);
});

test("all of a night lies between two candles", () => {
  assert.equal(placeOf(AXIS, 30), 2.5);
  assert.equal(placeOf(AXIS, 99), 2.5);
  assert.equal(placeOf(AXIS, 100), 2.5);
});

test("beyond the ends an axis goes on by its average step", () => {
  const average = 130 / 6;
  assert.equal(instantAt(AXIS, -1.5), -average);
  assert.equal(instantAt(AXIS, 7.5), 140 + average);
  assert.equal(placeOf(AXIS, 140 + average), 7.5);
  assert.equal(placeOf(AXIS, -average), -1.5);
});

test("a place and its instant are each other's inverse", () => {
  for (let place = -3; place < 10; place += 0.25) {
    assert.ok(Math.abs(placeOf(AXIS, instantAt(AXIS, place)) - place) < 1e-9, `at ${place}`);
  }
});

test("a single candle has an axis as well", () => {
  const axis = { ...AXIS, times: [50], empty: [false] };
  assert.equal(instantAt(axis, 0), 55);
  assert.equal(placeOf(axis, 40), -1.5);
});

test("the index of an instant is that of the last time that is not after it", () => {
  assert.deepEqual(
    [-1, 0, 9, 10, 99, 130, 999].map((time) => indexOf(AXIS.times, time)),
    [-1, 0, 0, 1, 2, 6, 6],
  );
  assert.equal(indexOf([], 5), -1);
});
