/** The fields of a start: what is allowed in them, and the sentence where it is not. */

/**
 * @typedef {object} Rule
 * @property {string} key name on the wire
 * @property {string} name as the page calls it
 * @property {(value: number) => boolean} allows
 * @property {string} must what must hold
 * @property {boolean} [emptyIsNull] an empty field means null
 */

/**
 * By element id.
 * @type {Record<string, Rule>}
 */
export const RULES = {
  "learning-rate": {
    key: "learning_rate",
    name: "Learning rate",
    allows: (v) => v > 0 && v <= 1,
    must: "must be above 0 and at most 1",
  },
  epsilon: {
    key: "epsilon",
    name: "Epsilon",
    allows: (v) => v >= 0 && v <= 1,
    must: "must be from 0 to 1",
  },
  "discount-factor": {
    key: "discount_factor",
    name: "Discount factor",
    allows: (v) => v >= 0 && v <= 1,
    must: "must be from 0 to 1",
  },
  "num-episodes": {
    key: "num_episodes",
    name: "Episodes",
    allows: (v) => Number.isInteger(v) && v >= 1 && v <= 1e12,
    must: "must be a whole number from 1, or empty",
    emptyIsNull: true,
  },
  speed: {
    key: "speed",
    name: "Steps per second",
    allows: (v) => v > 0 && v <= 1e9,
    must: "must be above 0 and at most 1e9, or empty",
    emptyIsNull: true,
  },
};

/**
 * @param {string} id of the field
 * @param {unknown} value as Dash holds it: a number, or anything else where there is none
 * @param {boolean} [garbled] the browser holds text in the field that is no number
 * @returns {{value: number | null} | {error: string}}
 */
export function read(id, value, garbled = false) {
  const rule = RULES[id];
  const number = typeof value === "number" && !Number.isNaN(value) ? value : null;
  if (garbled || (number === null && !rule.emptyIsNull)) {
    return { error: `${rule.name} must be a number.` };
  }
  if (number !== null && !rule.allows(number)) {
    return { error: `${rule.name} ${rule.must}, not ${number}.` };
  }
  return { value: number };
}

/**
 * @param {string} id
 * @param {number | null} value
 * @returns {string} as a hint shows it
 */
export function shown(id, value) {
  if (value === null) return id === "speed" ? "full" : "until stopped";
  return String(Number(value.toPrecision(6)));
}

/**
 * Where the arrow keys take a number field.
 * @param {string} id
 * @param {number | null} value
 * @param {1 | -1} direction
 * @returns {number}
 */
export function nudge(id, value, direction) {
  if (id === "speed") {
    const speed = value ?? 1e7;
    const step = 10 ** Math.floor(Math.log10(direction > 0 ? speed : speed * 0.999));
    return Math.max(0.1, Number((speed + direction * step).toPrecision(2)));
  }
  if (id === "num-episodes") {
    return Math.max(1, Math.floor(((value ?? 0) + direction * 100) / 100) * 100 || 1);
  }
  const lowest = id === "learning-rate" ? 0.01 : 0;
  const next = Number(((value ?? 0) + direction * 0.01).toFixed(6));
  return Math.min(1, Math.max(lowest, next));
}
