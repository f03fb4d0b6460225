/**
 * The canvas of the world. What stands still between two frames is kept in two layers, one below
 * and one above the trail, and of those only the part under the trail and the agent is drawn again.
 */

import {
  LANE,
  LANES_FROM,
  TRIANGLE_LANE,
  around,
  drawAgent,
  drawPlanned,
  drawTrail,
  extent,
  extentOfPlanned,
} from "./actor.mjs";
import { context, scratch } from "./canvas.mjs";
import { terrainOf } from "./tiles.mjs";
import { Ground, TRIANGLES_FROM } from "./ground.mjs";
import {
  ARROWS_FROM,
  NUMBERS_FROM,
  Q_NUMBERS_FROM,
  drawArrows,
  drawNumbers,
  drawQNumbers,
  drawStarts,
} from "./ink.mjs";
import { drawNotes } from "./notes.mjs";
import { Viewport } from "./viewport.mjs";

/** @typedef {import("../page/palette.mjs").Palette} Palette */
/** @typedef {import("./picture.mjs").Picture} Picture */
/** @typedef {import("./viewport.mjs").Rect} Rect */

export class GridView {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = context(canvas);
    this.port = new Viewport();
    /** Walls, marks and lines, transparent where the layer shows through. */
    this.marks = scratch(1, 1);
    this.backdrop = scratch(1, 1);
    /** Numbers and arrows: above the trail, which would strike them out. */
    this.foreground = scratch(1, 1);
    /** @type {Palette | null} */
    this.palette = null;
    /** @type {Ground | null} */
    this.ground = null;
    /** @type {Picture | null} */
    this.picture = null;
    this.stale = { marks: true, paint: true, still: true };
    this.aside = false;
    /** What trail and agent covered last. @type {Rect | null} */
    this.covered = null;
    this.drawn = "";
  }

  /** @param {Palette} palette */
  setPalette(palette) {
    this.palette = palette;
    this.ground?.forget();
    this.stale = { marks: true, paint: true, still: true };
  }

  /**
   * @param {import("../wire/model.mjs").World} world
   * @returns {boolean} it has another size than the one before
   */
  setWorld(world) {
    const { width, height } = this.ground?.terrain ?? { width: 0, height: 0 };
    const another = width !== world.width || height !== world.height;
    this.ground = new Ground(terrainOf(world), world.wind);
    if (another) this.port.setWorld(world.width, world.height);
    this.picture = null;
    this.moved();
    return another;
  }

  /** @param {Picture} picture */
  setPicture(picture) {
    this.picture = picture;
    this.stale.paint = this.stale.still = true;
  }

  /** Another part of the world is on show. */
  moved() {
    this.stale.marks = this.stale.still = true;
  }

  /**
   * Make the canvas as large as the world can be drawn in the room there is.
   * @param {number} width CSS pixels
   * @param {number} height CSS pixels
   * @param {number} ratio device pixels per CSS pixel
   */
  fit(width, height, ratio) {
    const { port, canvas } = this;
    if (!this.ground || !port.fit(width * ratio, height * ratio, ratio)) return;
    for (const each of [canvas, this.marks, this.backdrop, this.foreground]) {
      if (each.width === port.width && each.height === port.height) continue;
      each.width = port.width;
      each.height = port.height;
    }
    canvas.style.width = `${port.width / ratio}px`;
    canvas.style.height = `${port.height / ratio}px`;
    this.moved();
  }

  /**
   * @param {import("./trail.mjs").Trail} trail
   * @param {number} now in milliseconds
   * @param {number[][]} planned what planning has just updated: [x, y, action]
   */
  draw(trail, now, planned) {
    const { palette, ground, port, context: c } = this;
    if (!palette || !ground || port.cell === 0) return;
    const all = this.stale.still;
    if (all) this.#drawStill(palette, ground);
    const head = trail.headAt(now);
    const place = `${trail.base + trail.entries.length} ${head} ${planned.length}`;
    if (!all && place === this.drawn) return;
    this.drawn = place;

    const segments = trail.segments(head);
    const at = trail.pointAt(head);
    const lane = this.aside && this.#triangles ? TRIANGLE_LANE : LANE;
    const manner = { lane: port.cell >= LANES_FROM * port.ratio ? lane : 0, slight: this.aside };
    const covers = around(extent(port, segments, at, manner), extentOfPlanned(port, planned));
    const dirty = all
      ? { x: 0, y: 0, width: port.width, height: port.height }
      : around(this.covered, covers);
    this.covered = covers;
    if (!dirty) return;
    // Beside the world the canvas is clear.
    c.clearRect(dirty.x, dirty.y, dirty.width, dirty.height);
    copy(c, this.backdrop, dirty);
    drawTrail(c, port, palette, segments, manner);
    copy(c, this.foreground, dirty);
    drawPlanned(c, port, palette, planned);
    if (at) drawAgent(c, port, palette, at, manner);
  }

  /** @returns {boolean} cells are large enough to see where an arrow points */
  get roomForArrows() {
    return this.port.cell >= ARROWS_FROM * this.port.ratio;
  }

  /** @returns {boolean} cells are large enough for triangles */
  get roomForTriangles() {
    return this.port.cell >= TRIANGLES_FROM * this.port.ratio;
  }

  get #triangles() {
    return this.picture?.qBytes != null && this.roomForTriangles;
  }

  /**
   * All that does not move.
   * @param {Palette} palette
   * @param {Ground} ground
   */
  #drawStill(palette, ground) {
    const { port, picture } = this;
    const triangles = this.#triangles;
    const least = (triangles ? Q_NUMBERS_FROM : NUMBERS_FROM) * port.ratio;
    const written = triangles || (picture?.field != null && picture.range !== null);
    const aside = port.cell >= least && written;
    if (this.stale.marks || aside !== this.aside) {
      this.aside = aside;
      const m = context(this.marks);
      m.clearRect(0, 0, port.width, port.height);
      ground.drawMarks(m, port, palette, aside);
    }
    const b = context(this.backdrop);
    const f = context(this.foreground);
    const { x, y, width, height } = port.visible;
    const { cell } = port;
    b.clearRect(0, 0, port.width, port.height);
    b.fillStyle = palette.floor;
    b.fillRect(port.left + x * cell, port.top + y * cell, width * cell, height * cell);
    f.clearRect(0, 0, port.width, port.height);
    if (picture) {
      if (this.stale.paint) ground.paint(picture, palette);
      if (triangles) ground.drawTriangles(b, port, palette, picture);
      else ground.drawHeat(b, port, palette, picture);
    }
    // Far away, walls and colours share a pixel: the colours must not drown.
    b.globalAlpha = picture?.layer && ground.far(port) ? 0.45 : 1;
    b.drawImage(this.marks, 0, 0);
    b.globalAlpha = 1;
    this.stale = { marks: false, paint: false, still: false };
    if (picture) this.#drawInk(f, palette, ground, picture, aside, triangles);
    drawNotes(this.foreground, port, palette, ground.terrain);
  }

  /**
   * @param {CanvasRenderingContext2D} f
   * @param {Palette} palette
   * @param {Ground} ground
   * @param {Picture} picture
   * @param {boolean} aside
   * @param {boolean} triangles
   */
  #drawInk(f, palette, ground, picture, aside, triangles) {
    const { port } = this;
    const bare = triangles ? picture : { ...picture, qBytes: null };
    if (this.roomForArrows) {
      const style = aside ? (triangles ? "inner" : "edge") : triangles ? "triangle" : "full";
      drawArrows(f, port, palette, bare, style);
    }
    if (!aside) return;
    if (triangles) drawQNumbers(f, port, palette, bare);
    else drawNumbers(f, port, palette, bare);
    drawStarts(f, port, palette, bare, ground.terrain);
  }
}

/**
 * @param {CanvasRenderingContext2D} c
 * @param {HTMLCanvasElement} source of the same size
 * @param {Rect} part
 */
function copy(c, source, { x, y, width, height }) {
  c.drawImage(source, x, y, width, height, x, y, width, height);
}
