/** What one takes along: the grid and the charts as pictures and as data, and the run as Python. */

import { element, make } from "../page/dom.mjs";
import { CHARTS, layout } from "../says/figures.mjs";
import { toast } from "../says/toasts.mjs";
import { copy } from "../share/clipboard.mjs";
import { filled, quiet } from "../trial/parts.mjs";
import { cellsAsCsv, historyAsCsv, regretsAsCsv } from "./csv.mjs";
import { download, downloadText } from "./download.mjs";
import { budgetOf, pythonLines } from "./python.mjs";
import { boardAsSvg } from "./vector.mjs";

/** @typedef {import("../wire/model.mjs").Model} Model */
/** @typedef {"png" | "svg" | "csv"} Kind */

/**
 * @typedef {object} Page
 * @property {Model} model
 * @property {import("../board/board.mjs").Board} board
 * @property {import("../board/showing.mjs").Showing} showing
 * @property {import("../share/sharing.mjs").Sharing} sharing
 */

/** @type {[string, string][]} */
const WHAT = [
  ["grid", "The grid as it is shown"],
  ["return-chart", "Chart of the returns"],
  ["length-chart", "Chart of the steps"],
  ["epsilon-chart", "Chart of epsilon"],
  ["regret-chart", "Chart of the regret"],
];

/** Of a run that does not repeat from its beginning. */
const CHANGED = "# It was loaded or changed on the way: this begins it anew, with all as it is now.";

/** Of a chart, in CSS pixels; a PNG has twice as many of its own. */
const SIZE = { width: 640, height: 360 };

export class Keeping {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.choice = filled(
      "select",
      { id: "keep-what" },
      ...WHAT.map(([value, textContent]) => make("option", { value, textContent })),
    );
    this.lines = make("textarea", { id: "python-text", readOnly: true, rows: 5, spellcheck: false, wrap: "off" });
    const kinds = /** @type {[Kind, string][]} */ ([
      ["png", "PNG"],
      ["svg", "SVG"],
      ["csv", "CSV"],
    ]);
    const savers = kinds.map(([kind, face]) => quiet(face, () => this.#save(kind), `Save as ${face}`));
    element("keeping").replaceChildren(
      filled(
        "div",
        { className: "keep-head" },
        make("label", { htmlFor: "python-text", textContent: "Python" }),
        quiet("Copy", () => void copy("python-text", "Python lines copied."), "Copy the Python lines"),
      ),
      this.lines,
      make("label", { htmlFor: "keep-what", textContent: "Pictures and data" }),
      this.choice,
      filled("div", { className: "row three even" }, ...savers),
    );
  }

  /** A frame came. */
  follow() {
    const text = this.#python();
    if (this.lines.value !== text) this.lines.value = text;
  }

  #python() {
    const { model, sharing, showing } = this.page;
    const settings = sharing.settings();
    const { frame } = model;
    if (!settings || !frame) return "";
    const then = showing.scene?.episode;
    // What somebody has typed is of the next start; a run that has begun goes by what is in force.
    const run = frame.all_steps ? { ...settings, ...frame.parameters, world: settings.world } : settings;
    const budget = then === undefined ? budgetOf(frame, run) : { episodes: then };
    const lines = pythonLines(run, budget, sharing.ownOf(run.world));
    return frame.repeatable === false ? `${CHANGED}\n${lines}` : lines;
  }

  /** @param {Kind} kind */
  async #save(kind) {
    const what = this.choice.value;
    const name = `${this.page.model.world?.name ?? "world"}-${what}.${kind}`;
    try {
      if (what === "grid") await this.#saveGrid(kind, name);
      else await this.#saveChart(what, kind, name);
    } catch (error) {
      toast({ kind: "error", text: /** @type {Error} */ (error).message });
    }
  }

  /** @param {Kind} kind @param {string} name */
  async #saveGrid(kind, name) {
    const { board, showing } = this.page;
    const model = showing.shown;
    if (kind === "csv") {
      const text = cellsAsCsv(model);
      if (!text) throw new Error("Zoom in first: so many cells have no exact numbers here.");
      return downloadText(text, "text/csv", name);
    }
    if (kind === "svg") {
      const text = board.palette && boardAsSvg(model, board.views, board.palette);
      if (!text) throw new Error("An SVG holds worlds of up to 64 x 64 cells; a PNG holds this one.");
      return downloadText(text, "image/svg+xml", name);
    }
    const { canvas } = /** @type {import("../board/board.mjs").Parts} */ (board.parts).view;
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!blob) throw new Error("This browser gives no picture of the grid.");
    download(blob, name);
  }

  /** @param {string} id @param {Kind} kind @param {string} name */
  async #saveChart(id, kind, name) {
    const { model, board } = this.page;
    if (kind === "csv") {
      const text = id === "regret-chart" ? regretsAsCsv(model) : historyAsCsv(model);
      if (!text) throw new Error("There is nothing in this chart yet.");
      return downloadText(text, "text/csv", name);
    }
    const { Plotly } = /** @type {any} */ (window);
    const chart = CHARTS.find((each) => each.id === id);
    const traces = board.palette && chart ? chart.traces(model, board.palette) : [];
    if (!Plotly || !chart || !board.palette || traces.length === 0) {
      throw new Error("There is nothing in this chart yet.");
    }
    const shape = layout(board.palette, model.frame?.run ?? null, chart.fromZero ?? false, traces);
    const text = element(`${id}-now`).closest("figure")?.querySelector("h3")?.textContent ?? "";
    const figure = {
      data: traces,
      layout: {
        ...shape,
        title: { text, font: { size: 14, color: board.palette.ink } },
        margin: { ...shape.margin, t: 40 },
        paper_bgcolor: board.palette.surface,
      },
    };
    const url = await Plotly.toImage(figure, { format: kind, scale: kind === "png" ? 2 : 1, ...SIZE });
    download(await (await fetch(url)).blob(), name);
  }
}
