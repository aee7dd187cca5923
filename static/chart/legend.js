// What a chart says in words: the values under the pointer, and a summary for those who do not see it.
MoissonChart.legend = (box, words, view) => {
  "use strict";

  const legend = document.getElementById("chart-legend");
  const summary = document.getElementById("chart-summary");

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

  const line = (text, tone) => {
    const told = document.createElement("span");
    told.className = tone;
    told.textContent = text;
    return told;
  };

  const missing = (gap) => words.text(gap.has_failed ? "textGapFailed" : "textGap", { what: gap.told });

  const ofCandle = ({ data, places, bands, marks }, index) => {
    const i = places[index].candle;
    const [open, close] = [data.open[i], data.close[i]];
    const change = close / (data.close[i - 1] ?? open) - 1;
    const shown = [
      line(words.full(data.time[i]), "legend-time"),
      part(words.text("textOpen"), words.price(open)),
      part(words.text("textHigh"), words.price(data.high[i])),
      part(words.text("textLow"), words.price(data.low[i])),
      part(words.text("textClose"), words.price(close)),
      part(words.text("textVolume"), words.short(data.volume[i])),
    ];
    if (Number.isFinite(change)) {
      shown.push(part(words.text("textChange"), words.percent(change), change < 0 ? "legend-down" : "legend-up"));
    }
    for (const mark of marks.filter((one) => one.candle === i).slice(-3)) shown.push(line(mark.told, "legend-action"));
    for (const band of bands.filter((one) => one.isLine && one.from === index).slice(-1)) {
      shown.push(line(missing(band.gap), "legend-gap"));
    }
    return shown;
  };

  const ofGap = (gap) => {
    const [from, to] = [words.day(gap.first_day), words.day(gap.last_day)];
    return [line(from === to ? from : `${from} – ${to}`, "legend-time"), line(missing(gap), "legend-gap")];
  };

  // Places on the screen; all of them as long as the chart has not been drawn.
  const onScreen = ({ places }) => {
    const range = view.scale.getVisibleLogicalRange();
    return range ? places.slice(Math.max(0, Math.ceil(range.from - 0.01)), Math.floor(range.to + 0.01) + 1) : places;
  };

  // The place under the pointer, else the last candle on the screen, else the gap that fills it.
  let pointed = null;
  const show = () => {
    const held = view.held();
    if (!held?.places.length) return legend.replaceChildren();
    const shown = onScreen(held);
    const place = held.places[pointed] ?? shown.findLast(({ candle }) => candle !== null) ?? shown.at(-1);
    if (!place) return legend.replaceChildren();
    return legend.replaceChildren(...(place.gap ? ofGap(place.gap) : ofCandle(held, held.places.indexOf(place))));
  };

  view.chart.subscribeCrosshairMove(({ logical, point }) => {
    pointed = point && logical !== undefined && logical !== null ? Math.round(logical) : null;
    show();
  });

  const extreme = (pick, column, indices) => words.price(indices.map((i) => column[i]).reduce((one, other) => pick(one, other)));

  const summarize = ({ data }, indices, gap) => {
    if (!data.time.length) return box.dataset.textEmpty;
    if (!indices.length) return gap ? missing(gap) : "";
    const [first, last] = [indices[0], indices.at(-1)];
    return words.text("textSummary", {
      from: words.full(data.time[first]),
      open: words.price(data.open[first]),
      to: words.full(data.time[last]),
      close: words.price(data.close[last]),
      low: extreme(Math.min, data.low, indices),
      high: extreme(Math.max, data.high, indices),
    });
  };

  // How many stored bars are on the screen, and as what.
  const note = ({ data }, indices) => {
    if (!indices.length) return "";
    const rows = indices.reduce((sum, i) => sum + data.bars[i], 0);
    const isMerged = data.step !== box.dataset.interval;
    return words.text(isMerged ? "textMerged" : rows === 1 ? "textOne" : "textRaw", {
      rows: words.number(rows),
      candles: words.number(indices.length),
      step: words.step(data.step),
      bar: words.step(box.dataset.interval),
    });
  };

  // What is the same is not written again, lest it be read out again.
  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };

  return {
    refresh: () => {
      const held = view.held();
      if (!held) return;
      const shown = onScreen(held);
      const indices = shown.map(({ candle }) => candle).filter((candle) => candle !== null);
      show();
      write(summary, summarize(held, indices, shown.at(-1)?.gap));
      write(document.getElementById("chart-note"), note(held, indices));
    },
  };
};
