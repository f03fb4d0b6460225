/** Who one is here: who steers, who watches, or who has a session of one's own. */

import { grouped, plural } from "./format.mjs";
import { attribute, write } from "./dom.mjs";

/**
 * @typedef {object} Session the bounds of a session of one's own
 * @property {number} most at a time
 * @property {number} memory_mb
 * @property {number} cells of a world
 * @property {number} idle_minutes
 * @property {boolean} back it was put away, and has come back
 */

/** @typedef {{role: "presenter" | "viewer" | null, session: Session | null}} You */

/**
 * @param {You} you
 * @returns {{name: string, says: string}} in words; empty where there is nothing to be said
 */
export function describe({ role, session }) {
  if (session) {
    const { most, memory_mb: memory, cells, idle_minutes: minutes, back } = session;
    return {
      name: "Your own session",
      says:
        "Nobody else sees or changes it. This server has " +
        `${plural(most, "session")} at a time; each takes worlds of up to ${grouped(cells)} cells ` +
        `and ${grouped(memory)} MB. After ${plural(minutes, "minute")} without a browser it is put ` +
        "away, stopped, and comes back as it was when this browser does." +
        (back ? " So it just did." : ""),
    };
  }
  if (role === "viewer") {
    return {
      name: "Watching",
      says:
        "Only who has the presenter's link steers. What you switch, open or zoom here is for your " +
        "eyes alone.",
    };
  }
  if (role === "presenter") {
    return { name: "Presenting", says: "Who comes without your link watches, and changes nothing." };
  }
  return { name: "", says: "" };
}

export class Role {
  /** @param {(text: string) => void} tell */
  constructor(tell) {
    this.tell = tell;
    /** Commands that change something are taken from here. */
    this.steers = true;
  }

  /** @param {You} [you] of the first frame of a connection; absent: nothing is special */
  take(you = { role: null, session: null }) {
    this.steers = you.role !== "viewer";
    const { name, says } = describe(you);
    write("role-name", name);
    write("role-says", says);
    attribute("role", "hidden", name ? null : "");
    if (you.session?.back) {
      this.tell("Your session had been put away; it is back as it was, stopped.");
    }
  }
}
