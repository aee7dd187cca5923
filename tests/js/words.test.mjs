import assert from "node:assert/strict";
import { test } from "node:test";
import { makeWords, offsetOf } from "../../static/chart/words.js";

const NOON = Date.UTC(2024, 6, 1, 12) / 1000;
const LABEL = Date.UTC(2024, 6, 1) / 1000;

/** @param {Partial<Parameters<typeof makeWords>[0]>} options */
const words = (options = {}) =>
  makeWords({ language: "en", timezone: "America/New_York", decimals: null, sentences: {}, ...options });

test("prices have the source's decimals, and without them small ones have more", () => {
  const english = words();
  english.suit("1d", [150, 160]);
  assert.equal(english.price(1234.5), "1,234.50");
  english.suit("1d", [1.1, 1.2]);
  assert.equal(english.price(1.23456), "1.2346");
  const yen = words({ decimals: 0 });
  yen.suit("1d", [1.1]);
  assert.equal(yen.price(1234.5), "1,235");
  assert.equal(yen.places(), 0);
});

test("numbers are written in the reader's language", () => {
  const french = words({ language: "fr" });
  assert.equal(french.number(12345).replaceAll(/\s/gu, " "), "12 345");
  assert.equal(french.percent(0.0123).replaceAll(/\s/gu, " "), "+1,23 %");
  assert.equal(words().percent(-0.5), "-50.00%");
  assert.equal(words().percent(0), "0.00%");
  assert.equal(words().short(1_234_567), "1.23M");
  assert.equal(words().amount(0.123456789), "0.123457");
});

test("steps are named in full", () => {
  assert.deepEqual(["1m", "30m", "1wk", "1mo"].map(words().step), ["1 minute", "30 minutes", "1 week", "1 month"]);
  assert.equal(words({ language: "fr" }).step("1d").replaceAll(/\s/gu, " "), "1 jour");
});

test("dates stand still, and moments follow the time zone", () => {
  const english = words();
  english.suit("1d", []);
  assert.equal(english.full(LABEL), "Jul 1, 2024");
  english.suit("5m", []);
  assert.match(english.full(NOON), /^Jul 1, 2024, 8:00\sAM$/);
  assert.equal(english.useZone(true), Intl.DateTimeFormat().resolvedOptions().timeZone);
  assert.equal(english.useZone(false), "America/New_York");
  assert.match(english.tick(NOON, 3), /^08:00\sAM$/);
  assert.equal(english.tick(NOON, 0), "2024");
  assert.equal(english.day(LABEL), "Jul 1, 2024");
});

test("the exchange's day begins at its midnight, in summer and in winter", () => {
  const english = words();
  assert.equal(offsetOf("America/New_York", NOON), -4 * 3600);
  assert.equal(offsetOf("Asia/Kolkata", NOON), 5.5 * 3600);
  assert.equal(offsetOf("UTC", NOON), 0);
  assert.equal(english.midnight(LABEL), LABEL + 4 * 3600);
  const winter = Date.UTC(2024, 0, 15) / 1000;
  assert.equal(english.midnight(winter), winter + 5 * 3600);
  assert.equal(english.label(NOON), LABEL);
  assert.equal(english.label(LABEL + 3600), LABEL - 86400, "still the evening before");
});

test("a sentence is filled in, and what is not given stays as it is written", () => {
  const english = words({ sentences: { textGap: "Missing: {what} of {all}" } });
  assert.equal(english.text("textGap", { what: "3 sessions" }), "Missing: 3 sessions of {all}");
  assert.throws(() => english.text("textOther"), RangeError);
});
