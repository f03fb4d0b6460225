/** Which agent of several the page shows: its field, and the buttons that turn to the next one. */

import { attribute, element, write } from "../page/dom.mjs";

/** A number is typed digit by digit. */
const TYPING_MS = 150;
/** Frames of before may still be on their way. */
const ANSWER_MS = 1500;

export class ShownAgent {
  /**
   * @param {any} dash window.dash_clientside
   * @param {import("../wire/model.mjs").Model} model
   * @param {(type: string, data: object) => void} send
   */
  constructor(dash, model, send) {
    this.dash = dash;
    this.model = model;
    this.send = send;
    this.timer = 0;
    /** What the field holds; -1: not known. */
    this.written = -1;
    this.sentAt = -Infinity;
  }

  /** @param {number} by how many agents further, round and round */
  turn(by) {
    const { shown = 0, agents = 1 } = this.model.frame ?? {};
    this.#show((shown + by + agents) % agents);
    this.written = -1; // the field follows
  }

  /** @param {number} agent from 0 */
  #show(agent) {
    this.sentAt = performance.now();
    this.send("show_agent", { agent });
  }

  /** @param {string} text what is wrong */
  #note(text) {
    write("shown-agent-note", text);
  }

  /**
   * Callback: another one was asked for.
   * @param {number | null | undefined} value from 1
   */
  edited(value) {
    clearTimeout(this.timer);
    this.timer = 0;
    // Dash tells of what was written here, too, and late: by then another agent may be shown.
    if (value === this.written + 1) return this.#note("");
    this.written = Number(value) - 1;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      const { agents = 1, shown = 0 } = this.model.frame ?? {};
      const wrong = !Number.isInteger(value) || Number(value) < 1 || Number(value) > agents;
      const came = `not ${value ?? "empty"}`;
      this.#note(wrong ? `Agent shown must be from 1 to ${agents}, ${came}.` : "");
      if (!wrong && Number(value) !== shown + 1) this.#show(Number(value) - 1);
    }, TYPING_MS);
  }

  /** @param {import("../wire/model.mjs").Frame} frame */
  follow({ shown = 0, agents = 1 }) {
    attribute("agent-row", "hidden", agents > 1 ? null : "");
    if (shown === this.written || this.timer !== 0) return;
    if (performance.now() - this.sentAt < ANSWER_MS && this.written >= 0) return;
    // A number that cannot be stays, with what is wrong with it.
    if (element("shown-agent-note").textContent && this.written >= 0) return;
    this.written = shown;
    this.#note("");
    this.dash.set_props("shown-agent", { value: shown + 1 });
  }
}
