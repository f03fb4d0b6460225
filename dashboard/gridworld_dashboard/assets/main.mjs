/**
 * The page's script: takes frames from the WebSocket component, draws, and sends commands.
 * Dash loads this file alone; all that can be thought about without a browser is in `lib`.
 */

import { Charts, bandNote } from "./lib/says/charts.mjs";
import { copy } from "./lib/share/clipboard.mjs";
import { attribute, element, memory, write } from "./lib/page/dom.mjs";
import { Form } from "./lib/form/form.mjs";
import { Gallery } from "./lib/form/gallery.mjs";
import { hintsFor } from "./lib/says/hints.mjs";
import { isTyping, isViewKey, nextLayer, shortcut } from "./lib/page/keys.mjs";
import { LAYERS } from "./lib/board/layers.mjs";
import { Link, OPEN } from "./lib/wire/socket.mjs";
import { Model } from "./lib/wire/model.mjs";
import { EventLog, noticeFor } from "./lib/says/notices.mjs";
import { Outbox } from "./lib/wire/outbox.mjs";
import { readPalette, scheme } from "./lib/page/palette.mjs";
import { Pace, between } from "./lib/wire/pace.mjs";
import { isOpen, keepPanels, quietBubbles } from "./lib/page/panels.mjs";
import { PRESETS, writePreview } from "./lib/form/presets.mjs";
import * as readout from "./lib/says/readout.mjs";
import { Sharing } from "./lib/share/sharing.mjs";
import { Slot } from "./lib/says/slot.mjs";
import { Stage } from "./lib/board/board.mjs";
import { tap } from "./lib/wire/tap.mjs";
import { toast } from "./lib/says/toasts.mjs";
import { Trail } from "./lib/board/trail.mjs";
import { writeTruth } from "./lib/says/truth.mjs";

/** @typedef {import("./lib/page/palette.mjs").Palette} Palette */
/** @typedef {import("./lib/says/hints.mjs").Hint} Hint */

const CLOCK_MS = 250;
const SILENCE_MS = 1000;
const SLOW_START_MS = 300;
/** So long the note below Start says why it did nothing. */
const REFUSED_MS = 8000;
/** After this, a start that was not answered never will be. */
const LONGEST_START_MS = 60_000;
const AGENT_MS = 150;

// Its no_update is added after this script ran: read it where it is used.
const dash = /** @type {any} */ (window).dash_clientside;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const model = new Model();
const trail = new Trail();
const link = new Link();
const events = new EventLog();
const charts = new Charts();
const slot = new Slot();
const pace = new Pace(draw);
const outbox = new Outbox((text) => {
  if (readyState === OPEN) dash.set_props("websocket", { send: text });
});
const form = new Form(
  dash,
  (speed) => {
    if (link.live) outbox.put("set_speed", { speed });
  },
  draftsChanged,
);
const stage = new Stage({ send: (type, data) => outbox.put(type, data), changed: ask, remember: memory });

const sharing = new Sharing(dash, { model, form, stage, outbox, own: (world) => gallery.own(world), changed: ask });
const { address } = sharing;

/** @type {Gallery} */
let gallery;
/** @type {Palette} */
let palette;
/** @type {number | undefined} */
let readyState;
let mode = "";
let readingsStale = true;
/** What the panels hold is there as well. */
let furnished = false;
let startedAt = -Infinity;
let startId = "";
let refusedAt = -Infinity;
let agentTimer = 0;
let shownAgent = -1;
let choices = "";

// --- What comes in ---

/** @param {string} text a message of the server */
function receive(text) {
  const { type, data, id } = JSON.parse(text);
  if (type === "training_update" || type === "state") takeFrame(data);
  else if (events.answer({ type, data, id })) notify({ type, data, id });
}

/** @param {import("./lib/wire/model.mjs").Frame} frame */
function takeFrame(frame) {
  const now = performance.now();
  const first = model.frame === null;
  const wasRunning = model.frame?.running;
  // Without its world a run cannot be drawn. Silence then makes the link begin again, and a
  // connection begins with everything.
  if (!model.understands(frame, link.live)) return;
  if (link.heard(now)) {
    model.forget();
    form.drafts.forget();
    events.start(frame.events ?? []);
    trail.clear();
    stage.connected();
  }
  const changed = model.merge(frame);
  if (changed.has("run")) trail.clear();
  stage.take(model, changed, now);
  if (changed.has("world")) fit();
  charts.refresh(changed);
  if (changed.has("run") || frame.running !== wasRunning) charts.soon();
  trail.update(frame.trail ?? [], frame.trail_count ?? 0, now, {
    still: calm.matches || document.hidden,
    adjacent: (model.world?.portals?.length ?? 0) > 0,
  });
  for (const event of events.fresh(frame.events ?? [])) notify(event);
  if (furnished) followFrame(frame, now);
  readingsStale = true;
  // The first picture waits for no animation frame: a page that loads has few of them. Nor does
  // the last one of a training: the buttons must not say that it ended before it shows.
  if (first || frame.running !== wasRunning) draw();
  else again();
  if (first) requestAnimationFrame(() => setTimeout(furnish, 0));
}

/**
 * The controls follow the server.
 * @param {import("./lib/wire/model.mjs").Frame} frame
 * @param {number} now in milliseconds
 */
function followFrame(frame, now) {
  form.follow(frame.parameters ?? {}, frame.running, now);
  followChoices(frame);
  address.decide();
  address.write();
  setMode();
}

/**
 * What is chosen by buttons follows the server.
 * @param {import("./lib/wire/model.mjs").Frame} frame
 */
function followChoices({ parameters = {}, shown = 0, agents = 1 }) {
  const { world, algorithm } = parameters;
  const next = JSON.stringify([world, model.world?.name, model.world?.named, algorithm, shown, agents]);
  if (next === choices && agentTimer === 0) return;
  choices = agentTimer === 0 ? next : "";
  gallery.choose(model.world?.named === false ? "" : (parameters.world ?? ""), model.world?.name);
  for (const button of document.querySelectorAll('[id^="algorithm-"]')) {
    const pressed = button.id === `algorithm-${parameters.algorithm}`;
    attribute(/** @type {HTMLElement} */ (button), "aria-pressed", String(pressed));
  }
  attribute("agent-row", "hidden", agents > 1 ? null : "");
  if (shown !== shownAgent && agentTimer === 0) {
    shownAgent = shown;
    dash.set_props("shown-agent", { value: shown + 1 });
  }
}

/** @param {import("./lib/says/notices.mjs").Event} event */
function notify(event) {
  if (event.id === startId) {
    startedAt = -Infinity;
    startId = "";
  }
  const notice = noticeFor(event, outbox.owns(event.id));
  if (notice) toast(notice);
}

// --- The connection ---

/**
 * @param {number} _ticks
 * @param {{readyState: number} | undefined} state of the WebSocket component
 */
function connect(_ticks, state) {
  readyState = state?.readyState;
  const wasLive = link.live;
  const attempt = link.tend(readyState, performance.now());
  if (wasLive && !link.live) {
    outbox.clear();
    startId = "";
  }
  setMode();
  if (attempt === null) return dash.no_update;
  const protocol = location.protocol === "https:" ? "wss:" : "ws:";
  // Dash may be served below a path; the socket lives beside the page.
  const url = new URL("ws", location.href.replace(/[?#].*$/, "").replace(/[^/]*$/, ""));
  return `${protocol}//${url.host}${url.pathname}?k=${attempt}`;
}

/** Show the connection and lock what must be locked. */
function setMode() {
  if (!furnished) return;
  const { status, note } = link.status(performance.now());
  write("connection-status", status);
  write("retry-note", note);
  attribute("page", "data-link", status.toLowerCase());
  const title = readout.title(model.frame, link.live);
  if (document.title !== title) document.title = title;
  const open = link.live;
  const running = open && model.frame?.running === true;
  const disabled = {
    settings: running,
    idle: !open || running,
    running: !running,
    link: !open,
    page: false,
  };
  const next = JSON.stringify(disabled);
  if (next === mode) return;
  mode = next;
  if (!open && model.frame) readout.writeCounters(model.frame, open);
  // Each tick of it costs Dash fifty milliseconds: while all is well, `listen` does without.
  dash.set_props("clock", { interval: CLOCK_MS, disabled: open });
  keepFocus(running);
  dash.set_props("mode", { data: disabled });
}

/**
 * A button that is disabled under the focus swallows the keyboard: hand it on to its partner.
 * @param {boolean} running
 */
function keepFocus(running) {
  const [from, to] = running ? ["start-btn", "stop-btn"] : ["stop-btn", "start-btn"];
  if (document.activeElement?.id !== from || !link.live) return;
  // The partner is enabled by React, a moment later.
  setTimeout(() => element(to).focus({ preventScroll: true }), 60);
}

// --- What goes out ---

/** Any number of buttons may have been pressed since the last call. */
function command() {
  for (const { prop_id } of dash.callback_context.triggered) {
    const id = prop_id.split(".")[0];
    const [kind, name] = id.split(/-(.*)/s);
    (COMMANDS[id] ?? FAMILIES[kind])?.(name);
  }
}

/** @type {Record<string, (name: string) => void>} */
const COMMANDS = {
  "start-btn": () => start(),
  "stop-btn": () => outbox.put("stop_training"),
  "reset-btn": () => outbox.put("reset"),
  "step-btn": () => outbox.put("step"),
  "step-episode-btn": () => outbox.put("step_episode"),
  "save-qtable-btn": () => outbox.put("save_qtable"),
  "load-qtable-btn": () => outbox.put("load_qtable"),
  "load-autosave-btn": () => outbox.put("load_qtable", { name: "autosave" }),
  "dismiss-autosave-btn": () => {
    slot.autosaveDismissed = true;
    ask();
  },
  "open-link-btn": () => address.open(),
  "keep-btn": () => address.keep(),
  "copy-link-btn": () => copy("link-text", "Link copied."),
  "copy-command-btn": () => copy("command-text", "Command line copied."),
  "hint-btn": () => slot.hint && mend(slot.hint),
  "dismiss-hint-btn": () => {
    slot.closeHint();
    ask();
  },
  "maze-btn": () => {
    const [size, seed] = [form.other("maze-size"), form.other("maze-seed")];
    if (size !== null && seed !== null) chooseWorld(seed ? `maze-${size}:${seed}` : `maze-${size}`);
  },
  "previous-agent-btn": () => showAgent((model.frame?.shown ?? 0) - 1),
  "next-agent-btn": () => showAgent((model.frame?.shown ?? 0) + 1),
  "keys-btn": () => /** @type {HTMLDialogElement} */ (element("keys-dialog")).showModal(),
};

/** Buttons whose id is a kind and a name. @type {Record<string, (name: string) => void>} */
const FAMILIES = {
  world: chooseWorld,
  algorithm: (name) => outbox.put("configure", { algorithm: name }),
  preset: (name) => form.fill(PRESETS[name]),
};

/**
 * @param {object} [more] keys of the command beside the fields
 * @param {object | null} [values] of the fields
 */
function start(more = {}, values = form.values()) {
  // Until the answer is there, another start would only be an error.
  if (startId !== "" && performance.now() - startedAt < LONGEST_START_MS) return;
  if (values === null) {
    refusedAt = performance.now();
    writeDrafts();
    return;
  }
  startedAt = performance.now();
  startId = outbox.put("start_training", { ...values, ...more });
  setTimeout(ask, SLOW_START_MS + 10);
}

/** @returns {boolean} a start was asked for, and takes its time: kernels may have to be compiled */
function starting() {
  return startId !== "" && performance.now() - startedAt > SLOW_START_MS;
}

/** @param {string} world */
function chooseWorld(world) {
  // A world comes with its own slip and limit; what was typed was for the one before.
  form.drafts.drop(["slip", "max-steps"]);
  outbox.put("configure", { world });
}

/**
 * Do what a hint proposes.
 * @param {Hint} hint
 */
function mend({ fields, next }) {
  const running = model.frame?.running === true;
  form.fill(fields);
  if (next === "fill") return;
  // The fields take their values through React, a moment later: the drafts have them.
  const values = form.settings();
  if (running) outbox.put("stop_training");
  if (next === "go on" || running) start("epsilon" in fields ? { restart_epsilon: true } : {}, values);
  else if (values) outbox.put("configure", values);
}

/** @param {number} row from 0 */
function showAgent(row) {
  const agents = model.frame?.agents ?? 1;
  outbox.put("show_agent", { agent: (row + agents) % agents });
}

/**
 * Callback: another agent was asked for, perhaps digit by digit.
 * @param {number | null | undefined} value from 1
 */
function agent(value) {
  clearTimeout(agentTimer);
  agentTimer = window.setTimeout(() => {
    agentTimer = 0;
    const { agents = 1, shown = 0 } = model.frame ?? {};
    const wrong = !Number.isInteger(value) || Number(value) < 1 || Number(value) > agents;
    write("shown-agent-note", wrong ? `Agent shown must be from 1 to ${agents}, not ${value ?? "empty"}.` : "");
    if (!wrong && Number(value) !== shown + 1) showAgent(Number(value) - 1);
  }, AGENT_MS);
}

function draftsChanged() {
  writeDrafts();
  address.write();
  ask();
}

/** What depends on the fields alone. */
function writeDrafts() {
  const causes = model.untouched ? [] : form.drafts.freshCauses;
  const refused = performance.now() - refusedAt < REFUSED_MS ? form.complaint : "";
  const afresh = causes.length > 0 && !model.frame?.running;
  const list = new Intl.ListFormat("en").format(causes);
  write("start-note", refused || (afresh ? `Start begins a new run: ${list} changed.` : ""));
  if (isOpen("numbers-panel")) writePreview(form.drafts.values);
}

// --- Views ---

function changeScheme() {
  const next = scheme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.scheme = next;
  memory.set("scheme", next);
  applyScheme();
}

function applyScheme() {
  palette = readPalette();
  const other = palette.scheme === "dark" ? "Light" : "Dark";
  write("scheme-toggle", other);
  attribute("scheme-toggle", "aria-label", `${other} colours`);
  stage.setPalette(palette);
  drawLegend();
  charts.refresh();
  charts.soon();
  ask();
}

function fit() {
  stage.fit();
  drawLegend();
}

function drawLegend() {
  if (palette && model.world) readout.drawCellLegend(model.world, palette, devicePixelRatio);
}

// --- Drawing ---

/** Something that the page shows has changed. */
function ask() {
  readingsStale = true;
  again();
}

/** Ask for one animation frame, in which everything that is stale is brought up to date. */
function again() {
  pace.ask(between(model.frame));
}

function draw() {
  pace.drawn();
  const { frame, world } = model;
  if (!frame || !world || !palette) return;
  const now = performance.now();
  if (stage.draw(model, trail, now)) again();
  if (!furnished) return;
  if (readingsStale) {
    readingsStale = false;
    writeReadings();
  }
  if (charts.draw(model, palette, now)) again();
  if (trail.moving(now)) again();
}

/** Everything around the board that follows the frames. */
function writeReadings() {
  const { frame, world, truth, goals, history } = model;
  if (!frame || !world) return;
  readout.writeCounters(frame, link.live, starting());
  readout.writeWorld(world, frame);
  const untouched = model.untouched;
  writeTruth(truth, untouched, isOpen("optimum-panel"));
  if (isOpen("update-panel")) readout.writeUpdate(frame);
  write("band-note", bandNote(history));
  if (isOpen("link-panel")) sharing.writeNote();
  if (isOpen("world-panel")) gallery.draw(palette, devicePixelRatio);
  writeDrafts();
  const drafts = form.drafts.values;
  slot.show({
    link: address.offered,
    autosave: frame.autosave && !frame.running ? readout.autosaveSentence(frame.autosave) : null,
    hints: hintsFor({ frame, truth, goals, history, drafts, untouched }),
    run: frame.run,
  });
}

// --- The keyboard ---

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.closest?.("dialog")) return;
  if (isViewKey(event) && !isTyping(target)) {
    stage.setViews({ layer: nextLayer(Object.keys(LAYERS), stage.views.layer) });
    address.write();
    return;
  }
  const ids = isTyping(target) ? null : shortcut(event);
  const button = ids
    ?.map((id) => /** @type {HTMLButtonElement} */ (element(id)))
    .find((candidate) => !candidate.disabled);
  if (!button) return;
  event.preventDefault();
  button.click();
}

// --- Beginning ---

/** Wake the clock when the server has fallen silent; a socket that closes tells by itself. */
function listen() {
  if (link.stale(performance.now())) dash.set_props("clock", { disabled: false });
}

/** What the first picture needs. */
function begin() {
  stage.begin();
  applyScheme();
  // The first tick at once: the clock alone would let its interval pass first.
  dash.set_props("clock", { disabled: false, n_intervals: 1 });
}

/** Everything else, when the first picture is there. */
function furnish() {
  const places = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-later]"));
  for (const { id, dataset } of places) {
    dash.set_props(id, { children: JSON.parse(dataset.later ?? "null") });
  }
  const wait = () => {
    if ([...places].every((place) => place.isConnected && place.childElementCount > 0)) settle();
    else setTimeout(wait, 10);
  };
  wait();
}

function settle() {
  furnished = true;
  gallery = new Gallery(element("world-panel"));
  stage.onViews(() => address.write());
  keepPanels(() => {
    charts.soon();
    ask();
  });
  quietBubbles();
  form.begin();
  charts.begin(ask);
  new ResizeObserver(fit).observe(element("page"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyScheme);
  addEventListener("resize", fit);
  addEventListener("keydown", onKey);
  document.addEventListener("visibilitychange", ask);
  const dialog = /** @type {HTMLDialogElement} */ (element("keys-dialog"));
  dialog.querySelector("button")?.addEventListener("click", () => dialog.close());
  address.begin();
  setInterval(listen, SILENCE_MS);
  if (model.frame) followFrame(model.frame, performance.now());
  ask();
}

/** @param {(number | null | undefined)[]} values */
const edit = (...values) => form.edited(values);
/** @param {number | null | undefined} value @param {string} slid */
const tie = (value, slid) => form.tie(value, slid);
dash.gridworld = { connect, command, edit, agent, tie, scheme: changeScheme };

/** The layout comes by a request of its own, before or after this script. */
function whenReady() {
  if (document.getElementById("grid-canvas") && dash.set_props) begin();
  else setTimeout(whenReady, 20);
}
tap(window, (url) => /\/ws\?k=\d+$/.test(url), (data) => {
  // Dash tells a moment later that the socket is open, and what is sent before that is lost.
  readyState = OPEN;
  receive(data);
});
whenReady();
