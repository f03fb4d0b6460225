/** The board: the grid with what is shown of it, and which part of it. */

import { attribute, element, write } from "../page/dom.mjs";
import { readable } from "../page/reading.mjs";
import { CellCard } from "./cellcard.mjs";
import { Chase } from "./chase.mjs";
import { Gestures, MOVES } from "./gestures.mjs";
import { GridView } from "./gridview.mjs";
import { Legend, noteOf, summary } from "./legend.mjs";
import { Outlook } from "./outlook.mjs";
import { pictureOf } from "./picture.mjs";
import { Pointer } from "./pointer.mjs";
import { Switches } from "./switches.mjs";

/** @typedef {import("./showing.mjs").Shown} Shown */
/** @typedef {import("../page/palette.mjs").Palette} Palette */
/** @typedef {import("./picture.mjs").Views} Views */

const SUMMARY_MS = 3000;

/** @type {number[][]} */
const NOTHING = [];

/** Parts of a frame that the picture is made of. */
const PICTURED = ["run", "world", "cells", "overview", "truth"];

/**
 * @typedef {object} Parts what it has once the page's elements are there
 * @property {HTMLElement} frame that the canvas stands in
 * @property {GridView} view
 * @property {Legend} legend
 * @property {Gestures} gestures
 * @property {Pointer} pointer
 */

export class Board {
  /**
   * @param {object} tools
   * @param {(type: string, data: object) => void} tools.send a command to the server
   * @param {() => void} tools.changed asks for a draw
   * @param {import("./switches.mjs").Memory} tools.remember
   */
  constructor({ send, changed, remember }) {
    this.changed = changed;
    this.switches = new Switches(remember);
    this.outlook = new Outlook(send);
    this.chase = new Chase();
    /** @type {(views: Views) => void} */
    this.told = () => {};
    this.stale = true;
    this.summaryAt = -Infinity;
    this.initial = 0;
    /** @type {Palette | null} */
    this.palette = null;
    /** @type {Shown | null} */
    this.model = null;
    /** @type {import("./showing.mjs").Pen | null} */
    this.pen = null;
    /** @type {Pick<import("./showing.mjs").Scene, "tap" | "steer">} */
    this.hand = {};
    /** @type {Parts | null} */
    this.parts = null;
  }

  /** @returns {Views} what is on */
  get views() {
    return this.switches.views;
  }

  /** The page's elements are there. */
  begin() {
    const canvas = /** @type {HTMLCanvasElement} */ (element("grid-canvas"));
    const frame = /** @type {HTMLElement} */ (canvas.parentElement);
    const view = new GridView(canvas);
    const [ring, live] = [".cell-ring", ".cell-live"].map(
      (name) => /** @type {HTMLElement} */ (frame.querySelector(name)),
    );
    const pointer = new Pointer(new CellCard(element("cell-card"), ring, live), this.changed);
    const gestures = new Gestures(canvas, view.port, {
      moved: () => this.#moved(),
      took: () => this.setFollow(false),
      hover: (cell) => pointer.hover(cell),
      step: (dx, dy) => this.#steer(dx, dy) || this.#step(dx, dy),
      swipe: (dx, dy) => this.#steer(dx, dy),
      tap: (cell) => (cell && this.hand.tap ? this.hand.tap(cell) : pointer.hover(cell)),
      choose: () => pointer.cursor && this.hand.tap?.(pointer.cursor),
      escape: () => pointer.escape(),
      key: (event) => this.pen?.key(event, pointer.cursor ?? pointer.hovered) === true,
    });
    canvas.addEventListener("focus", () => {
      if (canvas.matches(":focus-visible") && !this.hand.steer) this.#step(0, 0);
    });
    canvas.addEventListener("blur", () => pointer.leave());
    this.parts = { frame, view, legend: new Legend(element("heat-legend")), gestures, pointer };
    this.switches.begin(() => this.fit());
  }

  /** @param {Palette} palette */
  setPalette(palette) {
    this.palette = palette;
    this.parts?.view.setPalette(palette);
    this.stale = true;
    this.changed();
  }

  /** A connection is new. */
  connected() {
    this.outlook.connected();
    this.#tell();
  }

  /** @param {import("./showing.mjs").Pen | null} pen draws into the world; null: nothing does */
  setPen(pen) {
    this.pen = pen;
    if (!this.parts) return;
    const { frame, gestures, pointer } = this.parts;
    gestures.setPen(pen);
    pointer.bare = pen !== null;
    attribute(frame, "data-pen", pen ? "" : null);
    this.summaryAt = -Infinity;
  }

  /** @param {Pick<import("./showing.mjs").Scene, "tap" | "steer">} hand takes clicks and arrow keys */
  setHand(hand) {
    this.hand = hand;
    if (this.parts) attribute(this.parts.frame, "data-steered", hand.steer ? "" : null);
  }

  /**
   * A key that was pressed anywhere on the page.
   * @param {KeyboardEvent} event
   * @returns {boolean} it was taken
   */
  steer(event) {
    const move = MOVES[event.key];
    const target = /** @type {Element | null} */ (event.target);
    if (!move || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
    return !target?.closest?.("input") && this.#steer(...move);
  }

  /**
   * @param {number} dx
   * @param {number} dy
   * @returns {boolean} somebody is steered
   */
  #steer(dx, dy) {
    const { steer } = this.hand;
    if (dx || dy) steer?.(Math.sign(dx), Math.sign(dy));
    return steer !== undefined;
  }

  /**
   * A frame came, or something else is to be shown.
   * @param {Shown} model
   * @param {Set<string>} parts what changed
   */
  take(model, parts) {
    this.model = model;
    const initial = model.frame?.parameters?.initial_value ?? 0;
    if (initial !== this.initial || PICTURED.some((part) => parts.has(part))) this.stale = true;
    this.initial = initial;
    if (parts.has("world") && model.world && this.parts) {
      const { view, pointer } = this.parts;
      const another = view.setWorld(model.world);
      pointer.stale = true;
      if (!another) return; // what was zoomed and pointed at stays so
      pointer.escape();
      this.setFollow(false);
      this.fit();
    }
  }

  /** Use the room there is. */
  fit() {
    if (!this.parts) return;
    const { view, frame } = this.parts;
    const column = /** @type {HTMLElement} */ (frame.closest(".board-column"));
    const beside = parseFloat(getComputedStyle(column).getPropertyValue("--beside")) || 0;
    const room = /** @type {HTMLElement} */ (column.parentElement).clientWidth - beside - 2;
    const height = parseFloat(getComputedStyle(frame).maxHeight);
    view.fit(room, Number.isFinite(height) ? height - 2 : room, devicePixelRatio);
    this.#moved();
  }

  /** @param {(views: Views) => void} callback is told what somebody changes the views to */
  onViews(callback) {
    this.told = callback;
  }

  /** @param {Partial<Views>} views of which unknown values are left out */
  setViews(views) {
    this.switches.set(views);
    this.stale = true;
    this.summaryAt = -Infinity;
    this.#tell();
    this.changed();
  }

  /**
   * The same, by hand.
   * @param {Partial<Views>} views
   */
  change(views) {
    this.setViews(views);
    this.told(this.views);
  }

  /** @param {number} factor */
  zoom(factor) {
    this.parts?.gestures.zoom(factor);
  }

  /** Show all of the world. */
  showAll() {
    this.parts?.gestures.fit();
  }

  /** @param {boolean} follow the agent */
  setFollow(follow) {
    this.chase.set(follow);
    attribute("follow-agent", "aria-pressed", String(follow));
    if (follow) this.changed();
  }

  /**
   * @param {Shown} model
   * @param {import("./trail.mjs").Trail} trail
   * @param {number} now in milliseconds
   * @returns {boolean} it wants to go on moving
   */
  draw(model, trail, now) {
    const { frame, world } = model;
    const { ground } = this.parts?.view ?? {};
    if (!this.parts || !ground || !this.palette || !frame || !world) return false;
    const { view, pointer } = this.parts;
    this.model = model;
    if (this.chase.move(view.port, this.chase.on ? trail.pointAt(trail.headAt(now)) : null)) {
      this.#moved();
    }
    if (this.stale) {
      this.stale = false;
      pointer.stale = true;
      view.setPicture(pictureOf(model, ground.terrain, this.views, this.initial));
    }
    view.draw(trail, now, readable(frame) ? (frame.planned ?? []) : NOTHING);
    this.#writeLegend(model, this.parts, this.palette);
    pointer.show(model, view, this.parts.frame, this.initial);
    if (now - this.summaryAt > SUMMARY_MS || !frame.running) {
      this.summaryAt = now;
      const words = summary(world, frame, this.views);
      attribute(view.canvas, "aria-label", this.pen ? `${words} ${this.pen.help}` : words);
    }
    return this.chase.gliding;
  }

  /** @param {Shown} model @param {Parts} parts @param {Palette} palette */
  #writeLegend(model, { view, legend }, palette) {
    const { roomForArrows: arrows, roomForTriangles, picture, port } = view;
    const triangles = roomForTriangles && picture?.qBytes != null;
    legend.draw(picture, triangles, palette.scheme);
    const room = { arrows, triangles: roomForTriangles, large: port.largestCell > port.fitCell };
    write("view-note", noteOf(model, picture, this.views, room));
  }

  #moved() {
    if (!this.parts) return;
    const { view, frame, pointer } = this.parts;
    view.moved();
    const { port } = view;
    attribute(frame, "data-zoomed", String(port.zoomed));
    attribute(frame, "data-large", String(port.large));
    element("zoom-in").toggleAttribute("disabled", port.cell >= port.largestCell);
    element("zoom-out").toggleAttribute("disabled", !port.zoomed);
    pointer.stale = true;
    this.#tell();
    this.changed();
  }

  /** @param {number} dx @param {number} dy */
  #step(dx, dy) {
    if (!this.parts) return;
    const { view, pointer } = this.parts;
    if (view.port.cell === 0) return;
    const cell = pointer.step(view.port, this.model?.frame?.agent_pos ?? [0, 0], dx, dy);
    if (view.port.reveal(...cell)) this.setFollow(false);
    this.#moved();
  }

  #tell() {
    if (this.parts) this.outlook.tell(this.parts.view.port, () => this.views.layer);
  }
}
