// The address says what is seen, and for which adjustment, so that it can be kept or sent.

import { all } from "../dom.js";

/** @import { Span } from "./types.d.ts" */

/**
 * An instant as the address spells it, to the minute; a date where bars have dates.
 * @param {number} time
 * @param {boolean} hasDates
 */
export const spell = (time, hasDates) => {
  const text = new Date(time * 1000).toISOString();
  return hasDates ? text.slice(0, 10) : `${text.slice(0, 16)}Z`;
};

/**
 * The span that an address asks for, or null.
 * @param {string} query
 * @returns {Span | null}
 */
export const readSpan = (query) => {
  const values = new URLSearchParams(query);
  const [from, to] = ["from", "to"].map((name) => Date.parse(values.get(name) ?? "") / 1000);
  return to > from ? { from, to } : null;
};

/**
 * Put a span into an address, cut to what there is; null takes it out.
 * @param {URLSearchParams} values
 * @param {Span | null} span
 * @param {Span} bounds
 * @param {boolean} hasDates
 */
export const putSpan = (values, span, { from, to }, hasDates) => {
  put(values, "from", span && spell(Math.max(span.from, from), hasDates));
  put(values, "to", span && spell(Math.max(Math.min(span.to, to), from), hasDates));
};

/**
 * @param {URLSearchParams} values
 * @param {string} name
 * @param {string | null} value null takes it out
 */
export const put = (values, name, value) => {
  if (value === null) values.delete(name);
  else values.set(name, value);
};

/**
 * Change the address of the page, and where the preferences come back to.
 * @param {(values: URLSearchParams) => void} change
 */
export const rewrite = (change) => {
  const url = new URL(location.href);
  change(url.searchParams);
  history.replaceState(history.state, "", url);
  for (const field of all(".preferences [name='next']", HTMLInputElement)) field.value = url.pathname + url.search;
};
