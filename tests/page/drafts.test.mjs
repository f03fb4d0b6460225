import assert from "node:assert/strict";
import { test } from "node:test";

import { Drafts } from "../../dashboard/gridworld_dashboard/assets/lib/form/drafts.mjs";

const TYPED = { "learning-rate": 0.5, epsilon: 1, "discount-factor": 0.99, "num-episodes": 500, speed: 30 };
const SERVER = { learning_rate: 0.1, epsilon: 1, discount_factor: 0.99, num_episodes: 500, speed: 30 };

test("an idle server leaves what was typed, and the difference shows", () => {
  const drafts = new Drafts(TYPED);
  assert.deepEqual(drafts.adopt(SERVER, false, 0), {});
  assert.equal(drafts.differing("learning-rate"), 0.1);
  assert.equal(drafts.differing("epsilon"), undefined);
});

test("while training runs the fields show what is in force", () => {
  const drafts = new Drafts(TYPED);
  assert.deepEqual(drafts.adopt({ ...SERVER, speed: null }, true, 0), {
    "learning-rate": 0.1,
    speed: null,
  });
  assert.equal(drafts.differing("learning-rate"), undefined);
});

test("other numbers keep all their digits: FrozenLake slips with exactly two thirds", () => {
  const drafts = new Drafts({});
  const parameters = { ...SERVER, slip: 2 / 3, learning_rate: 0.123456789, seed: 2 ** 53 - 1 };
  const changes = drafts.adopt(parameters, false, 0);
  assert.equal(changes.slip, 2 / 3);
  assert.equal(changes["learning-rate"], 0.123456789);
  assert.equal(changes.seed, 2 ** 53 - 1);
});

test("float32 numbers lose the digits that nobody typed", () => {
  const drafts = new Drafts({ ...TYPED, "learning-rate": 0.1 });
  assert.deepEqual(drafts.adopt({ ...SERVER, learning_rate: 0.10000000149011612 }, true, 0), {});
});

test("what somebody changes on the server is adopted, idle too", () => {
  const drafts = new Drafts(TYPED);
  drafts.adopt(SERVER, false, 0);
  assert.deepEqual(drafts.adopt({ ...SERVER, epsilon: 0.3 }, false, 100), { epsilon: 0.3 });
  assert.equal(drafts.values["learning-rate"], 0.5);
});

test("frames do not pull back a speed that is being dragged", () => {
  const drafts = new Drafts(TYPED);
  drafts.adopt(SERVER, true, 0);
  drafts.edit("speed", 100, 1000);
  assert.equal("speed" in drafts.adopt({ ...SERVER, speed: 60 }, true, 1100), false);
  assert.equal(drafts.values.speed, 100);
  assert.deepEqual(drafts.adopt({ ...SERVER, speed: 80 }, true, 9000), { speed: 80 });
});

test("after a reconnect to an idle server what was typed stands", () => {
  const drafts = new Drafts(TYPED);
  drafts.adopt({ ...SERVER, learning_rate: 0.5 }, true, 0);
  drafts.forget();
  assert.deepEqual(drafts.adopt(SERVER, false, 10), {});
  assert.equal(drafts.values["learning-rate"], 0.5);
});

test("a field that was never filled takes the server's value", () => {
  const drafts = new Drafts({ epsilon: 0.5 });
  assert.deepEqual(drafts.adopt({ epsilon: 1, slip: 0.2, max_steps: null }, false, 0), {
    slip: 0.2,
    "max-steps": null,
  });
  drafts.drop(["slip"]);
  assert.deepEqual(drafts.adopt({ epsilon: 1, slip: 0.2, max_steps: null }, false, 0), { slip: 0.2 });
});

test("what begins a new run is named, what does not is not", () => {
  const drafts = new Drafts({ epsilon: 0.5, seed: 3, agents: 8 });
  drafts.adopt({ epsilon: 1, seed: 0, agents: 8 }, false, 0);
  assert.deepEqual(drafts.freshCauses, ["seed"]);
});

test("large seeds keep all of their digits", () => {
  const drafts = new Drafts({});
  assert.deepEqual(drafts.adopt({ seed: 123456789012 }, false, 0), { seed: 123456789012 });
});

test("a speed that somebody else sets while one drags is adopted when the hand is off", () => {
  const drafts = new Drafts(TYPED);
  drafts.adopt(SERVER, true, 0);
  drafts.edit("speed", 7, 1000);
  assert.deepEqual(drafts.adopt({ ...SERVER, speed: 7 }, true, 1100), {});
  assert.deepEqual(drafts.adopt({ ...SERVER, speed: 300 }, true, 1200), {});
  assert.equal(drafts.values.speed, 7);
  assert.deepEqual(drafts.adopt({ ...SERVER, speed: 300 }, true, 3000), { speed: 300 });
  // idle as well, and once alone
  drafts.edit("speed", 9, 4000);
  drafts.adopt({ ...SERVER, speed: 9 }, false, 4100);
  drafts.adopt({ ...SERVER, speed: 300 }, false, 4200);
  assert.deepEqual(drafts.adopt({ ...SERVER, speed: 300 }, false, 9000), { speed: 300 });
  assert.deepEqual(drafts.adopt({ ...SERVER, speed: 300 }, false, 9100), {});
});
