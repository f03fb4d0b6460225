/** The words and numbers around the canvas. */

import { NAMES, legendOf, marksOf } from "./cells.mjs";
import { heatTable } from "./colormap.mjs";
import { attribute, element, write } from "./dom.mjs";
import { algorithmName, compact, decimalsFor, epsilon, fixed, grouped, plural } from "./format.mjs";
import { drawCell, drawWind } from "./sprites.mjs";

/** @typedef {import("./model.mjs").Frame} Frame */
/** @typedef {import("./model.mjs").World} World */
/** @typedef {import("./palette.mjs").Palette} Palette */

const ARROWS = ["↑", "↓", "←", "→"];

/** @param {Frame} frame */
export function writeCounters(frame) {
  write("episode-counter", String(frame.episode));
  write("step-counter", String(frame.step));
  write("epsilon-value", epsilon(frame.epsilon));
  write("episode-return", fixed(frame.episode_return, 1));
  write("steps-per-second", compact(frame.running ? frame.steps_per_second : 0));
  write("total-steps", compact(frame.total_steps));
  write("viewers", frame.viewers > 1 ? plural(frame.viewers, "viewer") : "");
  writeUpdate(frame.update);
  writeProgress(frame);
}

/** @param {Frame} frame */
function writeProgress(frame) {
  const { running, total_episodes: done, target_episodes: target } = frame;
  const begun = done > 0 || frame.total_steps > 0;
  const word = running ? "Running" : frame.finished ? "Finished" : begun ? "Stopped" : "Ready";
  const all = plural(target ?? done, "episode");
  const episodes = target ? `${grouped(done)} of ${all}` : all;
  attribute("run-status", "data-state", word.toLowerCase());
  write("run-status", word);
  write("progress-text", done > 0 || running ? episodes : "");

  const share = target ? Math.min(1, done / target) : 0;
  const progress = element("progress");
  attribute(progress, "aria-valuemax", String(target ?? 0));
  attribute(progress, "aria-valuenow", String(target ? Math.min(done, target) : 0));
  attribute(progress, "aria-valuetext", episodes);
  const bar = /** @type {HTMLElement} */ (progress.firstElementChild);
  bar.style.transform = `scaleX(${share.toFixed(4)})`;
}

/**
 * @param {Frame | null} frame
 * @param {boolean} live
 * @returns {string} of the window
 */
export function title(frame, live) {
  const name = "gridworld-bench";
  if (!frame) return name;
  if (!live) return `Disconnected · ${name}`;
  if (!frame.running) return name;
  const target = frame.target_episodes;
  const share = target ? Math.floor((100 * Math.min(frame.total_episodes, target)) / target) : null;
  return share === null ? `Running · ${name}` : `${share} % · ${name}`;
}

/** @param {any} update */
function writeUpdate(update) {
  if (!update) return write("last-update", "–");
  const at = (/** @type {number[]} */ [x, y]) => `(${x}, ${y})`;
  write(
    "last-update",
    `${at(update.state)} ${ARROWS[update.action] ?? update.action} ${at(update.next_state)}` +
      `   reward ${fixed(update.reward, 1)}` +
      `   Q ${fixed(update.q_before, 3)} → ${fixed(update.q_after, 3)}` +
      `   TD error ${fixed(update.td_error, 3)}`,
  );
}

/**
 * @param {World} world
 * @param {Frame} frame
 */
export function writeWorld(world, frame) {
  const algorithm = frame.parameters?.algorithm;
  write(
    "world-name",
    [world.name, `${world.width} × ${world.height}`, algorithm && algorithmName(algorithm)]
      .filter(Boolean)
      .join(" · "),
  );
}

/**
 * What the shapes mean, for those that the world has.
 * @param {World} world
 * @param {Palette} palette
 * @param {number} ratio device pixels per CSS pixel
 */
export function drawCellLegend(world, palette, ratio) {
  const size = Math.round(18 * ratio);
  const items = legendOf(marksOf(world)).map((kind) =>
    legendItem(NAMES[kind], size, palette, (c) => drawCell(c, kind, 0, 0, size, palette)),
  );
  if (world.wind?.some((strength) => strength !== 0)) {
    const draw = (/** @type {CanvasRenderingContext2D} */ c) =>
      drawWind(c, -1.44 * size, -1.14 * size, 2.2 * size, 2, palette.ink);
    items.push(legendItem("Wind", size, palette, draw));
  }
  element("cell-legend").replaceChildren(...items);
}

/**
 * @param {string} name
 * @param {number} size device pixels
 * @param {Palette} palette
 * @param {(context: CanvasRenderingContext2D) => void} draw
 * @returns {HTMLElement}
 */
function legendItem(name, size, palette, draw) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  canvas.setAttribute("aria-hidden", "true");
  const c = canvas.getContext("2d");
  if (c) {
    c.fillStyle = palette.floor;
    c.fillRect(0, 0, size, size);
    draw(c);
  }
  const item = document.createElement("li");
  item.append(canvas, name);
  return item;
}

/** @param {Palette} palette */
export function drawHeatLegend(palette) {
  const c = element("heat-legend").querySelector("canvas")?.getContext("2d");
  if (!c) return;
  const image = c.createImageData(255, 1);
  new Uint32Array(image.data.buffer).set(heatTable(palette.scheme).subarray(1));
  c.putImageData(image, 0, 0);
}

/**
 * @param {import("./model.mjs").Values | null} values
 * @param {boolean} shown
 */
export function writeHeatLegend(values, shown) {
  const legend = element("heat-legend");
  legend.hidden = !shown;
  const digits = values ? Math.max(1, decimalsFor(values.lo, values.hi)) : 0;
  write(/** @type {HTMLElement} */ (legend.querySelector(".lo")), fixed(values?.lo, digits));
  write(/** @type {HTMLElement} */ (legend.querySelector(".hi")), fixed(values?.hi, digits));
}

/**
 * Why a view that is switched on shows nothing.
 * @param {import("./model.mjs").Model} model
 * @param {{heat: boolean, policy: boolean}} show
 * @param {boolean} roomForArrows
 */
export function writeViewNote({ values, policy, world }, show, roomForArrows) {
  const large = world !== null && (!roomForArrows || (policy === null && world.width > 64));
  const none = values === null || values.data.every((byte) => byte === 0);
  const note =
    show.policy && large
      ? "Cells of this world are too small for arrows."
      : (show.heat || show.policy) && none
        ? "Nothing learned yet."
        : "";
  write("view-note", note);
}

/**
 * The canvas in words.
 * @param {World} world
 * @param {Frame} frame
 * @param {{heat: boolean, policy: boolean}} show
 * @returns {string}
 */
export function summary(world, frame, show) {
  const [x, y] = frame.agent_pos;
  const views = [show.heat && "heat map", show.policy && "policy arrows"].filter(Boolean);
  return (
    `World ${world.name}, ${world.width} by ${world.height} cells. ` +
    `Agent at column ${x + 1}, row ${y + 1}, ` +
    `episode ${frame.episode}, step ${frame.step}, ${frame.running ? "training" : "idle"}.` +
    (views.length > 0 ? ` Shown: ${views.join(" and ")}.` : "")
  );
}

/**
 * @param {any} autosave of the frame
 * @param {boolean} dismissed
 */
export function offerAutosave(autosave, dismissed) {
  const offer = element("autosave-offer");
  offer.hidden = !autosave || dismissed;
  if (!autosave) return;
  const when = new Date(autosave.saved);
  const date = Number.isNaN(when.getTime()) ? "" : `, ${when.toLocaleString()}`;
  write(
    /** @type {HTMLElement} */ (offer.querySelector(".text")),
    `The last session was saved (${plural(autosave.episodes ?? 0, "episode")}${date}).`,
  );
}
