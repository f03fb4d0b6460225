/** Data as CSV (RFC 4180): one header, a line for each row, numbers to their last digit. Pure. */

import { kindAt, terrainOf } from "../board/tiles.mjs";

/** @typedef {import("../wire/model.mjs").Model} Model */
/** @typedef {(string | number | null | undefined)[]} Row */

/**
 * @param {string[]} header
 * @param {Row[]} rows
 * @returns {string}
 */
export function csv(header, rows) {
  return [header, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

/** @param {Row[number]} value */
function field(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? shortest(value) : "";
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/**
 * @param {number} value
 * @returns {string} where it came as a float32, the shortest decimal that is the same float32
 */
export function shortest(value) {
  if (Number.isInteger(value) || Math.fround(value) !== value) return String(value);
  for (let digits = 6; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

/**
 * The cells whose exact numbers are known.
 * @param {import("../board/showing.mjs").Shown} shown what is on the board
 * @returns {string | null} null where none are
 */
export function cellsAsCsv({ cells, world }) {
  if (!cells || !world) return null;
  const terrain = terrainOf(world);
  const rows = Array.from({ length: cells.width * cells.height }, (_, i) => {
    const [x, y] = [cells.x + (i % cells.width), cells.y + Math.floor(i / cells.width)];
    const q = Array.from(cells.q.subarray(4 * i, 4 * i + 4));
    return [x, y, kindAt(terrain, x, y), ...q, cells.visits[i], cells.tdError[i], cells.optimal?.[i]];
  });
  const names = ["x", "y", "cell", "q_up", "q_down", "q_left", "q_right", "visits", "td_error", "optimal_value"];
  return csv(names, rows);
}

/**
 * What the charts of episodes show, a line for each of their bins.
 * @param {Model} model
 * @returns {string | null}
 */
export function historyAsCsv({ history: h }) {
  if (!h || h.epsilon.length === 0) return null;
  const bands = /** @type {[string, import("../wire/model.mjs").Band, Float32Array][]} */ ([
    ["return", h.returns, h.rollingReturn],
    ["steps", h.lengths, h.rollingLength],
  ]);
  const names = bands.flatMap(([name, { average }]) => [
    name,
    `${name}_low`,
    `${name}_high`,
    `${name}_rolling`,
    ...(average ? [`${name}_mean`, `${name}_mean_low`, `${name}_mean_high`] : []),
  ]);
  const rows = Array.from(h.epsilon, (epsilon, i) => [
    (i + 1) * h.width,
    ...bands.flatMap(([, { mean, low, high, average }, rolling]) => [
      mean[i],
      low[i],
      high[i],
      rolling[i],
      ...(average ? [average.mean[i], average.low[i], average.high[i]] : []),
    ]),
    epsilon,
  ]);
  return csv(["episode", ...names, "epsilon"], rows);
}

/**
 * @param {Model} model
 * @returns {string | null}
 */
export function regretsAsCsv({ regrets }) {
  if (!regrets || regrets.regret.length === 0) return null;
  return csv(["episode", "regret"], Array.from(regrets.episodes, (at, i) => [at, regrets.regret[i]]));
}
