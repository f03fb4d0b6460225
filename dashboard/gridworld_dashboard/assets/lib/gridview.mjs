/** The canvas of the world. All that stands still between two frames is kept in a backdrop. */

import {
  cellSize,
  kindOf,
  marksOf,
  paintHeat,
  paintMarks,
  valueOf,
} from "./cells.mjs";
import { heatColor, heatTable, inkOn } from "./colormap.mjs";
import { decimalsFor, exactDecimals, fixed } from "./format.mjs";
import { rgb } from "./palette.mjs";
import { addArrows, drawCell, drawCornerLetter, drawWind } from "./sprites.mjs";

/** @typedef {import("./palette.mjs").Palette} Palette */
/** @typedef {import("./model.mjs").Model} Model */

/** In CSS pixels: smaller cells carry no numbers, arrows, shapes or lines of their own. */
const NUMBERS_FROM = 40;
const ARROWS_FROM = 5;
const SHAPES_FROM = 4;
const LINES_FROM = 9;
/** Starts and goals of a world too large for shapes get a badge, while there are only some. */
const BADGES = 64;
const BADGE = 16;
const AGES = 10;

export class GridView {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = context(canvas);
    this.overlay = document.createElement("canvas");
    this.backdrop = document.createElement("canvas");
    /** Numbers and arrows: above the trail, which would strike them out. */
    this.foreground = document.createElement("canvas");
    this.heat = document.createElement("canvas");
    this.cell = 0;
    this.ratio = 1;
    /** @type {Palette | null} */
    this.palette = null;
    /** @type {import("./model.mjs").World | null} */
    this.world = null;
    /** @type {import("./cells.mjs").Mark[]} */
    this.marks = [];
    this.show = { heat: false, policy: false };
    this.table = heatTable("light");
    this.stale = { overlay: true, heat: true, backdrop: true };
  }

  /** @param {Palette} palette */
  setPalette(palette) {
    this.palette = palette;
    this.table = heatTable(palette.scheme);
    this.stale = { overlay: true, heat: true, backdrop: true };
  }

  /** @param {import("./model.mjs").World} world */
  setWorld(world) {
    this.world = world;
    this.marks = marksOf(world);
    this.cell = 0;
  }

  /** @param {{heat: boolean, policy: boolean}} show */
  setShow(show) {
    this.show = show;
    this.stale.overlay = this.stale.backdrop = true;
  }

  /** The values or the policy are new. */
  refresh() {
    this.stale.heat = true;
    if (this.show.heat || this.show.policy) this.stale.backdrop = true;
  }

  /**
   * Make the canvas as large as the world can be drawn in the room there is.
   * @param {number} width CSS pixels
   * @param {number} height CSS pixels
   * @param {number} ratio device pixels per CSS pixel
   */
  fit(width, height, ratio) {
    if (!this.world) return;
    const columns = this.world.width;
    const rows = this.world.height;
    const cell = cellSize(columns, rows, Math.floor(width * ratio), Math.floor(height * ratio));
    if (cell === this.cell && ratio === this.ratio) return;
    this.cell = cell;
    this.ratio = ratio;
    for (const canvas of [this.canvas, this.overlay, this.backdrop, this.foreground]) {
      canvas.width = Math.max(1, Math.round(cell * columns));
      canvas.height = Math.max(1, Math.round(cell * rows));
    }
    this.canvas.style.width = `${this.canvas.width / ratio}px`;
    this.canvas.style.height = `${this.canvas.height / ratio}px`;
    this.stale.overlay = this.stale.backdrop = true;
  }

  /**
   * @param {Model} model
   * @param {import("./trail.mjs").Trail} trail
   * @param {number} now in milliseconds
   */
  draw(model, trail, now) {
    if (!this.palette || !this.world || this.cell === 0) return;
    if (this.stale.overlay) this.#drawOverlay(this.palette, this.world);
    if (this.stale.backdrop) this.#drawBackdrop(this.palette, this.world, model);
    this.context.drawImage(this.backdrop, 0, 0);
    this.#drawTrail(this.palette, trail, now);
    if (this.show.heat || this.show.policy) this.context.drawImage(this.foreground, 0, 0);
    this.#drawAgent(this.palette, trail, now);
  }

  /** @returns {boolean} cells are large enough to see where an arrow points */
  get roomForArrows() {
    return this.cell >= ARROWS_FROM * this.ratio;
  }

  /** @returns {boolean} cells are large enough to write values into them */
  get roomForNumbers() {
    return this.cell >= NUMBERS_FROM * this.ratio;
  }

  /**
   * Walls, marks and the lines between cells, transparent where the heat map shows through.
   * @param {Palette} palette
   * @param {import("./model.mjs").World} world
   */
  #drawOverlay(palette, world) {
    const { overlay, cell, ratio } = this;
    const c = context(overlay);
    c.clearRect(0, 0, overlay.width, overlay.height);
    if (cell >= SHAPES_FROM * ratio) {
      const aside = this.show.heat && this.roomForNumbers;
      for (const { x, y, kind } of this.marks) {
        drawCell(c, kind, x * cell, y * cell, cell, palette, aside);
      }
      if (cell >= LINES_FROM * ratio) this.#drawLines(c, palette, world);
      this.#drawWind(c, palette, world);
    } else {
      this.#drawPixels(c, palette, world);
    }
    this.stale.overlay = false;
    this.stale.backdrop = true;
  }

  /** @param {CanvasRenderingContext2D} c @param {Palette} palette @param {import("./model.mjs").World} world */
  #drawLines(c, palette, world) {
    c.strokeStyle = palette.cellLine;
    c.lineWidth = 1;
    c.beginPath();
    for (let x = 1; x < world.width; x++) {
      c.moveTo(x * this.cell + 0.5, 0);
      c.lineTo(x * this.cell + 0.5, this.overlay.height);
    }
    for (let y = 1; y < world.height; y++) {
      c.moveTo(0, y * this.cell + 0.5);
      c.lineTo(this.overlay.width, y * this.cell + 0.5);
    }
    c.stroke();
  }

  /** @param {CanvasRenderingContext2D} c @param {Palette} palette @param {import("./model.mjs").World} world */
  #drawWind(c, palette, world) {
    if (!world.wind || this.cell < 14) return;
    for (let x = 0; x < world.width; x++) {
      if (!world.wind[x]) continue;
      for (let y = 0; y < world.height; y++) {
        if (kindOf(world.rows[y][x]) === "wall") continue;
        drawWind(c, x * this.cell, y * this.cell, this.cell, world.wind[x], palette.muted);
      }
    }
  }

  /** @param {CanvasRenderingContext2D} c @param {Palette} palette @param {import("./model.mjs").World} world */
  #drawPixels(c, palette, world) {
    const pixels = paintMarks(this.marks, world.width, world.height, {
      free: rgb(palette.floor),
      wall: rgb(palette.wall),
      start: rgb(palette.ink),
      goal: rgb(palette.goal),
      pit: rgb(palette.pit),
      portal: rgb(palette.muted),
    });
    const small = document.createElement("canvas");
    small.width = world.width;
    small.height = world.height;
    context(small).putImageData(new ImageData(pixels, world.width, world.height), 0, 0);
    c.imageSmoothingEnabled = true;
    c.imageSmoothingQuality = "high";
    c.drawImage(small, 0, 0, this.overlay.width, this.overlay.height);
    const badges = this.marks.filter(({ kind }) => kind === "start" || kind === "goal");
    if (badges.length > BADGES) return;
    const size = BADGE * this.ratio;
    for (const { x, y, kind } of badges) {
      const left = within((x + 0.5) * this.cell - size / 2, this.overlay.width - size);
      const top = within((y + 0.5) * this.cell - size / 2, this.overlay.height - size);
      c.fillStyle = palette.floor;
      c.fillRect(left, top, size, size);
      drawCell(c, kind, left, top, size, palette);
      c.strokeStyle = palette.muted;
      c.lineWidth = 1;
      c.strokeRect(left + 0.5, top + 0.5, size - 1, size - 1);
    }
  }

  /** @param {Palette} palette @param {import("./model.mjs").World} world @param {Model} model */
  #drawBackdrop(palette, world, model) {
    const c = context(this.backdrop);
    c.fillStyle = palette.floor;
    c.fillRect(0, 0, this.backdrop.width, this.backdrop.height);
    const values = this.show.heat ? model.values : null;
    if (values) {
      if (this.stale.heat) this.#paintHeat(values);
      const scale = values.scale * this.cell;
      c.imageSmoothingEnabled = scale < 1;
      c.drawImage(this.heat, 0, 0, values.width * scale, values.height * scale);
    }
    c.drawImage(this.overlay, 0, 0);
    this.stale.backdrop = false;
    const f = context(this.foreground);
    f.clearRect(0, 0, this.foreground.width, this.foreground.height);
    if (this.show.policy && model.policy) this.#drawPolicy(f, palette, world, model.policy, values);
    if (values && values.scale === 1 && this.roomForNumbers) this.#drawNumbers(f, palette, values);
  }

  /** @param {import("./model.mjs").Values} values */
  #paintHeat(values) {
    if (this.heat.width !== values.width || this.heat.height !== values.height) {
      this.heat.width = values.width;
      this.heat.height = values.height;
    }
    const image = new ImageData(values.width, values.height);
    paintHeat(values.data, this.table, new Uint32Array(image.data.buffer));
    context(this.heat).putImageData(image, 0, 0);
    this.stale.heat = false;
  }

  /** @param {CanvasRenderingContext2D} c @param {Palette} palette @param {import("./model.mjs").Values} values */
  #drawNumbers(c, palette, { width, lo, hi, data, exact }) {
    const digits = exact ? exactDecimals(lo, hi) : decimalsFor(lo, hi);
    const longest = Math.max(fixed(lo, digits).length, fixed(hi, digits).length, 4);
    const size = Math.min(15 * this.ratio, 0.3 * this.cell, (0.62 * this.cell) / (0.58 * longest));
    c.font = `${size}px ${palette.font}`;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.lineJoin = "round";
    c.lineWidth = 0.45 * size;
    for (let i = 0; i < data.length; i++) {
      if (data[i] === 0) continue;
      const ground = heatColor((data[i] - 1) / 254, palette.scheme);
      const x = ((i % width) + 0.5) * this.cell;
      const y = (Math.floor(i / width) + 0.53) * this.cell;
      const text = fixed(exact ? exact[i] : valueOf(data[i], lo, hi), digits);
      c.strokeStyle = `rgb(${ground.join()})`;
      c.strokeText(text, x, y);
      c.fillStyle = inkOn(ground);
      c.fillText(text, x, y);
    }
    for (const { x, y, kind } of this.marks) {
      if (kind !== "start") continue;
      const byte = data[y * width + x];
      const ink = byte === 0 ? palette.ink : inkOn(heatColor((byte - 1) / 254, palette.scheme));
      drawCornerLetter(c, x * this.cell, y * this.cell, this.cell, ink, palette.font);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} c
   * @param {Palette} palette
   * @param {import("./model.mjs").World} world
   * @param {import("./model.mjs").Policy} policy
   * @param {import("./model.mjs").Values | null} values the heat map below, if any
   */
  #drawPolicy(c, palette, world, policy, values) {
    if (!this.roomForArrows || policy.width !== world.width) return;
    const aside = values !== null && this.roomForNumbers;
    /** @type {Record<string, Path2D>} */
    const paths = {};
    for (let i = 0; i < policy.data.length; i++) {
      if (policy.data[i] === 0) continue;
      const byte = values?.scale === 1 ? values.data[i] : 0;
      const color =
        byte === 0 ? palette.ink : inkOn(heatColor((byte - 1) / 254, palette.scheme));
      const path = (paths[color] ??= new Path2D());
      const x = ((i % policy.width) + 0.5) * this.cell;
      const y = (Math.floor(i / policy.width) + 0.5) * this.cell;
      addArrows(path, policy.data[i], x, y, this.cell, aside);
    }
    c.globalAlpha = 0.8;
    for (const [color, path] of Object.entries(paths)) {
      c.fillStyle = color;
      c.fill(path);
    }
    c.globalAlpha = 1;
  }

  /** @param {Palette} palette @param {import("./trail.mjs").Trail} trail @param {number} now */
  #drawTrail(palette, trail, now) {
    const c = this.context;
    const width = Math.min(5 * this.ratio, Math.max(1.5 * this.ratio, 0.08 * this.cell));
    /** @type {Path2D[]} */
    const ages = [];
    for (const { from, to, age } of trail.segments(trail.headAt(now))) {
      const path = (ages[Math.min(AGES - 1, Math.floor(age * AGES))] ??= new Path2D());
      path.moveTo((from.x + 0.5) * this.cell, (from.y + 0.5) * this.cell);
      path.lineTo((to.x + 0.5) * this.cell, (to.y + 0.5) * this.cell);
    }
    c.lineCap = c.lineJoin = "round";
    for (const [color, extra] of /** @type {[string, number][]} */ ([
      [palette.floor, 2 * this.ratio],
      [palette.accent, 0],
    ])) {
      c.strokeStyle = color;
      c.lineWidth = width + extra;
      for (let i = AGES - 1; i >= 0; i--) {
        if (!ages[i]) continue;
        c.globalAlpha = 0.9 * (1 - i / AGES) ** 1.4;
        c.stroke(ages[i]);
      }
    }
    c.globalAlpha = 1;
  }

  /** @param {Palette} palette @param {import("./trail.mjs").Trail} trail @param {number} now */
  #drawAgent(palette, trail, now) {
    const at = trail.pointAt(trail.headAt(now));
    if (!at) return;
    const c = this.context;
    const radius = Math.max(4.5 * this.ratio, Math.min(0.24 * this.cell, 18 * this.ratio));
    const x = within((at.x + 0.5) * this.cell - radius, this.canvas.width - 2 * radius) + radius;
    const y = within((at.y + 0.5) * this.cell - radius, this.canvas.height - 2 * radius) + radius;
    c.beginPath();
    c.arc(x, y, radius, 0, 2 * Math.PI);
    c.fillStyle = palette.accent;
    c.fill();
    c.lineWidth = 2 * this.ratio;
    c.strokeStyle = palette.floor;
    c.stroke();
    c.beginPath();
    c.arc(x, y, radius + 1.25 * this.ratio, 0, 2 * Math.PI);
    c.lineWidth = 0.75 * this.ratio;
    c.strokeStyle = palette.ink;
    c.stroke();
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasRenderingContext2D}
 */
function context(canvas) {
  const c = canvas.getContext("2d");
  if (!c) throw new Error("this browser draws no 2d canvas");
  return c;
}

/** @param {number} value @param {number} most */
function within(value, most) {
  return Math.max(0, Math.min(most, value));
}
