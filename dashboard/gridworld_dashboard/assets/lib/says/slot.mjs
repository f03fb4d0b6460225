/** The one line in which the page offers something: at most one offer at a time. */

import { attribute, element, memory, write } from "../page/dom.mjs";

/** @typedef {import("./hints.mjs").Hint} Hint */

const PLACES = ["link-offer", "autosave-offer", "undo-offer", "hint"];

export class Slot {
  constructor() {
    /** @type {Hint | null} */
    this.hint = null;
    this.autosaveDismissed = false;
    /** The run whose return is offered, and the last one whose was closed. */
    this.undo = { n: -1, closed: -1 };
    /** Hints that were closed, of one run. */
    this.closed = { run: -1, keys: /** @type {string[]} */ ([]), ...memory.get("hints") };
  }

  /**
   * @param {object} offers
   * @param {boolean} offers.link
   * @param {string | null} offers.autosave
   * @param {{n: number, text: string} | null} offers.undo
   * @param {Hint[]} offers.hints
   * @param {number} offers.run
   * @param {boolean} offers.fresh nothing was learnt in it yet
   */
  show({ link, autosave, undo, hints, run, fresh }) {
    if (this.closed.run !== run) this.closed = { run, keys: [] };
    this.hint = hints.find(({ key }) => !this.closed.keys.includes(key)) ?? null;
    const saved = this.autosaveDismissed ? null : autosave;
    this.undo.n = undo?.n ?? -1;
    const back = undo && undo.n !== this.undo.closed ? undo.text : null;
    // What to do next comes before what was, once the new run has begun.
    const offers = /** @type {[string, unknown][]} */ ([
      ["link-offer", link],
      ["undo-offer", fresh && back],
      ["autosave-offer", saved],
      ["hint", this.hint],
      ["undo-offer", back],
    ]);
    const place = offers.find(([, there]) => there)?.[0] ?? "";
    if (place === "undo-offer") writeText(place, back ?? "");
    if (place === "autosave-offer") writeText(place, saved ?? "");
    if (place === "hint" && this.hint) {
      writeText(place, this.hint.text);
      write("hint-btn", this.hint.button);
    }
    for (const id of PLACES) attribute(id, "hidden", id === place ? null : "");
  }

  closeUndo() {
    this.undo.closed = this.undo.n;
  }

  closeHint() {
    if (!this.hint) return;
    this.closed.keys.push(this.hint.key);
    memory.set("hints", this.closed);
  }
}

/**
 * @param {string} id
 * @param {string} text
 */
function writeText(id, text) {
  write(/** @type {HTMLElement} */ (element(id).querySelector(".text")), text);
}
