/** An experiment that is about to be begun: a range, runs, go. */

import { grouped } from "../page/format.mjs";
import { MARK } from "../share/mend.mjs";
import { act, ask, sentence } from "./api.mjs";
import { button, choice, duration, make, number, tidy, words } from "./make.mjs";

const ESTIMATE_MS = 400;

/**
 * @typedef {object} Axis
 * @property {string} key
 * @property {string} title
 * @property {string} symbol
 * @property {string} says
 * @property {string} must
 * @property {any} now
 * @property {number} low
 * @property {number} high
 * @property {number} count
 * @property {boolean} log
 */

/**
 * @typedef {object} Form what the server knows of the settings
 * @property {string} world
 * @property {string} algorithm
 * @property {Axis[]} axes
 * @property {number} runs
 * @property {number} episodes
 * @property {{name: string, sentence: string}[]} measures
 * @property {number | null} most_steps
 */

export class Draft {
  /**
   * @param {HTMLElement} place
   * @param {object} page
   * @param {boolean} page.steers
   * @param {(key: string) => void} page.begun
   */
  constructor(place, { steers, begun }) {
    this.place = place;
    this.steers = steers;
    this.begun = begun;
    this.timer = 0;
    this.asked = 0;
    /** @type {string} */
    this.link = "";
    /** @type {Form | null} */
    this.form = null;
    this.keys = ["", ""];
  }

  /**
   * @param {string} key of the number to vary
   * @param {string} code of the link that holds everything else
   */
  async show(key, code) {
    this.link = MARK + code;
    try {
      this.form = /** @type {Form} */ (await ask("form", { link: this.link }));
    } catch (error) {
      this.#refuse(error);
      return;
    }
    const known = this.form.axes.some((axis) => axis.key === key);
    this.keys = [known ? key : this.form.axes[0].key, ""];
    this.#build(this.form);
  }

  /** @param {unknown} error */
  #refuse(error) {
    const { message } = /** @type {Error} */ (error);
    this.place.replaceChildren(make("p", { className: "problem", role: "alert", textContent: message }));
  }

  /** @param {Form} form */
  #build(form) {
    const changed = () => this.#changed();
    this.axes = [make("div", { className: "axis" }), make("div", { className: "axis" })];
    this.note = make("p", { className: "estimate", role: "status" });
    this.sentence = make("p", { className: "muted small" });
    this.go = button("Go", () => this.#begin(), { kind: "primary", disabled: !this.steers });
    const measures = form.measures.map(({ name }) => ({ value: name, text: words(name) }));
    const others = [{ value: "", text: "nothing else" }, ...form.axes.map(({ key, title }) => ({ value: key, text: title }))];
    const [first, second] = [0, 1].map((place) =>
      choice(`vary-${place}`, place === 0 ? "Vary" : "and", place === 0 ? others.slice(1) : others, this.keys[place], () => {
        this.keys[place] = field(`vary-${place}`).value;
        this.#axis(place);
        this.#changed();
      }),
    );
    const limit = form.most_steps === null ? "" : ` A run of more than ${grouped(form.most_steps)} steps an episode, on the average, is cut off and counted as such.`;
    this.place.replaceChildren(
      make("h2", { textContent: "A new experiment" }),
      make("p", {
        className: "muted",
        textContent: `${form.algorithm} on ${form.world}; all other numbers are those of the live page.${limit}`,
      }),
      make(
        "form",
        { className: "draft", autocomplete: "off", noValidate: true },
        make("fieldset", {}, make("legend", { textContent: "What" }), first, this.axes[0], second, this.axes[1]),
        make(
          "fieldset",
          {},
          make("legend", { textContent: "How much" }),
          number("runs", "Runs of each", form.runs, changed),
          number("episodes", "Episodes", form.episodes, changed),
          choice("measure", "Measure", measures, measures[0].value, changed),
          this.sentence,
        ),
        make("div", { className: "start" }, this.go, this.note),
      ),
    );
    this.place.querySelector("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.go?.disabled) this.#begin();
    });
    this.#axis(0);
    this.#axis(1);
    this.#changed();
    field("vary-0-low").focus();
  }

  /** The fields of an axis, for the number that is chosen. @param {number} place */
  #axis(place) {
    const axis = this.form?.axes.find(({ key }) => key === this.keys[place]);
    const body = this.axes?.[place];
    if (!body) return;
    if (!axis) {
      body.replaceChildren();
      return;
    }
    const changed = () => this.#changed();
    const id = (/** @type {string} */ name) => `vary-${place}-${name}`;
    const now = typeof axis.now === "number" ? tidy(axis.now) : String(axis.now);
    body.replaceChildren(
      make("p", { className: "muted small", textContent: `${axis.says} Now ${now}; it must be ${axis.must}.` }),
      make(
        "div",
        { className: "range" },
        number(id("low"), "From", axis.low, changed),
        number(id("high"), "to", axis.high, changed),
        number(id("count"), "Values", axis.count, changed),
        choice(
          id("scale"),
          "Spaced",
          [
            { value: "lin", text: "evenly" },
            { value: "log", text: "by ratio" },
          ],
          axis.log ? "log" : "lin",
          changed,
        ),
      ),
    );
  }

  /** @returns {object} the plan as the server takes it */
  #data() {
    const axes = [0, 1]
      .filter((place) => this.keys[place])
      .map((place) => ({
        key: this.keys[place],
        low: valueOf(`vary-${place}-low`),
        high: valueOf(`vary-${place}-high`),
        count: valueOf(`vary-${place}-count`),
        log: field(`vary-${place}-scale`).value === "log",
      }));
    return {
      link: this.link,
      axes,
      runs: valueOf("runs"),
      episodes: valueOf("episodes"),
      measure: field("measure").value,
    };
  }

  #changed() {
    const chosen = this.form?.measures.find(({ name }) => name === field("measure").value);
    if (this.sentence) this.sentence.textContent = chosen?.sentence ?? "";
    if (this.note?.textContent === "") this.note.textContent = "Sees how much that is …";
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.#estimate(), ESTIMATE_MS);
  }

  /** Say what it would take, or what is wrong. */
  async #estimate() {
    const { note, go } = this;
    if (!note?.isConnected || !go) return;
    const mine = ++this.asked;
    try {
      const { problem, settings, runs, runs_each: each, seconds } = await ask("estimate", this.#data());
      if (mine !== this.asked) return;
      if (problem) throw new Error(sentence(problem));
      note.className = "estimate";
      note.textContent =
        `${grouped(settings)} settings of ${grouped(each)} runs: ${grouped(runs)} runs, ` +
        `${duration(seconds)} on this machine` +
        (this.steers ? "" : ". Who steers may begin it.");
      go.disabled = !this.steers;
    } catch (error) {
      if (mine !== this.asked) return;
      note.className = "estimate problem";
      note.textContent = /** @type {Error} */ (error).message;
      go.disabled = true;
    }
  }

  async #begin() {
    const { note, go } = this;
    if (!note || !go) return;
    go.disabled = true;
    this.asked++;
    clearTimeout(this.timer);
    try {
      const { key } = await act("begin", this.#data());
      this.begun(key);
    } catch (error) {
      note.className = "estimate problem";
      note.textContent = /** @type {Error} */ (error).message;
      go.disabled = false;
    }
  }
}

/** @param {string} id @returns {HTMLInputElement} */
function field(id) {
  return /** @type {HTMLInputElement} */ (document.getElementById(id));
}

/** @param {string} id @returns {number | null} */
function valueOf(id) {
  const { value } = field(id);
  return value === "" ? null : Number(value);
}
