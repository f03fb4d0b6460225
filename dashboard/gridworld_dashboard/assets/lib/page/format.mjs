/** Numbers and sentences as people read them. */

import { ALGORITHMS } from "./tables.mjs";

const DASH = "–";
const MINUS = "−";

/**
 * @param {number | null | undefined} value
 * @param {number} digits after the point
 * @returns {string}
 */
export function fixed(value, digits) {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", MINUS);
}

/**
 * @param {number | null | undefined} value
 * @returns {string} a plain number of three significant digits, as a program would parse it
 */
export function epsilon(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  return value >= 0.1 || value === 0 ? value.toFixed(3) : value.toFixed(4);
}

/**
 * @param {number | null | undefined} value
 * @returns {string} at most four characters of number and a unit: 950, 12.3 k, 81 M
 */
export function compact(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  let rest = Math.abs(value);
  for (const unit of ["", " k", " M", " G", " T"]) {
    const digits = unit === "" ? (rest < 10 && rest % 1 !== 0 ? 1 : 0) : rest < 99.95 ? 1 : 0;
    const text = rest.toFixed(digits);
    if (Number(text) < 1000 || unit === " T") return (value < 0 ? MINUS : "") + text + unit;
    rest /= 1000;
  }
  return DASH;
}

/**
 * @param {number | null | undefined} value
 * @returns {string} a reading of some three digits: 7.32, 48.1, 135, 13.5 k
 */
export function brief(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  const size = Math.abs(value);
  if (size >= 9999.5) return compact(value);
  if (Number.isInteger(value)) return fixed(value, 0);
  return fixed(value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

/**
 * @param {number} value a whole number
 * @returns {string} with thin spaces between thousands
 */
export function grouped(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/**
 * Digits after the point that numbers known to 1/254 of their range deserve.
 * @param {number} lo
 * @param {number} hi
 * @returns {number} 0..4
 */
export function decimalsFor(lo, hi) {
  const step = (hi - lo) / 254;
  if (!(step > 0)) return 2;
  return Math.min(4, Math.max(0, Math.floor(-Math.log10(step))));
}

/**
 * Digits after the point for exact numbers of a range: neighbours differ, two at least.
 * @param {number} lo
 * @param {number} hi
 * @returns {number} 2..4
 */
export function exactDecimals(lo, hi) {
  return Math.min(4, Math.max(2, decimalsFor(lo, hi) + 1));
}

/**
 * @param {number} count
 * @param {string} noun in the singular
 * @returns {string}
 */
export function plural(count, noun) {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * @param {string} name as the wire writes it
 * @returns {string}
 */
export function algorithmName(name) {
  return ALGORITHMS[name]?.title ?? name;
}
