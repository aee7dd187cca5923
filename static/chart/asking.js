// Requests for candles and gaps: one at a time, and none is heard once something else was wanted.
MoissonChart.asking = (box) => {
  "use strict";

  const view = document.getElementById("view");
  let controller = null;
  let kept = { url: "", etag: "" };

  const adjust = () => (view ? new FormData(view).get("adjust") : null);

  const address = ({ kind, from = null, to = null, step = null }) => {
    if (kind === "gaps") return box.dataset.gaps;
    const url = new URL(box.dataset.candles, location.href);
    if (adjust()) url.searchParams.set("adjust", adjust());
    if (from !== null) url.searchParams.set("start", String(Math.floor(from)));
    if (to !== null) url.searchParams.set("end", String(Math.ceil(to)));
    if (step) url.searchParams.set("step", step);
    return url.href;
  };

  // What a server said of its failure, if it said anything that can be read.
  const complaint = async (answer) => {
    const told = await answer.json().catch(() => null);
    return Object.assign(new Error(told?.error?.message ?? ""), { status: answer.status });
  };

  // Resolve with the data, with null when nothing changed, or with undefined when it was interrupted; else reject.
  const ask = async (wish) => {
    const mine = (controller = new AbortController());
    const url = address(wish);
    try {
      const headers = wish.isRefresh && kept.url === url ? { "If-None-Match": kept.etag } : {};
      const options = { headers, cache: "no-store", credentials: "same-origin", signal: mine.signal };
      const answer = await fetch(url, options);
      if (answer.status === 304) return null;
      if (!answer.ok) throw await complaint(answer);
      const data = await answer.json();
      if (wish.kind !== "gaps") kept = { url, etag: answer.headers.get("ETag") };
      return data;
    } catch (error) {
      if (mine.signal.aborted) return undefined;
      throw error;
    } finally {
      if (controller === mine) controller = null;
    }
  };

  const interrupt = () => {
    controller?.abort();
    controller = null;
  };

  return { ask, isBusy: () => controller !== null, interrupt };
};
