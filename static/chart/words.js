// How a chart writes prices, counts, dates and times. Nothing here reads the page.

import { DAY, isDated, parseStep } from "./intervals.js";

/** @typedef {ReturnType<typeof makeWords>} Words */

/** @type {Record<string, string>} */
const UNITS = { s: "second", m: "minute", h: "hour", d: "day", wk: "week", mo: "month" };

/** @type {Intl.DateTimeFormatOptions[]} by the library's kinds of tick marks */
const TICKS = [
  { year: "numeric" },
  { month: "short" },
  { day: "numeric" },
  { hour: "2-digit", minute: "2-digit" },
  { hour: "2-digit", minute: "2-digit", second: "2-digit" },
];

/**
 * How far the clock of a time zone is ahead of UTC at an instant, in seconds.
 * @param {string} timeZone
 * @param {number} time
 */
export const offsetOf = (timeZone, time) => {
  const format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  const name = format.formatToParts(time * 1000).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const match = /GMT([+-])(\d+):(\d+)/.exec(name);
  return match ? (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 3600 + Number(match[3]) * 60) : 0;
};

/**
 * @param {object} options
 * @param {string} options.language
 * @param {string} options.timezone the exchange's
 * @param {number | null} options.decimals of a price; null where the source tells none
 * @param {Record<string, string | undefined>} options.sentences the page's, with {places} to fill in
 */
export const makeWords = ({ language, timezone, decimals, sentences }) => {
  const number = new Intl.NumberFormat(language);
  const short = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 2 });
  const share = new Intl.NumberFormat(language, {
    style: "percent",
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    signDisplay: "exceptZero",
  });
  const amount = new Intl.NumberFormat(language, { maximumFractionDigits: 6 });

  let zone = timezone;
  let hasDates = true; // whether what is shown has dates, which no time zone moves
  let places = 2;
  /** @type {Record<string, Intl.DateTimeFormat>} */
  const clocks = {};

  /**
   * @param {string | number} name
   * @param {Intl.DateTimeFormatOptions} options
   */
  const clock = (name, options) => {
    const timeZone = hasDates ? "UTC" : zone;
    const key = `${timeZone} ${name}`;
    clocks[key] ??= new Intl.DateTimeFormat(language, { timeZone, ...options });
    return clocks[key];
  };

  return {
    /** @param {number} time */
    full: (time) =>
      hasDates
        ? clock("date", { dateStyle: "medium" }).format(time * 1000)
        : clock("moment", { dateStyle: "medium", timeStyle: "short" }).format(time * 1000),
    /** @param {number} label the instant at which the exchange's day of this date (00:00 UTC) begins */
    midnight: (label) => label - offsetOf(timezone, label),
    /** @param {number} time whose date (00:00 UTC) at the exchange is returned */
    label: (time) => Math.floor((time + offsetOf(timezone, time)) / DAY) * DAY,
    /** @param {number} time */
    day: (time) => new Intl.DateTimeFormat(language, { timeZone: "UTC", dateStyle: "medium" }).format(time * 1000),
    /**
     * @param {number} time
     * @param {number} kind
     */
    tick: (time, kind) => clock(kind, TICKS[kind]).format(time * 1000),
    /** @param {number} value */
    price: (value) => value.toLocaleString(language, { minimumFractionDigits: places, maximumFractionDigits: places }),
    places: () => places,
    /** @param {number} value */
    amount: (value) => amount.format(value),
    /** @param {number} value */
    number: (value) => number.format(value),
    /** @param {number} value */
    short: (value) => short.format(value),
    /** @param {number} value */
    percent: (value) => share.format(value),
    /** @param {string} step */
    step: (step) => {
      const { count, unit } = parseStep(step);
      const options = /** @type {const} */ ({ style: "unit", unitDisplay: "long" });
      return new Intl.NumberFormat(language, { ...options, unit: UNITS[unit] }).format(count);
    },
    /**
     * A sentence of the page, with what belongs into its {places}.
     * @param {string} name
     * @param {Record<string, string>} [values]
     */
    text: (name, values = {}) => {
      const sentence = sentences[name];
      if (sentence === undefined) throw new RangeError(`The page has no sentence ${name}.`);
      return sentence.replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place);
    },
    /**
     * Suit what is shown: dates or moments; decimals are the source's, and without them small prices have more.
     * @param {string} step
     * @param {number[]} closes
     */
    suit: (step, closes) => {
      hasDates = isDated(step);
      places = decimals ?? (Math.max(...closes.slice(-50), 0) < 10 ? 4 : 2);
    },
    /** @param {boolean} isMine whether times are the reader's own rather than the exchange's */
    useZone: (isMine) => {
      zone = isMine ? Intl.DateTimeFormat().resolvedOptions().timeZone : timezone;
      return zone;
    },
  };
};
