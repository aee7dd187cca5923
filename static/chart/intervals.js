// The lengths of intervals. Pure.

export const DAY = 86400;

/** @type {Record<string, number>} */
const LENGTHS = { s: 1, m: 60, h: 3600, d: DAY, wk: 7 * DAY, mo: 2629746 };

/**
 * Split an interval such as "15m" into its count and its unit.
 * @param {string} step
 * @returns {{count: number, unit: string}}
 */
export const parseStep = (step) => {
  const match = /^(\d+)(s|m|h|d|wk|mo)$/.exec(step);
  if (!match) throw new RangeError(`“${step}” is no interval`);
  return { count: Number(match[1]), unit: String(match[2]) };
};

/**
 * The length of an interval in seconds; a month is an average one.
 * @param {string} step
 */
export const secondsOf = (step) => {
  const { count, unit } = parseStep(step);
  return count * /** @type {number} */ (LENGTHS[unit]);
};

/**
 * Whether bars of an interval have dates, which no time zone moves.
 * @param {string} step
 */
export const isDated = (step) => secondsOf(step) >= DAY;
