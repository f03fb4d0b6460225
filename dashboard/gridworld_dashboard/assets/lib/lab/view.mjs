/** One experiment: how far it has come, its charts, what it says, its files. */

import { write } from "../page/dom.mjs";
import { grouped } from "../page/format.mjs";
import { toast } from "../says/toasts.mjs";
import { act, ask, file, sentence } from "./api.mjs";
import { bestOf, failuresOf, matrixOf, tableOf } from "./findings.mjs";
import { drawHeat } from "./heat.mjs";
import { button, choice, make, words } from "./make.mjs";
import { openRun } from "./opening.mjs";
import { drawCurves, drawSensitivity } from "./plots.mjs";
import { isBusy, pace, share } from "./rack.mjs";

/** @typedef {import("./rack.mjs").Entry} Entry */
/** @typedef {"sensitivity" | "heat-map" | "curves" | "better"} Kind */

/** @type {Record<Kind, string>} */
const TITLES = {
  sensitivity: "U-curve",
  "heat-map": "Heat map",
  curves: "Learning curves",
  better: "P(better)",
};

export class View {
  /**
   * @param {HTMLElement} place
   * @param {string} store key
   * @param {object} page
   * @param {boolean} page.steers
   * @param {() => import("../page/palette.mjs").Palette} page.palette
   * @param {() => void} page.changed look at the list again
   */
  constructor(place, store, { steers, palette, changed }) {
    this.place = place;
    this.store = store;
    this.steers = steers;
    this.palette = palette;
    this.changed = changed;
    /** @type {Kind} */
    this.kind = "sensitivity";
    this.measure = "";
    this.axis = "";
    /** Of the server, about the runs there were then. @type {any} */
    this.said = null;
    /** What is shown of it: runs, measure, axis. */
    this.state = "";
    this.asking = false;
    /** @type {any} */
    this.more = null;
    this.#build();
  }

  #build() {
    this.title = make("h2", {});
    this.pace = make("p", { className: "pace", role: "status" });
    this.bar = make("div", { className: "bar" });
    this.progress = make("div", { className: "progress", role: "progressbar", ariaLabel: "Runs finished" }, this.bar);
    this.tools = make("div", { className: "tools" });
    this.problem = make("p", { className: "problem", role: "alert", hidden: true });
    this.choices = make("div", { className: "choices" });
    this.kinds = make("div", { className: "kinds", role: "group", ariaLabel: "Chart" });
    this.chart = make("div", { className: "lab-plot" });
    this.note = make("p", { className: "muted small" });
    this.failures = make("div", {});
    this.best = make("div", {});
    this.table = make("div", {});
    this.files = make("div", { className: "files" });
    this.place.replaceChildren(
      make("div", { className: "head" }, make("div", {}, this.title, this.pace), this.tools),
      this.progress,
      this.problem,
      make("div", { className: "switches-row" }, this.kinds, this.choices),
      this.chart,
      this.note,
      this.failures,
      this.best,
      this.files,
      this.table,
    );
  }

  /** @param {Entry} entry of the list, as it is now */
  async follow(entry) {
    this.entry = entry;
    this.#head(entry);
    const state = JSON.stringify([entry.runs, entry.all_runs, this.measure, this.axis]);
    if (entry.problem || state === this.state || this.asking) return;
    this.asking = true;
    const asked = { store: this.store, measure: this.measure || null, axis: this.axis || null };
    try {
      this.said = await ask("view", asked);
      this.state = state;
      this.more = null;
      this.#refuse("");
      await this.#show();
    } catch (error) {
      this.#refuse(/** @type {Error} */ (error).message);
    } finally {
      this.asking = false;
    }
  }

  /** Draw again, as after another scheme. */
  async redraw() {
    if (this.said) await this.#draw();
  }

  /** @param {string} text */
  #refuse(text) {
    if (!this.problem) return;
    this.problem.textContent = text;
    this.problem.hidden = text === "";
  }

  /** @param {Entry} entry */
  #head(entry) {
    const { title, bar, progress, tools } = this;
    if (!title || !this.pace || !bar || !progress || !tools) return;
    write(title, entry.name || entry.folder);
    const best = isBusy(entry) && entry.progress?.best ? ` · best so far: ${entry.progress.best}` : "";
    write(this.pace, entry.problem ? "" : pace(entry) + best);
    bar.style.inlineSize = `${100 * share(entry)}%`;
    progress.setAttribute("aria-valuenow", String(Math.round(100 * share(entry))));
    progress.hidden = share(entry) >= 1 || Boolean(entry.problem);
    if (entry.problem || entry.state === "failed") this.#refuse(entry.problem || entry.message || "");
    const faces = this.#faces(entry);
    if (tools.dataset.faces === faces.map(([face]) => face).join()) return;
    tools.dataset.faces = faces.map(([face]) => face).join();
    tools.replaceChildren(...faces.map(([face, does]) => button(face, does)));
  }

  /** @param {Entry} entry @returns {[string, () => void][]} what may be done with it */
  #faces(entry) {
    if (!this.steers) return [];
    const { store } = this;
    const del = /** @type {[string, () => void]} */ (["Delete", () => this.#act("delete", { store })]);
    if (isBusy(entry)) return [["Stop", () => this.#act("stop", { store })], del];
    if (entry.problem) return [del];
    if (share(entry) < 1) return [["Go on", () => this.#act("go", { store })], del];
    return [["Twice the runs", () => this.#act("go", { store, runs: 2 * (this.said?.runs_each ?? 1) })], del];
  }

  /** @param {string} doing @param {object} data */
  async #act(doing, data) {
    try {
      const { message } = await act(doing, data);
      toast({ kind: "info", text: sentence(message) });
    } catch (error) {
      toast({ kind: "error", text: /** @type {Error} */ (error).message });
    }
    this.changed();
  }

  /** @returns {Kind[]} */
  #kindsThere() {
    const { said } = this;
    return /** @type {Kind[]} */ ([
      ...(said.heat ? ["heat-map"] : []),
      ...(said.sensitivity ? ["sensitivity"] : []),
      "curves",
      ...(said.settings > 1 && said.settings <= 24 ? ["better"] : []),
    ]);
  }

  async #show() {
    const { said, kinds, choices } = this;
    if (!kinds || !choices) return;
    const there = this.#kindsThere();
    const names = there.join();
    if (kinds.dataset.names !== names) {
      if (kinds.dataset.names === undefined || !there.includes(this.kind)) this.kind = there[0];
      kinds.dataset.names = names;
      kinds.replaceChildren(...there.map((kind) => this.#kindButton(kind)));
      this.#fillChoices(choices);
    }
    for (const one of kinds.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one.dataset.kind === this.kind));
    this.failures?.replaceChildren(failuresOf(said));
    this.table?.replaceChildren(tableOf(said, (point) => this.#open(point)));
    this.#fillFiles();
    await this.#draw();
    if (said.complete) await this.#findBest();
    else this.best?.replaceChildren();
  }

  /** @param {Kind} kind */
  #kindButton(kind) {
    const made = button(TITLES[kind], () => {
      this.kind = kind;
      this.#show();
    }, { kind: "choice" });
    made.dataset.kind = kind;
    return made;
  }

  /** @param {HTMLElement} choices */
  #fillChoices(choices) {
    const { said } = this;
    const again = () => {
      this.measure = /** @type {HTMLSelectElement} */ (document.getElementById("shown-measure")).value;
      const axis = /** @type {HTMLSelectElement | null} */ (document.getElementById("shown-axis"));
      if (axis) this.axis = axis.value;
      this.changed();
    };
    const measures = said.measures.map((/** @type {any} */ one) => ({ value: one.name, text: words(one.name) }));
    const axes = said.axes.map((/** @type {string} */ axis) => ({ value: axis, text: words(axis) }));
    choices.replaceChildren(
      choice("shown-measure", "Measure", measures, said.measure.name, again),
      ...(axes.length > 1 ? [choice("shown-axis", "Along", axes, said.sensitivity.axis, again)] : []),
    );
  }

  /** @param {{setting: number, run: number | null}} point */
  #open({ setting, run }) {
    openRun(this.store, setting, run);
  }

  async #draw() {
    const { chart, note, said, kind } = this;
    if (!chart || !note) return;
    const opens = (/** @type {any} */ point) => this.#open(point);
    if (chart.dataset.kind !== kind) {
      chart.dataset.kind = kind;
      chart.replaceChildren(make("div", { className: "drawn" }));
    }
    const place = /** @type {HTMLElement} */ (chart.firstElementChild);
    write(note, this.#noteOf());
    try {
      if (kind === "sensitivity") await drawSensitivity(place, said, this.palette(), opens);
      else if (kind === "heat-map") drawHeat(place, said.heat, said.measure, this.palette(), opens);
      else {
        const asked = { store: this.store, measure: said.measure.name };
        if (this.more?.kind !== kind) this.more = { kind, ...(await ask(kind, asked)) };
        write(note, this.#noteOf());
        if (this.kind !== kind) return;
        if (kind === "curves") await drawCurves(place, this.more, this.palette(), opens);
        else place.replaceChildren(matrixOf(this.more, this.palette().scheme));
      }
      this.#refuse("");
    } catch (error) {
      this.#refuse(/** @type {Error} */ (error).message);
    }
  }

  #noteOf() {
    const { said, kind, more } = this;
    if (kind === "sensitivity") {
      const { lines, lines_in_all: all, method } = said.sensitivity;
      const few = all > lines.length ? ` ${lines.length} of ${all} lines are shown.` : "";
      return `${said.measure.sentence} Line: mean, with its ${method}; dots: single runs. A click on any point opens that run.${few}`;
    }
    if (kind === "heat-map") {
      const line = said.heat.told ? " The line is around what cannot be told from the best." : "";
      return `${said.measure.sentence} Means, coloured by their order; a click opens the run nearest to one.${line}`;
    }
    if (kind === "curves" && more?.kind === kind) {
      const rest = more.left > 0 ? ` The first ${grouped(more.runs)} runs of each.` : "";
      return `Mean return along the way, with its ${more.method}; computed again from the plan.${rest}`;
    }
    return "";
  }

  async #findBest() {
    const { said, best } = this;
    const found = await ask("best", { store: this.store, measure: said.measure.name });
    if (this.said !== said) return;
    best?.replaceChildren(
      found.problem
        ? make("p", { className: "muted small", textContent: sentence(found.problem) })
        : bestOf(found, said.measure),
    );
  }

  #fillFiles() {
    const { files, said, kind, store } = this;
    if (!files) return;
    const link = (/** @type {string} */ face, /** @type {Record<string, string | null>} */ asked) =>
      make("a", { href: file({ store, ...asked }), download: "", textContent: face });
    const figure = { figure: kind, measure: said.measure.name, axis: kind === "sensitivity" ? said.sensitivity.axis : null };
    files.replaceChildren(
      make("span", { className: "muted", textContent: "All runs:" }),
      link("CSV", { what: "csv" }),
      link("Parquet", { what: "parquet" }),
      make("span", { className: "muted", textContent: "This chart:" }),
      link("SVG", { what: "svg", ...figure }),
      link("PNG", { what: "png", ...figure }),
      make("span", { className: "muted", textContent: "To run it elsewhere:" }),
      link("plan.toml", { what: "toml" }),
      link("Python", { what: "python" }),
    );
  }
}
