/**
 * A switch between learning and what leaves the training untouched: a test of the policy, a game by
 * hand, a look back. One of them is on the board at a time.
 */

import { attribute, element, make, write } from "../page/dom.mjs";
import { filled } from "./parts.mjs";
import { Game } from "./game.mjs";
import { Lookback } from "./lookback.mjs";
import { Test } from "./test.mjs";

/**
 * @typedef {object} Page what the trials take hold of
 * @property {import("../wire/model.mjs").Model} model
 * @property {import("../board/board.mjs").Board} board
 * @property {import("../board/showing.mjs").Showing} showing
 * @property {import("../page/drawing.mjs").Drawing} drawing
 * @property {import("../wire/outbox.mjs").Outbox} outbox
 */

/**
 * What the switch turns to.
 * @typedef {object} Mode
 * @property {string} face on its button
 * @property {HTMLElement} body
 * @property {() => void} begin
 * @property {() => void} leave the board shows something else, or is to
 * @property {() => void} [follow] a frame came while it is on
 * @property {() => string} now in the panel's heading
 */

const NOTHING =
  "Try out what the agent has learnt, play yourself, or look back. Whatever you do here, the " +
  "training is not touched: it goes on, or waits, as it was.";

export class Trials {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    const left = () => this.#turned(null);
    /** @type {Mode[]} */
    this.modes = [new Test(page, left), new Game(page, left), new Lookback(page, left)];
    /** @type {Mode | null} */
    this.mode = null;
    this.learning = this.#face("Learning", () => this.#learn());
    this.faces = this.modes.map((mode) => this.#face(mode.face, () => this.#turn(mode)));
    const name = { className: "row trial-switch", role: "group", ariaLabel: "What the board shows" };
    this.words = make("p", { className: "sentence", textContent: NOTHING });
    element("trials").replaceChildren(
      filled("div", name, this.learning, ...this.faces),
      this.words,
      ...this.modes.map(({ body }) => body),
    );
    this.#turned(null);
  }

  /** A frame came, or somebody turned to something. */
  follow() {
    for (const mode of this.modes) if (mode === this.mode) mode.follow?.();
    write("trials-panel-now", this.mode?.now() ?? "");
  }

  /**
   * @param {string} face
   * @param {() => void} does
   */
  #face(face, does) {
    const made = make("button", { type: "button", className: "choice", textContent: face });
    made.addEventListener("click", does);
    return made;
  }

  /** @param {Mode} mode */
  #turn(mode) {
    if (mode === this.mode) return;
    this.#learn();
    this.#turned(mode);
    mode.begin();
    this.follow();
  }

  /** Back to the training; a mode that had nothing to show has to be told. */
  #learn() {
    this.page.showing.back();
    this.mode?.leave();
  }

  /** @param {Mode | null} mode */
  #turned(mode) {
    this.mode = mode;
    attribute(this.learning, "aria-pressed", String(mode === null));
    this.faces.forEach((face, i) => {
      attribute(face, "aria-pressed", String(this.modes[i] === mode));
      this.modes[i].body.hidden = this.modes[i] !== mode;
    });
    this.words.hidden = mode !== null;
    write("trials-panel-now", mode?.now() ?? "");
  }
}
