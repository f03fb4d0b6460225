import assert from "node:assert/strict";
import { test } from "node:test";

import { progressOf, title, whose } from "../../dashboard/gridworld_dashboard/assets/lib/says/readout.mjs";
import { grouped } from "../../dashboard/gridworld_dashboard/assets/lib/page/format.mjs";

test("whose readings these are is said of several agents, and of one that has a number", () => {
  const parameters = { first_agent: 0 };
  assert.equal(whose({ shown: 0, agents: 1, parameters }), "");
  assert.equal(whose({ shown: 2, agents: 9, parameters }), "Agent 3 of 9");
  assert.equal(whose({ shown: 2, agents: 9, agents_done: 4, parameters }), "Agent 3 of 9 · 4 done");
  const numbered = { first_agent: 12345 };
  assert.equal(whose({ shown: 0, agents: 1, parameters: numbered }), `Agent number ${grouped(12345)}`);
  assert.equal(whose({ shown: 1, agents: 9, parameters: numbered }), `Agent 2 of 9 · number ${grouped(12346)}`);
});

test("the budget that is nearest to its end is the one that is shown", () => {
  const frame = { running: true, total_episodes: 5, total_steps: 400 };
  assert.equal(progressOf(frame).words, "5 episodes");
  assert.equal(progressOf({ ...frame, target_episodes: 10 }).words, "5 of 10 episodes");
  assert.equal(progressOf({ ...frame, target_steps: 500 }).words, "400 of 500 steps");
  const both = { ...frame, target_episodes: 10, target_steps: 500 };
  assert.deepEqual(progressOf(both), { done: 400, target: 500, share: 0.8, words: "400 of 500 steps" });
  assert.equal(progressOf({ ...both, target_steps: 5000 }).words, "5 of 10 episodes");
  assert.match(title({ ...both, total_steps: 399 }, true), /^79 % /);
  assert.match(title(frame, true), /^Running /);
});
