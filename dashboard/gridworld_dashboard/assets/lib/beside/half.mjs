/** One of two sessions beside each other: its socket, what it says, and what it is told. */

import { parse } from "../wire/exact.mjs";
import { Outbox } from "../wire/outbox.mjs";
import { backOff } from "../wire/retries.mjs";

/** @typedef {Record<string, any>} Frame */

export class Half {
  /**
   * @param {string} place left or right
   * @param {() => void} changed a frame came, or the connection did or went
   */
  constructor(place, changed) {
    this.place = place;
    this.changed = changed;
    /** @type {Frame | null} */
    this.frame = null;
    this.live = false;
    this.steers = true;
    this.failures = 0;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.outbox = new Outbox((text) => this.socket?.send(text));
  }

  open() {
    const url = new URL(`ws?at=${this.place}`, location.href.replace(/[?#].*$/, ""));
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.socket = new WebSocket(url));
    socket.addEventListener("message", ({ data }) => this.#take(parse(data)));
    socket.addEventListener("close", () => {
      this.live = false;
      this.failures += 1;
      this.outbox.clear();
      this.changed();
      setTimeout(() => this.open(), backOff(this.failures));
    });
  }

  /** @param {{type: string, data?: any, id?: string | null}} message */
  #take(message) {
    const { type, data } = message;
    if (type !== "state" && type !== "training_update") return this.outbox.answered(message);
    if (!this.live) {
      this.live = true;
      this.failures = 0;
      this.steers = data.you?.role !== "viewer";
    }
    this.frame = data;
    this.changed();
  }

  get running() {
    return this.frame?.running === true;
  }

  /**
   * @param {string} type
   * @param {object} [data]
   * @returns {Promise<any>} the data of the answer
   * @throws {Error} it was refused, or the connection went
   */
  async tell(type, data) {
    const answer = await this.outbox.ask(type, data);
    if (answer === null) throw new Error("The server is not there.");
    if (answer.type === "error") throw new Error(answer.data.message);
    return answer.data;
  }
}
