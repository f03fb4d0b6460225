/** What the page knows: the frames of the stream merged, so that any single one may be missed. */

import { decodeBytes, decodeFloats } from "./binary.mjs";

/**
 * @typedef {object} World
 * @property {string} name
 * @property {string[]} rows one character a cell
 * @property {number} width
 * @property {number} height
 * @property {number[] | null} [wind]
 * @property {[[number, number], [number, number]][]} [portals]
 */

/**
 * @typedef {object} Values max_a Q of sampled cells
 * @property {number} width
 * @property {number} height
 * @property {number} scale cells per sample side
 * @property {number} lo
 * @property {number} hi
 * @property {Uint8Array} data 0: no value, 1..255: lo..hi
 * @property {Float32Array | null} exact the values themselves, where the world is small
 */

/**
 * @typedef {object} Policy
 * @property {number} width
 * @property {number} height
 * @property {Uint8Array} data bit a of a cell: action a is greedy
 */

/**
 * @typedef {object} Band
 * @property {Float32Array} mean
 * @property {Float32Array} min
 * @property {Float32Array} max
 */

/**
 * @typedef {object} History
 * @property {number} width episodes per bin
 * @property {number} episodes complete ones
 * @property {Band} returns
 * @property {Band} lengths
 * @property {Float32Array} epsilon
 * @property {Float32Array} rollingReturn
 * @property {Float32Array} rollingLength
 */

/** @typedef {Record<string, any>} Frame `data` of `training_update` and `state` */

/** The parts that come less often than the frame, and what is made of them. */
const PARTS = {
  world: (/** @type {any} */ world) => /** @type {World} */ (world),
  values: (/** @type {any} */ v) =>
    /** @type {Values} */ ({
      ...v,
      data: decodeBytes(v.data),
      exact: v.exact === undefined ? null : decodeFloats(v.exact),
    }),
  policy: (/** @type {any} */ p) => /** @type {Policy} */ ({ ...p, data: decodeBytes(p.data) }),
  history: decodeHistory,
};

export class Model {
  constructor() {
    /** @type {Frame | null} */
    this.frame = null;
    /** @type {World | null} */
    this.world = null;
    /** @type {Values | null} */
    this.values = null;
    /** @type {Policy | null} */
    this.policy = null;
    /** @type {History | null} */
    this.history = null;
  }

  /** @type {Record<string, string>} parts as they came, to see whether they are new */
  #raw = {};

  /** The run whose world is known. @type {number | null} */
  #worldRun = null;

  /**
   * @param {Frame} frame
   * @param {boolean} live whether it comes by the connection that the last one came by
   * @returns {boolean} whether the world of its run came with it, or before it
   */
  understands(frame, live) {
    return frame.world !== undefined || (live && frame.run === this.#worldRun);
  }

  /** The next frame is the first of a new connection, perhaps of another server. */
  forget() {
    if (this.frame) this.frame = { ...this.frame, run: null };
  }

  /**
   * @param {Frame} frame
   * @returns {Set<string>} what changed: any of "run", "world", "values", "policy", "history"
   */
  merge(frame) {
    const changed = new Set();
    if (frame.world !== undefined) this.#worldRun = frame.run;
    if (frame.run !== this.frame?.run) {
      changed.add("run").add("values").add("policy").add("history");
      this.values = this.policy = this.history = null;
      this.#raw = this.world ? { world: this.#raw.world } : {};
    }
    for (const [name, decode] of Object.entries(PARTS)) {
      if (frame[name] === undefined) continue;
      // Idle frames repeat everything; decoding is cheap, drawing the same again is not.
      const raw = JSON.stringify(frame[name]);
      if (raw === this.#raw[name]) continue;
      this.#raw[name] = raw;
      Object.assign(this, { [name]: frame[name] === null ? null : decode(frame[name]) });
      changed.add(name);
    }
    this.frame = frame;
    return changed;
  }
}

/**
 * @param {any} history as it travels
 * @returns {History}
 */
function decodeHistory(history) {
  return {
    width: history.width,
    episodes: history.episodes,
    returns: decodeBand(history.return),
    lengths: decodeBand(history.length),
    epsilon: decodeFloats(history.epsilon),
    rollingReturn: decodeFloats(history.rolling_return),
    rollingLength: decodeFloats(history.rolling_length),
  };
}

/**
 * @param {{mean: string, min: string, max: string}} band
 * @returns {Band}
 */
function decodeBand(band) {
  return {
    mean: decodeFloats(band.mean),
    min: decodeFloats(band.min),
    max: decodeFloats(band.max),
  };
}
