/** What a layer shows of each cell, and on which scale. Pure: no canvas here. */

import { compact, exactDecimals, fixed } from "../page/format.mjs";
import { LAYERS } from "../page/tables.mjs";

/** @typedef {import("../page/tables.mjs").LayerName} LayerName */
/** @typedef {import("../wire/model.mjs").Cells} Cells */

/** @typedef {import("../page/tables.mjs").Layer} Layer */

/*
 * Each layer has a scale of its own, from the least to the largest number on show: V and V* on
 * one scale would leave one of them a single colour. Their difference is a layer for that.
 */
export { LAYERS };

/** The scale of the triangles. @type {Layer} */
export const Q_VALUES = { title: "Q-values", symbol: "Q(s, a)", ramp: "value", where: "learnt", log: false, whole: false, nothing: "Nothing learnt yet.", algorithms: null };

/**
 * @param {unknown} name
 * @returns {name is LayerName}
 */
export function isLayer(name) {
  return typeof name === "string" && Object.hasOwn(LAYERS, name);
}

/**
 * @param {string | undefined} algorithm in force
 * @returns {string[]} the layers that there are with it
 */
export function layersOf(algorithm) {
  return Object.entries(LAYERS)
    .filter(([, { algorithms }]) => !algorithms || algorithms.includes(algorithm ?? ""))
    .map(([key]) => key);
}

/**
 * In units of the scale.
 * @typedef {object} Range
 * @property {number} lo
 * @property {number} hi
 * @property {number} [from] the part of it that a legend shows, 0 included; all of it: absent
 * @property {number} [to]
 */

/**
 * @param {Cells} cells
 * @param {Uint8Array} acts 1 where an agent acts, for the cells' rectangle
 * @param {number} initial what every entry of Q begins with
 * @returns {Uint8Array} 1 where the row of Q says something
 */
export function learntIn(cells, acts, initial) {
  const start = Math.fround(initial);
  const learnt = new Uint8Array(acts.length);
  for (let i = 0, k = 0; i < acts.length; i++, k += 4) {
    const { q } = cells;
    const told =
      q[k] !== start || q[k + 1] !== start || q[k + 2] !== start || q[k + 3] !== start;
    learnt[i] = acts[i] && told ? 1 : 0;
  }
  return learnt;
}

/**
 * @param {Cells} cells
 * @param {number} i
 * @returns {number} max_a Q of cell i of the rectangle
 */
export function bestOf({ q }, i) {
  return Math.max(q[4 * i], q[4 * i + 1], q[4 * i + 2], q[4 * i + 3]);
}

/**
 * @param {Cells} cells
 * @param {number} i
 * @returns {number} bit a: action a is greedy
 */
export function greedyOf(cells, i) {
  const best = bestOf(cells, i);
  let mask = 0;
  for (let a = 0; a < 4; a++) if (cells.q[4 * i + a] === best) mask |= 1 << a;
  return mask;
}

/**
 * The numbers of a layer.
 * @param {LayerName} layer
 * @param {Cells} cells
 * @param {Uint8Array} acts
 * @param {Uint8Array} learnt
 * @returns {Float64Array} NaN where there is nothing to show
 */
export function fieldOf(layer, cells, acts, learnt) {
  const { optimal, visits, tdError, eligibility, model } = cells;
  const some = (/** @type {number | undefined} */ v) => (v ? v : NaN);
  /** @type {Record<LayerName, (i: number) => number>} */
  const number = {
    value: (i) => bestOf(cells, i),
    optimal: (i) => (optimal ? optimal[i] : NaN),
    difference: (i) => (optimal ? optimal[i] - bestOf(cells, i) : NaN),
    visits: (i) => (visits[i] > 0 ? visits[i] : NaN),
    td_error: (i) => tdError[i],
    eligibility: (i) => some(eligibility?.[i]),
    model: (i) => some(model?.[i]),
  };
  const shows = LAYERS[layer].where === "learnt" ? learnt : acts;
  return Float64Array.from(shows, (here, i) => (here ? number[layer](i) : NaN));
}

/**
 * @param {Layer} layer
 * @param {ArrayLike<number>} field
 * @returns {Range | null} null where there is nothing to show
 */
export function rangeOf(layer, field) {
  let lo = Infinity;
  let hi = -Infinity;
  for (let i = 0; i < field.length; i++) {
    if (!Number.isFinite(field[i])) continue;
    const v = layer.log ? Math.log10(1 + field[i]) : field[i];
    if (v < lo) lo = v;
    if (v > hi) hi = v;
  }
  if (lo > hi) return null;
  if (layer.ramp === "cool") return { lo: 0, hi };
  const most = Math.max(-lo, hi);
  const range = { lo: -most, hi: most };
  return layer.ramp === "value" ? { ...range, from: Math.min(lo, 0), to: Math.max(hi, 0) } : range;
}

/**
 * @param {Layer} layer
 * @param {number} v
 * @param {Range} range
 * @returns {number} 0: nothing to show, 1..255: lo..hi
 */
export function byteOf(layer, v, { lo, hi }) {
  if (!Number.isFinite(v)) return 0;
  const at = layer.log ? Math.log10(1 + v) : v;
  if (!(hi > lo)) return layer.log ? 255 : 128;
  return 1 + Math.round(254 * Math.min(1, Math.max(0, (at - lo) / (hi - lo))));
}

/**
 * @param {Layer} layer
 * @param {ArrayLike<number>} field
 * @param {Range | null} range
 * @returns {Uint8Array}
 */
export function bytesOf(layer, field, range) {
  const bytes = new Uint8Array(field.length);
  if (range) for (let i = 0; i < bytes.length; i++) bytes[i] = byteOf(layer, field[i], range);
  return bytes;
}

/**
 * @param {Layer} layer
 * @param {Range} range
 * @param {number} [fewer] digits less than they deserve, where there is little room
 * @returns {(v: number) => string} writes the numbers of cells
 */
export function writerOf(layer, range, fewer = 0) {
  if (layer.log || layer.whole) return compact;
  const digits = Math.max(0, exactDecimals(range.lo, range.hi) - fewer);
  return (v) => (Math.abs(v) >= 1e5 ? compact(v) : fixed(v, digits));
}

/** Numbers that are nearer to each other would touch. */
const NEAR = 0.16;

/**
 * Numbers along the legend: the ends, zero where the scale diverges, powers of ten where it is
 * that of a logarithm.
 * @param {Layer} layer
 * @param {Range} range
 * @returns {{at: number, text: string}[]} at: 0 (low) .. 1 (high), ascending
 */
export function ticksOf(layer, { lo, hi, from = lo, to = hi }) {
  if (!layer.log) {
    const digits = layer.whole ? 0 : Math.max(1, exactDecimals(lo, hi) - 1);
    const text = (/** @type {number} */ v) => (Math.abs(v) >= 1e5 ? compact(v) : fixed(v, digits));
    if (!(to > from)) return [{ at: 0.5, text: text(to) }];
    // Ends that read alike are one: their difference is below what is shown.
    if (text(from) === text(to)) return [end(1, text(to))];
    const ticks = [end(0, from === 0 ? "0" : text(from)), end(1, to === 0 ? "0" : text(to))];
    const zero = -from / (to - from);
    if (zero > NEAR && zero < 1 - NEAR) ticks.splice(1, 0, end(zero, "0"));
    return ticks;
  }
  const least = Math.round(10 ** lo - 1);
  const most = Math.round(10 ** hi - 1);
  if (!(hi > lo)) return [end(1, compact(most))];
  const ticks = [end(0, compact(least)), end(1, compact(most))];
  for (let power = 1; power < most; power *= 10) {
    const at = (Math.log10(1 + power) - lo) / (hi - lo);
    const apart = ticks.every((tick) => Math.abs(tick.at - at) > NEAR && tick.text !== compact(power));
    if (apart) ticks.push(end(at, compact(power)));
  }
  return ticks.sort((a, b) => a.at - b.at);
}

/** @param {number} at @param {string} text */
function end(at, text) {
  return { at, text };
}
