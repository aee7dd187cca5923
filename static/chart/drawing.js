// The library's chart: candles, volume, bands and marks, dressed in the page's colours.

import { Bands } from "./bands.js";
import { makePalette } from "./css_values.js";
import { isDated, secondsOf } from "./intervals.js";
import { findMarks, thinOut } from "./marks.js";

/**
 * @import { SeriesMarker, Time, UTCTimestamp } from "lightweight-charts"
 * @import { Band, Candles, OpenSpan, Place, Scene } from "./types.d.ts"
 * @import { Words } from "./words.js"
 */

/** @typedef {ReturnType<typeof makeDrawing>} Drawing */

const at = (/** @type {number} */ time) => /** @type {UTCTimestamp} */ (time);

/**
 * @param {HTMLElement} box
 * @param {Words} words
 * @param {typeof import("lightweight-charts")} library
 */
export const makeDrawing = (box, words, library) => {
  const colour = makePalette(box);
  const { chart, prices, volumes } = makeChart(box, words, library);
  const markers = library.createSeriesMarkers(prices, []);
  const bands = new Bands();
  prices.attachPrimitive(bands);
  const scale = chart.timeScale();

  /** @type {Scene | null} */
  let scene = null;

  // The library keeps the labels that it has written until it is handed another function.
  const relabel = () => {
    const timeVisible = scene !== null && !isDated(scene.data.step);
    /** @type {(time: Time, kind: number) => string} */
    const tickMarkFormatter = (time, kind) => words.tick(Number(time), kind);
    chart.applyOptions({ timeScale: { timeVisible, tickMarkFormatter } });
  };

  const dress = () => {
    relabel();
    chart.applyOptions({
      layout: { textColor: colour("--ink-soft"), panes: { separatorColor: colour("--line") } },
      grid: { vertLines: { color: colour("--line", 0.5) }, horzLines: { color: colour("--line", 0.5) } },
      timeScale: { borderColor: colour("--line") },
      rightPriceScale: { borderColor: colour("--line") },
    });
    const [up, down] = [colour("--good"), colour("--bad")];
    prices.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down });
    if (scene) fill(scene);
  };

  const fill = (/** @type {Scene} */ { data, places, bands: drawn }) => {
    const [up, down] = [colour("--good", 0.35), colour("--bad", 0.35)];
    const { time, open, high, low, close, volume } = data;
    const precision = words.places();
    prices.applyOptions({ priceFormat: { type: "price", precision, minMove: 10 ** -precision } });
    prices.setData(
      places.map(({ time: place, candle: i }) =>
        i === null
          ? { time: at(place) }
          : { time: at(place), open: open[i], high: high[i], low: low[i], close: close[i] },
      ),
    );
    volumes.setData(
      time.map((start, i) => ({ time: at(start), value: volume[i], color: close[i] < open[i] ? down : up })),
    );
    const shades = (/** @type {string} */ name) => ({ band: colour(name, 0.16), line: colour(name, 0.7) });
    bands.show(drawn, { missing: shades("--gold"), failed: shades("--bad") });
    mark();
  };

  // As many marks as there is room for at this zoom.
  const mark = () => {
    if (!scene) return;
    const { places, marks } = scene;
    const [split, payout] = [colour("--busy"), colour("--gold")];
    const shown = thinOut(marks, scale.options().barSpacing);
    box.dataset.markCount = String(shown.length);
    markers.setMarkers(
      shown.map(
        ({ place, isSplit, label }) =>
          /** @type {SeriesMarker<Time>} */ ({
            time: at(places[place].time),
            position: isSplit ? "aboveBar" : "belowBar",
            shape: isSplit ? "square" : "circle",
            color: isSplit ? split : payout,
            text: label,
            size: 0.8,
          }),
      ),
    );
  };

  /**
   * Show candles and the gaps among them.
   * @param {Candles} data
   * @param {{places: Place[], bands: Band[]}} layout
   * @param {OpenSpan} edges null where the series ends
   */
  const draw = (data, { places, bands: drawn }, edges) => {
    words.suit(data.step, data.close);
    /** @type {number[]} */
    const placeOf = [];
    places.forEach(({ candle }, index) => {
      if (candle !== null) placeOf[candle] = index;
    });
    const marks = findMarks(data, secondsOf(data.step), words);
    scene = { data, places, bands: drawn, marks: marks.map((each) => ({ ...each, place: placeOf[each.candle] })) };
    relabel();
    // There is nothing to be seen beyond the ends of the series; beyond those of a window, there is more to come.
    const [fixLeftEdge, fixRightEdge] = [edges.from === null, edges.to === null];
    chart.applyOptions({ timeScale: { fixLeftEdge, fixRightEdge } });
    fill(scene);
    Object.assign(box.dataset, {
      candleCount: String(data.time.length),
      gapCount: String(drawn.length),
      emptyPlaces: String(places.length - data.time.length),
      step: data.step,
      firstTime: String(data.time[0] ?? ""),
      lastTime: String(data.time.at(-1) ?? ""),
    });
  };

  return { chart, scale, draw, dress, mark, scene: () => scene };
};

/**
 * @param {HTMLElement} box
 * @param {Words} words
 * @param {typeof import("lightweight-charts")} library
 */
const makeChart = (box, words, { createChart, CandlestickSeries, HistogramSeries }) => {
  const chart = createChart(box, {
    autoSize: true,
    layout: {
      attributionLogo: false,
      fontFamily: "inherit",
      fontSize: 11,
      background: /** @type {import("lightweight-charts").SolidColor} */ ({ color: "transparent" }),
      panes: { enableResize: false },
    },
    localization: {
      locale: document.documentElement.lang,
      priceFormatter: words.price,
      timeFormatter: (/** @type {Time} */ time) => words.full(Number(time)),
    },
    timeScale: { secondsVisible: false, minBarSpacing: 0.1 },
    crosshair: { mode: 0 },
    handleScroll: { vertTouchDrag: false }, // a finger that goes up or down scrolls the page
  });
  const prices = chart.addSeries(CandlestickSeries, { borderVisible: false, priceLineVisible: false });
  // A pane of its own, so that prices need no room for it on their scale; no labels: the legend tells the volume.
  const volumeOptions = { priceScaleId: "volume", lastValueVisible: false, priceLineVisible: false };
  const volumes = chart.addSeries(HistogramSeries, volumeOptions, 1);
  volumes.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: 0 } });
  prices.priceScale().applyOptions({ scaleMargins: { top: 0.12, bottom: 0.05 } });
  chart.panes().forEach((pane, index) => {
    pane.setStretchFactor(index ? 1 : 5);
  });
  return { chart, prices, volumes };
};
