/** The connection: the WebSocket component of Dash, opened again whenever it is lost. */

import { OPEN, Retries } from "./retries.mjs";
import { placed } from "./place.mjs";
import { tap } from "./tap.mjs";

const CLOCK_MS = 250;
const SILENCE_MS = 1000;
/** The code with which a server closes that has no room, and says so. */
const TRY_LATER = 1013;

export class Socket {
  /**
   * @param {any} dash window.dash_clientside
   * @param {object} tell
   * @param {(text: string) => void} tell.received a message
   * @param {() => void} tell.lost a live connection is gone
   * @param {() => void} tell.changed the state may have changed
   */
  constructor(dash, { received, lost, changed }) {
    this.dash = dash;
    this.lost = lost;
    this.changed = changed;
    this.retries = new Retries();
    /** Why the server lets nobody in here, as far as that is known. */
    this.why = "";
    /** What the last message came by. @type {WebSocket | null} */
    this.channel = null;
    const take = (/** @type {string} */ text, /** @type {WebSocket} */ channel) => {
      this.channel = channel;
      received(text);
    };
    tap(window, (url) => /\/ws\?k=\d+(&|$)/.test(url), take, (event) => this.#closed(event));
  }

  /** Frames come by it. */
  get live() {
    return this.retries.live;
  }

  /**
   * A frame came.
   * @param {number} now in milliseconds
   * @returns {boolean} it is the first one of this connection
   */
  heard(now) {
    this.why = "";
    return this.retries.heard(now);
  }

  /** @param {CloseEvent} event of a socket of ours */
  #closed({ code, reason }) {
    this.why = code === TRY_LATER ? reason : "";
    this.changed();
  }

  /** The page is ready for frames. */
  begin() {
    // The first tick at once: the clock alone would let its interval pass first.
    this.dash.set_props("clock", { disabled: false, n_intervals: 1 });
  }

  /** Wake the clock when the server has fallen silent; a socket that closes tells by itself. */
  watch() {
    setInterval(() => {
      if (this.retries.stale(performance.now())) this.dash.set_props("clock", { disabled: false });
    }, SILENCE_MS);
  }

  /** Each tick of the clock costs Dash fifty milliseconds: while all is well, `watch` does. */
  restClock() {
    this.dash.set_props("clock", { interval: CLOCK_MS, disabled: this.live });
  }

  /**
   * Callback: look after the connection.
   * @param {number} _ticks
   * @param {{readyState: number} | undefined} state of the WebSocket component
   */
  connect(_ticks, state) {
    const wasLive = this.live;
    const attempt = this.retries.tend(state?.readyState, performance.now());
    if (wasLive && !this.live) this.lost();
    this.changed();
    // Its no_update is added after this script ran: read it where it is used.
    return attempt === null ? this.dash.no_update : urlOf(location, attempt);
  }

  /** @param {string} text */
  send(text) {
    if (this.channel?.readyState === OPEN) this.channel.send(text);
  }

  /** @returns {{status: string, note: string, why: string}} in words */
  get status() {
    return { ...this.retries.status(performance.now()), why: this.why };
  }
}

/**
 * @param {{protocol: string, href: string}} page its location
 * @param {number} attempt a url that differs makes the component open another socket
 * @returns {string}
 */
export function urlOf({ protocol, href }, attempt) {
  // Dash may be served below a path; the socket lives beside the page.
  const url = new URL("ws", href.replace(/[?#].*$/, "").replace(/[^/]*$/, ""));
  const scheme = protocol === "https:" ? "wss:" : "ws:";
  return placed(`${scheme}//${url.host}${url.pathname}?k=${attempt}`, href);
}
