/** A test: the policy walks from the start, or from a cell that is clicked, and learns nothing. */

import { make, write } from "../page/dom.mjs";
import { grouped } from "../page/format.mjs";
import { Model } from "../wire/model.mjs";
import { bars } from "./bars.mjs";
import { filled, quiet } from "./parts.mjs";
import { Readings, ending, percent, sum } from "./readings.mjs";
import { trailOf } from "./walk.mjs";

/** @typedef {import("./trials.mjs").Page} Page */

export class Test {
  /**
   * @param {Page} page
   * @param {() => void} left the board shows something else
   */
  constructor(page, left) {
    this.page = page;
    this.left = left;
    this.face = "Test";
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.seed = 0;
    /** @type {[number, number] | null} */
    this.start = null;
    /** Answers to what was asked before the last question come too late. */
    this.asked = 0;
    this.on = false;

    this.field = make("input", { id: "test-epsilon", type: "range", min: "0", max: "1", step: "0.01", value: "0" });
    this.field.addEventListener("input", () => this.#writeEpsilon());
    this.field.addEventListener("change", () => this.#run());
    this.share = make("output", { htmlFor: "test-epsilon" });
    this.again = quiet("Another episode", () => this.#other());
    this.fromStart = quiet("From the start", () => this.#from(null));
    this.words = make("p", { className: "trial-words", role: "status" });
    this.readings = new Readings();
    this.picture = make("div", { className: "trial-bars" });
    this.note = make("p", { className: "sentence" });
    this.body = filled(
      "div",
      { className: "trial" },
      filled(
        "div",
        { className: "trial-range" },
        make("label", { htmlFor: "test-epsilon", textContent: "Random actions" }),
        this.field,
        this.share,
      ),
      filled("div", { className: "row two" }, this.again, this.fromStart),
      this.words,
      this.readings.root,
      this.picture,
      this.note,
    );
  }

  now() {
    return "testing";
  }

  begin() {
    this.on = true;
    this.start = null;
    this.seed = 0;
    this.#run();
  }

  /** @param {[number, number] | null} cell */
  #from(cell) {
    this.start = cell;
    this.#run();
  }

  #other() {
    this.seed += 1;
    this.#run();
  }

  #writeEpsilon() {
    write(this.share, percent(Number(this.field.value), 1));
  }

  async #run() {
    const { outbox } = this.page;
    this.#writeEpsilon();
    this.fromStart.disabled = this.start === null;
    const asked = (this.asked += 1);
    const question = { epsilon: Number(this.field.value), start: this.start, seed: this.seed };
    this.#show([], question.epsilon);
    const answer = await outbox.ask("test_policy", question);
    if (asked !== this.asked || !this.on) return;
    if (answer?.type !== "tested") {
      if (this.start) this.#from(null);
      else this.page.showing.back();
      return;
    }
    this.#show(answer.data.first.path, question.epsilon);
    this.#tell(answer.data);
  }

  /**
   * @param {[number, number][]} path none: nobody walks yet
   * @param {number} epsilon
   */
  #show(path, epsilon) {
    const { showing, model: live } = this.page;
    const model = Object.assign(new Model(), live);
    const at = path.at(-1);
    if (at) model.frame = { ...live.frame, agent_pos: at, running: false };
    const random = epsilon > 0 ? ` with ${percent(epsilon, 1)} random actions` : "";
    showing.show({
      kind: "test",
      word: epsilon < 1 ? `Testing the greedy policy${random}` : "Testing random actions",
      shown: model,
      trail: trailOf(path, performance.now(), { still: this.calm.matches }),
      tap: this.#tap,
      followed: (changed) => changed.has("run") && showing.back(),
      left: this.leave,
    });
  }

  #tap = (/** @type {[number, number]} */ cell) => this.#from(cell);

  leave = () => {
    this.on = false;
    this.asked += 1;
    this.left();
  };

  /** @param {Record<string, any>} found */
  #tell(found) {
    const { first, episodes, discount_factor: gamma } = found;
    const from = this.start ? `From (${this.start.join(", ")})` : "From the start";
    write(
      this.words,
      `${from}: return ${sum(first.return)}, ${ending(first.ended, first.steps, true)}.`,
    );
    const many = episodes > 1;
    this.readings.show([
      [many ? `Mean of ${grouped(episodes)}` : "Return", sum(found.return_mean)],
      ["Spread (sd)", sum(found.return_std)],
      ["At a goal", percent(found.goals, episodes)],
      ["Steps", sum(found.length_mean)],
      ["Discounted", sum(found.discounted_mean)],
      ["Exactly", sum(found.exact)],
    ]);
    this.picture.replaceChildren(many ? bars(found.bars, episodes) : "");
    const known = found.why ? `Its exact value is not known: ${found.why}.` : "";
    const limit =
      `Discounted: the mean return where a reward counts ${gamma} times as much for each step ` +
      "that it lies ahead; exactly: the same, worked out, without a limit on the steps.";
    const few = episodes < 1000 ? `Episodes may take ${grouped(found.max_steps)} steps here: only ${grouped(episodes)} were run.` : "";
    write(
      this.note,
      [known, few, `The policy is that after episode ${grouped(found.at_episode)}.`, "Click a cell to begin there.", limit]
        .filter(Boolean)
        .join(" "),
    );
  }
}
