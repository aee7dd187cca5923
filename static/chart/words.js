// How a chart writes prices, counts, dates and times, and what colour the page's colours are for a canvas.
window.MoissonChart = {};

MoissonChart.words = (box) => {
  "use strict";

  const UNITS = { s: "second", m: "minute", h: "hour", d: "day", wk: "week", mo: "month" };
  const language = document.documentElement.lang;
  const decimals = box.dataset.decimals === "" ? null : Number(box.dataset.decimals);
  const number = new Intl.NumberFormat(language);
  const short = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 2 });
  const share = new Intl.NumberFormat(language, {
    style: "percent",
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    signDisplay: "exceptZero",
  });
  const amount = new Intl.NumberFormat(language, { maximumFractionDigits: 6 });

  const exchange = box.dataset.timezone;
  let zone = exchange;
  let clocks = {};
  let dated = true; // whether what is shown has dates, which no time zone moves
  let places = 2;

  const clock = (name, options) => {
    const timeZone = dated ? "UTC" : zone;
    return (clocks[`${timeZone} ${name}`] ??= new Intl.DateTimeFormat(language, { timeZone, ...options }));
  };
  const TICKS = [
    { year: "numeric" },
    { month: "short" },
    { day: "numeric" },
    { hour: "2-digit", minute: "2-digit" },
    { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  ];

  // The library reads rgb() only; a canvas turns whatever the browser computed into it.
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (name, alpha = 1) => {
    const probe = document.createElement("i");
    probe.style.color = `var(${name})`;
    box.append(probe);
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = getComputedStyle(probe).color;
    brush.fillRect(0, 0, 1, 1);
    probe.remove();
    const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
    return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
  };

  const isDated = (step) => /(d|wk|mo)$/.test(step);
  const full = (time) =>
    clock(dated ? "date" : "moment", dated ? { dateStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" }).format(
      time * 1000,
    );
  const offset = (time) => {
    const parts = new Intl.DateTimeFormat("en", { timeZone: exchange, timeZoneName: "longOffset" }).formatToParts(time * 1000);
    const told = /GMT([+-])(\d+):(\d+)/.exec(parts.find((part) => part.type === "timeZoneName").value);
    return told ? (told[1] === "-" ? -1 : 1) * (Number(told[2]) * 3600 + Number(told[3]) * 60) : 0;
  };

  return {
    isDated,
    full,
    // The instant at which the exchange's day of a date begins.
    midnight: (label) => label - offset(label),
    // The date (00:00 UTC) of the exchange's day in which an instant lies.
    label: (time) => Math.floor((time + offset(time)) / 86400) * 86400,
    day: (time) => new Intl.DateTimeFormat(language, { timeZone: "UTC", dateStyle: "medium" }).format(time * 1000),
    tick: (time, kind) => clock(kind, TICKS[kind]).format(time * 1000),
    price: (value) => value.toLocaleString(language, { minimumFractionDigits: places, maximumFractionDigits: places }),
    places: () => places,
    amount: (value) => amount.format(value),
    number: (value) => number.format(value),
    short: (value) => short.format(value),
    percent: (value) => share.format(value),
    step: (step) => {
      const [, count, unit] = /^(\d+)(\w+)$/.exec(step);
      const options = { style: "unit", unit: UNITS[unit], unitDisplay: "long" };
      return new Intl.NumberFormat(language, options).format(Number(count));
    },
    // A sentence of the page, with what belongs into its {places}.
    text: (name, values = {}) => box.dataset[name].replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place),
    rgb,
    // Decimals are the source's; where it tells none, small prices have more of them.
    suit: (step, closes) => {
      dated = isDated(step);
      places = decimals ?? (Math.max(...closes.slice(-50), 0) < 10 ? 4 : 2);
    },
    useZone: (mine) => {
      zone = mine ? Intl.DateTimeFormat().resolvedOptions().timeZone : exchange;
      return zone;
    },
  };
};

// The length of an interval in seconds; a month is an average one.
MoissonChart.seconds = (step) => {
  "use strict";

  const lengths = { s: 1, m: 60, h: 3600, d: 86400, wk: 604800, mo: 2629746 };
  const [, count, unit] = /^(\d+)(\w+)$/.exec(step);
  return Number(count) * lengths[unit];
};
