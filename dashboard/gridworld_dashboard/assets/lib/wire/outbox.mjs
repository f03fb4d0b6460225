/**
 * Commands on their way out. Each has an id of its own, by which this tab knows its answers, and
 * all that were given in one tick leave as one array: nobody else's come in between.
 */

import { stringify } from "./exact.mjs";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

/** @typedef {{type: string, data?: object, id: string}} Command */
/** @typedef {{type: string, data?: any, id?: string | null}} Answer */

export class Outbox {
  /**
   * @param {(text: string) => void} send
   * @param {(flush: () => void) => void} [defer] calls back after this tick
   */
  constructor(send, defer = (flush) => setTimeout(flush, 0)) {
    this.send = send;
    this.defer = defer;
    this.prefix = Array.from({ length: 8 }, () => pick(ALPHABET)).join("");
    this.count = 0;
    /** @type {Command[]} */
    this.waiting = [];
    /** Who waits for the answer to which command. @type {Map<string, (answer: Answer | null) => void>} */
    this.asked = new Map();
  }

  /**
   * @param {string} type
   * @param {object} [data]
   * @returns {string} the command's id
   */
  put(type, data) {
    this.count += 1;
    const id = `${this.prefix}-${this.count}`;
    this.waiting.push(data === undefined ? { type, id } : { type, data, id });
    if (this.waiting.length === 1) this.defer(() => this.flush());
    return id;
  }

  /**
   * @param {string} type
   * @param {object} [data]
   * @returns {Promise<Answer | null>} null where the connection is lost first
   */
  ask(type, data) {
    const id = this.put(type, data);
    return new Promise((resolve) => this.asked.set(id, resolve));
  }

  /** @param {Answer} answer that came */
  answered(answer) {
    const { id } = answer;
    if (typeof id !== "string") return;
    this.asked.get(id)?.(answer);
    this.asked.delete(id);
  }

  flush() {
    if (this.waiting.length === 0) return;
    const commands = this.waiting.splice(0);
    this.send(stringify(commands.length === 1 ? commands[0] : commands));
  }

  /** Forget what has not left: its connection is gone. */
  clear() {
    this.waiting.length = 0;
    for (const resolve of this.asked.values()) resolve(null);
    this.asked.clear();
  }

  /**
   * @param {string | null | undefined} id
   * @returns {boolean} true for a command of this tab
   */
  owns(id) {
    return typeof id === "string" && id.startsWith(`${this.prefix}-`);
  }
}

/** @param {string} letters */
function pick(letters) {
  return letters[Math.floor(Math.random() * letters.length)];
}
