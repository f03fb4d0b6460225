import assert from "node:assert/strict";
import { test } from "node:test";

import { readable, spell } from "../../dashboard/gridworld_dashboard/assets/lib/says/update.mjs";

const PARAMETERS = { algorithm: "q_learning", learning_rate: 0.1, discount_factor: 0.99 };
const UPDATE = {
  state: [0, 1],
  action: 3,
  reward: -0.1,
  next_state: [1, 1],
  terminated: false,
  q_before: 0.5,
  bootstrap: 2,
  target: 1.88,
  td_error: 1.38,
  q_after: 0.638,
  table: 0,
};

test("an update is read while nothing runs, or runs slowly", () => {
  assert.equal(readable({ running: false, parameters: { speed: null } }), true);
  assert.equal(readable({ running: true, parameters: { speed: 20 } }), true);
  assert.equal(readable({ running: true, parameters: { speed: 21 } }), false);
  assert.equal(readable({ running: true, parameters: { speed: null } }), false);
});

test("the lines lead from the reward to the new value", () => {
  const { title, lines } = spell(UPDATE, PARAMETERS);
  assert.equal(title, "(0, 1) → right to (1, 1)");
  assert.deepEqual(
    lines.map(({ value }) => value),
    ["−0.100", "0.99 × 2.000 = 1.980", "1.880", "0.500", "1.380", "0.1 × 1.380 = 0.138", "0.638"],
  );
});

test("where the episode ended, nothing follows", () => {
  const { lines } = spell({ ...UPDATE, terminated: true, bootstrap: 0 }, PARAMETERS);
  assert.match(lines[1].name, /ended/);
  assert.equal(lines[1].value, "0.000");
});

test("each algorithm says what it looks at", () => {
  const name = (algorithm) => spell(UPDATE, { ...PARAMETERS, algorithm }).lines[1].name;
  assert.match(name("sarsa"), /next action/);
  assert.match(name("expected_sarsa"), /average/);
  assert.match(name("double_q_learning"), /other table/);
  assert.match(spell({ ...UPDATE, table: 1 }, { ...PARAMETERS, algorithm: "double_q_learning" }).title, /table 2$/);
});
