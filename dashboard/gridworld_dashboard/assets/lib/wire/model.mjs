/** What the page knows: the frames of the stream merged, so that any single one may be missed. */

import { decodeBytes, decodeDoubles, decodeFloats } from "./binary.mjs";

/**
 * @typedef {object} World
 * @property {string} name
 * @property {string[]} rows one character a cell
 * @property {number} width
 * @property {number} height
 * @property {string} [rules] what the map does not show, in a line
 * @property {number[] | null} [wind]
 * @property {[[number, number], [number, number]][]} [portals]
 * @property {[number, number][]} [cliffs] entries of portals that cost more than a step
 * @property {boolean} [named] whether its name alone makes it
 * @property {any} [definition] its JSON, where its name alone does not make it and it is small
 * @property {import("../board/notes.mjs").Notes} [notes] of a draft
 */

/**
 * @typedef {object} Cells exact numbers of a rectangle of cells, row by row
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {Float32Array} q four numbers a cell: up, down, left, right
 * @property {Float64Array} visits updates made in the cell; arrivals, where episodes end
 * @property {Float32Array} tdError NaN where none was made yet
 * @property {Float32Array | null} optimal V*; 0 where nobody acts, NaN in walls
 * @property {Float32Array | null} [eligibility] the largest trace of the cell; null: it has none
 * @property {Float32Array | null} [model] actions whose outcome is remembered; null: none is
 */

/**
 * @typedef {object} Overview a layer of a large world, sampled
 * @property {string} layer
 * @property {number} width in samples
 * @property {number} height in samples
 * @property {number} scale cells per sample side
 * @property {number} lo of visits: log10(1 + visits)
 * @property {number} hi
 * @property {Uint8Array} data 0: nothing to show, 1..255: lo..hi
 */

/**
 * @typedef {object} Band
 * @property {Float32Array} mean of one agent's bin; of many agents their interquartile mean
 * @property {Float32Array} low the least of the bin; of many agents the lower quartile
 * @property {Float32Array} high
 * @property {Band | null} [average] of many agents: their plain mean in its interval
 */

/**
 * @typedef {object} History
 * @property {number} agents
 * @property {number} width episodes per bin
 * @property {number} episodes complete ones
 * @property {Band} returns
 * @property {Band} lengths
 * @property {Float32Array} epsilon
 * @property {Float32Array} rollingReturn
 * @property {Float32Array} rollingLength
 */

/**
 * @typedef {object} Truth the exact optimum, and where the shown agent stands
 * @property {"solving" | "ready" | "unavailable"} state
 * @property {string | null} reason
 * @property {number | null} optimal_return
 * @property {number | null} expected_return
 * @property {number | null} regret
 * @property {boolean | null} arrives
 * @property {number | null} agreement
 * @property {number | null} optimal_since
 * @property {number | null} [optimal_by] where it was optimal when it was first looked at
 * @property {number | null} at_episode
 * @property {number | null} optimal_length
 */

/** @typedef {{episodes: Float64Array, regret: Float64Array}} Regrets */

/**
 * @typedef {object} Pin a run that the present one is compared with
 * @property {number} pin its number
 * @property {string} name what differs from the present settings
 * @property {number} agents
 * @property {number} episodes
 * @property {string | null} link that begins it anew; null: no link holds it
 * @property {boolean} repeatable whether that gives the same run
 * @property {Float64Array} ends the episodes that the points of its curves are of
 * @property {{mean: Float32Array, middle: Float32Array}} returns rolling means of one agent; of
 *   many their plain mean, and that of their middle half
 * @property {{mean: Float32Array, middle: Float32Array}} lengths
 * @property {Float32Array} epsilon
 * @property {Regrets} regrets
 */

/**
 * @typedef {object} Versus how the present run does against a pinned one
 * @property {number} pin
 * @property {number} agents that are compared
 * @property {number} first episode
 * @property {number} last episode
 * @property {(number | null)[]} difference of the returns, and the ends of its interval
 * @property {(number | null)[]} better how often its agents do better, and the interval
 */

/** @typedef {Record<string, any>} Frame `data` of `training_update` and `state` */

/** The parts that come less often than the frame, and what is made of them. */
const PARTS = {
  world: (/** @type {any} */ world) => /** @type {World} */ (world),
  cells: decodeCells,
  overview: (/** @type {any} */ o) =>
    /** @type {Overview} */ ({ ...o, data: decodeBytes(o.data) }),
  history: decodeHistory,
  truth: (/** @type {any} */ truth) => /** @type {Truth} */ (truth),
  regrets: decodeRegrets,
  pins: (/** @type {any[]} */ pins) => pins.map(decodePin),
  versus: (/** @type {any} */ versus) => /** @type {Versus[]} */ (versus),
  goals: (/** @type {any} */ goals) => /** @type {number} */ (goals),
};

/** Parts of one run alone. */
const OF_RUN = /** @type {const} */ ([
  "cells",
  "overview",
  "history",
  "truth",
  "regrets",
  "goals",
]);

export class Model {
  constructor() {
    /** @type {Frame | null} */
    this.frame = null;
    /** @type {World | null} */
    this.world = null;
    /** @type {Cells | null} */
    this.cells = null;
    /** @type {Overview | null} */
    this.overview = null;
    /** @type {History | null} */
    this.history = null;
    /** @type {Truth | null} */
    this.truth = null;
    /** @type {Regrets | null} */
    this.regrets = null;
    /** Arrivals of the shown agent at goals. @type {number | null} */
    this.goals = null;
    /** @type {Pin[]} */
    this.pins = [];
    /** @type {Versus[]} */
    this.versus = [];
  }

  /** @type {Record<string, any>} parts as they came, to see whether they are new */
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

  /** @returns {boolean} nothing was learnt yet, by no agent */
  get untouched() {
    return (this.frame?.all_steps ?? 0) === 0 && (this.frame?.total_steps ?? 0) === 0;
  }

  /** The next frame is the first of a new connection, perhaps of another server. */
  forget() {
    if (this.frame) this.frame = { ...this.frame, run: null };
  }

  /**
   * @param {Frame} frame
   * @returns {Set<string>} what changed: "run", "shown", and the names of parts
   */
  merge(frame) {
    const changed = new Set();
    if (frame.world !== undefined) this.#worldRun = frame.run;
    if (frame.run !== this.frame?.run) {
      changed.add("run");
      for (const name of OF_RUN) {
        changed.add(name);
        this[name] = null;
        delete this.#raw[name];
      }
    }
    if (frame.shown !== this.frame?.shown) changed.add("shown");
    for (const [name, decode] of Object.entries(PARTS)) {
      if (frame[name] === undefined) continue;
      // Idle frames repeat everything; decoding is cheap, drawing the same again is not.
      if (equal(frame[name], this.#raw[name])) continue;
      this.#raw[name] = frame[name];
      Object.assign(this, { [name]: frame[name] === null ? null : decode(frame[name]) });
      changed.add(name);
    }
    this.frame = frame;
    return changed;
  }
}

/**
 * Two values of JSON. Numbers packed into one string are told apart at its first difference.
 * @param {any} a
 * @param {any} b
 * @returns {boolean}
 */
function equal(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && equal(a[key], b[key]))
  );
}

/**
 * @param {any} cells as they travel
 * @returns {Cells}
 */
function decodeCells({ x, y, width, height, q, visits, td_error, optimal, eligibility, model }) {
  return {
    x,
    y,
    width,
    height,
    q: decodeFloats(q),
    visits: decodeDoubles(visits),
    tdError: decodeFloats(td_error),
    optimal: optimal ? decodeFloats(optimal) : null,
    eligibility: eligibility ? decodeFloats(eligibility) : null,
    model: model ? decodeFloats(model) : null,
  };
}

/**
 * @param {any} history as it travels
 * @returns {History}
 */
function decodeHistory(history) {
  return {
    agents: history.agents ?? 1,
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
 * @param {any} regrets as they travel
 * @returns {Regrets}
 */
function decodeRegrets({ episodes, regret }) {
  return { episodes: decodeDoubles(episodes), regret: decodeDoubles(regret) };
}

/**
 * @param {any} pin as it travels
 * @returns {Pin}
 */
function decodePin({ ends, epsilon, return: returns, length, regrets, ...pin }) {
  const both = (/** @type {any} */ { mean, middle }) => ({
    mean: decodeFloats(mean),
    middle: decodeFloats(middle),
  });
  return {
    ...pin,
    ends: decodeDoubles(ends),
    epsilon: decodeFloats(epsilon),
    returns: both(returns),
    lengths: both(length),
    regrets: decodeRegrets(regrets),
  };
}

/**
 * @param {Record<string, string>} band
 * @returns {Band}
 */
function decodeBand(band) {
  const { average, average_low: low, average_high: high } = band;
  return {
    mean: decodeFloats(band.mean),
    low: decodeFloats(band.low),
    high: decodeFloats(band.high),
    average: average ? decodeBand({ mean: average, low, high }) : null,
  };
}
