// The library's chart: candles, volume, bands and marks, dressed in the page's colours.
MoissonChart.drawing = (box, words) => {
  "use strict";

  const { createChart, createSeriesMarkers, CandlestickSeries, HistogramSeries } = LightweightCharts;
  const chart = createChart(box, {
    autoSize: true,
    layout: { attributionLogo: false, fontFamily: "inherit", fontSize: 11, background: { color: "transparent" }, panes: { enableResize: false } },
    localization: { locale: document.documentElement.lang, priceFormatter: words.price, timeFormatter: words.full },
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
  chart.panes().forEach((pane, index) => pane.setStretchFactor(index ? 1 : 5));
  const markers = createSeriesMarkers(prices, []);
  const bands = new MoissonChart.gaps.Bands();
  prices.attachPrimitive(bands);
  const scale = chart.timeScale();

  let held = null; // {data, places, bands, marks}

  // The library keeps the labels that it has written until it is handed another function.
  const relabel = () => {
    const timeVisible = Boolean(held) && !words.isDated(held.data.step);
    chart.applyOptions({ timeScale: { timeVisible, tickMarkFormatter: (time, kind) => words.tick(time, kind) } });
  };

  const dress = () => {
    relabel();
    chart.applyOptions({
      layout: { textColor: words.rgb("--ink-soft"), panes: { separatorColor: words.rgb("--line") } },
      grid: { vertLines: { color: words.rgb("--line", 0.5) }, horzLines: { color: words.rgb("--line", 0.5) } },
      timeScale: { borderColor: words.rgb("--line") },
      rightPriceScale: { borderColor: words.rgb("--line") },
    });
    const [up, down] = [words.rgb("--good"), words.rgb("--bad")];
    prices.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down });
    if (held) fill();
  };

  const fill = () => {
    const { data, places } = held;
    const [up, down] = [words.rgb("--good", 0.35), words.rgb("--bad", 0.35)];
    const { time, open, high, low, close, volume } = data;
    const digits = words.places();
    prices.applyOptions({ priceFormat: { type: "price", precision: digits, minMove: 10 ** -digits } });
    prices.setData(
      places.map(({ time: place, candle: i }) =>
        i === null ? { time: place } : { time: place, open: open[i], high: high[i], low: low[i], close: close[i] },
      ),
    );
    volumes.setData(time.map((at, i) => ({ time: at, value: volume[i], color: close[i] < open[i] ? down : up })));
    const shades = (name) => ({ band: words.rgb(name, 0.16), line: words.rgb(name, 0.7) });
    bands.show(held.bands, { missing: shades("--gold"), failed: shades("--bad") });
    mark();
  };

  // As many marks as there is room for at this zoom.
  const mark = () => {
    if (!held) return;
    const [split, payout] = [words.rgb("--busy"), words.rgb("--gold")];
    const shown = MoissonChart.marks.thinned(held.marks, scale.options().barSpacing);
    box.dataset.markCount = String(shown.length);
    markers.setMarkers(
      shown.map(({ place, isSplit, label }) => ({
        time: held.places[place].time,
        position: isSplit ? "aboveBar" : "belowBar",
        shape: isSplit ? "square" : "circle",
        color: isSplit ? split : payout,
        text: label,
        size: 0.8,
      })),
    );
  };

  // Show candles with the gaps among them. edges: {from, to}, null where the series ends.
  const draw = (data, gaps, edges) => {
    const seconds = MoissonChart.seconds(data.step);
    words.suit(data.step, data.close);
    const { places, bands: drawn } = data.time.length
      ? MoissonChart.gaps.axis(data.time, gaps, seconds, edges)
      : { places: [], bands: [] };
    const placeOf = [];
    places.forEach(({ candle }, index) => {
      if (candle !== null) placeOf[candle] = index;
    });
    const found = MoissonChart.marks.marks(data, seconds, words);
    held = { data, places, bands: drawn, marks: found.map((one) => ({ ...one, place: placeOf[one.candle] })) };
    relabel();
    // There is nothing to be seen beyond the ends of the series; beyond those of a window, there is more to come.
    const [fixLeftEdge, fixRightEdge] = [edges.from === null, edges.to === null];
    chart.applyOptions({ timeScale: { fixLeftEdge, fixRightEdge } });
    fill();
    Object.assign(box.dataset, {
      candleCount: String(data.time.length),
      gapCount: String(drawn.length),
      emptyPlaces: String(places.length - data.time.length),
      step: data.step,
      firstTime: String(data.time[0] ?? ""),
      lastTime: String(data.time.at(-1) ?? ""),
    });
  };

  return { chart, scale, draw, dress, mark, held: () => held };
};
