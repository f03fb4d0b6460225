/** A game: somebody moves by hand, in the same world, by the server's own steps. */

import { element, make, write } from "../page/dom.mjs";
import { Model } from "../wire/model.mjs";
import { filled, quiet } from "./parts.mjs";
import { Readings, ending, sum } from "./readings.mjs";
import { trailOf } from "./walk.mjs";

/** @typedef {import("./trials.mjs").Page} Page */

/** Actions by their direction. */
const ACTIONS = { "0,-1": 0, "0,1": 1, "-1,0": 2, "1,0": 3 };

/** @type {[string, string, number][]} face, name, action */
const PAD = [
  ["↑", "Up", 0],
  ["←", "Left", 2],
  ["↓", "Down", 1],
  ["→", "Right", 3],
];

/** Moves that wait for the answer to the one before; who presses faster means no more. */
const WAITING = 3;
/** Seeds of games: any that JavaScript holds exactly. */
const SEEDS = 2 ** 31;

export class Game {
  /**
   * @param {Page} page
   * @param {() => void} left the board shows something else
   */
  constructor(page, left) {
    this.page = page;
    this.left = left;
    this.face = "Play";
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.on = false;
    this.seed = 0;
    /** @type {number[]} */
    this.actions = [];
    /** @type {number[]} */
    this.waiting = [];
    this.asking = false;
    this.over = false;
    /** Games so far: an answer to one that was left comes too late. */
    this.game = 0;

    this.pad = PAD.map(([face, name, action]) => {
      const made = quiet(face, () => this.#move(action), name);
      made.classList.add(name.toLowerCase());
      return made;
    });
    this.words = make("p", { className: "trial-words", role: "status" });
    this.readings = new Readings();
    this.body = filled(
      "div",
      { className: "trial" },
      filled(
        "div",
        { className: "trial-game" },
        filled("div", { className: "pad", role: "group", ariaLabel: "Moves" }, ...this.pad),
        filled("div", {}, this.words, this.readings.root),
      ),
      quiet("New game", () => this.#fresh()),
      make("p", {
        className: "sentence",
        textContent:
          "Arrow keys, swipes on the grid, or these buttons. The agent's return is that of its " +
          "greedy policy from the same start, met by the same chance.",
      }),
    );
  }

  now() {
    return "playing";
  }

  begin() {
    this.on = true;
    this.#fresh();
    element("grid-canvas").focus({ preventScroll: true });
  }

  #fresh() {
    this.game += 1;
    this.seed = Math.floor(Math.random() * SEEDS);
    this.actions = [];
    this.waiting = [];
    this.asking = this.over = false;
    this.#ask();
  }

  /** @param {number} action */
  #move(action) {
    if (!this.on) this.begin();
    if (this.over || this.waiting.length >= WAITING) return;
    this.waiting.push(action);
    if (!this.asking) this.#ask();
  }

  /** Take the next move that waits, and see what became of it. */
  async #ask() {
    const { outbox, showing } = this.page;
    const { game } = this;
    const from = this.actions.length;
    this.actions.push(...this.waiting.splice(0, 1));
    this.asking = true;
    const answer = await outbox.ask("play", { seed: this.seed, actions: this.actions });
    if (game !== this.game || !this.on) return;
    this.asking = false;
    if (answer?.type !== "played") {
      showing.back();
      if (this.on) this.leave();
      return;
    }
    const { data } = answer;
    this.over = data.over;
    this.#show(data, from);
    if (!this.over && this.waiting.length > 0) this.#ask();
  }

  /**
   * @param {Record<string, any>} found
   * @param {number} from steps before the last move
   */
  #show(found, from) {
    const { showing, model: live } = this.page;
    const model = Object.assign(new Model(), live);
    model.frame = { ...live.frame, agent_pos: found.path.at(-1), running: false };
    const still = this.calm.matches || this.actions.length === 0;
    showing.show({
      kind: "game",
      word: this.over ? "Your game is over" : "Your game: move with the arrow keys",
      shown: model,
      trail: trailOf(found.path, performance.now(), { from, still }),
      steer: this.#steer,
      followed: (changed) => changed.has("run") && showing.back(),
      left: this.leave,
    });
    this.#tell(found);
    for (const each of this.pad) each.disabled = this.over;
  }

  #steer = (/** @type {number} */ dx, /** @type {number} */ dy) =>
    this.#move(/** @type {Record<string, number>} */ (ACTIONS)[`${dx},${dy}`]);

  leave = () => {
    this.on = false;
    this.game += 1;
    this.left();
  };

  /** @param {Record<string, any>} found */
  #tell(found) {
    const { agent } = found;
    const [mine, its] = [found.return, agent.return];
    if (this.over) {
      const apart = mine - its;
      const beside =
        Math.abs(apart) < 1e-9 ? "as much as the agent" : `${sum(Math.abs(apart))} ${apart > 0 ? "more" : "less"} than the agent`;
      write(this.words, `You ended with ${sum(mine)}, ${beside}: ${ending(found.ended, found.steps, true)}.`);
    } else {
      const paid = found.rewards.at(-1);
      write(this.words, paid === undefined ? "Your move." : `That paid ${sum(paid)}.`);
    }
    this.readings.show([
      ["Your return", sum(mine)],
      ["Your steps", String(found.steps)],
      ["Agent's return", sum(its)],
      ["Agent's steps", agent.ended ? String(agent.steps) : `${agent.steps}, cut off`],
    ]);
  }
}
