/** The draft on the board: its own world, with what was learnt shining through where it fits. */

import { Trail } from "../board/trail.mjs";
import { sizeOf } from "./draft.mjs";

/** @typedef {import("./draft.mjs").Draft} Draft */
/** @typedef {import("./draft.mjs").Cell} Cell */

/**
 * @param {Draft} draft
 * @param {Cell[]} cliffs that the library knew last
 * @param {Cell | null} marked a cell that waits for another one
 * @returns {import("../wire/model.mjs").World} as the board draws it
 */
export function pictured(draft, cliffs, marked) {
  const { map, name, wind, portals, rewards } = draft;
  const led = new Set(portals.map(([entry]) => String(entry)));
  return {
    name,
    rows: map,
    ...sizeOf(draft),
    wind,
    portals,
    cliffs: cliffs.filter((cliff) => led.has(String(cliff))),
    named: false,
    notes: { rewards: rewards.cells, marked },
  };
}

/**
 * @param {import("./editor.mjs").Editor} editor
 * @returns {import("../board/showing.mjs").Scene}
 */
export function sceneOf(editor) {
  const { model, trail } = editor.page;
  const still = new Trail();
  return {
    kind: "edit",
    word: "Editing",
    leave: "Done",
    pen: editor.pen,
    shown: {
      get frame() {
        return model.frame;
      },
      get world() {
        return editor.world;
      },
      get cells() {
        return editor.fits ? model.cells : null;
      },
      get overview() {
        return editor.fits ? model.overview : null;
      },
      get truth() {
        return model.truth;
      },
    },
    get trail() {
      return editor.fits ? trail : still;
    },
    followed: (changed) => editor.follow(changed),
    left: () => editor.left(),
  };
}
