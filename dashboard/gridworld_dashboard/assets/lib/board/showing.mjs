/**
 * What the board shows: the live training, or something in its place, such as a draft of the world,
 * a test or the past. Nothing of it touches the training, which goes on behind it.
 */

import { attribute, write } from "../page/dom.mjs";

/** @typedef {import("../wire/model.mjs").Model} Model */
/** @typedef {import("./trail.mjs").Trail} Trail */

/**
 * What the board draws: of the live training the model itself.
 * @typedef {Pick<Model, "frame" | "world" | "cells" | "overview" | "truth">} Shown
 */

/**
 * Draws into the world, instead of the hand that moves it.
 * @typedef {object} Pen
 * @property {string} help which keys it knows, in a sentence
 * @property {(cell: [number, number]) => void} down
 * @property {(cell: [number, number]) => void} move pressed, and into another cell perhaps
 * @property {() => void} up
 * @property {() => void} cancel what was pressed is to have been nothing
 * @property {(event: KeyboardEvent, cell: [number, number] | null) => boolean} key with the cell
 *   that the keyboard, or else the mouse, points at; true: it was for the pen
 */

/**
 * Something in the place of the live training.
 * @typedef {object} Scene
 * @property {string} kind the page's style goes by it
 * @property {string} word what it is, above the grid
 * @property {string} [leave] what the button that leads back says
 * @property {Shown} shown
 * @property {Trail} trail
 * @property {Pen} [pen]
 * @property {(cell: [number, number]) => void} [tap] a cell was clicked, or chosen by Enter
 * @property {(dx: number, dy: number) => void} [steer] an arrow key or a swipe, which then moves
 *   no cell cursor
 * @property {number} [episode] of the past, at whose end it shows the run
 * @property {(changed: Set<string>) => void} [followed] a frame of the live training came
 * @property {() => void} [left] the board shows something else now
 */

/** All that a picture is made of. */
const ALL = new Set(["run", "shown", "world", "cells", "overview", "truth"]);

export class Showing {
  /**
   * @param {object} page
   * @param {import("./board.mjs").Board} page.board
   * @param {Model} page.model of the live training
   * @param {Trail} page.trail
   * @param {() => void} page.changed another world may be on show: all around the board follows
   */
  constructor({ board, model, trail, changed }) {
    this.board = board;
    this.live = { shown: model, trail };
    this.changed = changed;
    /** @type {Scene | null} null: the live training */
    this.scene = null;
    /** That the board has. @type {import("../wire/model.mjs").World | null} */
    this.world = null;
  }

  /** @returns {Shown} */
  get shown() {
    return (this.scene ?? this.live).shown;
  }

  /** @returns {Trail} */
  get trail() {
    return (this.scene ?? this.live).trail;
  }

  /** @param {Scene} scene in the place of whatever is there */
  show(scene) {
    const before = this.scene;
    this.scene = scene;
    // The same with something else to show has not left.
    if (before?.left !== scene.left) before?.left?.();
    this.#turn();
  }

  /** The live training again. */
  back() {
    const before = this.scene;
    this.scene = null;
    before?.left?.();
    if (before) this.#turn();
  }

  /**
   * The scene shows something else.
   * @param {Iterable<string>} [parts] of what is shown
   */
  renew(parts = ALL) {
    const changed = new Set(parts);
    this.#give(changed);
    if (changed.has("world")) this.changed();
    else this.board.changed();
  }

  /**
   * A frame of the live training came.
   * @param {Set<string>} changed parts
   */
  follow(changed) {
    if (!this.scene) this.#give(changed);
    else this.scene.followed?.(changed);
  }

  /** @param {Set<string>} changed parts, which the board takes */
  #give(changed) {
    if (changed.has("world")) this.world = this.shown.world;
    this.board.take(this.shown, changed);
  }

  #turn() {
    const { scene } = this;
    this.board.setPen(scene?.pen ?? null);
    this.board.setHand(scene ?? {});
    attribute("showing", "hidden", scene ? null : "");
    attribute("page", "data-showing", scene?.kind ?? null);
    write("showing-word", scene?.word ?? "");
    write("show-live-btn", scene?.leave ?? "Live view");
    const same = this.shown.world === this.world;
    this.renew([...ALL].filter((part) => part !== "world" || !same));
  }
}
