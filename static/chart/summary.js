// What is on the screen, in words: for those who do not see the chart, and how many bars it is made of. Pure.

/**
 * @import { Candles, Gap, Place, Scene, Span } from "./types.d.ts"
 * @import { Words } from "./words.js"
 */

/**
 * The places on the screen; all of them as long as the chart has not been drawn.
 * @param {Place[]} places
 * @param {Span | null} range
 */
export const onScreen = (places, range) =>
  range ? places.slice(Math.max(0, Math.ceil(range.from - 0.01)), Math.floor(range.to + 0.01) + 1) : places;

/**
 * The indices of the candles among places.
 * @param {Place[]} places
 */
export const candlesOf = (places) => places.map(({ candle }) => candle).filter((candle) => candle !== null);

/**
 * @param {Gap} gap
 * @param {Words} words
 */
export const describeGap = (gap, words) => words.text(gap.has_failed ? "textGapFailed" : "textGap", { what: gap.told });

/**
 * The first and the last price on the screen and the extremes between them; a gap that fills it; or that there is nothing.
 * @param {Scene} scene
 * @param {Place[]} shown
 * @param {Words} words
 */
export const summarize = ({ data }, shown, words) => {
  if (!data.time.length) return words.text("textEmpty");
  const indices = candlesOf(shown);
  if (!indices.length) {
    const gap = shown.at(-1)?.gap;
    return gap ? describeGap(gap, words) : "";
  }
  const first = indices[0];
  const last = indices[indices.length - 1];
  return words.text("textSummary", {
    from: words.full(data.time[first]),
    open: words.price(data.open[first]),
    to: words.full(data.time[last]),
    close: words.price(data.close[last]),
    low: words.price(indices.reduce((low, i) => Math.min(low, data.low[i]), Infinity)),
    high: words.price(indices.reduce((high, i) => Math.max(high, data.high[i]), -Infinity)),
  });
};

/**
 * How many stored bars are on the screen, and as what.
 * @param {Candles} data
 * @param {number[]} indices of the candles on the screen
 * @param {string} interval of the stored bars
 * @param {Words} words
 */
export const countBars = (data, indices, interval, words) => {
  if (!indices.length) return "";
  const rows = indices.reduce((sum, i) => sum + data.bars[i], 0);
  const asStored = rows === 1 ? "textOne" : "textRaw";
  return words.text(data.step === interval ? asStored : "textMerged", {
    rows: words.number(rows),
    candles: words.number(indices.length),
    step: words.step(data.step),
    bar: words.step(interval),
  });
};
