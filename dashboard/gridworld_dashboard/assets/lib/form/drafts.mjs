/**
 * What stands in the fields, against what is in force on the server. While training runs they
 * show the server's values; else they hold what was typed, until somebody changes the server's.
 */

import { RULES } from "./fields.mjs";

/**
 * By element id; a whole number that nobody could type here may be in force all the same.
 * @typedef {Record<string, any>} Values
 */

/** A slider that is being dragged is ahead of the frames: they must not pull it back. */
const OWN_EDIT_MS = 1500;

export class Drafts {
  /** @param {Values} values a field that is missing takes the server's value */
  constructor(values) {
    this.values = { ...values };
    /** @type {Values | null} */
    this.inForce = null;
    /** Of that, what each field has answered to. @type {Values} */
    this.answered = {};
    /** @type {Record<string, number>} */
    this.editedAt = {};
  }

  /**
   * @param {string} id
   * @param {number | bigint | null} value
   * @param {number} now in milliseconds
   */
  edit(id, value, now) {
    if (value !== this.values[id]) this.editedAt[id] = now;
    this.values[id] = value;
  }

  /** The next parameters come from a new connection: what was typed stands. */
  forget() {
    this.inForce = null;
    this.answered = {};
  }

  /**
   * What was typed into these fields counts no more.
   * @param {string[]} ids
   */
  drop(ids) {
    for (const id of ids) delete this.values[id];
  }

  /**
   * @param {Record<string, any>} parameters of a frame
   * @param {boolean} running
   * @param {number} now in milliseconds
   * @returns {Values} the fields to set
   */
  adopt(parameters, running, now) {
    /** @type {Values} */
    const changes = {};
    /** @type {Values} */
    const inForce = {};
    for (const [id, { key, whole }] of Object.entries(RULES)) {
      if (!(key in parameters)) continue;
      inForce[id] = whole ? parameters[key] : tidy(parameters[key]);
      const busy = now - (this.editedAt[id] ?? -Infinity) < OWN_EDIT_MS;
      const changed = id in this.answered && this.answered[id] !== inForce[id];
      // The speed may be edited while training runs, so only there "running" proves nothing,
      // except in the first frame: a page that comes to a running training shows its speed.
      const follow = changed || (running && (id !== "speed" || this.inForce === null));
      const unknown = this.values[id] === undefined;
      // What somebody else sets meanwhile counts when the hand is off the slider.
      const waits = busy && id === "speed" && !unknown && this.values[id] !== inForce[id];
      if (waits && id in this.answered) continue;
      this.answered[id] = inForce[id];
      if (unknown || (follow && !waits && this.values[id] !== inForce[id])) {
        changes[id] = this.values[id] = inForce[id];
      }
    }
    this.inForce = inForce;
    return changes;
  }

  /**
   * @param {string} id
   * @returns {number | null | undefined} the server's value where the field differs
   */
  differing(id) {
    if (this.inForce === null || !(id in this.inForce)) return undefined;
    return this.inForce[id] === this.values[id] ? undefined : this.inForce[id];
  }

  /** @returns {string[]} names of the fields because of which the next start begins a new run */
  get freshCauses() {
    return Object.entries(RULES)
      .filter(([id, rule]) => rule.fresh && this.differing(id) !== undefined)
      .map(([, rule]) => rule.name.toLowerCase());
  }
}

/**
 * @param {any} value as the server holds it: float32 numbers come with digits that nobody typed
 * @returns {number | null} without those; any other number as it is, or a start would change it
 */
function tidy(value) {
  if (typeof value !== "number") return null;
  const short = Number(value.toPrecision(7));
  return Math.fround(value) === value && Math.fround(short) === value ? short : value;
}
