/** Sets of numbers under one name, and what epsilon, or the temperature, does with them. */

import { attribute, element, write } from "../page/dom.mjs";
import { epsilon, grouped } from "../page/format.mjs";
import { PRESETS } from "../page/tables.mjs";

export { PRESETS };

/** @typedef {Record<string, any>} Values by element id; choices by their keys on the wire */

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
 * @param {Record<string, any>} parameters in force
 * @returns {boolean} whether they explore by softmax
 */
export function isSoftmax(parameters) {
  return parameters.exploration === "softmax";
}

/**
 * What it explores by, episode by episode: epsilon, or with softmax the temperature. It never rises.
 * @param {Values} values
 * @param {number} [points]
 * @returns {{xs: number[], ys: number[], episodes: number} | null} null where a number is missing
 */
export function epsilonCurve(values, points = 64) {
  const name = isSoftmax(values) ? "temperature" : "epsilon";
  const { [name]: first, [`${name}-decay`]: decay, [`${name}-min`]: least } = values;
  if (first == null || decay == null || least == null) return null;
  const episodes = values["num-episodes"] ?? ENDLESS;
  const floor = Math.min(least, first);
  const xs = Array.from({ length: points }, (_, i) => (episodes * i) / (points - 1));
  const after = {
    factor: (/** @type {number} */ n) => Math.max(floor, first * decay ** n),
    linear: (/** @type {number} */ n) =>
      Math.max(floor, first + (floor - first) * (n / (values["exploration-episodes"] ?? NaN))),
    inverse: (/** @type {number} */ n) => first / (n + 1) ** (values["exploration-power"] ?? NaN),
    constant: () => first,
  }[/** @type {string} */ (values.exploration_schedule ?? "factor")];
  const ys = after ? xs.map(after) : [];
  return ys.length > 0 && ys.every(Number.isFinite) ? { xs, ys, episodes } : null;
}

/**
 * The curve in words.
 * @param {Values} values
 * @returns {string}
 */
export function epsilonSentence(values) {
  const curve = epsilonCurve(values);
  if (!curve) return "";
  const [name, what] = isSoftmax(values) ? ["temperature", "The temperature"] : ["epsilon", "Epsilon"];
  const { [`${name}-decay`]: decay, [`${name}-min`]: least } = values;
  const first = curve.ys[0];
  const last = curve.ys[curve.ys.length - 1];
  if (last === first) return `${what} stays at ${epsilon(first)}.`;
  const reached = {
    factor: Math.ceil(Math.log(Number(least) / first) / Math.log(Number(decay))),
    linear: Number(values["exploration-episodes"]),
  }[/** @type {string} */ (values.exploration_schedule ?? "factor")];
  const when =
    Number(least) > 0 && reached !== undefined && reached <= curve.episodes
      ? `, its lowest, from episode ${grouped(Math.max(1, reached))} on`
      : ` after ${grouped(curve.episodes)} episodes`;
  return `${what} falls from ${epsilon(first)} to ${epsilon(last)}${when}.`;
}

/**
 * @param {{xs: number[], ys: number[], episodes: number}} curve
 * @param {number} width
 * @param {number} height
 * @returns {string} an SVG path within width x height, 1 at the top, or what is more
 */
export function pathOf({ xs, ys, episodes }, width, height) {
  const top = Math.max(1, ...ys);
  const at = (/** @type {number} */ x, /** @type {number} */ y) =>
    `${((x / episodes) * width).toFixed(1)} ${((1 - y / top) * height).toFixed(1)}`;
  return `M${xs.map((x, i) => at(x, ys[i])).join("L")}`;
}

const WIDTH = 256;
const HEIGHT = 48;

/**
 * Draw what it explores by, by episode, as the fields stand, and press the preset that they are.
 * @param {Values} fields
 * @param {Record<string, any>} parameters in force: what is chosen by buttons
 */
export function writePreview(fields, parameters) {
  const { exploration, exploration_schedule } = parameters;
  const values = { ...fields, exploration, exploration_schedule };
  const chosen = presetOf(values);
  for (const name of Object.keys(PRESETS)) {
    attribute(`preset-${name}`, "aria-pressed", String(name === chosen));
  }
  const curve = epsilonCurve(values);
  const path = curve ? pathOf(curve, WIDTH, HEIGHT) : "";
  const place = element("epsilon-preview");
  const sentence = epsilonSentence(values);
  attribute(place, "aria-label", sentence || "Exploration by episode");
  write("epsilon-preview-text", sentence);
  if (place.dataset.path === path) return;
  place.dataset.path = path;
  place.innerHTML =
    `<svg viewBox="-1 -2 ${WIDTH + 2} ${HEIGHT + 4}" preserveAspectRatio="none">` +
    `<path class="base" d="M0 ${HEIGHT}H${WIDTH}"/><path class="line" d="${path}"/></svg>`;
}
