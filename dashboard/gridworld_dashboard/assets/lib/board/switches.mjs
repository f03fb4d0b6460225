/** Which views of the grid are on: what is remembered of them, and how their switches stand. */

import { attribute, element, write } from "../page/dom.mjs";
import { isLayer } from "./layers.mjs";

/** @typedef {import("./picture.mjs").Views} Views */
/** @typedef {{get: (name: string) => any, set: (name: string, value: any) => void}} Memory */

/** What somebody sees who is here for the first time. @type {Readonly<Views>} */
export const AT_FIRST = { layer: "value", arrows: true, qValues: false };

export class Switches {
  /** @param {Memory} memory */
  constructor(memory) {
    this.memory = memory;
    /** @type {Views} */
    this.views = checked(memory.get("views") ?? AT_FIRST);
    /** The page's elements are there. */
    this.begun = false;
  }

  /** @param {() => void} resized the panel of further views takes another room */
  begin(resized) {
    this.begun = true;
    const more = furtherViews();
    more.open = this.memory.get("more-views") === true || this.#further();
    more.addEventListener("toggle", () => {
      this.memory.set("more-views", more.open);
      resized();
    });
    this.#show();
  }

  /** @param {Partial<Views>} views of which unknown values are left out */
  set(views) {
    this.views = checked({ ...this.views, ...views });
    this.memory.set("views", this.views);
    if (!this.begun) return;
    if (this.#further()) furtherViews().open = true;
    this.#show();
  }

  /** @returns {boolean} a view is on whose switch is among the further ones */
  #further() {
    return this.views.qValues || (this.views.layer !== null && this.views.layer !== "value");
  }

  #show() {
    const { layer, arrows, qValues } = this.views;
    for (const button of buttonsThat("toggle_layer")) {
      press(button, JSON.parse(button.dataset.given ?? "{}").layer === layer);
    }
    for (const button of buttonsThat("toggle_arrows")) press(button, arrows);
    for (const button of buttonsThat("toggle_q_values")) press(button, qValues);
    // What is on inside must be seen from outside: the panel may be closed.
    const inside = document.querySelectorAll('#more-views button[aria-pressed="true"]');
    const names = [...inside].map((button) => button.textContent);
    write("more-views-now", names.join(", "));
  }
}

/**
 * A layer's switch is pressed. While four values a cell hide the layer, that brings it to sight:
 * no switch may move without the picture.
 * @param {Views} views
 * @param {Views["layer"]} layer
 * @returns {Partial<Views>}
 */
export function toggled({ layer: shown, qValues }, layer) {
  return { layer: shown === layer && !qValues ? null : layer, qValues: false };
}

/**
 * The layer that comes after the one on show, round and round, with none of them in between.
 * @param {Views} views
 * @param {readonly string[]} layers
 * @returns {Partial<Views>}
 */
export function turned({ layer, qValues }, layers) {
  const next = qValues && layer !== null ? layer : layers[layer === null ? 0 : layers.indexOf(layer) + 1];
  return { layer: /** @type {any} */ (next ?? null), qValues: false };
}

/** @returns {HTMLDetailsElement} */
function furtherViews() {
  return /** @type {HTMLDetailsElement} */ (element("more-views"));
}

/** @param {string} action @returns {NodeListOf<HTMLElement>} */
function buttonsThat(action) {
  return document.querySelectorAll(`button[data-does="${action}"]`);
}

/** @param {HTMLElement} button @param {boolean} pressed */
function press(button, pressed) {
  attribute(button, "aria-pressed", String(pressed));
}

/**
 * @param {any} views from elsewhere
 * @returns {Views}
 */
export function checked(views) {
  return {
    layer: isLayer(views?.layer) ? views.layer : null,
    arrows: views?.arrows === true,
    qValues: views?.qValues === true,
  };
}
