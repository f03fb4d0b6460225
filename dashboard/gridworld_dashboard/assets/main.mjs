/**
 * The page's script: takes frames from the WebSocket component, draws, and sends commands.
 * Dash loads this file alone; all that can be thought about without a browser is in `lib`.
 */

import { Charts } from "./lib/charts.mjs";
import { attribute, element, memory, write } from "./lib/dom.mjs";
import { Form } from "./lib/form.mjs";
import { GridView } from "./lib/gridview.mjs";
import { isTyping, shortcut } from "./lib/keys.mjs";
import { Link, OPEN } from "./lib/link.mjs";
import { Model } from "./lib/model.mjs";
import { EventLog, noticeFor } from "./lib/notices.mjs";
import { Outbox } from "./lib/outbox.mjs";
import { readPalette, scheme } from "./lib/palette.mjs";
import * as readout from "./lib/readout.mjs";
import { toast } from "./lib/toasts.mjs";
import { Trail } from "./lib/trail.mjs";

/** @typedef {import("./lib/palette.mjs").Palette} Palette */

const CLOCK_MS = 250;
const CALM_CLOCK_MS = 1000;
const CHARTS_MS = 450;
const DRAW_MS = 22;
const SUMMARY_MS = 3000;
const START_MS = 1000;

// Its no_update is added after this script ran: read it where it is used.
const dash = /** @type {any} */ (window).dash_clientside;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const model = new Model();
const trail = new Trail();
const link = new Link();
const events = new EventLog();
const charts = new Charts();
const outbox = new Outbox((text) => {
  if (readyState === OPEN) dash.set_props("websocket", { send: text });
});
const form = new Form(dash, (speed) => {
  if (link.live) outbox.put("set_speed", { speed });
});
const show = { heat: false, policy: false, ...memory.get("show") };

/** @type {GridView} */
let view;
/** @type {Palette} */
let palette;
/** @type {number | undefined} */
let readyState;
let mode = "";
let asked = false;
let drawnAt = 0;
let chartsAt = 0;
let summaryAt = 0;
let startedAt = -Infinity;
let startId = "";
let offerDismissed = false;

// --- What comes in ---

/** @param {{data: string} | undefined} message of the WebSocket component */
function receive(message) {
  if (!message) return;
  const { type, data, id } = JSON.parse(message.data);
  if (type === "training_update" || type === "state") takeFrame(data);
  else if (events.answer({ type, data, id })) notify({ type, data, id });
}

/** @param {import("./lib/model.mjs").Frame} frame */
function takeFrame(frame) {
  const now = performance.now();
  const first = model.frame === null;
  const wasRunning = model.frame?.running;
  // The component keeps the newest message alone, and the one with the world may have been
  // dropped. Silence then makes the link begin again, and a connection begins with everything.
  if (!model.understands(frame, link.live)) return;
  if (link.heard(now)) {
    model.forget();
    form.drafts.forget();
    events.start(frame.events ?? []);
    trail.clear();
  }
  const changed = model.merge(frame);
  if (changed.has("run")) trail.clear();
  if (changed.has("world") && model.world) {
    view.setWorld(model.world);
    fit();
  }
  if (changed.has("values") || changed.has("policy")) view.refresh();
  if (changed.has("history")) charts.refresh();
  if (changed.has("run") || frame.running !== wasRunning) chartsAt = -Infinity;
  trail.update(frame.trail ?? [], frame.trail_count ?? 0, now, {
    still: calm.matches || document.hidden,
    adjacent: (model.world?.portals?.length ?? 0) > 0,
  });
  for (const event of events.fresh(frame.events ?? [])) notify(event);
  form.follow(frame.parameters ?? {}, frame.running, now);
  setMode();
  // The first picture waits for no animation frame: Plotly's arrival holds those up for seconds.
  // Nor does the last one of a training: the buttons must not say that it ended before it shows.
  if (first || frame.running !== wasRunning) draw();
  else ask();
}

/** @param {import("./lib/notices.mjs").Event} event */
function notify(event) {
  if (event.id === startId) startedAt = -Infinity;
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
  if (wasLive && !link.live) outbox.clear();
  setMode();
  if (attempt === null) return dash.no_update;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  // Dash may be served below a path; the socket lives beside the page.
  const url = new URL("ws", location.href.replace(/[?#].*$/, "").replace(/[^/]*$/, ""));
  return `${scheme}//${url.host}${url.pathname}?k=${attempt}`;
}

/** Show the connection and lock what must be locked. */
function setMode() {
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
  // Each tick costs Dash some milliseconds: while all is well, only silence must be noticed.
  dash.set_props("clock", { interval: open ? CALM_CLOCK_MS : CLOCK_MS });
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
    COMMANDS[prop_id.split(".")[0]]?.();
  }
}

/** @type {Record<string, () => void>} */
const COMMANDS = {
  "start-btn": start,
  "stop-btn": () => outbox.put("stop_training"),
  "reset-btn": () => outbox.put("reset"),
  "step-btn": () => outbox.put("step"),
  "step-episode-btn": () => outbox.put("step_episode"),
  "save-qtable-btn": () => outbox.put("save_qtable"),
  "load-qtable-btn": () => outbox.put("load_qtable"),
  "load-autosave-btn": () => outbox.put("load_qtable", { name: "autosave" }),
  "dismiss-autosave-btn": () => {
    offerDismissed = true;
    ask();
  },
};

function start() {
  // Until the answer is there, another start would only be an error.
  if (performance.now() - startedAt < START_MS) return;
  const values = form.values();
  if (values === null) return;
  startedAt = performance.now();
  startId = outbox.put("start_training", values);
}

// --- Views ---

/** @param {number} _clicks */
function toggle(_clicks) {
  const name = dash.callback_context.outputs_list.id === "heatmap-toggle" ? "heat" : "policy";
  show[name] = !show[name];
  memory.set("show", show);
  applyShow();
  return String(show[name]);
}

function applyShow() {
  view.setShow(show);
  summaryAt = 0;
  ask();
}

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
  view.setPalette(palette);
  readout.drawHeatLegend(palette);
  if (model.world) readout.drawCellLegend(model.world, palette, devicePixelRatio);
  charts.refresh();
  ask();
}

function fit() {
  const board = /** @type {HTMLElement} */ (view.canvas.parentElement);
  const stage = /** @type {HTMLElement} */ (board.parentElement);
  const style = getComputedStyle(stage);
  const aside = parseFloat(style.getPropertyValue("--readout-width")) || 0;
  const height = parseFloat(getComputedStyle(board).maxHeight);
  const room = stage.clientWidth - aside - 2;
  view.fit(room, Number.isFinite(height) ? height - 2 : room, devicePixelRatio);
  if (palette && model.world) readout.drawCellLegend(model.world, palette, devicePixelRatio);
  ask();
}

// --- Drawing ---

/**
 * Ask for one animation frame, in which everything that is stale is brought up to date. Thirty a
 * second look smooth and cost half of what sixty do where no graphics processor helps.
 */
function ask() {
  if (asked) return;
  asked = true;
  const rest = drawnAt + DRAW_MS - performance.now();
  if (rest > 0) setTimeout(() => requestAnimationFrame(draw), rest);
  else requestAnimationFrame(draw);
}

function draw() {
  asked = false;
  drawnAt = performance.now();
  const { frame, world } = model;
  if (!frame || !world || !palette) return;
  const now = performance.now();
  view.draw(model, trail, now);
  readout.writeCounters(frame);
  readout.writeWorld(world, frame);
  readout.writeHeatLegend(model.values, show.heat);
  readout.writeViewNote(model, show, view.roomForArrows);
  readout.offerAutosave(frame.autosave, offerDismissed || frame.running);
  if (now - summaryAt > SUMMARY_MS || !frame.running) {
    summaryAt = now;
    attribute(view.canvas, "aria-label", readout.summary(world, frame, show));
  }
  if (charts.stale.size > 0 && (now - chartsAt > CHARTS_MS || charts.stale.size < 3)) {
    if (charts.stale.size === 3) {
      chartsAt = now;
      charts.write(model.history);
    }
    if (charts.draw(model.history, palette, frame.run)) ask();
  }
  if (trail.moving(now)) ask();
}

// --- The keyboard ---

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const ids = isTyping(target) ? null : shortcut(event);
  const button = ids
    ?.map((id) => /** @type {HTMLButtonElement} */ (element(id)))
    .find((candidate) => !candidate.disabled);
  if (!button) return;
  event.preventDefault();
  button.click();
}

// --- Beginning ---

function begin() {
  view = new GridView(/** @type {HTMLCanvasElement} */ (element("grid-canvas")));
  for (const [id, name] of [["heatmap-toggle", "heat"], ["policy-toggle", "policy"]]) {
    if (show[/** @type {"heat" | "policy"} */ (name)]) dash.set_props(id, { "aria-pressed": "true" });
  }
  view.setShow(show);
  form.begin();
  applyScheme();
  new ResizeObserver(fit).observe(element("page"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyScheme);
  addEventListener("resize", fit);
  addEventListener("keydown", onKey);
  document.addEventListener("visibilitychange", ask);
  setMode();
  dash.set_props("clock", { disabled: false });
}

/** @param {(number | null | undefined)[]} values */
const edit = (...values) => form.edited(values);
/** @param {number | null | undefined} value @param {string} slid */
const tie = (value, slid) => form.tie(value, slid);
dash.gridworld = { receive, connect, command, edit, tie, toggle, scheme: changeScheme };

/** The layout comes by a request of its own, before or after this script. */
function whenReady() {
  if (document.getElementById("grid-canvas") && dash.set_props) begin();
  else setTimeout(whenReady, 20);
}
whenReady();
