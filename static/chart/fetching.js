// Requests for candles and gaps: one at a time, and none is heard once something else was asked for.

/**
 * @import { Answer } from "./protocol.d.ts"
 * @import { Query } from "./types.d.ts"
 */

/** What a server said of its failure, if it said anything that can be read; without a status it never answered. */
export class FetchError extends Error {
  /**
   * @param {string} message
   * @param {number} status
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * The address of a query.
 * @param {Query} query
 * @param {{candles: string, gaps: string, adjust: string | null, base: string}} place
 */
export const addressOf = ({ kind, from, to, step }, { candles, gaps, adjust, base }) => {
  if (kind === "gaps") return gaps;
  const url = new URL(candles, base);
  if (adjust) url.searchParams.set("adjust", adjust);
  if (from !== null) url.searchParams.set("start", String(Math.floor(from)));
  if (to !== null) url.searchParams.set("end", String(Math.ceil(to)));
  if (step) url.searchParams.set("step", step);
  return url.href;
};

/** @param {Response} response */
const complaint = async (response) => {
  const body = await response.json().catch(() => null);
  return new FetchError(body?.error?.message ?? "", response.status);
};

/** @param {HTMLElement} box */
export const makeFetching = (box) => {
  const view = document.getElementById("view");
  /** @type {AbortController | null} */
  let controller = null;
  let latest = { url: "", etag: "" };

  const address = (/** @type {Query} */ query) => {
    const adjust = view instanceof HTMLFormElement ? new FormData(view).get("adjust") : null;
    const { candles = "", gaps = "" } = box.dataset;
    return addressOf(query, { candles, gaps, adjust: adjust && String(adjust), base: location.href });
  };

  /**
   * @param {Query} query
   * @param {AbortSignal} signal
   * @returns {Promise<Answer | null>}
   */
  const request = async (query, signal) => {
    const url = address(query);
    /** @type {Record<string, string>} */
    const headers = query.isRefresh && latest.etag && latest.url === url ? { "If-None-Match": latest.etag } : {};
    const response = await fetch(url, { headers, cache: "no-store", credentials: "same-origin", signal });
    if (response.status === 304) return null;
    if (!response.ok) throw await complaint(response);
    const data = await response.json();
    if (query.kind !== "gaps") latest = { url, etag: response.headers.get("ETag") ?? "" };
    return data;
  };

  /**
   * Resolve with the data, with null when nothing has changed, or with undefined when it was interrupted.
   * @param {Query} query
   * @throws {FetchError} when the server refuses; whatever `fetch` throws when it does not answer
   */
  const ask = async (query) => {
    const mine = new AbortController();
    controller = mine;
    try {
      return await request(query, mine.signal);
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

  return { ask, interrupt };
};
