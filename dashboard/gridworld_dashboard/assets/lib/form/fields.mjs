/** The fields of a start: what is allowed in them, and the sentence where it is not. */

import { MAZE, PARAMETERS } from "../page/tables.mjs";

/** @typedef {import("../page/tables.mjs").Parameter} Parameter */

/**
 * @typedef {object} Rule
 * @property {string} key name on the wire
 * @property {string} name as the page calls it
 * @property {boolean} whole
 * @property {(value: number) => boolean} allows
 * @property {string} must what must hold
 * @property {string | null} empty what an empty field, null on the wire, means
 * @property {boolean} fresh another value begins a new run
 * @property {boolean} ofWorld a world brings its own
 * @property {number | null} usual what it holds at first; null: its world's own
 * @property {boolean} logarithmic the scale
 * @property {[number, number] | null} slider ends of its slider
 * @property {number} unit of an arrow key
 * @property {[number, number]} within where arrow keys stay
 */

/** @param {Parameter} parameter @returns {Rule} */
function ruleOf({ key, title, kind, scope, effect, must, low, high, above, ...parameter }) {
  const whole = kind === "whole";
  const { unit } = parameter;
  return {
    key,
    name: title,
    whole,
    allows: (v) => (above ? v > low : v >= low) && v <= high && (!whole || Number.isInteger(v)),
    must,
    empty: parameter.null,
    fresh: effect === "afresh",
    ofWorld: scope === "world",
    usual: scope === "world" ? null : parameter.default,
    logarithmic: parameter.scale === "logarithmic",
    slider: parameter.slider,
    unit,
    within: [above ? unit : low, high],
  };
}

/**
 * By element id, in the order in which the page's callback gives their values.
 * @type {Record<string, Rule>}
 */
export const RULES = Object.fromEntries(
  Object.values(PARAMETERS)
    .filter(({ kind }) => kind === "number" || kind === "whole")
    .map((parameter) => [parameter.id, ruleOf(parameter)]),
);

/** Fields that belong to one world: typed for another, they are worth nothing. */
export const OF_WORLD = Object.keys(RULES).filter((id) => RULES[id].ofWorld);

/** Number fields that belong to no start, with the same rules. @type {Record<string, Rule>} */
export const OTHERS = {
  "maze-size": {
    ...RULES.agents,
    key: "size",
    name: "Size",
    allows: (v) => Number.isInteger(v) && v >= MAZE.smallest && v <= MAZE.largest,
    must: `must be a whole number from ${MAZE.smallest} to ${MAZE.largest}`,
  },
  "maze-seed": RULES.seed,
};

/**
 * @param {string} id of the field
 * @param {unknown} value as Dash holds it: a number, or anything else where there is none
 * @param {boolean} [garbled] the browser holds text in the field that is no number
 * @param {string} [text] that stands in the field: of large numbers it knows more
 * @returns {{value: number | null} | {error: string}}
 */
export function read(id, value, garbled = false, text = "") {
  const rule = RULES[id] ?? OTHERS[id];
  const number = typeof value === "number" && !Number.isNaN(value) ? value : null;
  if (garbled || (number === null && rule.empty === null)) {
    return { error: `${rule.name} must be a number.` };
  }
  if (number !== null && !rule.allows(number)) {
    const came = Number.isSafeInteger(number) ? number : text || number;
    return { error: `${rule.name} ${rule.must}, not ${came}.` };
  }
  return { value: number };
}

/**
 * @param {string} id
 * @param {number | bigint | null} value
 * @returns {string} as a hint shows it
 */
export function shown(id, value) {
  if (value === null) return RULES[id].empty ?? "";
  if (typeof value === "bigint") return String(value);
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
  const rule = RULES[id];
  if (rule.logarithmic) {
    const speed = value ?? rule.slider?.[1] ?? rule.within[1];
    const step = 10 ** Math.floor(Math.log10(direction > 0 ? speed : speed * 0.999));
    return Math.max(0.1, Number((speed + direction * step).toPrecision(2)));
  }
  const { unit, within: [low, high] } = rule;
  const next = (value ?? 0) + direction * unit;
  // Counts in hundreds go to the next round hundred, and from there by hundreds.
  const tidy = unit === 100 ? Math.floor(next / unit) * unit : Number(next.toFixed(6));
  return Math.min(high, Math.max(low, tidy));
}
