/** Sets of numbers under one name, and what epsilon does with them. */

import { attribute, element, write } from "../page/dom.mjs";
import { epsilon, grouped } from "../page/format.mjs";
import { PRESETS } from "../page/tables.mjs";

export { PRESETS };

/** @typedef {Record<string, number | null>} Values by element id */

/** Episodes of the preview where the training has no end. */
const ENDLESS = 1000;

/**
 * @param {Values} values
 * @returns {string | null} the preset whose numbers these are
 */
export function presetOf(values) {
  const found = Object.entries(PRESETS).find(([, numbers]) =>
    Object.entries(numbers).every(([id, value]) => values[id] === value),
  );
  return found?.[0] ?? null;
}

/**
 * Epsilon by episode: it decays after each one, and never rises.
 * @param {Values} values
 * @param {number} [points]
 * @returns {{xs: number[], ys: number[], episodes: number} | null} null where a number is missing
 */
export function epsilonCurve(values, points = 64) {
  const { epsilon: first, "epsilon-decay": decay, "epsilon-min": least } = values;
  if (first == null || decay == null || least == null) return null;
  const episodes = values["num-episodes"] ?? ENDLESS;
  const floor = Math.min(least, first);
  const xs = Array.from({ length: points }, (_, i) => (episodes * i) / (points - 1));
  const ys = xs.map((n) => Math.max(floor, first * decay ** n));
  return { xs, ys, episodes };
}

/**
 * The curve in words.
 * @param {Values} values
 * @returns {string}
 */
export function epsilonSentence(values) {
  const curve = epsilonCurve(values);
  if (!curve) return "";
  const { epsilon: first, "epsilon-decay": decay, "epsilon-min": least } = values;
  const last = curve.ys[curve.ys.length - 1];
  if (last === first) return `Epsilon stays at ${epsilon(first)}.`;
  const reached = Math.ceil(Math.log(Number(least) / Number(first)) / Math.log(Number(decay)));
  const when =
    Number(least) > 0 && reached <= curve.episodes
      ? `, its lowest, from episode ${grouped(Math.max(1, reached))} on`
      : ` after ${grouped(curve.episodes)} episodes`;
  return `Epsilon falls from ${epsilon(first)} to ${epsilon(last)}${when}.`;
}

/**
 * @param {{xs: number[], ys: number[], episodes: number}} curve
 * @param {number} width
 * @param {number} height
 * @returns {string} an SVG path within width x height, epsilon 1 at the top
 */
export function pathOf({ xs, ys, episodes }, width, height) {
  const at = (/** @type {number} */ x, /** @type {number} */ y) =>
    `${((x / episodes) * width).toFixed(1)} ${((1 - y) * height).toFixed(1)}`;
  return `M${xs.map((x, i) => at(x, ys[i])).join("L")}`;
}

const WIDTH = 256;
const HEIGHT = 48;

/**
 * Draw epsilon by episode, as the fields stand, and press the preset that they are.
 * @param {Values} values
 */
export function writePreview(values) {
  const chosen = presetOf(values);
  for (const name of Object.keys(PRESETS)) {
    attribute(`preset-${name}`, "aria-pressed", String(name === chosen));
  }
  const curve = epsilonCurve(values);
  const path = curve ? pathOf(curve, WIDTH, HEIGHT) : "";
  const place = element("epsilon-preview");
  if (place.dataset.path === path) return;
  place.dataset.path = path;
  place.innerHTML =
    `<svg viewBox="-1 -2 ${WIDTH + 2} ${HEIGHT + 4}" preserveAspectRatio="none">` +
    `<path class="base" d="M0 ${HEIGHT}H${WIDTH}"/><path class="line" d="${path}"/></svg>`;
  const sentence = epsilonSentence(values);
  attribute(place, "aria-label", sentence || "Epsilon by episode");
  write("epsilon-preview-text", sentence);
}
