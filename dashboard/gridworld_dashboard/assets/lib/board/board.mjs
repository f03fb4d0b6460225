/** The board with its switches: what it shows, which part of it, and what is asked for it. */

import { CellCard, factsOf } from "./cellcard.mjs";
import { attribute, element, write } from "../page/dom.mjs";
import { Gestures, STEP } from "./gestures.mjs";
import { GridView } from "./gridview.mjs";
import { isLayer } from "./layers.mjs";
import { Legend, noteOf, summary } from "./legend.mjs";
import { pictureOf } from "./picture.mjs";

/** @typedef {import("../wire/model.mjs").Model} Model */
/** @typedef {import("../page/palette.mjs").Palette} Palette */
/** @typedef {import("./picture.mjs").Views} Views */
/** @typedef {import("./viewport.mjs").Rect} Rect */

const WINDOW_MS = 150;
const SUMMARY_MS = 3000;
/** While the view follows the agent, the share of the canvas that it keeps to the edge. */
const FOLLOW_MARGIN = 0.12;
/** And the share of the rest of the way that one frame takes. */
const GLIDE = 0.3;
/** CSS pixels: the ring around a cell is never smaller. */
const SMALLEST_RING = 10;

/** The switches of layers, which exclude each other. @type {Record<string, import("./layers.mjs").LayerName>} */
const LAYER_SWITCHES = {
  "heatmap-toggle": "value",
  "layer-optimal": "optimal",
  "layer-difference": "difference",
  "layer-visits": "visits",
  "layer-td-error": "td_error",
};

/** Parts of a frame that the picture is made of. */
const PICTURED = ["run", "world", "cells", "overview"];

export class Stage {
  /**
   * @param {object} tools
   * @param {(type: string, data: object) => void} tools.send a command to the server
   * @param {() => void} tools.changed asks for a draw
   * @param {{get: (name: string) => any, set: (name: string, value: any) => void}} tools.remember
   */
  constructor({ send, changed, remember }) {
    this.send = send;
    this.changed = changed;
    this.remember = remember;
    /** @type {Views} */
    this.views = checked(remember.get("views"));
    /** @type {(views: Views) => void} */
    this.told = () => {};
    /** What the server knows of this connection's view. */
    this.known = { layer: "value", window: /** @type {Rect | null} */ (null) };
    this.sentAt = -Infinity;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.live = false;
    this.follow = false;
    /** @type {{x: number, y: number} | null} */
    this.glide = null;
    /** @type {[number, number] | null} */
    this.hovered = null;
    /** @type {[number, number] | null} */
    this.cursor = null;
    this.stale = { picture: true, card: true };
    this.summaryAt = -Infinity;
    this.initial = 0;
    /** @type {Palette | null} */
    this.palette = null;
    /** @type {Model | null} */
    this.model = null;
  }

  /** The page's elements are there. */
  begin() {
    const canvas = /** @type {HTMLCanvasElement} */ (element("grid-canvas"));
    this.board = /** @type {HTMLElement} */ (canvas.parentElement);
    this.view = new GridView(canvas);
    this.legend = new Legend(element("heat-legend"));
    const [ring, live] = [".cell-ring", ".cell-live"].map(
      (name) => /** @type {HTMLElement} */ (this.board?.querySelector(name)),
    );
    this.card = new CellCard(element("cell-card"), ring, live);
    this.gestures = new Gestures(canvas, this.view.port, {
      moved: () => this.#moved(),
      took: () => this.#setFollow(false),
      hover: (cell) => this.#hover(cell),
      step: (dx, dy) => this.#step(dx, dy),
      escape: () => this.#escape(),
    });
    canvas.addEventListener("focus", () => {
      if (canvas.matches(":focus-visible")) this.#step(0, 0);
    });
    canvas.addEventListener("blur", () => this.#leave());
    this.#beginSwitches();
  }

  #beginSwitches() {
    /** @type {[string, () => void][]} */
    const actions = [
      ["policy-toggle", () => this.#change({ arrows: !this.views.arrows })],
      ["q-values-toggle", () => this.#change({ qValues: !this.views.qValues })],
      ["zoom-in", () => this.gestures?.zoom(STEP)],
      ["zoom-out", () => this.gestures?.zoom(1 / STEP)],
      ["zoom-fit", () => this.gestures?.fit()],
      ["follow-agent", () => this.#setFollow(!this.follow)],
    ];
    for (const [id, layer] of Object.entries(LAYER_SWITCHES)) {
      const press = () => this.#change({ layer: this.views.layer === layer ? null : layer });
      actions.push([id, press]);
    }
    for (const [id, act] of actions) {
      const button = /** @type {HTMLButtonElement} */ (element(id));
      button.addEventListener("click", act);
      button.disabled = false;
    }
    const more = /** @type {HTMLDetailsElement} */ (element("more-views"));
    more.open = this.remember.get("more-views") === true || this.#beyond();
    more.addEventListener("toggle", () => {
      this.remember.set("more-views", more.open);
      this.fit();
    });
    this.#showSwitches();
  }

  /** @returns {boolean} a view is on whose switch is among the further ones */
  #beyond() {
    return this.views.qValues || (this.views.layer !== null && this.views.layer !== "value");
  }

  /** @param {Palette} palette */
  setPalette(palette) {
    this.palette = palette;
    this.view?.setPalette(palette);
    this.stale.picture = true;
    this.changed();
  }

  /** A connection is new: the server knows nothing of its view. */
  connected() {
    this.live = true;
    this.known = { layer: "value", window: null };
    this.#tell();
  }

  /**
   * A frame came.
   * @param {Model} model with the frame in it
   * @param {Set<string>} parts what changed
   * @param {number} _now in milliseconds
   */
  take(model, parts, _now) {
    this.model = model;
    const initial = model.frame?.parameters?.initial_value ?? 0;
    if (initial !== this.initial) this.stale.picture = true;
    this.initial = initial;
    if (parts.has("world") && model.world) {
      this.view?.setWorld(model.world);
      this.cursor = this.hovered = null;
      this.#setFollow(false);
      this.fit();
    }
    if (PICTURED.some((part) => parts.has(part))) this.stale.picture = this.stale.card = true;
    if (parts.has("truth")) this.stale.picture = true;
  }

  /** Use the room there is. */
  fit() {
    const { view, board } = this;
    if (!view || !board) return;
    const column = /** @type {HTMLElement} */ (board.closest(".stage"));
    const beside = parseFloat(getComputedStyle(column).getPropertyValue("--beside")) || 0;
    const room = /** @type {HTMLElement} */ (column.parentElement).clientWidth - beside - 2;
    const height = parseFloat(getComputedStyle(board).maxHeight);
    view.fit(room, Number.isFinite(height) ? height - 2 : room, devicePixelRatio);
    this.#moved();
  }

  /** @param {(views: Views) => void} callback is told what the switches are changed to */
  onViews(callback) {
    this.told = callback;
  }

  /** @param {Partial<Views>} views of which unknown values are left out */
  setViews(views) {
    this.views = checked({ ...this.views, ...views });
    if (this.view && this.#beyond()) {
      /** @type {HTMLDetailsElement} */ (element("more-views")).open = true;
    }
    this.remember.set("views", this.views);
    this.stale.picture = true;
    this.summaryAt = -Infinity;
    if (this.view) this.#showSwitches();
    this.#tell();
    this.changed();
  }

  /** @param {Partial<Views>} views */
  #change(views) {
    this.setViews(views);
    this.told(this.views);
  }

  #showSwitches() {
    const { layer, arrows, qValues } = this.views;
    attribute("policy-toggle", "aria-pressed", String(arrows));
    attribute("q-values-toggle", "aria-pressed", String(qValues));
    for (const [id, name] of Object.entries(LAYER_SWITCHES)) {
      attribute(id, "aria-pressed", String(layer === name));
    }
    // What is on inside must be seen from outside: the panel may be closed.
    const inside = document.querySelectorAll('#more-views button[aria-pressed="true"]');
    const names = [...inside].map((button) => button.textContent);
    write("more-views-now", names.join(", "));
  }

  /**
   * @param {Model} model
   * @param {import("./trail.mjs").Trail} trail
   * @param {number} now in milliseconds
   * @returns {boolean} it wants to go on moving
   */
  draw(model, trail, now) {
    const { view, palette } = this;
    const { frame, world } = model;
    if (!view?.ground || !palette || !frame || !world) return false;
    this.model = model;
    const gliding = this.#followAgent(trail, now);
    if (this.stale.picture) {
      this.stale.picture = false;
      this.stale.card = true;
      view.setPicture(pictureOf(model, view.ground.terrain, this.views, this.initial));
    }
    view.draw(trail, now);
    this.#writeLegend(model, palette);
    if (this.stale.card) this.#showCard(model);
    if (now - this.summaryAt > SUMMARY_MS || !frame.running) {
      this.summaryAt = now;
      attribute(view.canvas, "aria-label", summary(world, frame, this.views));
    }
    return gliding;
  }

  /** @param {Model} model @param {Palette} palette */
  #writeLegend(model, palette) {
    const { view } = this;
    if (!view) return;
    const { roomForArrows: arrows, roomForTriangles, picture, port } = view;
    const triangles = roomForTriangles && picture?.qBytes != null;
    this.legend?.draw(picture, triangles, palette.scheme);
    const room = { arrows, triangles: roomForTriangles, large: port.largestCell > port.fitCell };
    write("view-note", noteOf(model, picture, this.views, room));
  }

  // --- The part on show ---

  #moved() {
    const { view, board } = this;
    if (!view || !board) return;
    view.moved();
    const { port } = view;
    attribute(board, "data-zoomed", String(port.zoomed));
    attribute(board, "data-large", String(port.large));
    element("zoom-in").toggleAttribute("disabled", port.cell >= port.largestCell);
    element("zoom-out").toggleAttribute("disabled", !port.zoomed);
    this.stale.card = true;
    this.#tell();
    this.changed();
  }

  /** @param {boolean} follow */
  #setFollow(follow) {
    this.follow = follow;
    this.glide = null;
    attribute("follow-agent", "aria-pressed", String(follow));
    if (follow) this.changed();
  }

  /**
   * Turn the page, as it were, when the agent comes near the edge.
   * @param {import("./trail.mjs").Trail} trail
   * @param {number} now
   * @returns {boolean} on its way
   */
  #followAgent(trail, now) {
    const port = this.view?.port;
    if (!this.follow || !port?.zoomed) return false;
    const at = trail.pointAt(trail.headAt(now));
    if (!at) return false;
    const x = port.left + (at.x + 0.5) * port.cell;
    const y = port.top + (at.y + 0.5) * port.cell;
    const near = (/** @type {number} */ v, /** @type {number} */ size) =>
      v < FOLLOW_MARGIN * size || v > (1 - FOLLOW_MARGIN) * size;
    if (!this.glide && !near(x, port.width) && !near(y, port.height)) return false;
    this.glide = { x: port.width / 2 - x, y: port.height / 2 - y };
    const last = Math.hypot(this.glide.x, this.glide.y) < 3 * port.cell;
    const share = last ? 1 : GLIDE;
    const moved = port.pan(share * this.glide.x, share * this.glide.y);
    if (last || !moved) this.glide = null;
    if (moved) this.#moved();
    return this.glide !== null;
  }

  /** Tell the server what this page looks at, as far as it must know. */
  #tell() {
    const port = this.view?.port;
    if (!this.live || !port || port.cell === 0) return;
    const large = port.large;
    const window = port.window(this.known.window);
    const layer = large ? this.views.layer : this.known.layer;
    if (layer === this.known.layer && same(window, this.known.window)) return;
    clearTimeout(this.timer);
    const rest = this.sentAt + WINDOW_MS - performance.now();
    if (rest > 0) {
      this.timer = setTimeout(() => this.#tell(), rest);
      return;
    }
    this.sentAt = performance.now();
    this.known = { layer: /** @type {string} */ (layer), window };
    this.send("set_view", { layer, window: window && [window.x, window.y, window.width, window.height] });
  }

  // --- The card ---

  /** @param {[number, number] | null} cell */
  #hover(cell) {
    if (String(cell) === String(this.hovered)) return;
    this.hovered = cell;
    this.stale.card = true;
    this.changed();
  }

  /** @param {number} dx @param {number} dy */
  #step(dx, dy) {
    const port = this.view?.port;
    if (!port || port.cell === 0) return;
    const [x, y] = this.cursor ?? this.model?.frame?.agent_pos ?? [0, 0];
    const [u, v] = this.cursor || !(dx || dy) ? [x + dx, y + dy] : [x, y];
    this.cursor = [
      Math.min(port.columns - 1, Math.max(0, u)),
      Math.min(port.rows - 1, Math.max(0, v)),
    ];
    this.hovered = null;
    if (port.reveal(...this.cursor)) this.#setFollow(false);
    this.#moved();
  }

  #escape() {
    this.hovered = this.cursor = null;
    this.stale.card = true;
    this.changed();
  }

  #leave() {
    this.cursor = null;
    this.stale.card = true;
    this.changed();
  }

  /** @param {Model} model */
  #showCard(model) {
    const { view, card, board } = this;
    this.stale.card = false;
    const cell = this.hovered ?? this.cursor;
    if (!view?.ground || !card || !board) return;
    if (!cell) return card.hide();
    const { port, canvas } = view;
    const side = port.cell / port.ratio;
    const grow = Math.max(0, SMALLEST_RING - side) / 2;
    const box = {
      left: canvas.offsetLeft + (port.left + cell[0] * port.cell) / port.ratio - grow,
      top: canvas.offsetTop + (port.top + cell[1] * port.cell) / port.ratio - grow,
      width: side + 2 * grow,
      height: side + 2 * grow,
    };
    const facts = factsOf(model, view.ground.terrain, this.initial, cell[0], cell[1]);
    const room = { width: board.clientWidth, height: board.clientHeight };
    card.show(facts, box, room, this.hovered === null);
  }
}

/**
 * @param {any} views from elsewhere
 * @returns {Views}
 */
function checked(views) {
  return {
    layer: isLayer(views?.layer) ? views.layer : null,
    arrows: views?.arrows === true,
    qValues: views?.qValues === true,
  };
}

/** @param {Rect | null} a @param {Rect | null} b */
function same(a, b) {
  return (
    a === b ||
    (a !== null &&
      b !== null &&
      a.x === b.x &&
      a.y === b.y &&
      a.width === b.width &&
      a.height === b.height)
  );
}
