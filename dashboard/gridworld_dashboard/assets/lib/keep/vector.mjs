/** The board as SVG: the shapes of the canvas, written down instead of painted. */

import { kindAt, terrainOf } from "../board/tiles.mjs";
import { colorTable } from "../board/colormap.mjs";
import { pictureOf } from "../board/picture.mjs";
import { writerOf } from "../board/layers.mjs";
import { addArrows, drawCell, drawCornerLetter, drawWind } from "../board/sprites.mjs";

/** @typedef {import("../page/palette.mjs").Palette} Palette */

/** Of a cell, in the picture's own units. */
const SIDE = 64;
const FONT = 15;

/** Takes what a canvas would be told, as far as shapes of cells tell it. */
class Pen {
  constructor() {
    /** @type {string[]} */
    this.parts = [];
    this.path = "";
    this.fillStyle = this.strokeStyle = "#000";
    this.lineWidth = 1;
    this.lineCap = "butt";
    this.lineJoin = "miter";
    this.font = "";
    this.textAlign = this.textBaseline = "";
    this.globalAlpha = 1;
    /** @type {number[]} */
    this.dash = [];
  }

  beginPath() {
    this.path = "";
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.path += `M${short(x)} ${short(y)}`;
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.path += `L${short(x)} ${short(y)}`;
  }

  closePath() {
    this.path += "Z";
  }

  /**
   * A whole circle: shapes have no other arcs.
   * @param {number} x
   * @param {number} y
   * @param {number} r
   */
  arc(x, y, r) {
    const [left, right] = [short(x - r), short(x + r)];
    const half = `A${short(r)} ${short(r)} 0 1 1`;
    this.path += `M${left} ${short(y)}${half} ${right} ${short(y)}${half} ${left} ${short(y)}Z`;
  }

  /** @param {number[]} dash */
  setLineDash(dash) {
    this.dash = dash;
  }

  fill() {
    this.parts.push(`<path d="${this.path}" fill="${this.fillStyle}"/>`);
  }

  stroke() {
    const dash = this.dash.length > 0 ? ` stroke-dasharray="${this.dash.map(short).join(" ")}"` : "";
    this.parts.push(
      `<path d="${this.path}" fill="none" stroke="${this.strokeStyle}" stroke-width="${short(this.lineWidth)}"` +
        ` stroke-linecap="${this.lineCap}" stroke-linejoin="${this.lineJoin}"${dash}/>`,
    );
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  fillRect(x, y, width, height) {
    this.parts.push(
      `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" fill="${this.fillStyle}"/>`,
    );
  }

  /** @param {string} text @param {number} x @param {number} y */
  fillText(text, x, y) {
    const [, weight = "400", size = String(FONT)] = /^(\d+)? ?([\d.]+)px/.exec(this.font) ?? [];
    this.parts.push(
      `<text x="${short(x)}" y="${short(y)}" font-weight="${weight}" font-size="${size}" fill="${this.fillStyle}"` +
        ` text-anchor="middle" dominant-baseline="central">${escaped(text)}</text>`,
    );
  }
}

/**
 * @param {import("../board/showing.mjs").Shown} model whose cells travel whole
 * @param {import("../board/picture.mjs").Views} views of which the Q-values are left out
 * @param {Palette} palette
 * @returns {string | null} null where they do not
 */
export function boardAsSvg(model, views, palette) {
  const { world, cells, frame } = model;
  if (!world || !cells || cells.width !== world.width || cells.height !== world.height) return null;
  const terrain = terrainOf(world);
  const initial = frame?.parameters?.initial_value ?? 0;
  const picture = pictureOf(model, terrain, { ...views, qValues: false }, initial);
  const pen = new Pen();
  for (let y = 0, i = 0; y < world.height; y++) {
    for (let x = 0; x < world.width; x++, i++) {
      const kind = kindAt(terrain, x, y);
      const wind = kind === "wall" ? 0 : (world.wind?.[x] ?? 0);
      drawOne(pen, picture, palette, { i, left: x * SIDE, top: y * SIDE, kind, wind });
    }
  }
  const [width, height] = [world.width * SIDE, world.height * SIDE];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"` +
    ` font-family="sans-serif" role="img"><title>${escaped(world.name)}</title>\n${pen.parts.join("\n")}\n` +
    `<path d="${lines(world.width, world.height)}" stroke="${palette.cellLine}" fill="none"/>\n</svg>\n`
  );
}

/**
 * @param {Pen} pen
 * @param {import("../board/picture.mjs").Picture} picture
 * @param {Palette} palette
 * @param {{i: number, left: number, top: number, kind: import("../board/tiles.mjs").Kind, wind: number}} cell
 */
function drawOne(pen, { layer, bytes, field, range, greedy }, palette, { i, left, top, kind, wind }) {
  const canvas = /** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (pen));
  const byte = bytes?.[i] ?? 0;
  const table = layer && byte > 0 ? colorTable(layer.ramp, palette.scheme) : null;
  pen.fillStyle = table ? table.css[byte] : palette.floor;
  pen.fillRect(left, top, SIDE, SIDE);
  const written = table !== null && layer !== null && field !== null && range !== null;
  if (kind !== "free") drawCell(canvas, kind, left, top, SIDE, palette, written);
  if (wind !== 0) drawWind(canvas, left, top, SIDE, wind, palette.muted);
  const ink = table ? table.ink[byte] : palette.ink;
  if (written) {
    if (kind === "start") drawCornerLetter(canvas, left, top, SIDE, ink, "");
    pen.font = `${FONT}px`;
    pen.fillStyle = ink;
    pen.fillText(writerOf(layer, range)(field[i]), left + SIDE / 2, top + SIDE / 2);
  }
  if (!greedy?.[i]) return;
  const path = /** @type {Path2D} */ (/** @type {unknown} */ (pen));
  pen.beginPath();
  addArrows(path, greedy[i], left + SIDE / 2, top + SIDE / 2, SIDE, written ? "edge" : "full");
  pen.fillStyle = ink;
  pen.fill();
}

/** @param {number} columns @param {number} rows */
function lines(columns, rows) {
  const across = Array.from({ length: rows + 1 }, (_, y) => `M0 ${y * SIDE}H${columns * SIDE}`);
  const down = Array.from({ length: columns + 1 }, (_, x) => `M${x * SIDE} 0V${rows * SIDE}`);
  return [...across, ...down].join("");
}

/** @param {number} value */
function short(value) {
  return String(Number(value.toFixed(2)));
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
