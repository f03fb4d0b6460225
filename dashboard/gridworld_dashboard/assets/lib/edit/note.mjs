/** What is said of a draft while it is drawn. Pure. */

/** @typedef {import("./draft.mjs").Cell} Cell */

/** @type {Record<string, (at: string) => string>} */
const WAITING = {
  portal: (at) => `From (${at}): press the cell that it leads to.`,
  carried: (at) => `From (${at}): press the cell that it is to be in.`,
};

/**
 * @param {object} state
 * @param {{what: string, from: Cell} | null} state.waiting for a second cell
 * @param {string} state.complaint of the page, about what was asked for last
 * @param {string} state.problem why the library refuses the draft
 * @param {boolean} state.kept it is not in force
 * @param {boolean} state.busy the server is asked
 * @param {boolean} state.fits the agents could go on in it, or know nothing yet
 * @param {boolean} state.repeatable a fresh start would give the present run
 * @param {boolean} state.drawn anything was
 * @returns {{note: string, wrong: boolean}}
 */
export function noteOf({ waiting, complaint, problem, kept, busy, fits, repeatable, drawn }) {
  if (waiting) return right(WAITING[waiting.what](waiting.from.join(", ")));
  if (complaint) return { note: complaint, wrong: true };
  if (kept && problem) return { note: `Not in force: ${problem}.`, wrong: true };
  if (kept && busy) return right("");
  if (kept && !fits) return right("A draft of another size: in force, it begins a new run.");
  if (kept) return right("A draft that is not in force.");
  if (!drawn) return right("In force. Press or drag to draw; with keys: the arrows, and Space.");
  if (repeatable) return right("In force.");
  return right("In force, and the agents go on: no longer repeatable from its start.");
}

/** @param {string} note */
function right(note) {
  return { note, wrong: false };
}
