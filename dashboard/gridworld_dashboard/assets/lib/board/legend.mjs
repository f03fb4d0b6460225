/** The words and numbers around the board. */

import { context } from "./canvas.mjs";
import { colorTable } from "./colormap.mjs";
import { write } from "../page/dom.mjs";
import { LAYERS, Q_VALUES, byteOf, ticksOf } from "./layers.mjs";

/** @typedef {import("../wire/model.mjs").Frame} Frame */
/** @typedef {import("../wire/model.mjs").World} World */
/** @typedef {import("./picture.mjs").Picture} Picture */
/** @typedef {import("./picture.mjs").Views} Views */
/** @typedef {import("./gridview.mjs").GridView} GridView */

export class Legend {
  /** @param {HTMLElement} root with .title, canvas and .ticks */
  constructor(root) {
    const find = (/** @type {string} */ what) => /** @type {HTMLElement} */ (root.querySelector(what));
    this.root = root;
    this.title = find(".title");
    this.symbol = find(".symbol");
    this.ramp = /** @type {HTMLCanvasElement} */ (root.querySelector("canvas"));
    this.ticks = find(".ticks");
    this.painted = "";
  }

  /**
   * @param {Picture | null} picture
   * @param {boolean} triangles whether the Q-values are what is on show
   * @param {import("./colormap.mjs").Scheme} scheme
   */
  draw(picture, triangles, scheme) {
    const layer = triangles ? Q_VALUES : picture?.layer;
    this.root.hidden = !layer;
    if (!layer || !picture) return;
    const range = triangles ? picture.qRange : picture.range;
    write(this.title, layer.title);
    write(this.symbol, layer.symbol);
    // Only the part of the ramp that occurs.
    const first = range?.from === undefined ? 1 : byteOf(layer, range.from, range);
    const last = range?.to === undefined ? 255 : byteOf(layer, range.to, range);
    const painted = `${layer.ramp} ${scheme} ${first} ${last}`;
    if (painted !== this.painted) {
      this.painted = painted;
      const width = Math.max(1, last - first + 1);
      this.ramp.width = width;
      const c = context(this.ramp);
      const image = c.createImageData(width, 1);
      const { pixels } = colorTable(layer.ramp, scheme);
      new Uint32Array(image.data.buffer).set(pixels.subarray(first, first + width));
      c.putImageData(image, 0, 0);
    }
    this.#write(range ? ticksOf(layer, range) : []);
  }

  /** @param {{at: number, text: string}[]} ticks */
  #write(ticks) {
    const { children } = this.ticks;
    while (children.length > ticks.length) this.ticks.lastElementChild?.remove();
    while (children.length < ticks.length) this.ticks.append(document.createElement("span"));
    ticks.forEach(({ at, text }, i) => {
      const tick = /** @type {HTMLElement} */ (children[i]);
      write(tick, text);
      const place = `${(100 * at).toFixed(1)}%`;
      if (tick.style.getPropertyValue("--at") !== place) tick.style.setProperty("--at", place);
    });
  }
}

/**
 * Why a view that is switched on shows nothing.
 * @param {{truth: import("../wire/model.mjs").Truth | null}} model
 * @param {Picture | null} picture
 * @param {Views} views
 * @param {{arrows: boolean, triangles: boolean, large: boolean}} room cells are large enough for
 * @returns {string}
 */
export function noteOf({ truth }, picture, views, room) {
  const exact = views.layer === "optimal" || views.layer === "difference";
  if (exact && !views.qValues) {
    if (truth?.state === "solving") return "The exact optimum is being worked out.";
    if (truth?.state === "unavailable") return truth.reason ?? "The optimum is not known.";
  }
  const known = picture?.cells != null;
  const small = [
    views.qValues && !(room.triangles && known) && "Q-values",
    views.arrows && !(room.arrows && known) && "arrows",
  ].filter(Boolean);
  if (small.length > 0 && room.large) return `Zoom in for ${small.join(" and ")}.`;
  if (small.length > 0 && known) return `Cells are too small for ${small.join(" and ")}.`;
  if (!views.layer && !views.arrows && !views.qValues) return "";
  const something =
    picture?.range != null || (known && picture?.learnt.some((learnt) => learnt === 1));
  if (something) return "";
  return (!views.qValues && views.layer && LAYERS[views.layer].nothing) || Q_VALUES.nothing;
}

/** What switches are called where they are listed. @type {Record<string, string>} */
const NAMES = {
  value: "heat map",
  optimal: "optimal values",
  difference: "difference to the optimum",
  visits: "visits",
  td_error: "TD errors",
  eligibility: "traces",
  model: "the model",
};

/**
 * The canvas in words.
 * @param {World} world
 * @param {Frame} frame
 * @param {Views} views
 * @returns {string}
 */
export function summary(world, frame, views) {
  const [x, y] = frame.agent_pos;
  const shown = [
    views.qValues ? "Q-values" : views.layer && NAMES[views.layer],
    views.arrows && "policy arrows",
  ].filter(Boolean);
  return (
    `World ${world.name}, ${world.width} by ${world.height} cells. ` +
    `Agent at column ${x + 1}, row ${y + 1}, ` +
    `episode ${frame.episode}, step ${frame.step}, ${frame.running ? "training" : "idle"}.` +
    (shown.length > 0 ? ` Shown: ${shown.join(" and ")}.` : "") +
    " Arrow keys read its cells."
  );
}
