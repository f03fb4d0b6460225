/** Numbers with their names, and sentences, as the trials tell them. */

import { make, write } from "../page/dom.mjs";
import { brief, fixed, plural } from "../page/format.mjs";
import { filled } from "./parts.mjs";

/** @typedef {[string, string][]} Rows names and readings */

export class Readings {
  constructor() {
    this.root = make("dl", { className: "counters small trial-readings" });
  }

  /** @param {Rows} rows */
  show(rows) {
    while (this.root.children.length > rows.length) this.root.lastElementChild?.remove();
    rows.forEach(([name, value], i) => {
      const row = this.root.children[i] ?? filled("div", {}, make("dt", {}), make("dd", {}));
      if (!row.isConnected) this.root.append(row);
      write(/** @type {HTMLElement} */ (row.firstElementChild), name);
      write(/** @type {HTMLElement} */ (row.lastElementChild), value);
    });
  }
}

/**
 * How an episode ended.
 * @param {string | null} ended what it came to; null: to nothing
 * @param {number} steps
 * @param {boolean} over it is cut off; false: it goes on
 * @returns {string}
 */
export function ending(ended, steps, over) {
  const after = plural(steps, "step");
  if (ended) return `at ${ended} after ${after}`;
  return over ? `cut off after ${after}` : after;
}

/**
 * A sum of rewards.
 * @param {number | null | undefined} value
 * @returns {string} as exact as it deserves: rewards are tenths, mostly
 */
export function sum(value) {
  if (value === null || value === undefined) return fixed(value, 0);
  const size = Math.abs(value);
  return size < 999.95 && !Number.isInteger(value) ? fixed(value, size < 99.995 ? 2 : 1) : brief(value);
}

/**
 * @param {number} part
 * @param {number} whole
 * @returns {string}
 */
export function percent(part, whole) {
  const share = Math.round((1000 * part) / whole) / 10;
  return `${fixed(share, Number.isInteger(share) ? 0 : 1)} %`;
}
