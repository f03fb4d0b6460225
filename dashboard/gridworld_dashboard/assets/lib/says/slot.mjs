/** The one line in which the page offers something: at most one offer at a time. */

import { attribute, element, memory, write } from "../page/dom.mjs";

/** @typedef {import("./hints.mjs").Hint} Hint */

const PLACES = ["link-offer", "autosave-offer", "hint"];

export class Slot {
  constructor() {
    /** @type {Hint | null} */
    this.hint = null;
    this.autosaveDismissed = false;
    /** Hints that were closed, of one run. */
    this.closed = { run: -1, keys: /** @type {string[]} */ ([]), ...memory.get("hints") };
  }

  /**
   * @param {{link: boolean, autosave: string | null, hints: Hint[], run: number}} offers
   */
  show({ link, autosave, hints, run }) {
    if (this.closed.run !== run) this.closed = { run, keys: [] };
    this.hint = hints.find(({ key }) => !this.closed.keys.includes(key)) ?? null;
    const saved = this.autosaveDismissed ? null : autosave;
    const place = link ? "link-offer" : saved ? "autosave-offer" : this.hint ? "hint" : "";
    if (place === "autosave-offer") writeText(place, saved ?? "");
    if (place === "hint" && this.hint) {
      writeText(place, this.hint.text);
      write("hint-btn", this.hint.button);
    }
    for (const id of PLACES) attribute(id, "hidden", id === place ? null : "");
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
