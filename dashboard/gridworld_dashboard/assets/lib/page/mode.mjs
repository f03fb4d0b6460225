/** Shows how the connection is, and locks what must be locked. */

import { title, writeCounters } from "../says/readout.mjs";
import { attribute, write } from "./dom.mjs";

/** @typedef {"page" | "link" | "idle" | "running" | "settings"} When */

/**
 * When controls are enabled, by the names that they say it by (`data-when`).
 * @param {boolean} open the server is there
 * @param {boolean} training it trains
 * @returns {Record<When, boolean>} which of them are disabled
 */
export function disabledIn(open, training) {
  const running = open && training;
  return {
    page: false,
    link: !open,
    idle: !open || running,
    running: !running,
    settings: running,
  };
}

export class Mode {
  /**
   * @param {object} page
   * @param {any} page.dash window.dash_clientside
   * @param {import("../wire/model.mjs").Model} page.model
   * @param {import("../wire/socket.mjs").Socket} page.socket
   * @param {import("./buttons.mjs").Buttons} page.buttons
   */
  constructor({ dash, model, socket, buttons }) {
    this.dash = dash;
    this.model = model;
    this.socket = socket;
    this.buttons = buttons;
    this.shown = "";
  }

  /** Call it whenever the connection or the training may have changed. */
  show() {
    const { dash, socket, buttons } = this;
    const { frame } = this.model;
    const { status, note } = socket.status;
    write("connection-status", status);
    write("retry-note", note);
    attribute("page", "data-link", status.toLowerCase());
    const words = title(frame, socket.live);
    if (document.title !== words) document.title = words;
    const disabled = disabledIn(socket.live, frame?.running === true);
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
