// The list of symbols as somebody types it: commas, spaces, lines. Pure.

/**
 * Add a symbol to a list, once.
 * @param {string} list
 * @param {string} symbol
 */
export const addSymbol = (list, symbol) => {
  const symbols = list.split(/[\s,;]+/).filter(Boolean);
  return symbols.includes(symbol) ? list : [...symbols, symbol].join(", ");
};
