// Dividends and splits: at which candle each one is marked, and which of them there is room for.
(() => {
  "use strict";

  const DAY = 86400;
  const ROOM = 30; // pixels that a mark needs

  // The candle in which an action took effect: the one that holds its date, or the first one after its midnight.
  const candleOf = (action, times, seconds, words) => {
    if (seconds >= DAY) {
      const after = times.findIndex((time) => time > action.time);
      const index = (after < 0 ? times.length : after) - 1;
      return index >= 0 && (index < times.length - 1 || action.time < times[index] + seconds) ? index : -1;
    }
    const midnight = words.midnight(action.time);
    const index = times.findIndex((time) => time >= midnight);
    return index > 0 || (index === 0 && times[0] < midnight + 5 * DAY) ? index : -1;
  };

  const told = (action, words) =>
    action.kind === "split"
      ? words.text("textSplit", { new: words.amount(action.value) })
      : words.text(action.kind === "dividend" ? "textDividend" : "textGain", { value: words.amount(action.value) }).trim();

  // All marks by candle, ascending; place is filled in by whoever knows the axis.
  const marks = (data, seconds, words) =>
    data.actions
      .map((action) => ({
        candle: candleOf(action, data.time, seconds, words),
        isSplit: action.kind === "split",
        label: action.kind === "split" ? `${words.amount(action.value)}:1` : "",
        told: told(action, words),
      }))
      .filter(({ candle }) => candle >= 0)
      .sort((one, other) => one.candle - other.candle);

  // Splits first, then the newest: what would stand closer than ROOM to one that is shown already waits for a zoom.
  const thinned = (all, spacing) => {
    const kept = [];
    const order = [...all].sort((one, other) => other.isSplit - one.isSplit || other.place - one.place);
    for (const mark of order) {
      if (kept.every((other) => Math.abs(other.place - mark.place) * spacing >= ROOM)) kept.push(mark);
    }
    return kept.sort((one, other) => one.place - other.place);
  };

  MoissonChart.marks = { marks, thinned };
})();
