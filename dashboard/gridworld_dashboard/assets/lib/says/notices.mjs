/** Which answers and events become notifications, and in which words. */

import { epsilon, plural } from "../page/format.mjs";

/** @typedef {{n?: number, type: string, data?: any, id?: string | null}} Event */
/** @typedef {{kind: "info" | "error", text: string}} Notice */

/**
 * @param {Event} event
 * @param {boolean} own the answer to a command of this tab
 * @returns {Notice | null}
 */
export function noticeFor({ type, data = {}, id }, own) {
  switch (type) {
    case "training_started":
      return data.warning ? info(`${data.warning}.`) : null;
    case "training_complete":
      return info(
        `Training complete after ${plural(data.total_episodes, "episode")}, ` +
          `epsilon ${epsilon(data.final_epsilon)}.`,
      );
    case "save_complete":
      if (data.success === false) return own ? failure(data.message) : null;
      return own ? info(data.filepath ? `Saved to ${data.filepath}` : data.message) : null;
    case "load_complete":
      if (data.success === false) return own ? failure(data.message) : null;
      return info(own ? loaded(data.message) : "Another viewer loaded a Q-table.");
    case "undone":
      return own ? null : info("Another viewer brought a run back.");
    case "reset_complete":
      return own ? null : info("Another viewer reset the training.");
    case "error":
      return own || !id ? failure(data.message) : null;
    default:
      return null;
  }
}

/**
 * A save is two files, of which one or the other was read: it is called by its name.
 * @param {string | undefined} message
 * @returns {string}
 */
function loaded(message = "Loaded.") {
  return message.replace(/^Loaded [^;]*?([^\\/;]+)\.(?:npz|json)(?=;|$)/, "Loaded $1");
}

/** @param {string} text @returns {Notice} */
function info(text) {
  return { kind: "info", text: sentence(text) };
}

/** @param {string | undefined} text @returns {Notice} */
function failure(text) {
  return { kind: "error", text: sentence(text || "The server refused, without a reason.") };
}

/** @param {string} text */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Picks the events that were not seen yet: each comes as an answer, and again in later frames. */
export class EventLog {
  constructor() {
    this.newest = -1;
    /** @type {Set<string>} */
    this.answered = new Set();
  }

  /**
   * The events of a first frame are history: nothing of them is news.
   * @param {Event[]} events
   */
  start(events) {
    this.newest = Math.max(0, ...events.map((event) => event.n ?? 0));
  }

  /**
   * @param {Event[]} events of a frame
   * @returns {Event[]} those that are new, oldest first
   */
  fresh(events) {
    const fresh = events.filter((event) => (event.n ?? 0) > this.newest && !this.#seen(event));
    for (const event of events) this.newest = Math.max(this.newest, event.n ?? 0);
    return fresh;
  }

  /**
   * An answer that came directly, before any copy of it.
   * @param {Event} answer
   * @returns {boolean} true where it is news
   */
  answer(answer) {
    return typeof answer.id === "string" && !this.#seen(answer);
  }

  /** @param {Event} event */
  #seen({ id, type }) {
    if (typeof id !== "string") return false;
    const key = `${id} ${type}`;
    if (this.answered.has(key)) return true;
    this.answered.add(key);
    if (this.answered.size > 200) {
      this.answered = new Set([...this.answered].slice(100));
    }
    return false;
  }
}
