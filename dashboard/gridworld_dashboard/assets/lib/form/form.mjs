/** The fields and their sliders: what Dash holds, what stands in them, what is in force. */

import { attribute, element, memory, write } from "../page/dom.mjs";
import { Drafts } from "./drafts.mjs";
import { OF_WORLD, OTHERS, RULES, nudge, read, shown } from "./fields.mjs";
import { positionOf, speedAt } from "./speed.mjs";
import { keepFromSwipes, put } from "./swipes.mjs";

const FIELDS = Object.keys(RULES);
/** Fields whose value in force is no news while another one is typed. */
const UNHINTED = ["num-episodes", "speed"];
/** What a field holds that was not remembered. */
const USUAL = Object.fromEntries(
  FIELDS.filter((id) => !OF_WORLD.includes(id)).map((id) => [id, RULES[id].usual]),
);
const HELD_MS = 60;
const SPEED_MS = 120;

/** @typedef {import("./drafts.mjs").Values} Values */

export class Form {
  /**
   * @param {any} dash window.dash_clientside
   * @param {(speed: number | null) => void} sendSpeed
   * @param {() => void} changed some draft has another value
   */
  constructor(dash, sendSpeed, changed) {
    this.dash = dash;
    this.sendSpeed = sendSpeed;
    this.changed = changed;
    /** Somebody else steers: the fields show what is in force, and nothing is remembered. */
    this.watches = false;
    /** What is wrong with the field for which `values` gave nothing. */
    this.complaint = "";
    const fields = memory.get("fields");
    const { world, ...remembered } = fields ?? {};
    /** @type {string | undefined} the world that slip and step limit were typed for */
    this.world = world;
    // Whoever is here for the first time sees the server's values: theirs would begin a new run.
    this.drafts = new Drafts(fields ? { ...USUAL, ...remembered } : {});
    /** @type {(number | null | undefined)[]} values that Dash holds, in the order of the rules */
    this.held = [];
    this.speedTimer = 0;
  }

  /** The page is there. */
  begin() {
    for (const bubble of document.querySelectorAll(".field > .bubble")) {
      const id = bubble.id.replace(/-help$/, "");
      for (const name of [id, `${id}-slider`]) {
        if (document.getElementById(name)) {
          attribute(name, "aria-describedby", `${id}-note ${id}-help`);
        }
      }
    }
    this.#set(this.drafts.values);
    keepFromSwipes(element("page"));
    addEventListener("input", (event) => this.#onInput(event));
    addEventListener("keydown", (event) => this.#onKey(event));
  }

  /**
   * @param {Record<string, any>} parameters of a frame
   * @param {boolean} running
   * @param {number} now in milliseconds
   */
  follow(parameters, running, now) {
    if (typeof parameters.world === "string" && parameters.world !== this.world) {
      if (this.world !== undefined) this.drafts.drop(OF_WORLD);
      this.world = parameters.world;
    }
    this.#set(this.drafts.adopt(parameters, running || this.watches, now));
  }

  /**
   * Write into fields, as if somebody had typed it.
   * @param {Values} values by element id
   */
  fill(values) {
    const now = performance.now();
    for (const [id, value] of Object.entries(values)) this.drafts.edit(id, value, now);
    this.#set(values);
    if ("speed" in values) this.#speedChanged();
    this.changed();
  }

  /**
   * Back to the defaults.
   * @param {import("./gallery.mjs").Own | undefined} own what the world has by itself
   */
  fillUsual(own) {
    const world = own ? { slip: own.slip, "max-steps": own.max_steps, ...own.numbers } : {};
    this.fill(Object.assign({}, USUAL, world));
  }

  /**
   * @returns {Record<string, any> | null} what a start sends; null, with the focus on
   *   the first wrong field, where something is wrong
   */
  values() {
    this.complaint = "";
    const wrong = FIELDS.filter((id) => "error" in this.#check(id));
    if (wrong.length > 0) {
      const field = element(wrong[0]);
      const panel = field.closest("details");
      if (panel) panel.open = true;
      field.focus();
      this.complaint = document.getElementById(`${wrong[0]}-note`)?.textContent ?? "";
      return null;
    }
    return Object.fromEntries(
      FIELDS.filter((id) => this.drafts.inForce === null || id in this.drafts.inForce).map((id) => {
        const result = this.#check(id);
        return [RULES[id].key, "value" in result ? result.value : null];
      }),
    );
  }

  /** @returns {Record<string, number | null> | null} by name on the wire; null: not known yet */
  settings() {
    const values = FIELDS.map((id) => [RULES[id].key, this.drafts.values[id]]);
    return values.every(([, value]) => value !== undefined) ? Object.fromEntries(values) : null;
  }

  /**
   * Read a number field that belongs to no start.
   * @param {string} id
   * @returns {number | null} null where something is wrong, which the page then says
   */
  other(id) {
    const result = this.#check(id);
    return "value" in result ? /** @type {number | null} */ (result.value) : null;
  }

  /**
   * Callback: some field has another value.
   * @param {(number | null | undefined)[]} values that Dash holds
   */
  edited(values) {
    const now = performance.now();
    this.held = values;
    for (const id of FIELDS) {
      const result = this.#check(id);
      // A field that nobody has filled yet waits for the server's value.
      if ("error" in result || this.drafts.values[id] === undefined) continue;
      const changed = this.drafts.values[id] !== result.value;
      this.drafts.edit(id, result.value, now);
      if (changed && id === "speed") this.#speedChanged();
    }
    this.#remember();
    this.#writeInForce();
    this.changed();
  }

  /**
   * Callback: keep a field and its slider equal; the one that was moved stays as it is.
   * @param {number | null | undefined} value
   * @param {string} slid
   */
  tie(value, slid) {
    const { callback_context: context, no_update: same } = this.dash;
    const [id, slider] = context.outputs_list.map((/** @type {any} */ output) => output.id);
    const moved = context.triggered.map((/** @type {any} */ trigger) => trigger.prop_id);
    const speed = id === "speed";
    if (moved.includes(`${slider}.value`) && !moved.includes(`${id}.value`)) {
      const next = speed ? speedAt(Number(slid)) : Number(slid);
      if (next === null) empty(id);
      return [next ?? same, same];
    }
    const result = read(id, value);
    if ("error" in result) return [same, same];
    const position = String(speed ? positionOf(result.value) : result.value);
    return [same, position === slid ? same : position];
  }

  /**
   * Read a field and say below it what is wrong, if anything is.
   * @param {string} id
   */
  #check(id) {
    const field = /** @type {HTMLInputElement} */ (element(id));
    const value = field.value === "" ? null : Number(field.value);
    const held = this.drafts.inForce?.[id];
    // What is in force may be a number that nobody could type here: it stands as it is.
    const large = typeof held === "bigint" && field.value === String(held);
    const result = large ? { value: held } : read(id, value, field.validity.badInput, field.value);
    const waits = id in RULES && this.drafts.values[id] === undefined && value === null;
    const error = "error" in result && !waits ? result.error : "";
    write(`${id}-note`, error);
    attribute(field, "aria-invalid", error ? "true" : null);
    return result;
  }

  /** A slider gives many values on its way: send the newest now and then. */
  #speedChanged() {
    if (this.speedTimer) return;
    this.speedTimer = window.setTimeout(() => {
      this.speedTimer = 0;
      if (this.drafts.differing("speed") !== undefined) this.sendSpeed(this.drafts.values.speed);
    }, SPEED_MS);
  }

  /** @param {Values} changes by field id */
  #set(changes) {
    for (const [id, value] of Object.entries(changes)) {
      if (value === null) empty(id);
      else if (typeof value === "bigint") put(fieldOf(id), String(value));
      else this.dash.set_props(id, { value });
    }
    if (Object.keys(changes).length > 0) this.#remember();
    this.#writeInForce();
  }

  #remember() {
    if (this.watches) return;
    const values = Object.entries(this.drafts.values).filter(([, v]) => typeof v !== "bigint");
    memory.set("fields", { ...Object.fromEntries(values), world: this.world });
  }

  /** While a field waits for the next start, show what is in force until then. */
  #writeInForce() {
    for (const id of FIELDS) {
      if (UNHINTED.includes(id)) continue;
      const value = this.drafts.differing(id);
      write(`${id}-in-force`, value === undefined ? "" : `now ${shown(id, value)}`);
    }
  }

  /**
   * Dash's number field misses a text equal to the one typed last, when it was set from outside
   * in between: tell it a moment later, if it still does not know.
   * @param {Event} event
   */
  #onInput(event) {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (field.id in OTHERS) this.#check(field.id);
    const place = FIELDS.indexOf(field.id);
    if (place < 0) return;
    setTimeout(() => {
      const value = field.value === "" ? null : Number(field.value);
      const known = Number.isFinite(this.held[place]) ? this.held[place] : null;
      if (known !== value) this.dash.set_props(field.id, { value });
    }, HELD_MS);
  }

  /**
   * Arrow keys: the browser's own step would be 1 wherever any number is allowed.
   * @param {KeyboardEvent} event
   */
  #onKey(event) {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (!(field.id in RULES) || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const value = field.value === "" ? null : Number(field.value);
    this.dash.set_props(field.id, { value: nudge(field.id, value, event.key === "ArrowUp" ? 1 : -1) });
  }
}

/**
 * Empty a field as a user would: set from outside, Dash's number field writes NaN into itself.
 * @param {string} id
 */
function empty(id) {
  put(fieldOf(id), "");
}

/** @param {string} id @returns {HTMLInputElement} */
function fieldOf(id) {
  return /** @type {HTMLInputElement} */ (element(id));
}
