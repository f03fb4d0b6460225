/** A draft and the server: the library judges it, and it comes into force. */

import { placed } from "../wire/place.mjs";
import { identity } from "./draft.mjs";

/** @typedef {import("./draft.mjs").Draft} Draft */
/** @typedef {import("../wire/model.mjs").World & {definition: Draft}} Judged */
/** @typedef {{problem?: string | null, world?: Judged | null, fresh?: boolean}} Verdict */

/** Characters: the server closes a connection whose messages are over 64 KiB. */
const MOST_MESSAGE = 60_000;

export class Applying {
  /**
   * @param {object} page
   * @param {(type: string, data: object) => Promise<{type: string, data?: any} | null>} page.ask
   * @param {() => void} page.told something is known
   */
  constructor({ ask, told }) {
    this.ask = ask;
    this.told = told;
    /** Of the world in force. */
    this.inForce = "";
    /** Why the draft cannot be. */
    this.problem = "";
    /** The library's view of the last draft that can be. @type {Judged | null} */
    this.judged = null;
    this.busy = false;
    /** @type {{draft: Draft, wanted: () => boolean} | null} */
    this.next = null;
  }

  /** @param {Draft} draft @returns {boolean} another world is in force */
  differs(draft) {
    return keyOf(draft) !== this.inForce;
  }

  /** @returns {Promise<Judged | null>} the world in force; null: it is not known now */
  async look() {
    const before = this.inForce;
    const { world } = await this.#send("check_world");
    if (!world || this.busy || this.inForce !== before) return null; // it is of before
    this.inForce = keyOf(world.definition);
    this.judged = world;
    return world;
  }

  /**
   * @param {object} world in whatever form the library takes
   * @returns {Promise<Verdict>}
   */
  judge(world) {
    return this.#send("check_world", world);
  }

  /**
   * A step limit that came with the size follows it; one that somebody chose stays.
   * @param {Draft} before
   * @param {Draft} after of another size
   * @returns {Promise<Draft>}
   */
  async limited(before, after) {
    const usual = async (/** @type {Draft} */ draft) => {
      const { world } = await this.judge({ ...draft, max_steps: undefined });
      return world?.definition.max_steps;
    };
    if ((await usual(before)) !== before.max_steps) return after;
    return { ...after, max_steps: (await usual(after)) ?? after.max_steps };
  }

  /**
   * Judge a draft, and put it in force where that is wanted by then. Of drafts that come while one
   * is under way the last one counts.
   * @param {Draft} draft
   * @param {() => boolean} wanted
   */
  async settle(draft, wanted) {
    this.next = { draft, wanted };
    if (this.busy) return;
    this.busy = true;
    while (this.next) {
      const { draft: each, wanted: is } = this.next;
      this.next = null;
      await this.#one(each, is);
      if (this.next === null) this.busy = false;
      this.told();
    }
  }

  /** @param {Draft} draft @param {() => boolean} wanted */
  async #one(draft, wanted) {
    const { problem, world } = await this.#send("check_world", draft);
    this.problem = problem ?? "";
    if (!world) return;
    this.judged = world;
    if (!wanted() || !this.differs(draft)) return;
    const done = await this.#send("change_world", world.definition);
    this.problem = done.problem ?? "";
    if (!done.problem) this.inForce = keyOf(world.definition);
  }

  /**
   * @param {string} command
   * @param {object} [world]
   * @returns {Promise<Verdict>}
   */
  async #send(command, world) {
    const body = JSON.stringify(world ?? {});
    if (body.length >= MOST_MESSAGE) {
      const headers = { "Content-Type": "application/json" };
      const url = placed(`world?how=${command}`);
      const answer = await fetch(url, { method: "POST", headers, body }).catch(() => null);
      const said = await answer?.json().catch(() => null);
      if (!said) return { problem: LOST };
      return answer?.ok ? said : { problem: said.message };
    }
    const answer = await this.ask(command, world ? { world } : {});
    if (!answer) return { problem: LOST };
    return answer.type === "error" ? { problem: answer.data?.message } : answer.data;
  }
}

const LOST = "there must be a connection to the server, and it is lost";

/** @param {Draft} draft */
function keyOf(draft) {
  return `${draft.name} ${identity(draft)}`;
}
