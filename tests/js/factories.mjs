// Values for the tests of the scripts: candles, gaps and states as a chart has them.

import { initialState, reduce } from "../../static/chart/state.js";

/**
 * @import { ChartEvent, State, Step } from "../../static/chart/protocol.d.ts"
 * @import { Candles, Gap, Query, Span } from "../../static/chart/types.d.ts"
 */

export const DAY = 86400;
export const MINUTES = 300; // the seconds of the stored bars
export const HOUR = 3600;
export const START = 1_700_000_100; // a multiple of 300

/** Where a window begins that is asked for around the places 450 to 550 of the chart below. */
export const LEFT = START + 350.5 * HOUR;

/**
 * Candles one after the other, without a pause.
 * @param {number} from
 * @param {number} count
 * @param {string} step
 * @param {number} seconds
 * @returns {Candles}
 */
export const candles = (from, count, step = "5m", seconds = MINUTES) => {
  const time = Array.from({ length: count }, (_, i) => from + i * seconds);
  const price = time.map((_, i) => 100 + i);
  const up = price.map((value) => value + 0.5);
  return {
    time,
    open: price,
    high: up.map((value) => value + 1),
    low: price.map((value) => value - 1),
    close: up,
    volume: time.map(() => 1000),
    bars: time.map(() => seconds / MINUTES),
    partial: time.map(() => 0),
    step,
    actions: [],
  };
};

/**
 * @param {Partial<Gap>} values
 * @returns {Gap}
 */
export const gap = (values) => ({
  start: START,
  end: START + DAY,
  sessions: 1,
  seconds: DAY,
  first_day: Math.floor(START / DAY) * DAY,
  last_day: Math.floor(START / DAY) * DAY,
  has_failed: false,
  told: "1 session",
  ...values,
});

/**
 * @param {Partial<Query>} values
 * @returns {Query}
 */
export const query = (values) => ({
  kind: "whole",
  from: null,
  to: null,
  width: 0,
  step: null,
  isRefresh: false,
  ...values,
});

/** @typedef {ChartEvent extends infer E ? E extends ChartEvent ? Omit<E, "range"> : never : never} Happening */

/**
 * A chart without a page: it is told what happens, and notes what it would do.
 * @param {Partial<{finest: number, hasGaps: boolean}>} options
 */
export const makeChart = (options = {}) => {
  /** @type {{state: State, range: Span | null, effects: Step["effects"]}} */
  const chart = { state: initialState({ finest: MINUTES, hasGaps: false, ...options }), range: null, effects: [] };
  return {
    get state() {
      return chart.state;
    },
    /** What the last event has called for. */
    get effects() {
      return chart.effects;
    },
    /** The kinds of effects, in their order. */
    get kinds() {
      return chart.effects.map(({ type }) => type);
    },
    /** What was asked of the server, or undefined. */
    get query() {
      return chart.effects.find((effect) => effect.type === "fetch")?.query;
    },
    /** What was asked of the server, which something must have been. */
    sent() {
      if (!this.query) throw new Error("Nothing was asked of the server.");
      return this.query;
    },
    /** The places that are seen. */
    get range() {
      return chart.range;
    },
    set range(range) {
      chart.range = range;
    },
    /** @param {Happening} happening */
    happen: (happening) => {
      const step = reduce(chart.state, /** @type {ChartEvent} */ ({ ...happening, range: chart.range }));
      chart.state = step.state;
      chart.effects = step.effects;
      for (const effect of step.effects) {
        if (effect.type === "turn") chart.range = effect.range;
        if (effect.type === "fit") chart.range = { from: -0.5, to: chart.state.places.length - 0.5 };
      }
    },
  };
};

/**
 * A chart that shows all of a series: 1,000 candles of an hour over bars of five minutes.
 * @param {Parameters<typeof makeChart>[0]} options
 */
export const openedChart = (options = {}) => {
  const chart = makeChart(options);
  chart.happen({ type: "started", aim: null, rows: undefined });
  chart.happen({ type: "answered", query: query({ isRefresh: true }), data: candles(START, 1000, "1h", 3600) });
  return chart;
};

/** A chart that shows a window of bars as they are stored, 100 of 3,600 on the screen. */
export const zoomedChart = () => {
  const chart = openedChart();
  chart.happen({ type: "grasped" });
  chart.range = { from: 450, to: 550 };
  chart.happen({ type: "settled" });
  const sent = chart.sent();
  chart.happen({ type: "answered", query: sent, data: candles(LEFT, 3600, "5m") });
  return chart;
};

/** Words that say what they are asked to say. */
export const plainWords = {
  /** @param {number} label */
  midnight: (label) => label + 5 * 3600,
  /** @param {number} value */
  amount: (value) => String(value),
  /**
   * @param {string} name
   * @param {Record<string, string>} values
   */
  text: (name, values = {}) => `${name} ${JSON.stringify(values)}`,
};
