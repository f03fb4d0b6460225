/** Drawing: everything that is stale is brought up to date in one animation frame. */

import { Pace, between } from "../wire/pace.mjs";
import { drawCellLegend } from "../says/readout.mjs";
import { attribute, memory, write } from "./dom.mjs";
import { readPalette, scheme } from "./palette.mjs";

/** @typedef {import("./palette.mjs").Palette} Palette */

export class Drawing {
  /**
   * @param {object} page
   * @param {import("../wire/model.mjs").Model} page.model
   * @param {import("../board/trail.mjs").Trail} page.trail
   * @param {import("../board/board.mjs").Board} page.board
   * @param {import("../board/showing.mjs").Showing} page.showing what is on the board
   * @param {import("../says/charts.mjs").Charts} page.charts
   * @param {(palette: Palette) => void} page.write everything around the board that follows frames
   */
  constructor({ model, trail, board, showing, charts, write: writeAround }) {
    this.model = model;
    this.trail = trail;
    this.board = board;
    this.showing = showing;
    this.charts = charts;
    this.writeAround = writeAround;
    this.pace = new Pace(() => this.draw());
    /** @type {Palette | null} */
    this.palette = null;
    this.stale = true;
    /** What the panels hold is there as well. */
    this.furnished = false;
  }

  /** Something that the page shows has changed. */
  ask() {
    this.stale = true;
    this.again();
  }

  /** Ask for one animation frame. */
  again() {
    this.pace.ask(between(this.model.frame));
  }

  draw() {
    this.pace.drawn();
    const { model, trail, board, showing, charts, palette } = this;
    if (!model.frame || !model.world || !palette) return;
    const now = performance.now();
    if (board.draw(showing.shown, showing.trail, now)) this.again();
    if (!this.furnished) return;
    if (this.stale) {
      this.stale = false;
      this.writeAround(palette);
    }
    if (charts.draw(model, palette, now)) this.again();
    if (trail.moving(now) || showing.trail.moving(now)) this.again();
  }

  /** Use the room there is. */
  fit() {
    this.board.fit();
    this.#drawLegend();
  }

  changeScheme() {
    const next = scheme() === "dark" ? "light" : "dark";
    document.documentElement.dataset.scheme = next;
    memory.set("scheme", next);
    this.applyScheme();
  }

  applyScheme() {
    this.palette = readPalette();
    const other = this.palette.scheme === "dark" ? "Light" : "Dark";
    write("scheme-toggle", other);
    attribute("scheme-toggle", "aria-label", `${other} colours`);
    this.board.setPalette(this.palette);
    this.#drawLegend();
    this.redrawCharts();
  }

  redrawCharts() {
    this.charts.refresh();
    this.charts.soon();
    this.ask();
  }

  #drawLegend() {
    const { palette } = this;
    const { world } = this.showing.shown;
    if (palette && world) drawCellLegend(world, palette, devicePixelRatio);
  }
}
