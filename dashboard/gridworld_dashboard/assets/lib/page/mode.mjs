/** Shows how the connection is, and locks what must be locked. */

import { title, writeCounters } from "../says/readout.mjs";
import { attribute, write } from "./dom.mjs";

/** @typedef {"page" | "steer" | "link" | "idle" | "running" | "settings"} When */

/**
 * When controls are enabled, by the names that they say it by (`data-when`).
 * @param {boolean} open the server is there
 * @param {boolean} training it trains
 * @param {boolean} [steers] who is here may change something
 * @returns {Record<When, boolean>} which of them are disabled
 */
export function disabledIn(open, training, steers = true) {
  const running = open && training;
  return {
    page: false,
    steer: !steers,
    link: !open || !steers,
    idle: !open || running || !steers,
    running: !running || !steers,
    settings: running || !steers,
  };
}

export class Mode {
  /**
   * @param {object} page
   * @param {any} page.dash window.dash_clientside
   * @param {import("../wire/model.mjs").Model} page.model
   * @param {import("../wire/socket.mjs").Socket} page.socket
   * @param {import("./buttons.mjs").Buttons} page.buttons
   * @param {import("./role.mjs").Role} page.role
   */
  constructor({ dash, model, socket, buttons, role }) {
    this.dash = dash;
    this.model = model;
    this.socket = socket;
    this.buttons = buttons;
    this.role = role;
    this.shown = "";
  }

  /** How the connection is: there is something to say before anything else is there. */
  showLink() {
    const { status, note, why } = this.socket.status;
    write("connection-status", status);
    write("retry-note", note);
    write("why-not", why);
    attribute("page", "data-link", status.toLowerCase());
  }

  /** Call it whenever the connection or the training may have changed. */
  show() {
    const { dash, socket, buttons } = this;
    const { frame } = this.model;
    this.showLink();
    const words = title(frame, socket.live);
    if (document.title !== words) document.title = words;
    const disabled = disabledIn(socket.live, frame?.running === true, this.role.steers);
    const next = JSON.stringify(disabled);
    if (next === this.shown) return;
    this.shown = next;
    if (!socket.live && frame) writeCounters(frame, false);
    socket.restClock();
    buttons.lock(disabled);
    // The fields are Dash's: its own parts of them have to follow.
    dash.set_props("mode", { data: disabled });
  }
}
