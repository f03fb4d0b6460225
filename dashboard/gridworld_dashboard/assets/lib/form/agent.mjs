/** Which agent of several the page shows: its field, and the buttons that turn to the next one. */

import { attribute, write } from "../page/dom.mjs";

/** A number is typed digit by digit. */
const TYPING_MS = 150;

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
    this.written = -1;
  }

  /** @param {number} by how many agents further, round and round */
  turn(by) {
    const { shown = 0, agents = 1 } = this.model.frame ?? {};
    this.#show((shown + by + agents) % agents);
  }

  /** @param {number} agent from 0 */
  #show(agent) {
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
    this.written = shown;
    this.dash.set_props("shown-agent", { value: shown + 1 });
  }
}
