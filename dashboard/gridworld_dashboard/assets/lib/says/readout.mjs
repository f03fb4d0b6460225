/** The words and numbers around the canvas. */

import { NAMES, kindsIn } from "../board/tiles.mjs";
import { attribute, element, write, writeCount } from "../page/dom.mjs";
import { algorithmName, compact, epsilon, fixed, grouped, plural } from "../page/format.mjs";
import { drawCell, drawWind } from "../board/sprites.mjs";
import { isSoftmax } from "../form/presets.mjs";
import { exploresBy } from "./figures.mjs";
import { READABLE, readable } from "../page/reading.mjs";
import { spell } from "./update.mjs";

/** @typedef {import("../wire/model.mjs").Frame} Frame */
/** @typedef {import("../wire/model.mjs").World} World */
/** @typedef {import("../page/palette.mjs").Palette} Palette */

/**
 * @param {Frame} frame
 * @param {boolean} live
 * @param {boolean} [starting] the server is about to run
 */
export function writeCounters(frame, live, starting = false) {
  const many = (frame.agents ?? 1) > 1;
  writeCount("episode-counter", frame.episode);
  writeCount("step-counter", frame.step);
  const softmax = isSoftmax(frame.parameters ?? {});
  write("epsilon-value", epsilon(softmax ? frame.temperature : frame.epsilon));
  write("epsilon-value-label", exploresBy(frame.parameters));
  write("episode-return", fixed(frame.episode_return, 1));
  write("steps-per-second", live ? compact(frame.running ? frame.steps_per_second : 0) : "–");
  write("total-steps", compact(many ? frame.all_steps : frame.total_steps));
  write("steps-per-second-label", many ? "Steps/s, all agents" : "Steps/s");
  write("total-steps-label", many ? "Steps, all agents" : "Steps in all");
  write("viewers", live && frame.viewers > 1 ? plural(frame.viewers, "viewer") : "");
  write("whose", whose(frame));
  write("num-episodes-label", frame.total_episodes > 0 ? "More episodes" : "Episodes");
  writeProgress(frame, live, starting);
}

/** @param {Frame} frame @returns {string} of how many agents the readings are those of which one */
export function whose({ shown = 0, agents = 1, agents_done: done = 0, parameters }) {
  const first = parameters?.first_agent ?? 0;
  const number = first > 0 ? `number ${grouped(first + shown)}` : "";
  if (agents === 1) return number && `Agent ${number}`;
  const ready = done > 0 ? `${grouped(done)} done` : "";
  return [`Agent ${grouped(shown + 1)} of ${grouped(agents)}`, number, ready].filter(Boolean).join(" · ");
}

/**
 * How far a run is, by the one of its budgets that it is nearest to the end of.
 * @param {Frame} frame
 * @returns {{done: number, target: number | null, share: number, words: string}}
 */
export function progressOf({ total_episodes, target_episodes, total_steps, target_steps }) {
  const [episodes, steps] = [
    { done: total_episodes ?? 0, target: target_episodes ?? null, unit: "episode" },
    { done: total_steps ?? 0, target: target_steps ?? null, unit: "step" },
  ].map(({ done, target, unit }) => {
    const all = plural(target ?? done, unit);
    const words = target ? `${grouped(done)} of ${all}` : all;
    return { done, target, share: target ? Math.min(1, done / target) : 0, words };
  });
  return steps.target && (!episodes.target || steps.share > episodes.share) ? steps : episodes;
}

/**
 * @param {Frame} frame
 * @param {boolean} live
 * @param {boolean} starting
 */
function writeProgress(frame, live, starting) {
  const { running } = frame;
  const { done, target, share, words } = progressOf(frame);
  const begun = frame.total_episodes > 0 || frame.total_steps > 0;
  const state = running ? "Running" : frame.finished ? "Finished" : begun ? "Stopped" : "Ready";
  const word = !live ? "Disconnected" : starting && !running ? "Starting" : state;
  attribute("run-status", "data-state", word.toLowerCase());
  write("run-status", word);
  write("progress-text", done > 0 || running ? words : "");

  const progress = element("progress");
  attribute(progress, "aria-valuemax", String(target ?? 0));
  attribute(progress, "aria-valuenow", String(target ? Math.min(done, target) : 0));
  attribute(progress, "aria-valuetext", words);
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
  const { target, share } = progressOf(frame);
  return target ? `${Math.floor(100 * share)} % · ${name}` : `Running · ${name}`;
}

/**
 * @param {World} world
 * @param {Frame} frame
 */
export function writeWorld(world, frame) {
  const algorithm = frame.parameters?.algorithm;
  const size = `${world.width} × ${world.height}`;
  const parts = [world.name, size, algorithm && algorithmName(algorithm)];
  const words = parts.filter(Boolean).join(" · ");
  write("rules", world.rules ? `${world.rules.charAt(0).toUpperCase()}${world.rules.slice(1)}` : "");
  write("world-name", words);
  attribute("world-name", "title", words.length > 60 ? words : null);
}

/**
 * What the shapes mean, for those that the world has.
 * @param {World} world
 * @param {Palette} palette
 * @param {number} ratio device pixels per CSS pixel
 */
export function drawCellLegend(world, palette, ratio) {
  const size = Math.round(18 * ratio);
  const items = kindsIn(world).map((kind) =>
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

/**
 * @param {any} autosave of the frame
 * @returns {string} the sentence that offers it
 */
export function autosaveSentence(autosave) {
  const when = new Date(autosave.saved);
  const date = Number.isNaN(when.getTime()) ? "" : `, ${when.toLocaleString()}`;
  return `The last session was saved (${plural(autosave.episodes ?? 0, "episode")}${date}).`;
}

/** Why a run was put aside, in words. @type {Record<string, string>} */
const ASIDE = {
  reset: "Reset",
  load: "Put aside by Load",
  begin: "Put aside by the new run",
  world: "Before the world was changed",
  undo: "Put aside",
};

/**
 * @param {{n: number, why: string, world: string, episodes: number, steps: number}} undo of a frame
 * @returns {{n: number, text: string}} the sentence that offers to bring the run back
 */
export function undoOffer({ n, why, world, episodes, steps }) {
  const what = episodes > 0 ? plural(episodes, "episode") : plural(steps, "step");
  return { n, text: `${ASIDE[why] ?? ASIDE.undo}: a run of ${what} on ${world}.` };
}

/**
 * The last update as a small calculation, where somebody could read it.
 * @param {Frame} frame
 */
export function writeUpdate(frame) {
  const place = element("last-update");
  if (!frame.update || !readable(frame)) {
    const text = frame.update
      ? `Slow down to ${READABLE} steps/s or stop to read each update.`
      : "No step yet.";
    if (place.childElementCount > 0 || place.textContent !== text) place.replaceChildren(text);
    return;
  }
  const { title: sentence, lines } = spell(frame.update, frame.parameters ?? {});
  if (place.childElementCount !== lines.length + 1) {
    const heading = document.createElement("p");
    const rows = lines.map(() => {
      const row = document.createElement("div");
      row.append(...["span", "i", "b"].map((tag) => document.createElement(tag)));
      return row;
    });
    place.replaceChildren(heading, ...rows);
  }
  const [heading, ...rows] = /** @type {HTMLElement[]} */ ([...place.children]);
  write(heading, sentence);
  rows.forEach((row, i) => {
    const { name, symbol, value, kind } = lines[i];
    row.className = kind;
    const [first, second, third] = /** @type {HTMLElement[]} */ ([...row.children]);
    write(first, name);
    write(second, symbol);
    write(third, value);
  });
}
