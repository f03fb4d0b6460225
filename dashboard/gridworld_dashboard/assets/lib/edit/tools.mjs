/** What one draws with. */

import * as drafts from "./draft.mjs";

/** @typedef {import("./draft.mjs").Draft} Draft */
/** @typedef {import("./draft.mjs").Cell} Cell */

/**
 * @typedef {object} Tool
 * @property {string} key
 * @property {string} title
 * @property {string} keys that paint with it where the cursor is
 * @property {boolean} covers it paints over what is in a cell: starts and goals are carried instead
 * @property {string} says what it does, for a bubble
 * @property {(draft: Draft, cell: Cell) => boolean} isAt it was used there: a press takes that back
 * @property {(draft: Draft, cell: Cell, erases: boolean) => Draft} apply
 * @property {number} [value] that it sets
 */

/**
 * @param {string} key
 * @param {string} letter
 * @param {string} keys
 * @param {string} says
 * @returns {Tool}
 */
function painter(key, letter, keys, says) {
  return {
    key,
    title: key.charAt(0).toUpperCase() + key.slice(1),
    keys,
    covers: true,
    says,
    isAt: (draft, cell) => drafts.letterAt(draft, cell) === letter,
    apply: (draft, cell, erases) => drafts.put(draft, cell, erases ? drafts.FREE : letter),
  };
}

/** @type {Tool[]} */
export const TOOLS = [
  painter("wall", drafts.WALL, "w#", "Nobody enters it."),
  painter("pit", drafts.PIT, "x", "Ends the episode, badly."),
  painter("goal", drafts.GOAL, "g", "Ends the episode."),
  painter("start", drafts.START, "s", "Episodes begin in one of them."),
  {
    key: "free",
    title: "Free",
    keys: "f.",
    covers: true,
    says: "Takes away whatever is in a cell.",
    isAt: () => false,
    apply: (draft, cell) => drafts.empty(draft, cell),
  },
  {
    key: "portal",
    title: "Portal",
    keys: "",
    covers: false,
    says: "From the first cell to the second.",
    isAt: () => false,
    apply: (draft) => draft, // it takes two cells: the pen joins them
  },
  {
    key: "reward",
    title: "Reward",
    keys: "",
    covers: false,
    says: "What entering a cell pays.",
    value: -1,
    isAt(draft, cell) {
      return drafts.rewardAt(draft, cell) === this.value;
    },
    apply(draft, cell, erases) {
      return drafts.withReward(draft, cell, erases ? null : (this.value ?? null));
    },
  },
  {
    key: "wind",
    title: "Wind",
    keys: "",
    covers: false,
    says: "Pushes upwards in a column, or downwards where it is negative.",
    value: 1,
    isAt(draft, [x]) {
      return drafts.windAt(draft, x) === this.value;
    },
    apply(draft, [x], erases) {
      return drafts.withWind(draft, x, erases ? 0 : (this.value ?? 0));
    },
  },
];
