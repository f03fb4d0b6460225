import assert from "node:assert/strict";
import { test } from "node:test";

import { RULES, nudge, read, shown } from "../../dashboard/gridworld_dashboard/assets/lib/form/fields.mjs";

test("values at the edges of what is allowed", () => {
  const cases = [
    ["learning-rate", 1, true],
    ["learning-rate", 0, false],
    ["learning-rate", 1.0001, false],
    ["epsilon", 0, true],
    ["epsilon", 1, true],
    ["epsilon", -0.1, false],
    ["discount-factor", 1, true],
    ["discount-factor", 1.5, false],
    ["num-episodes", 1, true],
    ["num-episodes", 0, false],
    ["num-episodes", 2.5, false],
    ["speed", 0.001, true],
    ["speed", 0, false],
    ["speed", 1e9, true],
    ["speed", 1.1e9, false],
  ];
  for (const [id, value, allowed] of cases) {
    const result = read(id, value);
    assert.equal("value" in result, allowed, `${id} ${value}`);
    if (!allowed) assert.match(result.error, new RegExp(`^${RULES[id].name} must be .*${value}`));
  }
});

test("an empty field means no limit where there is one to leave out, else it is refused", () => {
  for (const empty of [null, undefined, Number.NaN, ""]) {
    assert.deepEqual(read("num-episodes", empty), { value: null });
    assert.deepEqual(read("speed", empty), { value: null });
    assert.deepEqual(read("epsilon", empty), { error: "Epsilon must be a number." });
  }
});

test("garbled text is not taken for an empty field", () => {
  assert.deepEqual(read("num-episodes", null, true), { error: "Episodes must be a number." });
});

test("arrow keys step in digits that people use, and stay within what is allowed", () => {
  assert.equal(nudge("learning-rate", 0.1, 1), 0.11);
  assert.equal(nudge("learning-rate", 0.01, -1), 0.01);
  assert.equal(nudge("epsilon", 1, 1), 1);
  assert.equal(nudge("epsilon", 0.07, -1), 0.06);
  assert.equal(nudge("num-episodes", 500, 1), 600);
  assert.equal(nudge("num-episodes", 1, -1), 1);
  assert.equal(nudge("speed", 30, 1), 40);
  assert.equal(nudge("speed", 100, -1), 90);
  for (const id of Object.keys(RULES)) {
    for (const direction of [1, -1]) {
      assert.ok("value" in read(id, nudge(id, null, direction)), `${id} ${direction}`);
    }
  }
});

test("hints show what is in force without the digits of float32", () => {
  assert.equal(shown("epsilon", 0.10000000149), "0.1");
  assert.equal(shown("speed", null), "full speed");
  assert.equal(shown("num-episodes", null), "until stopped");
});
