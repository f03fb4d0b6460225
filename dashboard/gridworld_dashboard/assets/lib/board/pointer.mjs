/** The cell that the mouse or the keyboard points at, with the card that tells its numbers. */

import { factsOf } from "./cellcard.mjs";

/** @typedef {[number, number]} Cell */

/** CSS pixels: the ring around a cell is never smaller. */
const SMALLEST_RING = 10;

export class Pointer {
  /**
   * @param {import("./cellcard.mjs").CellCard} card
   * @param {() => void} changed asks for a draw
   */
  constructor(card, changed) {
    this.card = card;
    this.changed = changed;
    /** @type {Cell | null} */
    this.hovered = null;
    /** @type {Cell | null} */
    this.cursor = null;
    this.stale = true;
    /** A ring alone: a card would cover the cells that are drawn. */
    this.bare = false;
  }

  /** @param {Cell | null} cell */
  hover(cell) {
    if (String(cell) === String(this.hovered)) return;
    this.hovered = cell;
    this.#turn();
  }

  /**
   * The first step only shows where the cursor is: on the agent.
   * @param {import("./viewport.mjs").Viewport} port
   * @param {Cell} agent
   * @param {number} dx
   * @param {number} dy
   * @returns {Cell} where it is now
   */
  step(port, agent, dx, dy) {
    const [x, y] = this.cursor ?? agent;
    const [u, v] = this.cursor || !(dx || dy) ? [x + dx, y + dy] : [x, y];
    const within = (/** @type {number} */ at, /** @type {number} */ count) =>
      Math.min(count - 1, Math.max(0, at));
    this.hovered = null;
    return (this.cursor = [within(u, port.columns), within(v, port.rows)]);
  }

  /** Point at nothing. */
  escape() {
    this.hovered = this.cursor = null;
    this.#turn();
  }

  /** The keyboard is elsewhere. */
  leave() {
    this.cursor = null;
    this.#turn();
  }

  #turn() {
    this.stale = true;
    this.changed();
  }

  /**
   * @param {import("./showing.mjs").Shown} model
   * @param {import("./gridview.mjs").GridView} view
   * @param {HTMLElement} frame that the canvas stands in
   * @param {number} initial what every entry of Q begins with
   */
  show(model, view, frame, initial) {
    if (!this.stale || !view.ground) return;
    this.stale = false;
    const cell = this.hovered ?? this.cursor;
    if (!cell) return this.card.hide();
    const { port, canvas } = view;
    const side = port.cell / port.ratio;
    const grow = Math.max(0, SMALLEST_RING - side) / 2;
    const box = {
      left: canvas.offsetLeft + (port.left + cell[0] * port.cell) / port.ratio - grow,
      top: canvas.offsetTop + (port.top + cell[1] * port.cell) / port.ratio - grow,
      width: side + 2 * grow,
      height: side + 2 * grow,
    };
    const facts = factsOf(model, view.ground.terrain, initial, cell[0], cell[1]);
    const room = { width: frame.clientWidth, height: frame.clientHeight };
    this.card.show(facts, box, room, this.hovered === null, this.bare);
  }
}
