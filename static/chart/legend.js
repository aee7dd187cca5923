// What a chart says in words: the values under the pointer, and a summary for those who do not see it.

import { byId } from "../dom.js";
import { candlesOf, countBars, describeGap, onScreen, summarize } from "./summary.js";

/**
 * @import { Drawing } from "./drawing.js"
 * @import { Gap, Scene } from "./types.d.ts"
 * @import { Words } from "./words.js"
 */

/**
 * @param {string} name
 * @param {string} value
 * @param {string} [tone]
 */
const part = (name, value, tone = "") => {
  const group = document.createElement("span");
  const label = document.createElement("small");
  const text = document.createElement("b");
  label.textContent = name;
  text.textContent = value;
  if (tone) text.className = tone;
  group.append(label, text);
  return group;
};

/**
 * @param {string} text
 * @param {string} tone
 */
const line = (text, tone) => Object.assign(document.createElement("span"), { className: tone, textContent: text });

/**
 * What is the same is not written again, lest it be read out again.
 * @param {HTMLElement} element
 * @param {string} text
 */
const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

/**
 * @param {Scene} scene
 * @param {number} index of a candle's place
 * @param {number} i of the candle
 * @param {Words} words
 */
const describeCandle = ({ data, bands, marks }, index, i, words) => {
  const [open, close] = [data.open[i], data.close[i]];
  const change = close / (data.close[i - 1] ?? open) - 1;
  const parts = [
    line(words.full(data.time[i]), "legend-time"),
    part(words.text("textOpen"), words.price(open)),
    part(words.text("textHigh"), words.price(data.high[i])),
    part(words.text("textLow"), words.price(data.low[i])),
    part(words.text("textClose"), words.price(close)),
    part(words.text("textVolume"), words.short(data.volume[i])),
  ];
  if (Number.isFinite(change)) {
    parts.push(part(words.text("textChange"), words.percent(change), change < 0 ? "legend-down" : "legend-up"));
  }
  if (data.partial[i]) parts.push(line(words.text("textPartial"), "legend-gap"));
  for (const { sentence } of marks.filter(({ candle }) => candle === i).slice(-3)) {
    parts.push(line(sentence, "legend-action"));
  }
  for (const { gap } of bands.filter(({ isLine, from }) => isLine && from === index).slice(-1)) {
    parts.push(line(describeGap(gap, words), "legend-gap"));
  }
  return parts;
};

/**
 * @param {Gap} gap
 * @param {Words} words
 */
const describeMissing = (gap, words) => {
  const [from, to] = [words.day(gap.first_day), words.day(gap.last_day)];
  return [line(from === to ? from : `${from} – ${to}`, "legend-time"), line(describeGap(gap, words), "legend-gap")];
};

/**
 * @param {HTMLElement} box
 * @param {Words} words
 * @param {Drawing} view
 */
export const makeLegend = (box, words, view) => {
  const legend = byId("chart-legend", HTMLElement);
  const summary = byId("chart-summary", HTMLElement);
  const note = byId("chart-note", HTMLElement);

  /** @type {number | null} */
  let pointed = null;

  // The place under the pointer, else the last candle on the screen, else the gap that fills it.
  const show = () => {
    const scene = view.scene();
    const shown = scene ? onScreen(scene.places, view.scale.getVisibleLogicalRange()) : [];
    const place =
      (pointed === null ? null : scene?.places[pointed]) ??
      shown.findLast(({ candle }) => candle !== null) ??
      shown.at(-1);
    if (!scene || !place) legend.replaceChildren();
    else if (place.gap) legend.replaceChildren(...describeMissing(place.gap, words));
    else if (place.candle !== null) {
      legend.replaceChildren(...describeCandle(scene, scene.places.indexOf(place), place.candle, words));
    }
  };

  view.chart.subscribeCrosshairMove(({ logical, point }) => {
    pointed = point && logical !== undefined && logical !== null ? Math.round(logical) : null;
    show();
  });

  return {
    refresh: () => {
      const scene = view.scene();
      if (!scene) return;
      const shown = onScreen(scene.places, view.scale.getVisibleLogicalRange());
      show();
      write(summary, summarize(scene, shown, words));
      write(note, countBars(scene.data, candlesOf(shown), String(box.dataset.interval), words));
    },
  };
};
