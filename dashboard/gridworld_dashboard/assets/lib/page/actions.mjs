/**
 * What buttons do beyond a command of the wire, by the names that they say it by (`data-does`).
 * A button that names none of these sends a command of that name.
 */

import { STEP } from "../board/gestures.mjs";
import { PRESETS } from "../form/presets.mjs";
import { copy } from "../share/clipboard.mjs";
import { toggled } from "../board/switches.mjs";
import { middle } from "../says/figures.mjs";
import { attribute, element } from "./dom.mjs";
import { letters } from "./keys.mjs";

/**
 * @typedef {object} Hands what the actions take hold of
 * @property {import("../board/board.mjs").Board} board
 * @property {import("../board/showing.mjs").Showing} showing
 * @property {import("../form/form.mjs").Form} form
 * @property {import("../form/starting.mjs").Starting} starting
 * @property {import("../form/agent.mjs").ShownAgent} agent
 * @property {import("../form/choices.mjs").Choices} choices
 * @property {import("../share/address.mjs").Address} address
 * @property {import("../says/slot.mjs").Slot} slot
 * @property {import("./drawing.mjs").Drawing} drawing
 * @property {() => void} edit the world
 * @property {() => Promise<import("../lesson/lessons.mjs").Lessons>} lessons fetched on demand
 */

/**
 * @param {Hands} hands
 * @returns {Record<string, import("./buttons.mjs").Action>}
 */
export function actionsOf(hands) {
  const { board, showing, form, starting, agent, choices, address, slot, drawing, edit, lessons } = hands;
  const keys = () => /** @type {HTMLDialogElement} */ (element("keys-dialog"));
  return {
    start: () => starting.start(),
    open_world: ({ world }) => choices.openWorld(world),
    open_maze: () => choices.openMaze(),
    edit: () => edit(),
    fill_preset: ({ preset }) => form.fill(PRESETS[preset]),
    fill_defaults: () => form.fillUsual(choices.own),
    turn_to_agent: ({ by }) => agent.turn(by),
    follow_hint: () => slot.hint && starting.follow(slot.hint),
    dismiss_hint: () => {
      slot.closeHint();
      drawing.ask();
    },
    dismiss_undo: () => {
      slot.closeUndo();
      drawing.ask();
    },
    dismiss_autosave: () => {
      slot.autosaveDismissed = true;
      drawing.ask();
    },
    open_link: () => address.open(),
    vary: ({ key }) => address.vary(key),
    keep: () => address.keep(),
    copy: ({ field, done }) => copy(field, done),
    toggle_layer: ({ layer }) => board.change(toggled(board.views, layer)),
    toggle_arrows: () => board.change({ arrows: !board.views.arrows }),
    toggle_q_values: () => board.change({ qValues: !board.views.qValues }),
    toggle_middle: () => {
      middle.on = !middle.on;
      attribute("middle-btn", "aria-pressed", String(middle.on));
      drawing.redrawCharts();
    },
    show_live: () => showing.back(),
    zoom_in: () => board.zoom(STEP),
    zoom_out: () => board.zoom(1 / STEP),
    zoom_fit: () => board.showAll(),
    follow: () => board.setFollow(!board.chase.on),
    show_lessons: async () => (await lessons()).toggle(),
    explain: async ({ at, key }) => (await import("../lesson/about.mjs")).explain(at, key),
    change_scheme: () => drawing.changeScheme(),
    toggle_letters: () => letters.set(!letters.on),
    show_keys: () => keys().showModal(),
    close_keys: () => keys().close(),
  };
}
