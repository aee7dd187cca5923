// Which candles a chart should have for what is seen, and how those of neighbouring spans are put together. Pure.
(() => {
  "use strict";

  const FEW = 200; // candles in view below which finer ones are worth asking for
  const MANY = 1200; // candles in view above which coarser ones are asked for rather than more of the same
  const CROWD = 2000; // candles in view above which coarser ones show as much
  const [SHORT, LONG] = [300, 1500]; // about how many are asked for at least and at most on one side
  const MOST = 8000; // candles held at once; beyond that the far side is let go
  const DAY = 86400;
  const COLUMNS = ["time", "open", "high", "low", "close", "volume", "bars"];

  const average = (held) => (held.times.at(-1) - held.times[0]) / Math.max(1, held.times.length - 1) || held.seconds;

  // How long a place goes on: to the next one; a candle no longer than candles are, for then trading pauses.
  const length = ({ times, empty, seconds }, index) => {
    const next = index < times.length - 1 ? times[index + 1] - times[index] : seconds;
    return empty[index] ? next : Math.min(seconds, next);
  };

  // The instant at a place on the axis, where the candle at index 3 reaches from 2.5 to 3.5; it may lie beyond the ends.
  const instant = (held, at) => {
    const { times } = held;
    const [place, last] = [at + 0.5, times.length - 1];
    if (place < 0) return times[0] + place * average(held);
    if (place > last + 1) return times[last] + held.seconds + (place - last - 1) * average(held);
    const index = Math.min(Math.floor(place), last);
    return times[index] + (place - index) * length(held, index);
  };

  // The place of an instant: the inverse of the above; all of a night lies between two candles.
  const place = (held, time) => {
    const { times } = held;
    const last = times.length - 1;
    if (time < times[0]) return (time - times[0]) / average(held) - 0.5;
    const end = times[last] + held.seconds;
    if (time > end) return last + 0.5 + (time - end) / average(held);
    const index = indexOf(times, time);
    return index + Math.min(1, (time - times[index]) / length(held, index)) - 0.5;
  };

  // The last index whose time is not after an instant; -1 before the first.
  const indexOf = (times, time) => {
    let [low, high] = [-1, times.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle] <= time) low = middle;
      else high = middle;
    }
    return low;
  };

  // A span that reaches (nearly) to the edge of the series is asked for without that edge.
  const asked = (from, to, bounds) => ({
    from: from <= bounds.from + 2 * DAY ? null : Math.floor(from),
    to: to >= bounds.to - 2 * DAY ? null : Math.ceil(to),
  });

  // Around what is seen, as much again on either side.
  const around = (from, to, bounds) => asked(from - (to - from), to + (to - from), bounds);

  // How much more is asked for where candles are to be attached, so that none is missing that an edge has cut. A day's
  // candle has a date, which is up to a day away from its instants.
  const slack = (seconds) => (seconds < DAY ? 0 : DAY);
  const spare = (seconds) => 2 * seconds + slack(seconds);

  // What to ask for next, or null. held: {times, empty, seconds, from, to, stretch, width, isWhole}: the times on the
  // axis and which of them are no candles; the length of a candle; between which instants all is held (null: to the edge
  // of the series); how much farther than usual to reach; how much was seen when these candles were asked for, since
  // other ones are not to be had until much less or more is seen; whether it is what the chart began with. seen: {from, to}
  // as places on the axis, then as instants; finest: seconds of the stored bars; bounds: the series' first and last time.
  const plan = (held, seen, { from, to }, finest, bounds) => {
    const count = seen.to - seen.from;
    const wanted = { ...around(from, to, bounds), width: to - from };
    const isMuchLess = to - from < 0.7 * held.width;
    if (held.seconds > finest && count < FEW && isMuchLess) return { kind: "window", ...wanted };
    const [moreBefore, moreAfter] = [held.from !== null, held.to !== null];
    const beyond = (moreBefore && seen.from < 0) || (moreAfter && seen.to > held.times.length - 1);
    const isMuchMore = !held.isWhole && to - from > 1.3 * held.width;
    if (isMuchMore && ((count > MANY && beyond) || count > CROWD)) return { kind: "window", ...wanted };
    const reach = Math.min(LONG, Math.max(SHORT, 2 * count)) * average(held) * held.stretch;
    const more = spare(held.seconds);
    if (moreBefore && seen.from < count / 2) {
      return { kind: "older", from: asked(held.from - reach, bounds.to, bounds).from, to: held.from + more };
    }
    if (moreAfter && seen.to > held.times.length - 1 - count / 2) {
      return { kind: "newer", from: held.to - more, to: asked(bounds.from, held.to + reach, bounds).to };
    }
    return null;
  };

  const sliced = (data, start, end) => {
    const columns = COLUMNS.map((name) => [name, data[name].slice(start, end)]);
    return { ...data, ...Object.fromEntries(columns) };
  };

  // An answer without the candles that the edges of its span may have cut.
  const uncut = (data, { from, to }) => {
    const seconds = MoissonChart.seconds(data.step);
    const isCutFirst = from !== null && data.time[0] < from + slack(seconds);
    const isCutLast = to !== null && data.time.at(-1) + seconds + slack(seconds) > to;
    return sliced(data, isCutFirst ? 1 : 0, isCutLast ? Math.max(0, data.time.length - 1) : undefined);
  };

  const actions = (several) => {
    const keyed = several.flatMap((data) => data.actions).map((action) => [`${action.kind} ${action.time}`, action]);
    return [...new Map(keyed).values()].sort((one, other) => one.time - other.time);
  };

  const attached = (before, after) => {
    const joined = { ...after, actions: actions([before, after]) };
    for (const name of COLUMNS) joined[name] = before[name].concat(after[name]);
    return joined;
  };

  // Older candles before those that are held, or newer ones after them; the far side goes when it becomes too much.
  const joined = (held, data, kind) => {
    if (kind === "older") {
      const place = data.time.findIndex((time) => time >= held.time[0]);
      const all = attached(sliced(data, 0, place < 0 ? undefined : place), held);
      return { data: sliced(all, 0, MOST), isCut: all.time.length > MOST };
    }
    const place = data.time.findIndex((time) => time > held.time.at(-1));
    const all = attached(held, sliced(data, place < 0 ? data.time.length : place));
    return { data: sliced(all, -MOST), isCut: all.time.length > MOST };
  };

  MoissonChart.windows = { plan, spare, instant, place, indexOf, around, uncut, joined };
})();
