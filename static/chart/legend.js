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

  // The place under the pointer, else the last candle.
  const show = (index = null) => {
    const held = view.held();
    if (!held?.places.length) return legend.replaceChildren();
    const last = held.places.findLastIndex(({ candle }) => candle !== null);
    const place = held.places[index] ? index : last;
    const { gap } = held.places[place];
    return legend.replaceChildren(...(gap ? ofGap(gap) : ofCandle(held, place)));
  };

  view.chart.subscribeCrosshairMove(({ logical, point }) => {
    show(point && logical !== undefined && logical !== null ? Math.round(logical) : null);
  });

  const summarize = ({ data }) => {
    if (!data.time.length) {
      summary.textContent = box.dataset.textEmpty;
      return;
    }
    summary.textContent = words.text("textSummary", {
      from: words.full(data.time[0]),
      open: words.price(data.open[0]),
      to: words.full(data.time.at(-1)),
      close: words.price(data.close.at(-1)),
      low: words.price(data.low.reduce((one, other) => Math.min(one, other))),
      high: words.price(data.high.reduce((one, other) => Math.max(one, other))),
    });
  };

  // How many stored bars are shown, and as what.
  const note = ({ data }) => {
    if (!data.time.length) return;
    const rows = data.bars.reduce((sum, count) => sum + count, 0);
    const isMerged = data.step !== box.dataset.interval;
    document.getElementById("chart-note").textContent = words.text(isMerged ? "textMerged" : rows === 1 ? "textOne" : "textRaw", {
      rows: words.number(rows),
      candles: words.number(data.time.length),
      step: words.step(data.step),
      bar: words.step(box.dataset.interval),
    });
  };

  return {
    refresh: () => {
      const held = view.held();
      if (!held) return;
      show();
      summarize(held);
      note(held);
    },
  };
};
