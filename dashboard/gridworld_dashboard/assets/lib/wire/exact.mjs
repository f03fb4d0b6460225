/**
 * Whole numbers that a page's own numbers cannot hold: above 2^53 they would become others. They are
 * shown digit by digit, and never sent: what is in force stays in force where nothing is said.
 */

const LARGE = /"seed":\d{16,}/;

/**
 * @param {string} text a message
 * @returns {any} of which a seed above 2^53 is a BigInt
 */
export function parse(text) {
  if (!LARGE.test(text)) return JSON.parse(text);
  const revive = (/** @type {string} */ key, /** @type {any} */ value, /** @type {any} */ context) =>
    key === "seed" && !Number.isSafeInteger(value) && context?.source ? BigInt(context.source) : value;
  return JSON.parse(text, /** @type {any} */ (revive));
}

/**
 * @param {any} value
 * @returns {string} JSON without those numbers
 */
export function stringify(value) {
  return JSON.stringify(value, (_, each) => (typeof each === "bigint" ? undefined : each));
}
