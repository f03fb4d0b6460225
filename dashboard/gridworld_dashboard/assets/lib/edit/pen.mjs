/** What the hand and the keyboard do to cells, as changes of a draft. Pure: no element here. */

import * as drafts from "./draft.mjs";
import { TOOLS } from "./tools.mjs";

/** @typedef {import("./draft.mjs").Draft} Draft */
/** @typedef {import("./draft.mjs").Cell} Cell */
/** @typedef {import("./tools.mjs").Tool} Tool */

/**
 * @typedef {object} Desk
 * @property {() => Draft} draft as it stands
 * @property {() => Tool} tool in the hand
 * @property {(draft: Draft) => void} preview show it, while a stroke goes on
 * @property {(draft: Draft) => void} commit a stroke is done
 * @property {(name: string) => void} take another tool in the hand
 * @property {() => void} undo
 * @property {() => void} redo
 * @property {() => void} waited what waits for a second cell has changed
 */

/**
 * @typedef {object} Stroke
 * @property {"paint" | "hold" | "carry" | "link"} way hold: a start or a goal is pressed, which a
 *   move carries away and a click paints over
 * @property {Draft} before
 * @property {Draft} draft
 * @property {Cell} from
 * @property {Cell} last
 * @property {Tool} tool
 * @property {boolean} erases
 */

const HELP =
  "Space uses the tool in a cell, W, X, G, S and F draw a wall, a pit, a goal, a start or nothing, " +
  "M carries a start or a goal, Escape leads back.";

export class Pen {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {Stroke | null} */
    this.stroke = null;
    /** What waits for a second cell: a portal for its exit, a start or a goal for its place. @type {{what: "portal" | "carried", from: Cell} | null} */
    this.waiting = null;
    this.help = HELP;
  }

  /** @param {Cell} cell */
  down(cell) {
    if (this.waiting?.what === "carried") return this.click(cell);
    const before = this.desk.draft();
    const tool = this.desk.tool();
    const stands = isPlace(before, cell);
    const way = tool.key === "portal" ? "link" : stands && tool.covers ? "hold" : "paint";
    const erases = tool.isAt(before, cell);
    this.stroke = { way, before, draft: before, from: cell, last: cell, tool, erases };
    if (way === "paint") this.#paint(this.stroke, [cell]);
  }

  /** @param {Cell} cell */
  move(cell) {
    const { stroke } = this;
    if (!stroke || drafts.same(cell, stroke.last)) return;
    if (stroke.way === "hold") stroke.way = "carry";
    const passed = drafts.line(stroke.last, cell);
    stroke.last = cell;
    if (stroke.way === "paint") {
      // what one starts from and heads for is not swept away on the way
      this.#paint(stroke, passed.filter((each) => !stroke.tool.covers || !isPlace(stroke.draft, each)));
    } else if (stroke.way === "carry") {
      const free = !isPlace(stroke.before, cell) || drafts.same(cell, stroke.from);
      if (free) this.#preview(stroke, drafts.moved(stroke.before, stroke.from, cell));
    }
  }

  up() {
    const { stroke } = this;
    this.stroke = null;
    if (!stroke) return;
    if (stroke.way === "hold") this.click(stroke.from, stroke.tool);
    else if (stroke.way === "link") this.#link(stroke);
    else this.#commit(stroke.draft);
  }

  cancel() {
    const { stroke } = this;
    this.stroke = null;
    if (stroke) this.desk.preview(stroke.before);
  }

  /**
   * One cell, as a key or a click that does not move means it.
   * @param {Cell} cell
   * @param {Tool} [tool]
   */
  click(cell, tool = this.desk.tool()) {
    const draft = this.desk.draft();
    const { waiting } = this;
    if (waiting?.what === "carried") {
      this.wait(null);
      if (!isPlace(draft, cell)) this.#commit(drafts.moved(draft, waiting.from, cell));
    } else if (tool.key === "portal") this.#end(cell);
    else this.#commit(tool.apply(draft, cell, tool.isAt(draft, cell)));
  }

  /** @param {Pen["waiting"]} waiting */
  wait(waiting) {
    this.waiting = waiting;
    this.desk.waited();
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Cell | null} cell
   * @returns {boolean}
   */
  key(event, cell) {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    const letter = key.toLowerCase();
    if ((ctrlKey || metaKey) && !altKey) {
      if (letter === "z" && !shiftKey) this.desk.undo();
      else if (letter === "y" || letter === "z") this.desk.redo();
      else return false;
      return true;
    }
    if (altKey) return false;
    if (key === "Escape") {
      const waited = this.waiting !== null || this.stroke !== null;
      this.cancel();
      if (this.waiting) this.wait(null);
      return waited;
    }
    const tool = TOOLS.find(({ keys }) => keys.includes(letter));
    const presses = key === " " || key === "Enter";
    if (!tool && !presses && letter !== "m") return false;
    if (!cell) return true;
    if (letter === "m") this.#carry(cell);
    else if (tool) {
      this.desk.take(tool.key);
      this.click(cell, tool);
    } else this.click(cell);
    return true;
  }

  /** @param {Cell} cell whose start or goal is carried to the next one that is pressed */
  #carry(cell) {
    if (this.waiting?.what === "carried") this.click(cell);
    else if (isPlace(this.desk.draft(), cell)) this.wait({ what: "carried", from: cell });
  }

  /** @param {Stroke} stroke @param {Cell[]} cells */
  #paint(stroke, cells) {
    const { tool, erases } = stroke;
    this.#preview(stroke, cells.reduce((draft, cell) => tool.apply(draft, cell, erases), stroke.draft));
  }

  /** @param {Stroke} stroke @param {Draft} draft */
  #preview(stroke, draft) {
    if (draft === stroke.draft) return;
    stroke.draft = draft;
    this.desk.preview(draft);
  }

  /** @param {Stroke} stroke from one cell to another, or on one */
  #link({ from, last, before }) {
    if (drafts.same(from, last)) return this.#end(from);
    this.wait(null);
    this.#commit(drafts.withPortal(before, from, last));
  }

  /** @param {Cell} cell where a portal begins or ends; where one begins already, it goes */
  #end(cell) {
    const draft = this.desk.draft();
    const { waiting } = this;
    if (waiting && !drafts.same(waiting.from, cell)) {
      this.wait(null);
      this.#commit(drafts.withPortal(draft, waiting.from, cell));
    } else if (waiting) this.wait(null);
    else if (drafts.exitAt(draft, cell)) this.#commit(drafts.withoutPortals(draft, cell, false));
    else if (drafts.letterAt(draft, cell) !== drafts.WALL) this.wait({ what: "portal", from: cell });
  }

  /** @param {Draft} draft */
  #commit(draft) {
    this.desk.commit(draft);
  }
}

/** @param {Draft} draft @param {Cell} cell @returns {boolean} a start or a goal is there */
function isPlace(draft, cell) {
  const letter = drafts.letterAt(draft, cell);
  return letter === drafts.START || letter === drafts.GOAL;
}
