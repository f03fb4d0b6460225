import assert from "node:assert/strict";
import { test } from "node:test";

import { positionOf, speedAt } from "../../dashboard/gridworld_dashboard/assets/lib/form/speed.mjs";

test("the slider runs from one step per second to full speed", () => {
  assert.equal(speedAt(0), 1);
  assert.equal(speedAt(99) < 1e7, true);
  assert.equal(speedAt(100), null);
  assert.equal(positionOf(null), 100);
});

test("every position leads back to itself", () => {
  for (let position = 0; position <= 100; position++) {
    assert.equal(positionOf(speedAt(position)), position);
  }
});

test("each position is faster than the one before", () => {
  for (let position = 1; position < 100; position++) {
    assert.ok(speedAt(position) > speedAt(position - 1), `at ${position}`);
  }
});

test("speeds outside the slider stay at its ends, short of full speed", () => {
  assert.equal(positionOf(0.01), 0);
  assert.equal(positionOf(1e9), 99);
});
