/** All that the canvas shows of what was learnt, worked out once for each change. Pure. */

import { actsIn } from "./tiles.mjs";
import { LAYERS, Q_VALUES, byteOf, bytesOf, fieldOf, greedyOf, learntIn, rangeOf } from "./layers.mjs";

/**
 * @typedef {object} Views
 * @property {import("./layers.mjs").LayerName | null} layer
 * @property {boolean} arrows
 * @property {boolean} qValues
 */

/**
 * @typedef {object} Picture
 * @property {import("./layers.mjs").Layer | null} layer
 * @property {import("./layers.mjs").Range | null} range of the layer, of all the world
 * @property {import("../wire/model.mjs").Cells | null} cells
 * @property {Uint8Array} acts by cell
 * @property {Uint8Array} learnt by cell
 * @property {Float64Array | null} field the layer's numbers, by cell
 * @property {Uint8Array | null} bytes the layer's colours, by cell
 * @property {import("../wire/model.mjs").Overview | null} overview of this layer
 * @property {Uint8Array | null} greedy bits by cell, 0: no arrow
 * @property {Uint8Array | null} qBytes four colours a cell
 * @property {import("./layers.mjs").Range | null} qRange
 */

const NONE = new Uint8Array(0);

/**
 * @param {{cells: import("../wire/model.mjs").Cells | null, overview: import("../wire/model.mjs").Overview | null}} model
 * @param {import("./tiles.mjs").Terrain} terrain
 * @param {Views} views
 * @param {number} initial what every entry of Q begins with
 * @returns {Picture}
 */
export function pictureOf(model, terrain, views, initial) {
  const layer = views.layer ? LAYERS[views.layer] : null;
  const sampled = layer && model.overview?.layer === views.layer ? model.overview : null;
  const overview = layer && sampled && layer.ramp === "value" ? aroundZero(layer, sampled) : sampled;
  // Cells of a world that has gone would reach beyond this one.
  const cells = model.cells && inside(model.cells, terrain) ? model.cells : null;
  /** @type {Picture} */
  const picture = {
    layer,
    range: overview && overview.data.some((byte) => byte > 0) ? overview : null,
    cells,
    acts: NONE,
    learnt: NONE,
    field: null,
    bytes: null,
    overview,
    greedy: null,
    qBytes: null,
    qRange: null,
  };
  if (!cells) return picture;
  const acts = (picture.acts = actsIn(terrain, cells));
  const learnt = (picture.learnt = learntIn(cells, acts, initial));
  if (layer && views.layer) {
    const field = (picture.field = fieldOf(views.layer, cells, acts, learnt));
    // A window keeps the scale of its world: colours must not change under the hand that pans.
    picture.range ??= rangeOf(layer, field);
    picture.bytes = bytesOf(layer, field, picture.range);
  }
  if (views.arrows) {
    picture.greedy = learnt.map((there, i) => (there ? greedyOf(cells, i) : 0));
  }
  if (views.qValues) {
    const known = Float32Array.from(cells.q, (v, k) => (learnt[k >> 2] ? v : NaN));
    picture.qRange = rangeOf(Q_VALUES, known);
    picture.qBytes = bytesOf(Q_VALUES, known, picture.qRange);
  }
  return picture;
}

/** @type {WeakMap<object, import("../wire/model.mjs").Overview>} */
const turned = new WeakMap();

/**
 * The server samples from the least to the largest; here 0 is to keep its colour.
 * @param {import("./layers.mjs").Layer} layer
 * @param {import("../wire/model.mjs").Overview} overview
 * @returns {import("../wire/model.mjs").Overview} made once
 */
function aroundZero(layer, overview) {
  const found = turned.get(overview);
  if (found) return found;
  const { lo, hi, data } = overview;
  const range = rangeOf(layer, [lo, hi]) ?? { lo, hi };
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) =>
    byte === 0 ? 0 : byteOf(layer, hi > lo ? lo + ((byte - 1) / 254) * (hi - lo) : hi, range),
  );
  const made = { ...overview, ...range, data: data.map((byte) => bytes[byte]) };
  turned.set(overview, made);
  return made;
}

/**
 * @param {import("../wire/model.mjs").Cells} cells
 * @param {import("./tiles.mjs").Terrain} terrain
 */
function inside(cells, terrain) {
  return cells.x + cells.width <= terrain.width && cells.y + cells.height <= terrain.height;
}
