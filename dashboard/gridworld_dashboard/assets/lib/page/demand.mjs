/** What is in a panel and comes when that is opened for the first time: its script is not loaded before. */

import { isOpen } from "./panels.mjs";

/** @typedef {{follow: () => void}} Part */

export class OnDemand {
  /**
   * @param {string} panel
   * @param {() => Promise<Part>} load it and furnish the panel with it
   */
  constructor(panel, load) {
    this.panel = panel;
    this.load = load;
    /** @type {Promise<Part> | null} */
    this.coming = null;
    /** @type {Part | null} */
    this.part = null;
  }

  /** The panel was opened or closed. */
  async look() {
    if (!isOpen(this.panel)) return;
    this.coming ??= this.load();
    this.part = await this.coming;
    this.follow();
  }

  /** A frame came. */
  follow() {
    if (isOpen(this.panel)) this.part?.follow();
  }
}
