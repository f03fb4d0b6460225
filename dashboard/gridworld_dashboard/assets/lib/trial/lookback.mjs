/** A look back: the grid as it was at the end of any episode, from the first to the last. */

import { make, write } from "../page/dom.mjs";
import { compact, epsilon, grouped, plural } from "../page/format.mjs";
import { toast } from "../says/toasts.mjs";
import { Model } from "../wire/model.mjs";
import { filled, quiet } from "./parts.mjs";
import { Readings, sum } from "./readings.mjs";
import { trailOf } from "./walk.mjs";

/** @typedef {import("./trials.mjs").Page} Page */

/** Pictures of an animation; most is learnt early, and so they stand closer there. */
const PICTURES = 60;
const BETWEEN_MS = 120;

/**
 * @param {number} last episode
 * @param {number} [pictures] at the most
 * @returns {number[]} the episodes that an animation shows, from 0
 */
export function momentsOf(last, pictures = PICTURES) {
  const all = Array.from({ length: pictures }, (_, i) => Math.round(last * (i / (pictures - 1)) ** 2));
  return [...new Set(all)];
}

export class Lookback {
  /**
   * @param {Page} page
   * @param {() => void} left the board shows something else
   */
  constructor(page, left) {
    this.page = page;
    this.left = left;
    this.face = "Look back";
    this.on = false;
    /** The episode on show, and the one that is wanted. */
    this.episode = 0;
    /** @type {number | null} */
    this.wanted = null;
    this.asking = false;
    /** What the server was told of the view. */
    this.seen = "";
    /** The last episode that can be looked back on; null: all can. @type {number | null} */
    this.most = null;
    /** Animations so far: one that was stopped goes on no more. */
    this.turn = 0;

    this.slider = make("input", { id: "look-back-episode", type: "range", min: "0", step: "1" });
    this.slider.addEventListener("input", () => {
      this.#halt();
      this.#want(Number(this.slider.value));
    });
    this.number = make("output", { htmlFor: "look-back-episode" });
    this.player = quiet("Play", () => this.#play());
    this.saver = quiet("Save GIF", () => this.#save("gif"), "Save the animation as a GIF");
    this.filmer = quiet("Save WebM", () => this.#save("webm"), "Save the animation as a WebM film");
    this.readings = new Readings();
    this.note = make("p", { className: "sentence", role: "status" });
    this.body = filled(
      "div",
      { className: "trial" },
      filled(
        "div",
        { className: "trial-range" },
        make("label", { htmlFor: "look-back-episode", textContent: "Episode" }),
        this.slider,
        this.number,
      ),
      filled("div", { className: "row three even" }, this.player, this.saver, this.filmer),
      this.readings.root,
      this.note,
    );
  }

  now() {
    return this.on ? `episode ${grouped(this.episode)}` : "looking back";
  }

  begin() {
    this.on = true;
    this.most = null;
    const { frame } = this.page.model;
    if (!this.#can()) {
      this.readings.show([]);
      write(
        this.note,
        frame?.repeatable
          ? "No episode has come to its end yet."
          : "This run was loaded, or changed on the way: its past cannot be repeated, and so not be looked at.",
      );
      this.follow();
      return;
    }
    this.#want(this.#last());
  }

  /** A frame came. */
  follow() {
    const able = this.#can();
    for (const each of [this.slider, this.player, this.saver, this.filmer]) each.disabled = !able;
    this.slider.max = String(this.#last());
    if (!able) return;
    if (!this.on) return;
    if (this.page.showing.scene === null && this.wanted === null) this.#want(this.#last());
    // Another part of a large world is looked at, or another layer of it.
    else if (this.#view() !== this.seen) this.#want(this.wanted ?? this.episode);
  }

  /** @returns {number} the last episode that can be looked at */
  #last() {
    const done = this.page.model.frame?.total_episodes ?? 0;
    return this.most === null ? done : Math.min(done, this.most);
  }

  #can() {
    const { frame } = this.page.model;
    return frame?.repeatable === true && this.#last() > 0;
  }

  #view() {
    return JSON.stringify(this.page.board.outlook.known);
  }

  /**
   * Ask for an episode; of several that are asked for meanwhile the last one counts.
   * @param {number} episode
   */
  async #want(episode) {
    this.wanted = episode;
    write(this.number, grouped(episode));
    if (this.asking) return;
    this.asking = true;
    while (this.wanted !== null && this.on) {
      const asked = /** @type {number} */ (this.wanted);
      const found = await this.#ask(asked);
      if (!this.on) break;
      if (!found) {
        this.#giveUp();
        break;
      }
      if (this.wanted === asked) this.wanted = null;
      this.#show(found);
    }
    this.asking = false;
    this.wanted = null;
  }

  /**
   * @param {number} episode
   * @returns {Promise<Record<string, any> | null>}
   */
  async #ask(episode) {
    const { outbox, board } = this.page;
    this.seen = this.#view();
    const { layer, window } = board.outlook.known;
    const part = window && [window.x, window.y, window.width, window.height];
    const answer = await outbox.ask("look_back", { episode, layer, window: part });
    return answer?.type === "past" ? answer.data : null;
  }

  /** @param {Record<string, any>} found */
  #show(found) {
    const { showing, model: live } = this.page;
    const { most, most_steps: _steps, episodes: _episodes, trail, ...frame } = found;
    const model = new Model();
    model.merge({ ...live.frame, ...frame });
    Object.assign(model, { world: live.world, truth: live.truth, history: live.history });
    this.episode = found.total_episodes;
    if (most !== null) this.most = most;
    if (this.wanted === null) {
      this.slider.value = String(this.episode);
      write(this.number, grouped(this.episode));
    }
    showing.show({
      kind: "past",
      word: this.episode > 0 ? `As it was after episode ${grouped(this.episode)}` : "As it was at the beginning",
      shown: model,
      trail: lastOf(trail),
      episode: this.episode,
      followed: (changed) => changed.has("run") && showing.back(),
      left: this.leave,
    });
    this.readings.show([
      ["Return", this.episode > 0 ? sum(found.episode_return) : "–"],
      ["Steps", this.episode > 0 ? grouped(found.step) : "–"],
      ["Epsilon", epsilon(found.epsilon)],
      ["Steps in all", grouped(found.total_steps)],
    ]);
    const limit =
      this.most === null
        ? ""
        : ` Only the first ${plural(this.most, "episode")} can be looked at: the agent goes through its past again, and ${compact(found.most_steps)} steps, or some seconds, are as far as it goes.`;
    write(this.note, `Values, policy and path as they were then, bit for bit.${limit}`);
  }

  #giveUp() {
    this.page.showing.back();
    if (this.on) this.leave();
  }

  leave = () => {
    this.on = false;
    this.wanted = null;
    this.#halt();
    this.left();
  };

  // --- the animation

  #halt() {
    this.turn += 1;
    write(this.player, "Play");
    this.player.ariaLabel = "Play";
  }

  async #play() {
    if (this.player.textContent === "Stop") return this.#halt();
    this.#halt();
    write(this.player, "Stop");
    this.player.ariaLabel = "Stop";
    const done = await this.#through(() => new Promise((resolve) => setTimeout(resolve, BETWEEN_MS)));
    if (done) this.#halt();
  }

  /**
   * Show one moment after the other.
   * @param {(picture: number, pictures: number) => Promise<unknown> | unknown} each is on the board
   * @returns {Promise<boolean>} whether it came to its end
   */
  async #through(each) {
    const { turn } = this;
    const moments = momentsOf(this.#last());
    for (const [i, episode] of moments.entries()) {
      const found = await this.#ask(episode);
      if (turn !== this.turn || !this.on) return false;
      if (!found) return false;
      this.#show(found);
      await each(i, moments.length);
      if (turn !== this.turn || !this.on) return false;
    }
    return true;
  }

  /** @param {"gif" | "webm"} kind */
  async #save(kind) {
    this.#halt();
    const saver = kind === "gif" ? this.saver : this.filmer;
    const face = saver.textContent;
    try {
      const { Film } = await import("./film.mjs");
      const film = await Film.begin(kind, this.page.board);
      const done = await this.#through((i, pictures) => {
        write(saver, `${Math.round((100 * (i + 1)) / pictures)} %`);
        this.page.drawing.draw();
        return film.add(this.page.showing.scene?.word ?? "", i === pictures - 1);
      });
      if (done) await film.save(`${this.page.model.world?.name ?? "run"}-learning.${kind}`);
      else film.stop();
    } catch (error) {
      toast({ kind: "error", text: `The animation could not be saved: ${/** @type {Error} */ (error).message}` });
    }
    write(saver, face ?? "");
  }
}

/**
 * The last steps of a frame's trail, at rest.
 * @param {number[][]} recent
 */
function lastOf(recent) {
  const cells = /** @type {[number, number][]} */ (recent.map(([x, y]) => [x, y]));
  const trail = trailOf(cells, 0, { still: true });
  recent.forEach(([, , placed], i) => {
    if (placed) trail.entries[i].placed = true;
  });
  return trail;
}
