/** The panel that compares the shown agent with the exact optimum. */

import { write } from "../page/dom.mjs";
import { brief, grouped } from "../page/format.mjs";

/** @typedef {import("../wire/model.mjs").Truth} Truth */

const UNTOUCHED = "Nothing was learnt yet.";

/**
 * @param {Truth | null} truth
 * @returns {string} where the comparison stands, in one sentence
 */
export function truthSentence(truth) {
  if (!truth || truth.state === "solving") return "The exact optimum is being worked out.";
  if (truth.state === "unavailable") return truth.reason ?? "The optimum of this world is unknown.";
  if (truth.arrives === false) return "The greedy policy never arrives: somewhere it goes in circles.";
  if (truth.regret === null) return "The greedy policy has no finite value.";
  if (truth.regret === 0) return "The greedy policy is optimal.";
  return `The greedy policy loses ${brief(truth.regret)} against the optimum.`;
}

/**
 * @param {Truth | null} truth
 * @returns {string} the same in a word or two, for the panel's heading
 */
export function truthWord(truth) {
  if (!truth || truth.state !== "ready") return "";
  if (truth.arrives === false) return "never arrives";
  if (truth.regret === 0) return "optimal";
  return truth.regret === null ? "" : `regret ${brief(truth.regret)}`;
}

/** @param {number | null | undefined} share 0..1 @returns {string} never 100 % for less than all */
export function percent(share) {
  if (share === null || share === undefined) return "–";
  const rounded = Math.round(share * 100);
  return `${share < 1 ? Math.min(99, rounded) : rounded} %`;
}

/** @param {Truth | null} truth @returns {string} */
export function optimalSince(truth) {
  if (truth?.optimal_since != null) return `episode ${grouped(truth.optimal_since)}`;
  return truth?.optimal_by == null ? "–" : `episode ${grouped(truth.optimal_by)} or before`;
}

/**
 * @param {Truth | null} truth
 * @param {boolean} untouched nothing was learnt yet: what an empty table does is no news
 * @param {boolean} open whether the panel's inside can be seen
 * @param {boolean} running what is true now is not in a moment: it is read aloud at rest alone
 */
export function writeTruth(truth, untouched, open, running) {
  write("optimum-panel-now", untouched ? "" : truthWord(truth));
  if (!open) return;
  const sentence = untouched && truth?.state === "ready" ? UNTOUCHED : truthSentence(truth);
  write("truth-note", sentence);
  if (!running && truth?.state !== "solving") write("truth-live", sentence);
  write("optimum", brief(truth?.optimal_return));
  write("agent-value", brief(truth?.expected_return));
  write("regret", truth?.arrives === false && truth.regret === null ? "∞" : brief(truth?.regret));
  write("agreement", percent(truth?.agreement));
  write("optimal-since", optimalSince(truth));
}
