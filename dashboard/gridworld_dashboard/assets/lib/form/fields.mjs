/** The fields of a start: what is allowed in them, and the sentence where it is not. */

/**
 * @typedef {object} Rule
 * @property {string} key name on the wire
 * @property {string} name as the page calls it
 * @property {(value: number) => boolean} allows
 * @property {string} must what must hold
 * @property {string} [empty] what an empty field, null on the wire, means
 * @property {boolean} [fresh] another value begins a new run
 * @property {number} [unit] of an arrow key; 0.01 where it is left out
 * @property {[number, number]} [within] where arrow keys stay; 0 to 1 where it is left out
 */

const whole = (/** @type {number} */ low, /** @type {number} */ high) => (/** @type {number} */ v) =>
  Number.isInteger(v) && v >= low && v <= high;
const share = (/** @type {number} */ v) => v >= 0 && v <= 1;

/** Whole numbers that JSON and this page hold exactly. */
const LARGEST = Number.MAX_SAFE_INTEGER;

/**
 * By element id, in the order in which the page's callback gives their values.
 * @type {Record<string, Rule>}
 */
export const RULES = {
  "learning-rate": {
    key: "learning_rate",
    name: "Learning rate",
    allows: (v) => v > 0 && v <= 1,
    must: "must be above 0 and at most 1",
    within: [0.01, 1],
  },
  epsilon: { key: "epsilon", name: "Epsilon", allows: share, must: "must be from 0 to 1" },
  "discount-factor": {
    key: "discount_factor",
    name: "Discount factor",
    allows: share,
    must: "must be from 0 to 1",
  },
  "num-episodes": {
    key: "num_episodes",
    name: "Episodes",
    allows: whole(1, 1e12),
    must: "must be a whole number from 1, or empty",
    empty: "until stopped",
    unit: 100,
    within: [1, 1e12],
  },
  "epsilon-decay": {
    key: "epsilon_decay",
    name: "Epsilon decay",
    allows: (v) => v > 0 && v <= 1,
    must: "must be above 0 and at most 1",
    unit: 0.001,
    within: [0.001, 1],
  },
  "epsilon-min": {
    key: "epsilon_min",
    name: "Lowest epsilon",
    allows: share,
    must: "must be from 0 to 1",
  },
  "initial-value": {
    key: "initial_value",
    name: "Initial value",
    allows: (v) => Math.abs(v) <= 1e30,
    must: "must be from -1e30 to 1e30",
    fresh: true,
    unit: 1,
    within: [-1e30, 1e30],
  },
  slip: { key: "slip", name: "Slip", allows: share, must: "must be from 0 to 1", fresh: true },
  "max-steps": {
    key: "max_steps",
    name: "Steps per episode",
    allows: whole(1, 2 ** 31 - 1),
    must: "must be a whole number from 1 to 2147483647, or empty",
    empty: "no limit",
    fresh: true,
    unit: 100,
    within: [1, 2 ** 31 - 1],
  },
  seed: {
    key: "seed",
    name: "Seed",
    allows: whole(0, LARGEST),
    must: "must be a whole number from 0",
    fresh: true,
    unit: 1,
    within: [0, LARGEST],
  },
  agents: {
    key: "agents",
    name: "Agents",
    allows: whole(1, 4096),
    must: "must be a whole number from 1 to 4096",
    fresh: true,
    unit: 1,
    within: [1, 4096],
  },
  speed: {
    key: "speed",
    name: "Steps per second",
    allows: (v) => v > 0 && v <= 1e9,
    must: "must be above 0 and at most 1e9, or empty",
    empty: "full",
  },
};

/** Number fields that belong to no start, with the same rules. @type {Record<string, Rule>} */
export const OTHERS = {
  "maze-size": {
    key: "size",
    name: "Size",
    allows: whole(4, 2000),
    must: "must be a whole number from 4 to 2000",
  },
  "maze-seed": {
    key: "seed",
    name: "Seed",
    allows: whole(0, LARGEST),
    must: "must be a whole number from 0",
  },
};

/**
 * @param {string} id of the field
 * @param {unknown} value as Dash holds it: a number, or anything else where there is none
 * @param {boolean} [garbled] the browser holds text in the field that is no number
 * @returns {{value: number | null} | {error: string}}
 */
export function read(id, value, garbled = false) {
  const rule = RULES[id] ?? OTHERS[id];
  const number = typeof value === "number" && !Number.isNaN(value) ? value : null;
  if (garbled || (number === null && rule.empty === undefined)) {
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
  if (value === null) return RULES[id].empty ?? "";
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
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
  const { unit = 0.01, within: [low, high] = [0, 1] } = RULES[id];
  const next = (value ?? 0) + direction * unit;
  // Counts in hundreds go to the next round hundred, and from there by hundreds.
  const tidy = unit === 100 ? Math.floor(next / unit) * unit : Number(next.toFixed(6));
  return Math.min(high, Math.max(low, tidy));
}
