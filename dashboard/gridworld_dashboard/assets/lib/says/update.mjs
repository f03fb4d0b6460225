/** The last update as a calculation: words, symbols and numbers. Pure. */

import { fixed } from "../page/format.mjs";
import { ALGORITHMS } from "../page/tables.mjs";

const ARROWS = ["↑", "↓", "←", "→"];
const DIRECTIONS = ["up", "down", "left", "right"];

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {string} symbol
 * @property {string} value
 * @property {"sum" | ""} kind
 */

/**
 * @param {any} update of a frame
 * @param {Record<string, any>} parameters in force
 * @returns {{title: string, lines: Line[]}}
 */
export function spell(update, parameters) {
  const at = (/** @type {number[]} */ [x, y]) => `(${x}, ${y})`;
  const number = (/** @type {any} */ value) => fixed(value, 3);
  const algorithm = ALGORITHMS[parameters.algorithm] ?? ALGORITHMS.q_learning;
  const { bootstrap: next, symbol } = algorithm;
  const rate = update.rate ?? parameters.learning_rate;
  const steps = update.steps ?? 1;
  const discount = update.factor ?? parameters.discount_factor;
  const power = steps > 1 ? superscript(steps) : "";
  const weight = update.weight ?? 1;
  const correction = update.correction ?? 0;
  const action = `${ARROWS[update.action] ?? ""} ${DIRECTIONS[update.action] ?? update.action}`;
  const table = algorithm.tables > 1 ? `, table ${1 + update.table}` : "";
  /** @type {Line[]} */
  const lines = [
    steps > 1
      ? line(`Rewards of ${steps} steps, discounted`, "Σ γⁱ r", number(update.reward))
      : line("Reward", "r", number(update.reward)),
    update.terminated
      ? line("nothing follows: it ended", "γ · 0", "0.000")
      : update.bootstrap == null
        ? line(`discount × ${next}`, `γ${power} · ${symbol}`, number(update.target - update.reward))
        : line(
            `discount × ${next}`,
            `γ${power} · ${symbol}`,
            `${short(discount)} × ${number(update.bootstrap)} = ${number(discount * update.bootstrap)}`,
          ),
    line("Target", "r + γ · …", number(update.target), "sum"),
    line("Q before", "Q(s, a)", number(update.q_before)),
    line("TD error: target − Q before", "δ", number(update.td_error), "sum"),
    weight === 1
      ? line(
          "learning rate × TD error",
          "α · δ",
          `${short(rate)} × ${number(update.td_error)} = ${number(rate * update.td_error)}`,
        )
      : line(
          "learning rate × TD error × trace",
          "α · δ · e",
          `${short(rate)} × ${number(update.td_error)} × ${number(weight)}` +
            ` = ${number(rate * update.td_error * weight)}`,
        ),
    ...(correction === 0
      ? []
      : [line("true online correction", "α (Q − Q old) (e − 1)", number(correction))]),
    line("Q after: Q before + that", "Q(s, a)", number(update.q_after), "sum"),
  ];
  const to = steps > 1 ? `, ${steps} steps later` : " to";
  return { title: `${at(update.state)} ${action}${to} ${at(update.next_state)}${table}`, lines };
}

/**
 * @param {string} name
 * @param {string} symbol
 * @param {string} value
 * @param {"sum" | ""} [kind]
 * @returns {Line}
 */
function line(name, symbol, value, kind = "") {
  return { name, symbol, value, kind };
}

/**
 * @param {number} n
 * @returns {string} as an exponent
 */
function superscript(n) {
  return [...String(n)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
}

/** @param {any} value */
function short(value) {
  return typeof value === "number" ? String(Number(value.toPrecision(4))) : "–";
}
