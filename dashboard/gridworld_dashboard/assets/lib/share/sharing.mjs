/** The present run as a link and as a command line, and links that are opened. */

import { Address } from "./address.mjs";
import { write } from "../page/dom.mjs";
import { grouped } from "../page/format.mjs";
import { RULES } from "../form/fields.mjs";
import { PARAMETERS } from "../page/tables.mjs";
import { CHOICES, MARK, commandLine } from "./share.mjs";
import { toast } from "../says/toasts.mjs";
import { placed } from "../wire/place.mjs";

/** @typedef {import("./share.mjs").Settings} Settings */

/** Characters: the server closes a connection whose messages are over 64 KiB. */
const MOST_MESSAGE = 60_000;

const TOO_LARGE =
  `A link holds seeds up to ${PARAMETERS.seed.high}, and that of this run is larger: ` +
  "the command line's --seed takes it.";

/** @param {Record<string, any>} values @returns {boolean} a link holds them to the last digit */
function isExact(values) {
  return Object.values(values).every((value) => typeof value !== "bigint");
}

/**
 * What the link repeats of the run, exactly.
 * @param {import("../wire/model.mjs").Frame | null} frame
 * @param {number | null | undefined} episodes that the link asks for; null: until stopped
 * @returns {string}
 */
export function linkNote(frame, episodes) {
  const { repeatable = true, total_episodes: done = 0, running = false } = frame ?? {};
  const whole = episodes === null || episodes === undefined || done <= episodes;
  const part = whole
    ? ""
    : `, ${grouped(episodes)} of the ${grouped(done)} episodes` + (running ? " so far" : "");
  if (repeatable) {
    return `Opened anywhere, the link gives this run again from its beginning${part}, bit for bit.`;
  }
  return (
    `Numbers or the world were changed on the way: the link begins the run anew${part}, with all ` +
    "as it is now."
  );
}

/**
 * @typedef {object} Page
 * @property {import("../wire/model.mjs").Model} model
 * @property {import("../form/form.mjs").Form} form
 * @property {import("../board/board.mjs").Board} board
 * @property {import("../wire/outbox.mjs").Outbox} outbox
 * @property {(world: string) => {slip: number, max_steps: number | null} | undefined} own what a
 *   named world has by itself
 * @property {import("../page/role.mjs").Role} role
 * @property {() => void} changed asks for a draw
 */

export class Sharing {
  /**
   * @param {any} dash window.dash_clientside
   * @param {Page} page
   */
  constructor(dash, page) {
    this.dash = dash;
    this.page = page;
    this.problem = "";
    this.address = new Address({
      settings: () => this.settings(),
      fresh: () => page.model.frame?.running === false && page.model.untouched,
      idle: () => page.model.frame?.running === false,
      steers: () => page.role.steers,
      take: (asked, same) => this.#take(asked, same),
      again: () => page.outbox.ask("reset"),
      wrote: (code, settings, problem) => this.#wrote(code, settings, problem),
      fail: (text) => toast({ kind: "error", text }),
      changed: page.changed,
    });
  }

  /** @returns {Settings | null} what Start would do, and what is shown; null: no link can hold it */
  settings() {
    const { model, form, board } = this.page;
    const { frame, world } = model;
    const values = form.settings();
    if (!frame || !world || !values || !isExact(values)) return null;
    const named = world.named !== false;
    if (!named && !world.definition) return null;
    const { layer, arrows, qValues } = board.views;
    const agent = Math.min(frame.shown ?? 0, Number(values.agents) - 1);
    return /** @type {any} */ ({
      ...values,
      ...Object.fromEntries(CHOICES.map(({ key }) => [key, frame.parameters[key]])),
      world: named ? frame.parameters.world : world.definition,
      algorithm: frame.parameters.algorithm,
      view: { layer, arrows, q_values: qValues, agent },
    });
  }

  /**
   * @param {Settings["world"]} world
   * @returns {{slip: number, max_steps: number | null} | undefined} what it has by itself, where
   *   its name makes it
   */
  ownOf(world) {
    return typeof world === "string" ? this.page.own(world) : undefined;
  }

  /** What the link gives. */
  writeNote() {
    const { model, form } = this.page;
    write("link-note", this.problem || linkNote(model.frame, form.drafts.values["num-episodes"]));
  }

  /**
   * Do what a link asks for.
   * @param {Settings} asked
   * @param {boolean} same the run is here already
   * @returns {Promise<boolean>} it is in force
   */
  async #take({ view, ...parameters }, same) {
    const { model, form, board, outbox, role } = this.page;
    const numbers = /** @type {Record<string, any>} */ (parameters);
    const { layer, arrows, q_values, agent } = view;
    // A link that is refused changes nothing here: neither the fields nor the views.
    if (!same && !(await this.#configure(numbers))) {
      this.address.keep();
      return false;
    }
    board.setViews({ layer: /** @type {any} */ (layer), arrows, qValues: q_values });
    form.fill(Object.fromEntries(Object.entries(RULES).map(([id, { key }]) => [id, numbers[key]])));
    if (role.steers && agent !== (same ? model.frame?.shown : 0)) outbox.put("show_agent", { agent });
    return true;
  }

  /**
   * @param {Record<string, any>} parameters of which the world may be too large for one message
   * @returns {Promise<boolean>} they are in force; else what ran goes on
   */
  async #configure({ world, ...others }) {
    const { outbox, model } = this.page;
    const frame = model.frame ?? {};
    if (frame.running) outbox.put("stop_training");
    const taken = await this.#put(world, others);
    const left = (/** @type {string} */ what) => {
      const target = frame[`target_${what}`] ?? null;
      return target === null ? null : Math.max(1, target - frame[`total_${what}`]);
    };
    if (!taken && frame.running) {
      outbox.put("start_training", { num_episodes: left("episodes"), num_steps: left("steps") });
    }
    return taken;
  }

  /**
   * @param {any} world
   * @param {Record<string, any>} others
   * @returns {Promise<boolean>} the server has taken them
   */
  async #put(world, others) {
    const body = JSON.stringify(world);
    if (body.length >= MOST_MESSAGE) {
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(placed("world"), { method: "POST", headers, body });
      if (!answer.ok) toast({ kind: "error", text: (await answer.json()).message });
      return answer.ok && (await this.#agree(others));
    }
    return this.#agree({ world, ...others });
  }

  /**
   * A link begins its run anew, also where the agents could go on with its numbers.
   * @param {Record<string, any>} parameters
   * @returns {Promise<boolean>} the server has taken them
   */
  async #agree(parameters) {
    const { outbox, model } = this.page;
    const learnt = !model.untouched;
    const answer = await outbox.ask("configure", parameters);
    if (answer === null) toast({ kind: "error", text: "The connection was lost: try again." });
    if (answer?.type !== "configured") return false;
    if (learnt && answer.data.fresh === false) await outbox.ask("reset");
    return true;
  }

  /**
   * The address is up to date: so let the texts be.
   * @param {string | null} code of the link
   * @param {Settings | null} settings that it holds
   * @param {string} problem why there is none
   */
  #wrote(code, settings, problem) {
    const values = this.page.form.settings();
    this.problem = values && !isExact(values) ? TOO_LARGE : problem;
    const link = code === null ? "" : `${location.origin}${location.pathname}${MARK}${code}`;
    const named = typeof settings?.world === "string";
    const own = settings ? this.ownOf(settings.world) : undefined;
    const line = settings && (named || link) ? commandLine(settings, { link, own }) : "";
    this.dash.set_props("link-text", { value: link });
    this.dash.set_props("command-text", { value: line });
    this.writeNote();
  }
}
