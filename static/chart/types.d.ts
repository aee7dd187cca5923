// The values that the parts of a chart hand to each other. Times are epoch seconds; those of dated bars are 00:00 UTC.

/** What happened to the instrument: a dividend, a capital gain or a split. */
export interface Action {
  kind: string;
  time: number;
  value: number;
  /** What it is paid in; nothing where that is the currency of the prices. */
  currency?: string | null;
}

/** Columns of equal length, ascending, as `candles.json` gives them; `first` and `last` are the series' bars. */
export interface Candles {
  time: number[];
  open: number[];
  high: number[];
  low: number[];
  close: number[];
  volume: number[];
  bars: number[];
  /** 1 where something is missing in a candle's time. */
  partial: number[];
  step: string;
  actions: Action[];
  first?: number | null;
  last?: number | null;
}

/** What is missing, as `gaps.json` gives it; `told` is its length in the reader's words. */
export interface Gap {
  start: number;
  end: number;
  sessions: number;
  seconds: number;
  first_day: number;
  last_day: number;
  has_failed: boolean;
  told: string;
}

/** Two instants, or two places on the axis. */
export interface Span {
  from: number;
  to: number;
}

/** A span of which an end may be the end of the series (null). */
export interface OpenSpan {
  from: number | null;
  to: number | null;
}

/** A place on the axis: a candle (its index in the columns), or room for what a gap lacks. */
export interface Place {
  time: number;
  candle: number | null;
  gap: Gap | null;
}

/** Where a gap is drawn, from one index of the places to another; a line when it is less than a candle wide. */
export interface Band {
  gap: Gap;
  from: number;
  to: number;
  isLine: boolean;
}

/**
 * Candles of one step and between which instants all of them are there. `stretch` is how much farther than usual to
 * reach for their neighbours; `width` is how much was seen when they were asked for.
 */
export interface Section extends OpenSpan {
  data: Candles;
  stretch: number;
  width: number;
}

/** The axis of a section: the places' times, which of them are no candles, and the length of a candle. */
export interface Axis extends OpenSpan {
  times: number[];
  empty: boolean[];
  seconds: number;
  stretch: number;
  width: number;
  /** Whether it is what the chart began with. */
  isWhole: boolean;
}

export type QueryKind = "whole" | "window" | "older" | "newer" | "gaps";

/** What to ask the server for. With `step`, candles are not to be merged to less. */
export interface Query extends OpenSpan {
  kind: QueryKind;
  width: number;
  step: string | null;
  /** Whether the bars may have changed since they were read. */
  isRefresh: boolean;
}

/** A dividend or split at a candle. */
export interface Mark {
  candle: number;
  isSplit: boolean;
  label: string;
  sentence: string;
}

export interface PlacedMark extends Mark {
  place: number;
}

/** What is drawn. */
export interface Scene {
  data: Candles;
  places: Place[];
  bands: Band[];
  marks: PlacedMark[];
}
