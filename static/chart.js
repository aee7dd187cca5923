// The chart of a series: begins with all of it, merged; asks for finer candles where somebody zooms in, for older and
// newer ones where somebody scrolls, for coarser ones where somebody zooms out; grows as bars arrive.
(() => {
  "use strict";

  const box = document.getElementById("chart");
  if (!box || !window.LightweightCharts) return;

  const SETTLE = 200; // ms without a movement before anything is asked for
  const { windows, seconds: lengthOf } = MoissonChart;
  const words = MoissonChart.words(box);
  const view = MoissonChart.drawing(box, words);
  const legend = MoissonChart.legend(box, words, view);
  const asking = MoissonChart.asking(box);
  const finest = lengthOf(box.dataset.interval);

  let whole = null; // {data, from: null, to: null, stretch, width}: all that there is
  let held = null; // the same of what is shown
  let bounds = { from: 0, to: 0 }; // from the first bar to the end of the last
  let gaps = null;
  let aim = null; // {from, to} that a button, a link or a key asked for, until the reader moves by hand
  let touched = false; // whether the reader has chosen what to see
  let isStale = true; // whether the bars may have changed since they were read
  let barren = ""; // the window that was asked for last, when it was of no use
  let settling = 0;

  const message = (text, canRetry = true) => {
    box.parentElement.querySelector(".chart-message")?.remove();
    if (!text) return;
    const told = document.createElement("p");
    told.className = held?.data.time.length ? "chart-message chart-message-small" : "chart-message";
    told.setAttribute("role", "status");
    told.append(Object.assign(document.createElement("span"), { textContent: text }));
    if (canRetry) {
      const again = Object.assign(document.createElement("button"), { type: "button", className: "button" });
      again.textContent = box.dataset.textRetry;
      again.addEventListener("click", next);
      told.append(again);
    }
    box.after(told);
  };

  const keyOf = ({ kind, from, to }) => `${kind} ${from} ${to}`;

  const axis = () => {
    const { data, places } = view.held();
    const [from, to] = [held.from, held.to];
    const times = places.map(({ time }) => time);
    const empty = places.map(({ gap }) => gap !== null);
    const { stretch, width } = held;
    return { times, empty, seconds: lengthOf(data.step), from, to, stretch, width, isWhole: held === whole };
  };

  // What is seen, as places on the axis; null while there is nothing.
  const seen = () => {
    if (!held?.data.time.length) return null;
    if (!aim) return view.scale.getVisibleLogicalRange();
    const shown = axis();
    return { from: windows.place(shown, aim.from), to: windows.place(shown, aim.to) };
  };

  const instants = () => {
    const places = seen();
    if (!places) return null;
    if (aim) return aim;
    const shown = axis();
    return { from: windows.instant(shown, places.from), to: windows.instant(shown, places.to) };
  };

  // Show other candles where the eye is already.
  const show = (other) => {
    const before = touched && held?.data.time.length ? { axis: axis(), places: seen(), ...instants() } : null;
    held = other;
    view.draw(other.data, gaps ?? [], other);
    if (!other.data.time.length) message(box.dataset.textEmpty, false);
    else if (aim) turn(aim);
    else if (before) stay(before);
    else view.scale.fitContent();
    requestAnimationFrame(legend.refresh); // once the chart has turned to where it shall look
    view.mark();
  };

  // Where the same candle is there still, nothing moves by the fraction of one.
  const stay = ({ axis: old, places, from, to }) => {
    const shown = axis();
    const index = Math.max(0, Math.min(old.times.length - 1, Math.round((places.from + places.to) / 2)));
    const now = windows.indexOf(shown.times, old.times[index]);
    if (shown.seconds !== old.seconds || shown.times[now] !== old.times[index]) return turn({ from, to });
    return view.scale.setVisibleLogicalRange({ from: places.from + now - index, to: places.to + now - index });
  };

  const turn = ({ from, to }) => {
    const shown = axis();
    const places = { from: windows.place(shown, from), to: windows.place(shown, to) };
    if (places.to > places.from) view.scale.setVisibleLogicalRange(places);
  };

  const takeWhole = (data) => {
    whole = { data, from: null, to: null, stretch: 1, width: Infinity };
    const [first, last] = [data.time[0] ?? 0, (data.time.at(-1) ?? 0) + lengthOf(data.step)];
    // A month's candle begins before its first bar and ends after its last.
    bounds = { from: Math.max(first, data.first ?? first), to: Math.min(last, (data.last ?? last) + finest) };
    whole.width = (bounds.to - bounds.from) / 3; // it is a window with nothing around it
    controls.offer(bounds);
    show(whole);
  };

  // Between which instants all candles are there, those that were cut left out.
  const edges = (part, { from, to }) => {
    const spare = windows.spare(lengthOf(part.step));
    return {
      from: from === null ? null : Math.min(part.time[0], from + spare),
      to: to === null ? null : Math.max(part.time.at(-1), to - spare),
    };
  };

  const takeWindow = (data, wish) => {
    const part = windows.uncut(data, wish);
    const now = instants();
    const middle = now && (now.from + now.to) / 2;
    const isStray = middle < (wish.from ?? -Infinity) || middle > (wish.to ?? Infinity);
    const isUseless = isStray && !wish.isRefresh; // the reader went elsewhere meanwhile
    barren = part.time.length && !isUseless ? "" : keyOf(wish);
    if (isUseless) return;
    // Where no bar is, the candles that are shown already say so as well.
    if (part.time.length) show({ data: part, ...edges(part, wish), stretch: 1, width: wish.width });
    else if (held !== whole && whole) show(whole);
  };

  const takeSide = (data, wish) => {
    const part = windows.uncut(data, wish);
    if (part.time.length && part.step !== held.data.step) {
      held.stretch /= 4; // so many bars lie there that they were merged further; the next try asks for less at once
      return;
    }
    const joined = windows.joined(held.data, part, wish.kind);
    const isEmpty = joined.data.time.length === held.data.time.length && !joined.isCut;
    const ends = { from: held.from, to: held.to };
    const [near, far, asked] = wish.kind === "older" ? ["from", "to", wish.from] : ["to", "from", wish.to];
    const [nearest, farthest] =
      wish.kind === "older" ? [joined.data.time[0], joined.data.time.at(-1)] : [joined.data.time.at(-1), joined.data.time[0]];
    ends[near] = asked === null || isEmpty ? asked : nearest;
    if (joined.isCut) ends[far] = farthest;
    const stretch = isEmpty ? Math.min(held.stretch * 2, 1e6) : Math.min(held.stretch, 1);
    show({ data: joined.data, ...ends, stretch, width: held.width });
  };

  const takeGaps = (data) => {
    gaps = data.gaps;
    box.dataset.gapsTotal = String(gaps.length);
    if (held) show(held);
  };

  const takes = { whole: takeWhole, window: takeWindow, older: takeSide, newer: takeSide, gaps: takeGaps };

  let urgent = null; // what must be asked for before anything that the zoom calls for

  // The next thing to ask for, or null.
  const wish = () => {
    if (isStale) return touched && held?.data.time.length ? { ...reload(), isRefresh: true } : { kind: "whole", isRefresh: true };
    if (urgent) return urgent;
    const places = touched && bounds.to > bounds.from ? seen() : null;
    const found = places ? windows.plan(axis(), places, instants(), finest, bounds) : null;
    if (found && keyOf(found) !== barren) return { ...found, step: found.kind === "window" ? null : held.data.step };
    return gaps === null && box.dataset.gaps ? { kind: "gaps" } : null;
  };

  const reload = () => {
    const spare = windows.spare(lengthOf(held.data.step));
    const [from, to] = [held.from && held.from - spare, held.to && held.to + spare];
    return { kind: from === null && to === null ? "whole" : "window", from, to, width: held.width };
  };

  const next = async () => {
    if (asking.isBusy()) return;
    const wanted = wish();
    if (!wanted) return;
    if (wanted.kind === "window" && wanted.from === null && wanted.to === null) {
      if (whole && held !== whole) {
        urgent = null;
        show(whole);
        return;
      }
      wanted.kind = "whole";
    }
    [urgent, isStale] = [null, false];
    box.setAttribute("aria-busy", "true");
    let data;
    try {
      data = await asking.ask(wanted);
    } catch (error) {
      failed(wanted, error);
      return;
    } finally {
      if (!asking.isBusy()) box.removeAttribute("aria-busy");
    }
    if (data === undefined) return;
    message("");
    if (data) takes[wanted.kind](data, wanted);
    else if (!held?.data.time.length) message(box.dataset.textEmpty, false);
    settle();
  };

  const failed = (wanted, error) => {
    if (wanted.kind === "gaps") {
      gaps = []; // the chart is right without them, and says that they are not drawn
      document.getElementById("chart-gaps-note").textContent = box.dataset.textGapsFailed;
      return;
    }
    if (wanted.kind === "whole" || wanted.isRefresh) isStale = true;
    message(error.status && error.message ? error.message : box.dataset.textFailed, error.status !== 404);
  };

  const settle = () => {
    clearTimeout(settling);
    settling = setTimeout(() => {
      box.dataset.looks = String(Number(box.dataset.looks ?? 0) + 1);
      view.mark();
      legend.refresh();
      if (touched && held) controls.remember(instants());
      next();
    }, SETTLE);
  };

  // Look at a span; aimed is false when the reader moved by hand, so that the chart keeps to what is on the screen.
  const look = (span) => {
    touched = true;
    aim = span;
    if (held?.data.time.length) {
      const isHeld = (held.from ?? -Infinity) <= span.from && span.to <= (held.to ?? Infinity);
      if (isHeld) turn(span);
      else if (whole) show(whole);
      else urgent = { kind: "window", ...windows.around(span.from, span.to, bounds), width: span.to - span.from };
    }
    settle();
  };

  const lookAtAll = () => {
    [touched, aim, urgent] = [false, null, null];
    asking.interrupt();
    controls.remember(null);
    if (whole) show(whole);
    settle();
  };

  const moveBy = (share, zoom = 1) => {
    const places = seen();
    if (!places) return;
    const [half, middle] = [((places.to - places.from) * zoom) / 2, (places.from + places.to) / 2];
    const at = middle + (places.to - places.from) * share;
    [touched, aim] = [true, null];
    view.scale.setVisibleLogicalRange({ from: at - half, to: at + half });
    settle();
  };

  // Everything anew, as for another adjustment, and the eye stays where it is.
  const reread = () => {
    [whole, urgent, isStale] = [null, null, true];
    asking.interrupt();
    next();
  };

  const controls = MoissonChart.controls(box, words, { look, lookAtAll, moveBy, reread, instants, bounds: () => bounds });
  const byHand = () => {
    [touched, aim] = [true, null];
    controls.press(null);
  };
  for (const kind of ["wheel", "pointerdown", "touchstart"]) box.addEventListener(kind, byHand, { passive: true });
  box.addEventListener("dblclick", lookAtAll);
  view.scale.subscribeVisibleLogicalRangeChange(settle);
  view.scale.subscribeSizeChange(() => {
    if (!touched && held) view.scale.fitContent();
    else if (aim && held) turn(aim);
  });
  controls.onZone(() => {
    view.dress();
    legend.refresh();
  });

  // New bars: the live card says how many were written.
  let rows = document.getElementById(box.dataset.follow)?.dataset.rows;
  document.addEventListener("htmx:afterSwap", () => {
    const now = document.getElementById(box.dataset.follow)?.dataset.rows;
    if (now === rows) return;
    rows = now;
    isStale = true;
    if (held !== whole) whole = null;
    next();
  });
  window.addEventListener("online", () => {
    if (box.parentElement.querySelector(".chart-message .button")) next();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", view.dress);

  aim = controls.linked();
  touched = aim !== null;
  view.dress();
  next();
})();
