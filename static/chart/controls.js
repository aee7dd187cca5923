// Period buttons, the jump to a date, keys, the time zone, and the address that brings a reader back to a view.
MoissonChart.controls = (box, words, act) => {
  "use strict";

  const DAY = 86400;
  const SHARE = 0.1; // of what is seen that an arrow key moves by
  const ZOOM = 0.7;
  const view = document.getElementById("view");
  const bar = document.getElementById("chart-bar");
  const jump = document.getElementById("chart-date");
  const buttons = [...bar.querySelectorAll("[data-period]")];
  const finest = MoissonChart.seconds(box.dataset.interval);
  const isDated = words.isDated(box.dataset.interval);

  const back = (time, months) => {
    const date = new Date(time * 1000);
    date.setUTCMonth(date.getUTCMonth() - months);
    return date.valueOf() / 1000;
  };
  const newYear = (time) => Date.UTC(new Date(time * 1000).getUTCFullYear(), 0, 1) / 1000;
  const starts = {
    "1d": (last) => words.midnight(words.label(last)),
    "1mo": (last) => back(last, 1),
    "6mo": (last) => back(last, 6),
    ytd: newYear,
    "1y": (last) => back(last, 12),
    "5y": (last) => back(last, 60),
  };

  // A period makes sense when the series is longer, and when there are a few bars in it.
  const makesSense = (period, { from, to }) => {
    if (period === "all") return to > from;
    const start = starts[period](to - finest);
    return start > from && to - start >= 4 * finest;
  };

  const press = (pressed) => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.period === pressed));
  };

  const offer = (bounds) => {
    for (const button of buttons) button.hidden = !makesSense(button.dataset.period, bounds);
    bar.hidden = !(bounds.to > bounds.from);
    [jump.min, jump.max] = [bounds.from, bounds.to - finest].map((time) => new Date(time * 1000).toISOString().slice(0, 10));
  };

  for (const button of buttons) {
    button.addEventListener("click", () => {
      const { period } = button.dataset;
      const { to } = act.bounds();
      if (period === "all") act.lookAtAll();
      else act.look({ from: starts[period](to - finest), to });
      press(period);
    });
  }

  // The date goes to the middle; a view so wide that a jump would show nothing new becomes narrower.
  jump.addEventListener("change", () => {
    const label = Date.parse(jump.value) / 1000;
    const now = act.instants();
    if (Number.isNaN(label) || !now || !jump.checkValidity()) return;
    const day = isDated ? label : words.midnight(label) + DAY / 2;
    const { from, to } = act.bounds();
    const width = Math.max(isDated ? 20 * finest : DAY, Math.min(now.to - now.from, (to - from) / 4));
    press(null);
    act.look({ from: day - width / 2, to: day + width / 2 });
  });

  const edge = (isLast) => {
    const now = act.instants();
    if (!now) return;
    const { from, to } = act.bounds();
    const width = Math.min(now.to - now.from, to - from);
    press(null);
    act.look(isLast ? { from: to - width, to } : { from, to: from + width });
  };
  const KEYS = {
    ArrowLeft: (by) => act.moveBy(-by),
    ArrowRight: (by) => act.moveBy(by),
    "+": () => act.moveBy(0, ZOOM),
    "=": () => act.moveBy(0, ZOOM),
    "-": () => act.moveBy(0, 1 / ZOOM),
    Home: () => edge(false),
    End: () => edge(true),
    0: () => act.lookAtAll(),
  };
  box.addEventListener("keydown", (event) => {
    const key = KEYS[event.key];
    if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    press(null);
    key(event.shiftKey ? 1 : SHARE);
  });

  // The address says what is seen, and for which adjustment, so that it can be kept or sent.
  const write = (change) => {
    if (!view) return;
    const url = new URL(location.href);
    change(url.searchParams);
    history.replaceState(history.state, "", url);
    for (const field of document.querySelectorAll(".preferences [name='next']")) field.value = url.pathname + url.search;
  };
  const put = (asked, name, value) => (value === null ? asked.delete(name) : asked.set(name, value));
  const spell = (time) => {
    const text = new Date(time * 1000).toISOString();
    return isDated ? text.slice(0, 10) : `${text.slice(0, 16)}Z`;
  };
  const remember = (seen) => {
    const { from, to } = act.bounds();
    write((asked) => {
      put(asked, "from", seen && spell(Math.max(seen.from, from)));
      put(asked, "to", seen && spell(Math.max(Math.min(seen.to, to), from)));
    });
  };
  const linked = () => {
    const asked = new URLSearchParams(location.search);
    const [from, to] = ["from", "to"].map((name) => Date.parse(asked.get(name) ?? "") / 1000);
    return view && to > from ? { from, to } : null;
  };
  view?.addEventListener("change", (event) => {
    if (event.target.name !== "adjust") return;
    const { value, form } = event.target;
    write((asked) => put(asked, "adjust", value === form.querySelector("[name='adjust']").value ? null : value));
    act.reread();
  });

  // Intraday times are the reader's own, or the exchange's, as chosen last time.
  const zones = bar.querySelectorAll("[name='zone']");
  const told = document.getElementById("chart-zone");
  let zoneChanged = () => {};
  const useZone = (name) => {
    const zone = words.useZone(name === "mine");
    if (told) told.textContent = words.text("textZone", { zone });
    zoneChanged();
  };
  const kept = () => {
    try {
      return localStorage.getItem("chart-zone") ?? "mine";
    } catch {
      return "mine"; // a browser may forbid it
    }
  };
  const keep = (name) => {
    try {
      localStorage.setItem("chart-zone", name);
    } catch {
      return; // then the choice lasts as long as the page
    }
  };
  for (const choice of zones) {
    choice.checked = choice.value === kept();
    choice.addEventListener("change", () => {
      keep(choice.value);
      useZone(choice.value);
    });
  }
  if (zones.length) useZone(kept());

  return { offer, press, remember, linked, onZone: (react) => (zoneChanged = react) };
};
