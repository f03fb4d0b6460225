import assert from "node:assert/strict";
import { test } from "node:test";

import { hintsFor } from "../../dashboard/gridworld_dashboard/assets/lib/says/hints.mjs";

const PARAMETERS = { learning_rate: 0.1, epsilon_decay: 0.995, slip: 0, max_steps: 100, initial_value: 0 };
const DRAFTS = { "learning-rate": 0.1, epsilon: 1, slip: 0 };

/** Nothing is wrong. */
const situation = ({ frame = {}, parameters = {}, drafts = {}, truth = {}, lengths = [], ...more } = {}) => ({
  frame: {
    running: false,
    epsilon: 1,
    total_episodes: 0,
    ...frame,
    parameters: { ...PARAMETERS, ...parameters },
  },
  truth: { optimal_length: 8, optimal_return: 8.64, ...truth },
  goals: 10,
  history: { width: 1, lengths: { mean: Float32Array.from(lengths) } },
  drafts: { ...DRAFTS, ...drafts },
  untouched: false,
  ...more,
});

const keys = (given) => hintsFor(situation(given)).map(({ key }) => key);

test("where nothing is wrong nothing is said", () => {
  assert.deepEqual(keys({}), []);
  assert.deepEqual(keys({ frame: { total_episodes: 5000 } }), []);
  assert.deepEqual(hintsFor({ ...situation(), truth: null, history: null, goals: null }), []);
});

test("a limit below the best way is told, and four times the need offered", () => {
  const [hint] = hintsFor(situation({ parameters: { max_steps: 10 }, truth: { optimal_length: 13.2 } }));
  assert.equal(hint.key, "too-short");
  assert.match(hint.text, /after 10 steps.*takes 14/);
  assert.deepEqual(hint.fields, { "max-steps": 56 });
  assert.equal(hint.next, "afresh");
});

test("episodes that nearly all hit the limit are told, if the goal was never reached", () => {
  const cut = { frame: { total_episodes: 60 }, lengths: Array(60).fill(100) };
  assert.deepEqual(keys({ ...cut, goals: 0 }), ["too-short"]);
  assert.deepEqual(keys({ ...cut, goals: 1 }), []);
  assert.deepEqual(keys({ ...cut, goals: 0, lengths: Array(60).fill(50) }), []);
  assert.deepEqual(keys({ ...cut, goals: 0, parameters: { max_steps: null } }), []);
  const [hint] = hintsFor(situation({ ...cut, goals: 0 }));
  assert.deepEqual(hint.fields, { "max-steps": 400 });
});

test("epsilon 0 is told while the table is untouched", () => {
  const drafts = { epsilon: 0 };
  assert.deepEqual(keys({ drafts, untouched: true }), ["blind"]);
  assert.deepEqual(keys({ drafts }), []);
  assert.deepEqual(keys({ drafts, untouched: true, frame: { running: true } }), []);
  assert.deepEqual(keys({ drafts, untouched: true, parameters: { exploration: "softmax" } }), []);
});

test("learning rate 1 is told where steps slip: as typed, or as it runs", () => {
  assert.deepEqual(keys({ drafts: { "learning-rate": 1, slip: 0.1 } }), ["forgetful"]);
  const counted = { learning_rate_schedule: "count" };
  assert.deepEqual(keys({ drafts: { "learning-rate": 1, slip: 0.1 }, parameters: counted }), []);
  assert.deepEqual(keys({ drafts: { "learning-rate": 1 } }), []);
  const frame = { running: true };
  const [hint] = hintsFor(situation({ frame, parameters: { learning_rate: 1, slip: 0.5 } }));
  assert.equal(hint.next, "go on");
});

test("a goal never reached: explore again, or begin with high values", () => {
  const lost = { goals: 0, lengths: [3, 4] };
  assert.deepEqual(keys({ ...lost, frame: { total_episodes: 99 } }), []);
  const dull = hintsFor(situation({ ...lost, frame: { total_episodes: 1500, epsilon: 0.01 } }));
  assert.match(dull[0].text, /1\u202f500 episodes.*hardly explores/);
  assert.deepEqual(dull[0].fields, { epsilon: 1, "num-episodes": 6000, "epsilon-decay": 0.99875 });
  assert.equal(dull[0].next, "go on");
  const [high] = hintsFor(situation({ ...lost, frame: { total_episodes: 1500 } }));
  assert.deepEqual(high.fields, { "initial-value": 9 });
  assert.equal(high.next, "afresh");
  const done = { ...lost, frame: { total_episodes: 1500 }, parameters: { initial_value: 9 } };
  assert.deepEqual(keys(done), []);
});

test("the cause is told, not its effect beside it", () => {
  const given = { goals: 0, frame: { total_episodes: 200, epsilon: 0.01 }, lengths: Array(200).fill(5) };
  assert.deepEqual(keys({ ...given, parameters: { max_steps: 5 } }), ["too-short"]);
});

test("episodes before a load, whose arrivals nobody counted, are no reason for a hint", () => {
  const loaded = (since) => ({
    goals: 0,
    lengths: [3, 4],
    frame: { total_episodes: 500, visits_since: since },
  });
  assert.deepEqual(keys(loaded(501)), []);
  assert.deepEqual(keys(loaded(301)), ["astray"]);
});

test("where epsilon is spent, that is told, and not that episodes are too short", () => {
  const lake = { goals: 0, frame: { total_episodes: 500, epsilon: 0.08 }, lengths: Array(60).fill(100) };
  const numbers = { "num-episodes": 20000, "epsilon-decay": 0.9999 };
  const hints = hintsFor(situation({ ...lake, numbers }));
  assert.deepEqual(hints.map(({ key }) => key), ["spent-500"]);
  assert.deepEqual(hints[0].fields, { epsilon: 1, ...numbers });
});

test("a policy that does not arrive when all is done is told, though the goal was reached by chance", () => {
  const done = { goals: 3, frame: { total_episodes: 500, epsilon: 0.08 } };
  const lost = { state: "ready", arrives: false };
  const [hint] = hintsFor(situation({ ...done, truth: lost }));
  assert.match(hint.text, /does not arrive yet/);
  assert.deepEqual(keys({ ...done, truth: { ...lost, arrives: true } }), []);
  assert.deepEqual(keys({ ...done, truth: lost, frame: { ...done.frame, running: true } }), []);
  assert.deepEqual(keys({ ...done, truth: lost, frame: { ...done.frame, epsilon: 0.9 } }), []);
});
