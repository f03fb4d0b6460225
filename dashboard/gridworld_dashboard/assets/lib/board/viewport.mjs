/** Which part of the world the canvas shows, and how large. Pure: device pixels in, cells out. */

import { cellSize, whole } from "./tiles.mjs";

/** Of a world with no more cells a side, all is known exactly; larger ones are sampled. */
export const SMALL = 64;
/** CSS pixels: room for four numbers. */
const LARGEST_CELL = 96;
/** The server sends exact cells of a window no larger than this. */
export const WINDOW = 64;
const MARGIN = 12;

/** @typedef {{x: number, y: number, width: number, height: number}} Rect */

export class Viewport {
  constructor() {
    this.columns = 1;
    this.rows = 1;
    /** The canvas, in device pixels. */
    this.width = 1;
    this.height = 1;
    this.ratio = 1;
    /** Device pixels of a cell's side. */
    this.cell = 0;
    /** Where the world's corner is on the canvas, in device pixels. */
    this.left = 0;
    this.top = 0;
    this.fitCell = 0;
    /** The size that was asked for, before it became whole pixels. */
    this.asked = 0;
  }

  /**
   * @param {number} columns
   * @param {number} rows
   */
  setWorld(columns, rows) {
    this.columns = columns;
    this.rows = rows;
    this.cell = 0;
  }

  /**
   * Size the canvas for the room there is. What is on show stays, if it was zoomed.
   * @param {number} width device pixels of the room
   * @param {number} height device pixels of the room
   * @param {number} ratio device pixels per CSS pixel
   * @returns {boolean} whether anything changed
   */
  fit(width, height, ratio) {
    const before = [this.width, this.height, this.fitCell, this.ratio, this.cell].join();
    const zoomed = this.zoomed;
    const [x, y] = [this.width / 2, this.height / 2].map((at, i) =>
      this.cell > 0 ? (at - (i ? this.top : this.left)) / this.cell : 0,
    );
    const scale = ratio / this.ratio;
    this.fitCell = cellSize(this.columns, this.rows, width, height);
    this.ratio = ratio;
    // A long corridor gets some height to be zoomed in, else all of it would be a line.
    const least = this.large ? 240 * ratio : 1;
    const side = (/** @type {number} */ cells, /** @type {number} */ room) =>
      Math.max(1, Math.min(Math.floor(room), Math.max(Math.round(this.fitCell * cells), least)));
    this.width = side(this.columns, width);
    this.height = side(this.rows, height);
    if (zoomed && this.asked * scale > this.fitCell) {
      this.#setCell(this.asked * scale);
      this.centre(x, y);
    } else {
      this.reset();
    }
    return before !== [this.width, this.height, this.fitCell, this.ratio, this.cell].join();
  }

  /** Show all of the world. */
  reset() {
    this.#setCell(this.fitCell);
    this.#clamp();
  }

  get zoomed() {
    return this.cell > this.fitCell;
  }

  /** Larger than what is all on show with exact numbers. */
  get large() {
    return Math.max(this.columns, this.rows) > SMALL;
  }

  get largestCell() {
    return Math.max(this.fitCell, LARGEST_CELL * this.ratio);
  }

  /**
   * @param {number} factor above 1: larger cells
   * @param {number} [px] the point that stays where it is, device pixels
   * @param {number} [py]
   * @returns {boolean} whether anything changed
   */
  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const before = this.cell;
    const [x, y] = this.toWorld(px, py);
    this.#setCell(this.asked * factor);
    if (this.cell === before) return false;
    this.left = px - x * this.cell;
    this.top = py - y * this.cell;
    this.#clamp();
    return true;
  }

  /**
   * @param {number} dx device pixels that the world moves to the right
   * @param {number} dy
   * @returns {boolean} whether anything changed
   */
  pan(dx, dy) {
    const before = `${this.left} ${this.top}`;
    this.left += dx;
    this.top += dy;
    this.#clamp();
    return before !== `${this.left} ${this.top}`;
  }

  /**
   * @param {number} x in cells, may have a fraction
   * @param {number} y
   * @returns {boolean} whether anything changed
   */
  centre(x, y) {
    return this.pan(
      this.width / 2 - x * this.cell - this.left,
      this.height / 2 - y * this.cell - this.top,
    );
  }

  /**
   * Bring a cell into view, with some cells around it.
   * @param {number} x
   * @param {number} y
   * @param {number} [share] of the canvas that stays between the cell and the edge, 0..0.5
   * @returns {boolean} whether anything changed
   */
  reveal(x, y, share = 0.1) {
    const into = (
      /** @type {number} */ at,
      /** @type {number} */ cell,
      /** @type {number} */ size,
    ) => {
      const edge = share * size;
      if (at < edge) return edge - at;
      return at + cell > size - edge ? size - edge - at - cell : 0;
    };
    return this.pan(
      into(this.left + x * this.cell, this.cell, this.width),
      into(this.top + y * this.cell, this.cell, this.height),
    );
  }

  /**
   * @param {number} px device pixels
   * @param {number} py
   * @returns {[number, number]} in cells, with fractions
   */
  toWorld(px, py) {
    return [(px - this.left) / this.cell, (py - this.top) / this.cell];
  }

  /**
   * @param {number} px device pixels
   * @param {number} py
   * @returns {[number, number] | null} the cell there, null outside
   */
  cellAt(px, py) {
    const [x, y] = this.toWorld(px, py).map(Math.floor);
    return x >= 0 && y >= 0 && x < this.columns && y < this.rows ? [x, y] : null;
  }

  /** @returns {Rect} cells that are on show, in part at least */
  get visible() {
    const x = Math.max(0, Math.floor(-this.left / this.cell));
    const y = Math.max(0, Math.floor(-this.top / this.cell));
    const right = Math.min(this.columns, Math.ceil((this.width - this.left) / this.cell));
    const bottom = Math.min(this.rows, Math.ceil((this.height - this.top) / this.cell));
    return { x, y, width: right - x, height: bottom - y };
  }

  /**
   * The window to ask the server for: what is on show and a margin, so that small moves need no
   * other one.
   * @param {Rect | null} current
   * @returns {Rect | null} null where the world is small, or too much of it is on show
   */
  window(current) {
    if (!this.large) return null;
    const visible = this.visible;
    if (visible.width > WINDOW || visible.height > WINDOW) return null;
    if (current && holds(current, visible)) return current;
    const along = (
      /** @type {number} */ from,
      /** @type {number} */ length,
      /** @type {number} */ cells,
    ) => {
      const size = Math.min(WINDOW, cells, length + 2 * MARGIN);
      const start = from - Math.floor((size - length) / 2);
      return [Math.min(Math.max(0, start), cells - size), size];
    };
    const [x, width] = along(visible.x, visible.width, this.columns);
    const [y, height] = along(visible.y, visible.height, this.rows);
    return { x, y, width, height };
  }

  /** @param {number} size */
  #setCell(size) {
    this.asked = Math.min(this.largestCell, Math.max(this.fitCell, size));
    this.cell = Math.max(this.fitCell, whole(this.asked));
  }

  #clamp() {
    const within = (/** @type {number} */ at, /** @type {number} */ world, /** @type {number} */ room) =>
      world <= room ? (room - world) / 2 : Math.min(0, Math.max(room - world, at));
    // Whole pixels: edges of cells stay sharp.
    this.left = Math.round(within(this.left, this.cell * this.columns, this.width));
    this.top = Math.round(within(this.top, this.cell * this.rows, this.height));
  }
}

/**
 * @param {Rect} outer
 * @param {Rect} inner
 * @returns {boolean}
 */
export function holds(outer, inner) {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    outer.x + outer.width >= inner.x + inner.width &&
    outer.y + outer.height >= inner.y + inner.height
  );
}
