/** What is written into cells: numbers and arrows. */

import { colorTable } from "./colormap.mjs";
import { KIND_BY_CODE } from "./tiles.mjs";
import { Q_VALUES, writerOf } from "./layers.mjs";
import { overlap } from "./ground.mjs";
import { addArrows, drawCornerLetter } from "./sprites.mjs";

/** @typedef {import("../page/palette.mjs").Palette} Palette */
/** @typedef {import("./viewport.mjs").Viewport} Viewport */
/** @typedef {import("./picture.mjs").Picture} Picture */
/** @typedef {CanvasRenderingContext2D} Context */

/** In CSS pixels: smaller cells carry no number, four numbers, or arrows. */
export const NUMBERS_FROM = 40;
export const Q_NUMBERS_FROM = 64;
export const ARROWS_FROM = 5;

/** CSS pixels; and the width of a digit, in sizes of its font. */
const SMALLEST_FONT = 8;
const DIGIT = 0.58;

/** Where a number stands in its cell; the agent's lane passes below it and to its right. */
const NUMBER_Y = 0.51;
const NUMBER_ROOM = 0.52;

/** Centres of the numbers in the triangles, by action. */
const IN_TRIANGLES = [
  [0.5, 0.15],
  [0.5, 0.86],
  [0.19, 0.505],
  [0.81, 0.505],
];

/**
 * Visit the cells that are known and on show.
 * @param {Viewport} port
 * @param {Picture} picture
 * @param {(i: number, left: number, top: number) => void} visit i: place in the picture's arrays
 */
function each(port, { cells }, visit) {
  const part = cells && overlap(port.visible, cells);
  if (!cells || !part) return;
  for (let y = part.y; y < part.y + part.height; y++) {
    for (let x = part.x; x < part.x + part.width; x++) {
      const i = (y - cells.y) * cells.width + x - cells.x;
      visit(i, port.left + x * port.cell, port.top + y * port.cell);
    }
  }
}

/** @param {Context} c @param {Viewport} port @param {Palette} palette @param {Picture} picture */
export function drawNumbers(c, port, palette, picture) {
  const { layer, range, field, bytes } = picture;
  if (!layer || !range || !field || !bytes) return;
  const table = colorTable(layer.ramp, palette.scheme);
  const { cell } = port;
  /** @type {number[]} */
  const numbers = [];
  each(port, picture, (i) => bytes[i] && numbers.push(field[i]));
  const size = Math.max(15 * port.ratio, Math.min(0.17 * cell, 22 * port.ratio));
  const text = fitting(c, palette, port, layer, range, numbers, size, NUMBER_ROOM * cell);
  if (!text) return;
  each(port, picture, (i, left, top) => {
    if (!bytes[i]) return;
    label(c, text(field[i]), left + 0.5 * cell, top + NUMBER_Y * cell, table, bytes[i]);
  });
}

/** @param {Context} c @param {Viewport} port @param {Palette} palette @param {Picture} picture */
export function drawQNumbers(c, port, palette, picture) {
  const { qRange, qBytes, cells, learnt } = picture;
  if (!qRange || !qBytes || !cells) return;
  const table = colorTable("value", palette.scheme);
  const { cell } = port;
  /** @type {number[]} */
  const numbers = [];
  each(port, picture, (i) => learnt[i] && numbers.push(...cells.q.subarray(4 * i, 4 * i + 4)));
  const size = Math.max(12 * port.ratio, Math.min(0.13 * cell, 16 * port.ratio));
  const text = fitting(c, palette, port, Q_VALUES, qRange, numbers, size, 0.33 * cell);
  if (!text) return;
  each(port, picture, (i, left, top) => {
    if (!learnt[i]) return;
    IN_TRIANGLES.forEach(([x, y], action) => {
      const k = 4 * i + action;
      label(c, text(cells.q[k]), left + x * cell, top + y * cell, table, qBytes[k]);
    });
  });
}

/**
 * Set the font so that all numbers fit, with fewer digits rather than too small to be read.
 * @param {Context} c
 * @param {Palette} palette
 * @param {Viewport} port
 * @param {import("./layers.mjs").Layer} layer
 * @param {import("./layers.mjs").Range} range
 * @param {number[]} numbers
 * @param {number} largest size of the font, device pixels
 * @param {number} room for a number, device pixels
 * @returns {((v: number) => string) | null} null where none could be read
 */
function fitting(c, palette, port, layer, range, numbers, largest, room) {
  for (let fewer = 0; fewer < 3; fewer++) {
    const text = writerOf(layer, range, fewer);
    const longest = numbers.reduce((most, v) => Math.max(most, text(v).length), 3);
    const size = Math.min(largest, room / (DIGIT * longest));
    if (size < SMALLEST_FONT * port.ratio) continue;
    c.font = `${size}px ${palette.font}`;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.lineJoin = "round";
    c.lineWidth = 0.45 * size;
    return text;
  }
  return null;
}

/**
 * The letters of starts whose middle is taken.
 * @param {Context} c
 * @param {Viewport} port
 * @param {Palette} palette
 * @param {Picture} picture
 * @param {import("./tiles.mjs").Terrain} terrain
 */
export function drawStarts(c, port, palette, picture, terrain) {
  const table = colorTable(picture.layer?.ramp ?? "value", palette.scheme);
  const { x: left, y: top, width, height } = port.visible;
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) {
      if (KIND_BY_CODE[terrain.codes[y * terrain.width + x] & 7] !== "start") continue;
      const byte = byteAt(picture, x, y);
      drawCornerLetter(
        c,
        port.left + x * port.cell,
        port.top + y * port.cell,
        port.cell,
        byte ? table.ink[byte] : palette.ink,
        palette.font,
      );
    }
  }
}

/** @param {Picture} picture @param {number} x @param {number} y */
function byteAt({ cells, bytes, qBytes }, x, y) {
  if (!cells) return 0;
  const [u, v] = [x - cells.x, y - cells.y];
  if (u < 0 || v < 0 || u >= cells.width || v >= cells.height) return 0;
  const i = v * cells.width + u;
  return qBytes ? qBytes[4 * i] : bytes ? bytes[i] : 0;
}

/**
 * @param {Context} c
 * @param {Viewport} port
 * @param {Palette} palette
 * @param {Picture} picture
 * @param {import("./sprites.mjs").ArrowStyle} style
 */
export function drawArrows(c, port, palette, picture, style) {
  if (!picture.greedy) return;
  const paths = arrowPaths(port, palette, picture, style);
  c.globalAlpha = 0.8;
  for (const [color, path] of paths) {
    c.fillStyle = color;
    c.fill(path);
  }
  c.globalAlpha = 1;
}

/**
 * The arrows of the last picture: a policy that stays as it is, which a learnt one does, must not
 * be laid out anew twice a second.
 * @type {{place: string, code: Uint8Array, paths: Map<string, Path2D>}}
 */
let kept = { place: "", code: new Uint8Array(), paths: new Map() };

/**
 * @param {Viewport} port
 * @param {Palette} palette
 * @param {Picture} picture with greedy actions
 * @param {import("./sprites.mjs").ArrowStyle} style
 * @returns {Map<string, Path2D>} by colour
 */
function arrowPaths(port, palette, picture, style) {
  const { qBytes, bytes, layer } = picture;
  const greedy = /** @type {Uint8Array} */ (picture.greedy);
  const table = colorTable(qBytes ? "value" : (layer?.ramp ?? "value"), palette.scheme);
  const { cell, left, top, width, height } = port;
  const { x = 0, y = 0, width: across = 0 } = picture.cells ?? {};
  const place = [style, palette.ink, cell, left, top, width, height, x, y, across].join();
  const step = qBytes ? 4 : 1;
  const ground = qBytes ?? bytes;
  // What an arrow looks like: its directions, and whether it is black, white or of the page's ink.
  const code = new Uint8Array(step * greedy.length);
  for (let i = 0; i < code.length; i++) {
    const byte = ground ? ground[i] : 0;
    const ink = byte ? (table.ink[byte] === "#000" ? 1 : 2) : 0;
    code[i] = (greedy[Math.floor(i / step)] & 15) | (ink << 4);
  }
  if (place === kept.place && code.length === kept.code.length) {
    let i = 0;
    while (i < code.length && code[i] === kept.code[i]) i++;
    if (i === code.length) return kept.paths;
  }
  const paths = layOut(port, palette, picture, style);
  kept = { place, code, paths };
  return paths;
}

/**
 * @param {Viewport} port
 * @param {Palette} palette
 * @param {Picture} picture with greedy actions
 * @param {import("./sprites.mjs").ArrowStyle} style
 * @returns {Map<string, Path2D>} by colour
 */
function layOut(port, palette, picture, style) {
  const { qBytes, bytes, layer } = picture;
  const greedy = /** @type {Uint8Array} */ (picture.greedy);
  const table = colorTable(qBytes ? "value" : (layer?.ramp ?? "value"), palette.scheme);
  /** @type {Map<string, Path2D>} */
  const paths = new Map();
  const { cell } = port;
  each(port, picture, (i, left, top) => {
    for (let action = 0; action < 4; action++) {
      // Where triangles lie below, each arrow has a ground of its own.
      const mask = qBytes ? greedy[i] & (1 << action) : greedy[i];
      if (mask) {
        const byte = qBytes ? qBytes[4 * i + action] : bytes ? bytes[i] : 0;
        const color = byte ? table.ink[byte] : palette.ink;
        let path = paths.get(color);
        if (!path) paths.set(color, (path = new Path2D()));
        addArrows(path, mask, left + 0.5 * cell, top + 0.5 * cell, cell, style);
      }
      if (!qBytes) return;
    }
  });
  return paths;
}

/**
 * A number on a rim of its own ground, which keeps it free of the trail below.
 * @param {Context} c
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {import("./colormap.mjs").ColorTable} table
 * @param {number} byte
 */
function label(c, text, x, y, table, byte) {
  c.strokeStyle = table.css[byte];
  c.strokeText(text, x, y);
  c.fillStyle = table.ink[byte];
  c.fillText(text, x, y);
}
