/** Everything around the board that follows the frames. */

import { isOpen } from "../page/panels.mjs";
import { attribute, write } from "../page/dom.mjs";
import { writeTitles } from "./charts.mjs";
import { bandNote } from "./figures.mjs";
import { hintsFor } from "./hints.mjs";
import * as readout from "./readout.mjs";
import { writeTruth } from "./truth.mjs";

/**
 * @typedef {object} Page
 * @property {import("../wire/model.mjs").Model} model
 * @property {import("../wire/socket.mjs").Socket} socket
 * @property {import("../form/form.mjs").Form} form
 * @property {import("../form/starting.mjs").Starting} starting
 * @property {import("../form/choices.mjs").Choices} choices
 * @property {import("../share/sharing.mjs").Sharing} sharing
 * @property {import("./slot.mjs").Slot} slot
 * @property {import("./pins.mjs").Pins} pins
 * @property {import("../page/role.mjs").Role} role
 */

/**
 * @param {Page} page
 * @param {import("../page/palette.mjs").Palette} palette
 */
export function writeAround(page, palette) {
  const { model, socket, form, starting, choices, sharing, slot, pins } = page;
  const { frame, world, truth, goals, history, untouched } = model;
  if (!frame || !world) return;
  readout.writeCounters(frame, socket.live, starting.slow);
  readout.writeWorld(world, frame);
  writeTitles(model);
  writeTruth(truth, untouched, isOpen("optimum-panel"), frame.running);
  if (isOpen("update-panel")) readout.writeUpdate(frame);
  const note = bandNote(history);
  write("band-note", note);
  attribute("band", "hidden", note ? null : "");
  pins.write(model, socket.live);
  if (isOpen("link-panel")) sharing.writeNote();
  if (isOpen("world-panel")) choices.gallery?.draw(palette, devicePixelRatio);
  starting.write();
  const { steers } = page.role; // whoever watches is offered nothing
  slot.show({
    link: steers && sharing.address.offered,
    autosave: steers && frame.autosave && !frame.running ? readout.autosaveSentence(frame.autosave) : null,
    undo: steers && frame.undo && !frame.running ? readout.undoOffer(frame.undo) : null,
    hints: !steers ? [] : hintsFor({
      frame,
      truth,
      goals,
      history,
      drafts: form.drafts.values,
      untouched,
      numbers: (world.named && choices.gallery?.own(frame.parameters.world)?.numbers) || {},
    }),
    run: frame.run,
    fresh: untouched,
  });
}
