// What a chart knows, what happens to it, and what is to be done then.

import type { Band, Candles, Gap, OpenSpan, Place, Query, Section, Span } from "./types.d.ts";

export type Answer = Candles | { gaps: Gap[] };

/** What is said over the chart: the server's own message, or else a sentence of the page. */
export interface Notice {
  sentence: "textEmpty" | "textFailed";
  message: string;
  canRetry: boolean;
}

export interface State {
  /** The seconds of the stored bars. */
  readonly finest: number;
  /** Whether gaps are asked for and drawn. */
  readonly hasGaps: boolean;
  /** All that there is, merged; null until it has come. */
  readonly whole: Section | null;
  /** What is on the axis. */
  readonly shown: Section | null;
  readonly places: Place[];
  readonly bands: Band[];
  /** From the first bar to the end of the last. */
  readonly bounds: Span;
  /** Null until they have come. */
  readonly gaps: Gap[] | null;
  /** What a button, a link or a key asked for, until the reader moves by hand. */
  readonly aim: Span | null;
  /** Whether the reader has chosen what to see. */
  readonly isTouched: boolean;
  /** Whether the bars may have changed since they were read. */
  readonly isStale: boolean;
  /** Whether an answer is awaited. */
  readonly isPending: boolean;
  /** What must be asked for before anything that the zoom calls for. */
  readonly urgent: Query | null;
  /** The window that was asked for last, when it was of no use. */
  readonly useless: string;
  readonly notice: Notice | null;
  /** How many bars were written, by the card of a live job. */
  readonly rows: string | undefined;
}

type Happening =
  | { type: "started"; aim: Span | null; rows: string | undefined }
  | { type: "answered"; query: Query; data: Answer | null }
  | { type: "failed"; query: Query; status: number; message: string }
  /** Nothing has moved for a while. */
  | { type: "settled" }
  | { type: "moved" }
  | { type: "resized" }
  /** The reader takes the chart into the hand: it keeps to what is on the screen. */
  | { type: "grasped" }
  | { type: "retried" }
  | { type: "online" }
  /** Everything anew, as for another adjustment, and the eye stays where it is. */
  | { type: "reread" }
  /** Look at all of it. */
  | { type: "reset" }
  | { type: "aimed"; span: Span }
  /** By a share of what is seen, and zoomed by a factor. */
  | { type: "shifted"; share: number; zoom: number }
  /** HTMX has swapped something in. */
  | { type: "swapped"; rows: string | undefined };

/** `range`: which places are seen; null before anything was drawn. */
export type ChartEvent = Happening & { range: Span | null };

export type Effect =
  | { type: "draw"; data: Candles; places: Place[]; bands: Band[]; edges: OpenSpan }
  /** Show everything that is on the axis. */
  | { type: "fit" }
  | { type: "turn"; range: Span }
  /** The legend and the marks, once the chart has turned. */
  | { type: "label" }
  | { type: "say"; notice: Notice | null; isSmall: boolean }
  | { type: "offer"; bounds: Span }
  | { type: "fetch"; query: Query }
  | { type: "interrupt" }
  /** Let `settled` happen once nothing has moved for a while. */
  | { type: "settle" }
  /** It has settled: count the look, and tell anew. */
  | { type: "look" }
  | { type: "remember"; span: Span | null }
  | { type: "countGaps"; count: number }
  | { type: "lackGaps" };

export interface Step {
  state: State;
  effects: Effect[];
}
