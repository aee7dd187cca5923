// Short ways to elements of the page.

/**
 * The element of an id, which the page must have.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export const byId = (id, type) => {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`The page lacks a ${type.name} with the id ${id}.`);
  return element;
};

/**
 * All elements of a type that match a selector, in the page's order.
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} type
 * @param {ParentNode} [root]
 * @returns {T[]}
 */
export const all = (selector, type, root = document) =>
  /** @type {T[]} */ ([...root.querySelectorAll(selector)].filter((element) => element instanceof type));

/**
 * The element that an event happened to, or the nearest around it, that matches a selector.
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export const closest = ({ target }, selector) =>
  target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest(selector)) : null;

/**
 * What an event of HTMX tells.
 * @param {Event} event
 * @returns {{elt?: Element, target?: Element, requestConfig?: {elt?: Element}, xhr?: XMLHttpRequest, successful?: boolean, shouldSwap?: boolean}}
 */
export const detailOf = (event) => (event instanceof CustomEvent && event.detail) || {};
