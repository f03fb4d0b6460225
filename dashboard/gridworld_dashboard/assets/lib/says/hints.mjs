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
 * @property {Record<string, number>} [numbers] with which its world is learnt, by element id
 */

const PATIENCE = 100;
const RECENT_BINS = 20;
const CURIOUS = 0.3;
/** So many times longer the exploration is to last. */
const LONGER = 4;

/**
 * @param {Situation} situation
 * @returns {Hint[]} the most helpful one first
 */
export function hintsFor(situation) {
  // Where episodes are too short, that is why the goal is not reached.
  const lost = impossible(situation) ?? spent(situation) ?? tooShort(situation) ?? astray(situation);
  return [lost, blind(situation), forgetful(situation)].filter((hint) => hint !== null);
}

/** @param {Record<string, any>} frame @returns {boolean} epsilon counts for nothing */
function isSoftmax(frame) {
  return frame.parameters?.exploration === "softmax";
}

/** @param {Situation} situation @returns {Hint | null} */
function impossible({ frame, truth }) {
  const limit = limitOf(frame);
  const needed = Math.ceil(truth?.optimal_length ?? 0);
  if (!limit || needed <= limit) return null;
  const text =
    `An episode ends after ${grouped(limit)} steps, but the best way takes ${grouped(needed)}.`;
  return longer(text, Math.max(4 * limit, 4 * needed));
}

/** @param {Situation} situation @returns {Hint | null} */
function tooShort({ frame, goals, history }) {
  const limit = limitOf(frame);
  if (!limit || goals !== 0 || !cutOff(frame, history, limit)) return null;
  const text = `Episodes are cut off after ${grouped(limit)} steps, before the goal is found.`;
  return longer(text, 4 * limit);
}

/** @param {Record<string, any>} frame @returns {number | null} */
function limitOf(frame) {
  return frame.parameters?.max_steps ?? frame.max_steps;
}

/** @param {string} text @param {number} steps @returns {Hint} */
function longer(text, steps) {
  return {
    key: "too-short",
    text,
    button: `Allow ${steps < 100_000 ? grouped(steps) : compact(steps)} steps`,
    fields: { "max-steps": steps },
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
  if (!untouched || frame.running || drafts.epsilon !== 0 || isSoftmax(frame)) return null;
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
  if (frame.parameters?.learning_rate_schedule === "count") return null; // 1 is that of the first
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
  const dull = !isSoftmax(frame) && frame.epsilon < CURIOUS;
  if (goals !== 0 || episodes < PATIENCE || dull) return null;
  const best = truth?.optimal_return;
  if (!(best > 0) || Number(frame.parameters?.initial_value) >= best) return null;
  const high = Math.ceil(best);
  return {
    key: "astray",
    text:
      `In ${grouped(episodes)} episodes the goal was never reached; ` +
      "high initial values make the agent try what it does not know.",
    button: `Begin with ${high}`,
    fields: { "initial-value": high },
    next: "afresh",
  };
}

/**
 * Epsilon is spent, and the way was not found, or not learnt: neither longer episodes nor more of
 * the same help, but to explore for longer.
 * @param {Situation} situation
 * @returns {Hint | null}
 */
function spent({ frame, truth, goals, drafts, numbers = {} }) {
  const episodes = watched(frame);
  if (isSoftmax(frame) || frame.epsilon >= CURIOUS || episodes < PATIENCE) return null;
  const lost = !frame.running && truth?.state === "ready" && truth.arrives === false;
  if (goals !== 0 && !lost) return null;
  const what = goals === 0 ? "the goal was never reached" : "the greedy policy does not arrive yet";
  const given = frame.parameters ?? {};
  const decay = given.epsilon_decay ?? drafts["epsilon-decay"] ?? 1;
  const slower = Number((1 - (1 - decay) / LONGER).toPrecision(6));
  const more = {
    "num-episodes": Math.max(Number(numbers["num-episodes"] ?? 0), LONGER * episodes),
    "epsilon-decay": Math.max(Number(numbers["epsilon-decay"] ?? 0), slower),
  };
  return {
    key: `spent-${episodes}`,
    text: `In ${grouped(episodes)} episodes ${what}, and the agent hardly explores any more.`,
    button: `Explore for ${grouped(more["num-episodes"])} more`,
    fields: { epsilon: 1, ...more },
    next: "go on",
  };
}
