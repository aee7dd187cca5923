// The candlestick chart of a series: loads candles, grows as bars arrive, asks for finer ones when somebody zooms in.
(() => {
  "use strict";

  const box = document.getElementById("chart");
  if (!box || !window.LightweightCharts) return;

  const SETTLE = 250; // ms without a movement before finer candles are asked for
  const FEW = 120; // candles on screen below which finer ones are worth asking for
  const language = document.documentElement.lang;
  const dated = /[dwko]$/.test(box.dataset.interval);
  const number = new Intl.NumberFormat(language);
  const view = document.getElementById("view");

  let etag = null;
  let loaded = null; // {url, step, time: [...]} as shown
  let whole = null; // the same for the whole span
  let busy = false;
  let stale = false;
  let settling = 0;
  let touched = false; // whether the reader has chosen what to see

  const colour = (name) => {
    const probe = document.createElement("i");
    probe.style.color = `var(${name})`;
    box.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  // The library reads rgb() only; a canvas turns whatever the browser computed into it.
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (name, alpha = 1) => {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = colour(name);
    brush.fillRect(0, 0, 1, 1);
    const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
    return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
  };

  const zone = dated ? "UTC" : box.dataset.timezone;
  const formatter = (options) => new Intl.DateTimeFormat(language, { timeZone: zone, ...options });
  const full = formatter(dated ? { dateStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" });
  const ticks = [
    formatter({ year: "numeric" }),
    formatter({ month: "short" }),
    formatter({ day: "numeric" }),
    formatter({ hour: "2-digit", minute: "2-digit" }),
    formatter({ hour: "2-digit", minute: "2-digit", second: "2-digit" }),
  ];
  let places = 2;
  const spellPrice = (price) =>
    price.toLocaleString(language, { minimumFractionDigits: places, maximumFractionDigits: places });
  const chart = LightweightCharts.createChart(box, {
    autoSize: true,
    layout: { attributionLogo: false, fontFamily: "inherit", fontSize: 11, background: { color: "transparent" } },
    localization: { locale: language, priceFormatter: spellPrice, timeFormatter: (time) => full.format(time * 1000) },
    timeScale: {
      timeVisible: !dated,
      secondsVisible: false,
      tickMarkFormatter: (time, kind) => ticks[kind].format(time * 1000),
    },
    crosshair: { mode: 0 },
  });
  const prices = chart.addSeries(LightweightCharts.CandlestickSeries, { borderVisible: false, priceLineVisible: false });
  const volumes = chart.addSeries(LightweightCharts.HistogramSeries, {
    priceScaleId: "volume",
    priceFormat: { type: "volume" },
    lastValueVisible: false,
    priceLineVisible: false,
  });
  chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
  prices.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: 0.22 } });
  const decimals = box.dataset.decimals === "" ? null : Number(box.dataset.decimals);
  let drawn = null;

  const dress = () => {
    chart.applyOptions({
      layout: { textColor: rgb("--ink-soft") },
      grid: { vertLines: { color: rgb("--line", 0.5) }, horzLines: { color: rgb("--line", 0.5) } },
      timeScale: { borderColor: rgb("--line") },
      rightPriceScale: { borderColor: rgb("--line") },
    });
    const [up, down] = [rgb("--good"), rgb("--bad")];
    prices.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down });
    if (drawn) draw(drawn);
  };

  const message = (text) => {
    box.querySelector(".chart-message")?.remove();
    if (!text) return;
    const told = document.createElement("p");
    told.className = "chart-message";
    told.textContent = text;
    box.append(told);
  };

  const draw = (data) => {
    drawn = data;
    const [up, down] = [rgb("--good", 0.35), rgb("--bad", 0.35)];
    places = decimals ?? (Math.max(...data.close.slice(-50), 0) < 10 ? 4 : 2);
    prices.applyOptions({ priceFormat: { type: "price", precision: places, minMove: 10 ** -places } });
    prices.setData(
      data.time.map((time, i) => ({
        time,
        open: data.open[i],
        high: data.high[i],
        low: data.low[i],
        close: data.close[i],
      })),
    );
    volumes.setData(
      data.time.map((time, i) => ({ time, value: data.volume[i], color: data.close[i] < data.open[i] ? down : up })),
    );
  };

  const units = { s: "second", m: "minute", h: "hour", d: "day", wk: "week", mo: "month" };
  const spell = (step) => {
    const [, count, unit] = /^(\d+)(\w+)$/.exec(step);
    return new Intl.NumberFormat(language, { style: "unit", unit: units[unit], unitDisplay: "long" }).format(Number(count));
  };

  const note = (data) => {
    const merged = data.step !== box.dataset.interval;
    const text = merged ? box.dataset.textMerged : box.dataset.textRaw;
    if (!data.time.length) return;
    document.getElementById("chart-note").textContent = text
      .replace("{rows}", number.format(data.rows))
      .replace("{candles}", number.format(data.time.length))
      .replace("{step}", spell(data.step));
  };

  const address = (span) => {
    const url = new URL(box.dataset.candles, location.href);
    const adjust = view ? new FormData(view).get("adjust") : null;
    if (adjust) url.searchParams.set("adjust", adjust);
    if (span) {
      url.searchParams.set("start", String(Math.floor(span.from)));
      url.searchParams.set("end", String(Math.ceil(span.to)));
    }
    return url.href;
  };

  const show = (data, url) => {
    const range = touched ? chart.timeScale().getVisibleRange() : null;
    box.dataset.candleCount = String(data.time.length);
    message(data.time.length ? "" : box.dataset.textEmpty);
    draw(data);
    note(data);
    loaded = { url, step: data.step, from: data.time[0], to: data.time.at(-1) };
    if (!data.time.length) return;
    if (range) chart.timeScale().setVisibleRange(range);
    else chart.timeScale().fitContent();
  };

  const load = async (span = null) => {
    if (busy) {
      stale = true;
      return;
    }
    busy = true;
    const url = address(span);
    try {
      const headers = etag && loaded?.url === url ? { "If-None-Match": etag } : {};
      const answer = await fetch(url, { headers, cache: "no-store", credentials: "same-origin" });
      if (answer.status !== 304) {
        if (!answer.ok) throw new Error(String(answer.status));
        const data = await answer.json();
        etag = answer.headers.get("ETag");
        show(data, url);
        if (!span) whole = loaded;
      }
    } catch {
      if (!loaded) message(box.dataset.textFailed);
    } finally {
      setTimeout(() => {
        busy = false;
        if (stale) {
          stale = false;
          load();
        }
      }, 1000);
    }
  };

  // Zoomed in far enough, merged candles are replaced by finer ones; zoomed out again, by those of the whole span.
  const refine = () => {
    const seen = chart.timeScale().getVisibleRange();
    const bars = chart.timeScale().getVisibleLogicalRange();
    if (!seen || !bars || !loaded?.from || !touched) return;
    const width = seen.to - seen.from;
    if (loaded.step !== box.dataset.interval && bars.to - bars.from < FEW) {
      load({ from: seen.from - width, to: seen.to + width });
    } else if (loaded.url !== whole?.url && (seen.from <= loaded.from || seen.to >= loaded.to)) {
      load();
    }
  };
  chart.timeScale().subscribeVisibleLogicalRangeChange(() => {
    clearTimeout(settling);
    settling = setTimeout(refine, SETTLE);
  });
  for (const kind of ["wheel", "pointerdown", "touchstart"]) {
    box.addEventListener(kind, () => (touched = true), { passive: true });
  }
  box.addEventListener("dblclick", () => {
    touched = false;
    load();
  });

  // New bars: the live card says how many were written.
  let rows = document.getElementById(box.dataset.follow)?.dataset.rows;
  document.addEventListener("htmx:afterSwap", () => {
    const now = document.getElementById(box.dataset.follow)?.dataset.rows;
    if (now === rows) return;
    rows = now;
    load();
  });
  view?.addEventListener("change", () => load());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);

  dress();
  load();
})();
