/**
 * The page's script: makes its parts, tells each of them of the others that it needs, and begins.
 * Dash loads this file alone; everything else is in `lib`, by room.
 */

import { Board } from "./lib/board/board.mjs";
import { layersOf } from "./lib/board/layers.mjs";
import { Showing } from "./lib/board/showing.mjs";
import { turned } from "./lib/board/switches.mjs";
import { Trail } from "./lib/board/trail.mjs";
import { ShownAgent } from "./lib/form/agent.mjs";
import { Choices } from "./lib/form/choices.mjs";
import { Form } from "./lib/form/form.mjs";
import { Saves } from "./lib/form/saves.mjs";
import { Starting } from "./lib/form/starting.mjs";
import { actionsOf } from "./lib/page/actions.mjs";
import { Buttons } from "./lib/page/buttons.mjs";
import { callbacksOf } from "./lib/page/callbacks.mjs";
import { element, memory } from "./lib/page/dom.mjs";
import { OnDemand } from "./lib/page/demand.mjs";
import { Drawing } from "./lib/page/drawing.mjs";
import { Follower } from "./lib/page/follower.mjs";
import { furnish } from "./lib/page/furnish.mjs";
import { isSilent, isTyping, isViewKey, letters } from "./lib/page/keys.mjs";
import { later } from "./lib/page/later.mjs";
import { Mode } from "./lib/page/mode.mjs";
import { keepPanels, quietBubbles } from "./lib/page/panels.mjs";
import { Role } from "./lib/page/role.mjs";
import { writeAround } from "./lib/says/around.mjs";
import { Charts } from "./lib/says/charts.mjs";
import { Pins } from "./lib/says/pins.mjs";
import { Slot } from "./lib/says/slot.mjs";
import { toast } from "./lib/says/toasts.mjs";
import { Sharing } from "./lib/share/sharing.mjs";
import { Model } from "./lib/wire/model.mjs";
import { Outbox } from "./lib/wire/outbox.mjs";
import { isCompact } from "./lib/wire/place.mjs";
import { Socket } from "./lib/wire/socket.mjs";

const dash = /** @type {any} */ (window).dash_clientside;
/** What the panels hold is there. */
let furnished = false;

// Two parts that need each other are tied by a function: it is called when both are there.
const changed = () => drawing.ask();
const send = (/** @type {string} */ type, /** @type {object | undefined} */ data) => outbox.put(type, data);

const model = new Model();
const trail = new Trail();
const charts = new Charts();
const slot = new Slot();
const socket = new Socket(dash, {
  received: (text) => follower.receive(text),
  lost: () => {
    outbox.clear();
    starting.forget();
  },
  changed: () => (furnished ? mode.show() : mode.showLink()),
});
const role = new Role((text) => toast({ kind: "info", text }));
const outbox = new Outbox((text) => socket.send(text));
const form = new Form(
  dash,
  (speed) => {
    if (socket.live && role.steers) send("set_speed", { speed });
  },
  () => {
    starting.write();
    address.write();
    changed();
  },
);
const starting = new Starting({ form, model, outbox, changed });
const agent = new ShownAgent(dash, model, send);
const choices = new Choices(form, (type, data) => outbox.ask(type, data));
const saves = new Saves({
  ask: (type, data) => outbox.ask(type, data),
  send,
  tell: toast,
  draw: (files) => edit(files),
});
const board = new Board({ send, changed, remember: memory });
const showing = new Showing({
  board,
  model,
  trail,
  changed: () => {
    drawing.fit();
    changed();
  },
});
const own = (/** @type {string} */ world) => choices.gallery?.own(world);
/** What only some visitors need comes when it is asked for. @type {Promise<any> | null} */
let editor = null;
const edit = async (/** @type {FileList | null} */ files = null) => {
  editor ??= import("./lib/edit/editor.mjs").then(
    ({ Editor }) => new Editor({ showing, model, trail, outbox, tell: toast }),
  );
  try {
    const made = await editor;
    await made.begin();
    if (files && made.shown) await made.open(files);
  } catch {
    editor = null;
    toast({ kind: "error", text: "The editor could not be fetched from the server." });
  }
};
const sharing = new Sharing(dash, { model, form, board, outbox, own, role, changed });
const { address } = sharing;
/** A run of a lesson, or one that is pinned. */
const open = async (/** @type {string} */ href) => {
  if (socket.live) return address.go(href);
  toast({ kind: "error", text: "The server is not there now: try again when it is." });
  return false;
};
const pins = new Pins({ open, send });
const around = { model, socket, form, starting, choices, sharing, slot, pins, role };
const drawing = new Drawing({
  model,
  trail,
  board,
  showing,
  charts,
  write: (palette) => writeAround(around, palette),
});
const lessons = later(async () => {
  const { Lessons } = await import("./lib/lesson/lessons.mjs");
  return new Lessons({ open, resized: () => drawing.fit() });
});
const actions = actionsOf({
  board,
  showing,
  form,
  starting,
  agent,
  choices,
  address,
  slot,
  drawing,
  edit,
  lessons,
});
const buttons = new Buttons(actions, send);
dash.gridworld = callbacksOf({ socket, form, agent });
const mode = new Mode({ dash, model, socket, buttons, role });
/** Panels whose script comes when they are opened. */
const panels = [
  new OnDemand("trials-panel", async () => {
    const { Trials } = await import("./lib/trial/trials.mjs");
    return new Trials({ model, board, showing, drawing, outbox });
  }),
  new OnDemand("link-panel", async () => {
    const { Keeping } = await import("./lib/keep/keeping.mjs");
    return new Keeping({ model, board, showing, sharing });
  }),
];
const follower = new Follower({
  model,
  socket,
  outbox,
  trail,
  board,
  showing,
  charts,
  form,
  starting,
  drawing,
  saves,
  role,
  controls: followFrame,
  begun: () => furnish(dash, settle),
});

/**
 * The controls follow the server.
 * @param {import("./lib/wire/model.mjs").Frame} frame
 * @param {number} now in milliseconds
 */
function followFrame(frame, now) {
  if (!furnished) return;
  form.watches = !role.steers;
  form.follow(frame.parameters ?? {}, frame.running, now);
  choices.follow(frame, model.world);
  agent.follow(frame);
  address.decide();
  address.write();
  mode.show();
  for (const part of panels) part.follow();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  // A dialog that was just closed keeps the focus until the next animation frame.
  if (target.closest?.("dialog[open]") || isTyping(target) || isSilent(event)) return;
  if (isCompact() && !isViewKey(event)) return; // the page around it has the controls
  if (event.key === "Escape" && showing.scene) showing.back();
  else if (board.steer(event)) event.preventDefault();
  else if (isViewKey(event)) board.change(turned(board.views, layersOf(model.frame?.parameters?.algorithm)));
  else buttons.key(event);
}

/** What the first picture needs. */
function begin() {
  board.begin();
  buttons.begin();
  buttons.lock({ page: false });
  drawing.applyScheme();
  socket.begin();
}

/** Everything else, when the first picture is there. */
function settle() {
  furnished = drawing.furnished = true;
  const fit = () => drawing.fit();
  choices.begin();
  board.onViews(() => address.write());
  keepPanels(() => {
    charts.soon();
    changed();
    for (const part of panels) void part.look();
  });
  quietBubbles();
  letters.set(letters.on);
  form.begin();
  saves.begin();
  charts.begin(changed);
  new ResizeObserver(fit).observe(element("page"));
  for (const what of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    matchMedia(what).addEventListener("change", () => drawing.applyScheme());
  }
  addEventListener("resize", fit);
  addEventListener("keydown", onKey);
  document.addEventListener("visibilitychange", changed);
  address.begin();
  if (memory.get("lessons")?.open != null) lessons().then((room) => room.show());
  socket.watch();
  if (model.frame) followFrame(model.frame, performance.now());
  for (const part of panels) void part.look();
  changed();
}

/** The layout comes by a request of its own, before or after this script. */
function whenReady() {
  if (document.getElementById("grid-canvas") && dash.set_props) begin();
  else setTimeout(whenReady, 20);
}
whenReady();
