import assert from "node:assert/strict";
import { test } from "node:test";

import { Pair } from "../../dashboard/gridworld_dashboard/assets/lib/beside/pair.mjs";
import { sameWords, settingsOf, wordsOf } from "../../dashboard/gridworld_dashboard/assets/lib/beside/settings.mjs";

const usual = {
  learning: {
    learning_rate: 0.1, discount_factor: 0.99, epsilon: 1, ties: "lowest", algorithm: "q_learning",
  },
  worlds: { lake: { ties: "random", epsilon: 0.5 } },
  differing: {
    algorithm: { title: "Algorithm", choices: { sarsa: "SARSA" }, first: ["q_learning", "sarsa"] },
    epsilon: { title: "Epsilon", choices: null, first: ["1", "0.5"] },
    learning_rate: { title: "Learning rate", choices: null, first: ["0.1", "0.05"] },
    discount_factor: { title: "Discount factor", choices: null, first: ["0.99", "0.5"] },
  },
};

test("two runs are equal but for one thing", () => {
  const given = { world: "cliff", seed: "7", differs: "algorithm", left: "q_learning", right: "sarsa" };
  const [left, right] = settingsOf({ ...given, learning_rate: "0.5", unknown: "x" }, usual);
  assert.deepEqual(left, {
    learning_rate: 0.5, discount_factor: 0.99, epsilon: 1, ties: "lowest", algorithm: "q_learning",
    world: "cliff", seed: 7, agents: 1, first_agent: 0,
  });
  assert.deepEqual(right, { ...left, algorithm: "sarsa" });
});

test("a world brings numbers of its own; the address and what differs come before them", () => {
  const given = { world: "lake", seed: "0", differs: "epsilon", left: "0.2", right: "0.9", ties: "lowest" };
  const [left, right] = settingsOf(given, usual);
  assert.deepEqual([left.epsilon, right.epsilon, left.ties], [0.2, 0.9, "lowest"]);
  assert.equal(settingsOf({ ...given, differs: "learning_rate" }, usual)[0].epsilon, 0.5);
});

test("each of the two is called by what differs", () => {
  assert.equal(wordsOf("algorithm", "sarsa", usual), "SARSA");
  assert.equal(wordsOf("epsilon", "0.2", usual), "Epsilon 0.2");
});

test("what is equal is said, and what differs is not", () => {
  const given = { world: "cliff", seed: "0", differs: "learning_rate", left: "0.1", right: "0.5" };
  assert.match(sameWords(given, usual), /^Equal in both: discount factor 0.99, epsilon 1\. The/);
  const constant = { ...usual, learning: { ...usual.learning, exploration_schedule: "constant" } };
  assert.match(sameWords(given, constant), /epsilon 1 throughout\. The address/);
  assert.match(sameWords({ ...given, differs: "epsilon" }, usual), /: learning rate 0.1, discount/);
});

/** A session, as far as a pair knows it. */
class One {
  constructor(steps, running) {
    Object.assign(this, { steps, running, heard: [] });
  }
  async tell(type, data) {
    this.heard.push(data === undefined ? type : [type, data]);
    if (type === "stop_training") this.running = false;
    if (type === "start_training" && data.num_steps) this.steps += data.num_steps;
    return { total_steps: this.steps };
  }
}

test("who is behind when both are stopped takes the steps that it lacks", async () => {
  const [left, right] = [new One(120, true), new One(117, true)];
  await new Pair([left, right]).stop(30);
  assert.deepEqual([left.steps, right.steps], [120, 120]);
  assert.deepEqual(left.heard, ["stop_training"]);
  assert.deepEqual(right.heard, [
    "stop_training",
    ["start_training", { num_episodes: null, num_steps: 3, speed: null }],
    ["set_speed", { speed: 30 }],
  ]);
});

test("both do the same, each with its own settings", async () => {
  const [left, right] = [new One(0, false), new One(0, false)];
  const pair = new Pair([left, right]);
  await pair.configure([{ algorithm: "q_learning" }, { algorithm: "sarsa" }]);
  await pair.step(30);
  await pair.start({ num_steps: 50, speed: null });
  assert.deepEqual(left.heard, [
    ["configure", { algorithm: "q_learning" }],
    "step",
    ["start_training", { num_episodes: null, num_steps: 50, speed: null }],
  ]);
  assert.deepEqual(right.heard[0], ["configure", { algorithm: "sarsa" }]);
});

test("a step while they run stops them", async () => {
  const [left, right] = [new One(5, true), new One(9, true)];
  await new Pair([left, right]).step(null);
  assert.deepEqual([left.steps, right.steps, left.running], [9, 9, false]);
});
