/**
 * Where people get stuck, and what mends it: one sentence and one button each. Pure.
 */

import { compact, grouped } from "../page/format.mjs";

/**
 * @typedef {object} Hint
 * @property {string} key
 * @property {string} text one sentence
 * @property {string} button
 * @property {Record<string, number | null>} fields to fill, by element id
 * @property {"fill" | "go on" | "afresh"} next what the numbers need to take effect: no more than
 *   the next start, a start that goes on with epsilon as given, or a new run
 */

/**
 * @typedef {object} Situation
 * @property {Record<string, any>} frame
 * @property {Record<string, any> | null} truth
 * @property {number | null} goals arrivals at goals
 * @property {{agents?: number, width: number, lengths: {mean: ArrayLike<number>}} | null} history
 * @property {Record<string, number | null>} drafts
 * @property {boolean} untouched nothing was learnt yet
 */

const PATIENCE = 100;
const RECENT_BINS = 20;
const CURIOUS = 0.3;

/**
 * @param {Situation} situation
 * @returns {Hint[]} the most helpful one first
 */
export function hintsFor(situation) {
  // Where episodes are too short, that is why the goal is not reached.
  const lost = tooShort(situation) ?? astray(situation);
  return [lost, blind(situation), forgetful(situation)].filter((hint) => hint !== null);
}

/** @param {Situation} situation @returns {Hint | null} */
function tooShort({ frame, truth, goals, history }) {
  const limit = frame.parameters?.max_steps ?? frame.max_steps;
  if (!limit) return null;
  const needed = truth?.optimal_length ?? null;
  const impossible = needed !== null && needed > limit;
  if (!impossible && !(goals === 0 && cutOff(frame, history, limit))) return null;
  const more = Math.max(4 * limit, impossible ? 4 * Math.ceil(needed) : 0);
  return {
    key: "too-short",
    text: impossible
      ? `An episode ends after ${grouped(limit)} steps, but the best way takes ` +
        `${grouped(Math.ceil(needed))}.`
      : `Episodes are cut off after ${grouped(limit)} steps, before the goal is found.`,
    button: `Allow ${more < 100_000 ? grouped(more) : compact(more)} steps`,
    fields: { "max-steps": more },
    next: "afresh",
  };
}

/**
 * @param {Record<string, any>} frame
 * @returns {number} episodes in which arrivals at goals were counted: not those before a load
 */
function watched({ total_episodes: all, visits_since: since = 1 }) {
  return all - (since - 1);
}

/**
 * @param {Record<string, any>} frame
 * @param {Situation["history"]} history
 * @param {number} limit
 * @returns {boolean} whether nearly all of the last episodes were truncated
 */
function cutOff(frame, history, limit) {
  if (!history || watched(frame) < PATIENCE / 4) return false;
  const recent = Array.from(history.lengths.mean).slice(-RECENT_BINS);
  const sum = recent.reduce((total, length) => total + length, 0);
  return recent.length > 0 && sum / recent.length > 0.95 * limit;
}

/** @param {Situation} situation @returns {Hint | null} */
function blind({ frame, drafts, untouched }) {
  if (!untouched || frame.running || drafts.epsilon !== 0) return null;
  return {
    key: "blind",
    text: "With epsilon 0 the agent tries nothing by chance, and it knows nothing yet.",
    button: "Begin with epsilon 1",
    fields: { epsilon: 1 },
    next: "fill",
  };
}

/** @param {Situation} situation @returns {Hint | null} */
function forgetful({ frame, drafts }) {
  const rate = frame.running ? frame.parameters?.learning_rate : drafts["learning-rate"];
  const slip = frame.running ? frame.parameters?.slip : drafts.slip;
  if (rate !== 1 || !(Number(slip) > 0)) return null;
  return {
    key: "forgetful",
    text: "With learning rate 1 each update forgets all before it: where steps slip, values jump.",
    button: "Learning rate 0.1",
    fields: { "learning-rate": 0.1 },
    next: frame.running ? "go on" : "fill",
  };
}

/** @param {Situation} situation @returns {Hint | null} */
function astray({ frame, truth, goals }) {
  const episodes = watched(frame);
  if (goals !== 0 || episodes < PATIENCE) return null;
  const text = `In ${grouped(episodes)} episodes the goal was never reached`;
  if (frame.epsilon < CURIOUS) {
    return {
      key: "astray",
      text: `${text}, and the agent hardly explores any more.`,
      button: "Explore again: epsilon 1",
      fields: { epsilon: 1 },
      next: "go on",
    };
  }
  const best = truth?.optimal_return;
  if (!(best > 0) || Number(frame.parameters?.initial_value) >= best) return null;
  const high = Math.ceil(best);
  return {
    key: "astray",
    text: `${text}; high initial values make the agent try what it does not know.`,
    button: `Begin with ${high}`,
    fields: { "initial-value": high },
    next: "afresh",
  };
}
