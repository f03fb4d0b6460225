/** What lies on the floor: walls, marks and the colours of a layer. */

import { KIND_BY_CODE, PORTAL, paintHeat, paintTerrain, portalKind } from "./tiles.mjs";
import { colorTable } from "./colormap.mjs";
import { context, scratch } from "./canvas.mjs";
import { rgb } from "../page/palette.mjs";
import { SMALLEST_SHAPE, drawCell, drawWind } from "./sprites.mjs";

/** @typedef {import("../page/palette.mjs").Palette} Palette */
/** @typedef {import("./viewport.mjs").Viewport} Viewport */
/** @typedef {import("./tiles.mjs").Terrain} Terrain */
/** @typedef {import("./picture.mjs").Picture} Picture */
/** @typedef {CanvasRenderingContext2D} Context */

/** In CSS pixels: smaller cells carry no shapes or lines of their own. */
const SHAPES_FROM = 4;
const LINES_FROM = 9;
/** Starts and goals that would be a pixel get a badge. */
const BADGE = 16;

export class Ground {
  /** @param {Terrain} terrain @param {number[] | null | undefined} wind */
  constructor(terrain, wind) {
    this.terrain = terrain;
    this.wind = wind?.some((strength) => strength !== 0) ? wind : null;
    /** The map as one pixel a cell, then halved again and again. @type {HTMLCanvasElement[]} */
    this.halves = [];
    /** The same in the colours that cells with shapes have. @type {HTMLCanvasElement | null} */
    this.near = null;
    this.overview = scratch(1, 1);
    this.exact = scratch(1, 1);
  }

  /** Colours have changed. */
  forget() {
    this.halves = [];
    this.near = null;
  }

  /** @param {Viewport} port @returns {boolean} cells are too small for shapes */
  far(port) {
    return port.cell < SHAPES_FROM * port.ratio;
  }

  /**
   * @param {Context} c
   * @param {Viewport} port
   * @param {Palette} palette
   * @param {boolean} aside starts leave their middle to a number
   */
  drawMarks(c, port, palette, aside) {
    if (this.far(port)) return this.#drawFar(c, port, palette);
    this.near ??= image(this.terrain, {
      wall: rgb(palette.wall),
      goal: rgb(palette.goalFloor),
      pit: rgb(palette.pitFloor),
    });
    drawPart(c, port, this.near, 1, false);
    if (port.cell >= LINES_FROM * port.ratio) drawLines(c, port, palette);
    this.#drawShapes(c, port, palette, aside);
  }

  /** @param {Context} c @param {Viewport} port @param {Palette} palette @param {boolean} aside */
  #drawShapes(c, port, palette, aside) {
    const { codes, width } = this.terrain;
    const { x: left, y: top, width: columns, height: rows } = port.visible;
    const { cell } = port;
    for (let y = top; y < top + rows; y++) {
      for (let x = left; x < left + columns; x++) {
        const code = codes[y * width + x];
        if (code < 2) continue;
        const at = /** @type {const} */ ([port.left + x * cell, port.top + y * cell, cell, palette]);
        const kind = KIND_BY_CODE[code & 7];
        if (kind === "start" || kind === "goal" || (kind === "pit" && cell >= SMALLEST_SHAPE)) {
          drawCell(c, kind, ...at, aside);
        }
        if (code >= PORTAL && cell >= SMALLEST_SHAPE) drawCell(c, portalKind(this.terrain, x, y), ...at);
      }
    }
    if (!this.wind || cell < 14 * port.ratio) return;
    for (let x = left; x < left + columns; x++) {
      if (!this.wind[x]) continue;
      for (let y = top; y < top + rows; y++) {
        if (KIND_BY_CODE[codes[y * width + x] & 7] === "wall") continue;
        drawWind(c, port.left + x * cell, port.top + y * cell, cell, this.wind[x], palette.muted);
      }
    }
  }

  /** @param {Context} c @param {Viewport} port @param {Palette} palette */
  #drawFar(c, port, palette) {
    if (this.halves.length === 0) {
      this.halves.push(
        image(this.terrain, {
          wall: rgb(palette.wall),
          start: rgb(palette.ink),
          goal: rgb(palette.goal),
          pit: rgb(palette.pit),
          portal: rgb(palette.muted),
        }),
      );
    }
    // The browser's own way to make a picture small takes long, or leaves cells out; and of walls
    // about a pixel wide it makes noise, where an even grey says as much.
    let level = 0;
    while (port.cell * 2 ** level < (port.cell < 1 ? 1.3 : 1)) level += 1;
    while (this.halves.length <= level) {
      this.halves.push(halved(this.halves[this.halves.length - 1]));
    }
    drawPart(c, port, this.halves[level], 2 ** level, true);
    const size = BADGE * port.ratio;
    for (const { x, y, kind } of this.terrain.badges) {
      const px = port.left + (x + 0.5) * port.cell;
      const py = port.top + (y + 0.5) * port.cell;
      if (px < 0 || py < 0 || px > port.width || py > port.height) continue;
      const left = Math.round(within(px - size / 2, port.width - size));
      const top = Math.round(within(py - size / 2, port.height - size));
      c.fillStyle = palette.floor;
      c.fillRect(left, top, size, size);
      drawCell(c, kind, left, top, size, palette);
      c.strokeStyle = palette.muted;
      c.lineWidth = 1;
      c.strokeRect(left + 0.5, top + 0.5, size - 1, size - 1);
    }
  }

  /**
   * Take the colours of a new picture.
   * @param {Picture} picture
   * @param {Palette} palette
   */
  paint({ layer, overview, bytes, cells }, palette) {
    if (!layer) return;
    const table = colorTable(layer.ramp, palette.scheme).pixels;
    if (overview) heat(this.overview, overview.width, overview.height, overview.data, table);
    if (bytes && cells) heat(this.exact, cells.width, cells.height, bytes, table);
  }

  /** @param {Context} c @param {Viewport} port @param {Palette} palette @param {Picture} picture */
  drawHeat(c, port, palette, { overview, bytes, cells }) {
    if (overview) {
      const coarse = overview.scale * port.cell;
      drawPart(c, port, this.overview, overview.scale, coarse < 1);
    }
    if (!bytes || !cells) return;
    const x = port.left + cells.x * port.cell;
    const y = port.top + cells.y * port.cell;
    const [width, height] = [cells.width * port.cell, cells.height * port.cell];
    if (overview) {
      c.fillStyle = palette.floor;
      c.fillRect(x, y, width, height);
    }
    c.imageSmoothingEnabled = false;
    c.drawImage(this.exact, x, y, width, height);
  }

  /**
   * Four triangles for each cell where something was learnt.
   * @param {Context} c
   * @param {Viewport} port
   * @param {Palette} palette
   * @param {Picture} picture
   */
  drawTriangles(c, port, palette, { qBytes, learnt, cells }) {
    const { cell } = port;
    if (!qBytes || !cells || cell < TRIANGLES_FROM * port.ratio) return;
    const part = overlap(port.visible, cells);
    if (!part) return;
    const table = colorTable("value", palette.scheme).pixels;
    const sides = sideOfPixels(cell);
    const width = part.width * cell;
    const pixels = new ImageData(width, part.height * cell);
    const out = new Uint32Array(pixels.data.buffer);
    const lines = new Path2D();
    for (let y = 0; y < part.height; y++) {
      for (let x = 0; x < part.width; x++) {
        const i = (part.y - cells.y + y) * cells.width + part.x - cells.x + x;
        if (!learnt[i]) continue;
        const left = port.left + (part.x + x) * cell;
        const top = port.top + (part.y + y) * cell;
        lines.moveTo(left, top);
        lines.lineTo(left + cell, top + cell);
        lines.moveTo(left, top + cell);
        lines.lineTo(left + cell, top);
        const colors = [0, 1, 2, 3].map((action) => table[qBytes[4 * i + action]]);
        for (let py = 0, k = 0; py < cell; py++) {
          let o = (y * cell + py) * width + x * cell;
          for (let px = 0; px < cell; px++, k++, o++) out[o] = colors[sides[k]];
        }
      }
    }
    const fill = scratch(width, part.height * cell);
    context(fill).putImageData(pixels, 0, 0);
    c.drawImage(fill, port.left + part.x * cell, port.top + part.y * cell);
    if (cell < 16 * port.ratio) return;
    c.strokeStyle = palette.floor;
    c.globalAlpha = 0.55;
    c.lineWidth = 1.25 * port.ratio;
    c.stroke(lines);
    c.globalAlpha = 1;
  }
}

/** In CSS pixels. */
export const TRIANGLES_FROM = 6;

/**
 * @param {import("./viewport.mjs").Rect} a
 * @param {import("./viewport.mjs").Rect} b
 * @returns {import("./viewport.mjs").Rect | null} the cells of both
 */
export function overlap(a, b) {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/**
 * @param {number} size of a cell, in whole pixels
 * @returns {Uint8Array} for each pixel the action whose triangle it is in
 */
function sideOfPixels(size) {
  const sides = new Uint8Array(size * size);
  for (let y = 0, k = 0; y < size; y++) {
    for (let x = 0; x < size; x++, k++) {
      const below = y > x;
      const beyond = y > size - 1 - x;
      sides[k] = below ? (beyond ? 1 : 2) : beyond ? 3 : 0;
    }
  }
  return sides;
}

/**
 * Draw what is on show of a picture with one pixel for `scale` cells.
 * @param {Context} c
 * @param {Viewport} port
 * @param {HTMLCanvasElement} source
 * @param {number} scale
 * @param {boolean} smooth
 */
function drawPart(c, port, source, scale, smooth) {
  const { x, y, width, height } = port.visible;
  c.imageSmoothingEnabled = smooth;
  c.drawImage(
    source,
    x / scale,
    y / scale,
    width / scale,
    height / scale,
    port.left + x * port.cell,
    port.top + y * port.cell,
    width * port.cell,
    height * port.cell,
  );
}

/** @param {Context} c @param {Viewport} port @param {Palette} palette */
function drawLines(c, port, palette) {
  const { x, y, width, height } = port.visible;
  const [left, top] = [port.left + x * port.cell, port.top + y * port.cell];
  const [right, bottom] = [left + width * port.cell, top + height * port.cell];
  c.strokeStyle = palette.cellLine;
  c.lineWidth = 1;
  c.beginPath();
  for (let i = x === 0 ? 1 : 0; i < width; i++) {
    c.moveTo(left + i * port.cell + 0.5, top);
    c.lineTo(left + i * port.cell + 0.5, bottom);
  }
  for (let i = y === 0 ? 1 : 0; i < height; i++) {
    c.moveTo(left, top + i * port.cell + 0.5);
    c.lineTo(right, top + i * port.cell + 0.5);
  }
  c.stroke();
}

/**
 * @param {Terrain} terrain
 * @param {Parameters<typeof paintTerrain>[1]} colors
 */
function image(terrain, colors) {
  const canvas = scratch(terrain.width, terrain.height);
  const pixels = paintTerrain(terrain, colors);
  context(canvas).putImageData(new ImageData(pixels, terrain.width, terrain.height), 0, 0);
  return canvas;
}

/** @param {HTMLCanvasElement} source */
function halved(source) {
  const half = scratch(Math.ceil(source.width / 2), Math.ceil(source.height / 2));
  const c = context(half);
  c.imageSmoothingEnabled = true;
  c.drawImage(source, 0, 0, source.width / 2, source.height / 2);
  return half;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array} bytes
 * @param {Uint32Array} table
 */
function heat(canvas, width, height, bytes, table) {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const pixels = new ImageData(width, height);
  paintHeat(bytes, table, new Uint32Array(pixels.data.buffer));
  context(canvas).putImageData(pixels, 0, 0);
}

/** @param {number} value @param {number} most */
function within(value, most) {
  return Math.max(0, Math.min(most, value));
}
