// Gaps on the axis: empty places as wide as what is missing, and shaded bands behind them.
(() => {
  "use strict";

  const DAY = 86400;
  const FEWEST = 200; // empty places that any chart may have; one with more candles may have as many as candles

  // Where a gap lies on the axis of this step, and how many candles would be in it.
  const laid = (gap, seconds) => {
    const isDated = seconds >= DAY;
    const [from, to] = isDated ? [gap.first_day, gap.last_day + DAY] : [gap.start, gap.end];
    const width = !isDated ? gap.seconds / seconds : seconds === DAY ? gap.sessions : (to - from) / seconds;
    return { gap, from, to, width: isDated ? Math.round(width) : Math.floor(width) };
  };

  const within = (times, from, to) => times.filter((time) => time >= from && time < to).length;

  // The axis: candles (index into the data) and empty places, ascending, and a band for each gap as indices of places.
  // A gap that is less than a candle wide is a line before the first candle after it. edges: between which instants
  // anything is shown, null where nothing is cut.
  const axis = (times, gaps, seconds, edges) => {
    const [first, last] = [edges.from ?? -Infinity, edges.to ?? Infinity];
    const shown = gaps
      .map((gap) => laid(gap, seconds))
      .filter(({ from, to }) => to > first && from < last)
      .map((one) => ({ ...one, width: Math.max(0, one.width - within(times, one.from, one.to)) }));
    const total = shown.reduce((sum, one) => sum + one.width, 0);
    const most = Math.max(FEWEST, times.length);
    const taken = new Set(times);
    const places = times.map((time, candle) => ({ time, candle, gap: null }));
    for (const one of shown) {
      const count = total > most ? Math.ceil((one.width * most) / total) : one.width;
      for (let n = 0; n < count; n++) {
        const time = one.from + Math.floor((n * (one.to - one.from)) / count);
        if (taken.has(time) || time < first || time >= last) continue;
        taken.add(time);
        places.push({ time, candle: null, gap: one.gap });
      }
    }
    places.sort((one, other) => one.time - other.time);
    return { places, bands: bands(places, shown) };
  };

  const bands = (places, shown) => {
    const ends = new Map();
    places.forEach(({ gap }, index) => {
      if (gap) ends.set(gap, { from: ends.get(gap)?.from ?? index, to: index });
    });
    return shown.map(({ gap, from }) => {
      const found = ends.get(gap);
      if (found) return { gap, ...found, isLine: false };
      const after = places.findIndex(({ time }) => time >= from);
      const index = after < 0 ? places.length : after;
      return { gap, from: index, to: index, isLine: true };
    });
  };

  // Draws the bands; a primitive of the library, which calls it whenever the axis moves.
  class Bands {
    #chart;
    #update;
    #bands = [];
    #colours = { missing: "", failed: "" };

    attached({ chart, requestUpdate }) {
      this.#chart = chart;
      this.#update = requestUpdate;
    }

    show(several, colours) {
      this.#bands = several;
      this.#colours = colours;
      this.#update?.();
    }

    paneViews() {
      return [{ zOrder: () => "bottom", renderer: () => ({ draw: (target) => this.#draw(target) }) }];
    }

    #draw(target) {
      const scale = this.#chart.timeScale();
      const seen = scale.getVisibleLogicalRange();
      if (!seen) return;
      const spacing = scale.options().barSpacing;
      target.useBitmapCoordinateSpace(({ context, bitmapSize, horizontalPixelRatio }) => {
        for (const { gap, from, to, isLine } of this.#bands) {
          if (to < seen.from - 1 || from > seen.to + 1) continue;
          const left = scale.logicalToCoordinate(from) - spacing / 2;
          const width = isLine ? 1.5 : Math.max(1.5, (to - from + 1) * spacing);
          context.fillStyle = this.#colours[gap.has_failed ? "failed" : "missing"][isLine ? "line" : "band"];
          const x = Math.round(left * horizontalPixelRatio);
          context.fillRect(x, 0, Math.max(1, Math.round(width * horizontalPixelRatio)), bitmapSize.height);
        }
      });
    }
  }

  MoissonChart.gaps = { axis, Bands };
})();
