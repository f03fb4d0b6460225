/** What is chosen by buttons, and put in force at once: the world, the algorithm and other choices. */

import { attribute, element } from "../page/dom.mjs";
import { OF_WORLD, RULES } from "./fields.mjs";
import { stringify } from "../wire/exact.mjs";
import { Gallery } from "./gallery.mjs";

export class Choices {
  /**
   * @param {import("./form.mjs").Form} form
   * @param {(type: string, data: object) => Promise<{type: string} | null>} ask sends a command
   */
  constructor(form, ask) {
    this.form = form;
    this.ask = ask;
    /** @type {Gallery | null} there with the page's panels */
    this.gallery = null;
    this.shown = "";
  }

  begin() {
    this.gallery = new Gallery(element("world-panel"));
  }

  /**
   * A world comes with its own slip and limit, and with the numbers by which it is learnt; what was
   * typed of these was for the one before.
   * @param {string} world
   */
  async openWorld(world) {
    const { numbers = {}, choices = {} } = this.gallery?.own(world) ?? {};
    const given = Object.entries(numbers).map(([id, number]) => [RULES[id].key, number]);
    const answer = await this.ask("configure", {
      world,
      ...choices,
      ...Object.fromEntries(given),
    });
    if (answer?.type !== "configured") return;
    this.form.drafts.drop(OF_WORLD);
    this.form.fill(numbers);
  }

  /** @returns {import("./gallery.mjs").Own | undefined} what the world in force has by itself */
  get own() {
    return this.gallery?.own(this.form.world ?? "");
  }

  openMaze() {
    const [size, seed] = [this.form.other("maze-size"), this.form.other("maze-seed")];
    if (size === null || seed === null) return;
    this.openWorld(seed ? `maze-${size}:${seed}` : `maze-${size}`);
  }

  /**
   * Press the buttons of what is in force.
   * @param {import("../wire/model.mjs").Frame} frame
   * @param {import("../wire/model.mjs").World | null} world
   */
  follow({ parameters = {} }, world) {
    const next = stringify([parameters, world?.name, world?.named]);
    if (next === this.shown) return;
    this.shown = next;
    this.gallery?.choose(world?.named === false ? "" : (parameters.world ?? ""), world?.name);
    const fields = /** @type {NodeListOf<HTMLElement>} */ (
      document.querySelectorAll("[data-algorithms]")
    );
    for (const field of fields) {
      field.hidden = !(field.dataset.algorithms ?? "").split(" ").includes(parameters.algorithm);
    }
    /** @param {string | undefined} text an object of parameters, as JSON */
    const chosen = (text) =>
      Object.entries(JSON.parse(text ?? "{}")).every(([key, value]) => parameters[key] === value);
    const where = /** @type {NodeListOf<HTMLElement>} */ (
      document.querySelectorAll("[data-where]")
    );
    for (const field of where) field.hidden = !chosen(field.dataset.where);
    const buttons = /** @type {NodeListOf<HTMLElement>} */ (
      document.querySelectorAll('button[data-does="configure"]')
    );
    for (const button of buttons) {
      attribute(button, "aria-pressed", String(chosen(button.dataset.given)));
    }
  }
}
