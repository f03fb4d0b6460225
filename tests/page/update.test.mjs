import assert from "node:assert/strict";
import { test } from "node:test";

import { readable } from "../../dashboard/gridworld_dashboard/assets/lib/page/reading.mjs";
import { spell } from "../../dashboard/gridworld_dashboard/assets/lib/says/update.mjs";

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

test("a trace, and what true online learning corrects, are part of the sum", () => {
  const { lines } = spell({ ...UPDATE, weight: 0.5, correction: -0.01, q_after: 0.559 }, PARAMETERS);
  assert.deepEqual(
    lines.slice(5).map(({ symbol, value }) => [symbol, value]),
    [
      ["α · δ · e", "0.1 × 1.380 × 0.500 = 0.069"],
      ["α (Q − Q old) (e − 1)", "−0.010"],
      ["Q(s, a)", "0.559"],
    ],
  );
  assert.equal(spell({ ...UPDATE, weight: 1, correction: 0 }, PARAMETERS).lines.length, 7);
});

test("a return of several steps says how many, and what gamma has become", () => {
  const { title, lines } = spell({ ...UPDATE, steps: 12, factor: 0.5, target: 0.9 }, PARAMETERS);
  assert.equal(title, "(0, 1) → right, 12 steps later (1, 1)");
  assert.deepEqual(
    lines.slice(0, 2).map(({ name, symbol, value }) => [name, symbol, value]),
    [
      ["Rewards of 12 steps, discounted", "Σ γⁱ r", "−0.100"],
      ["discount × best next value", "γ¹² · max Q(s′, a′)", "0.5 × 2.000 = 1.000"],
    ],
  );
});

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
