import assert from "node:assert/strict";
import { test } from "node:test";

import {
  PRESETS,
  epsilonCurve,
  epsilonSentence,
  pathOf,
  presetOf,
} from "../../dashboard/gridworld_dashboard/assets/lib/form/presets.mjs";
import { read } from "../../dashboard/gridworld_dashboard/assets/lib/form/fields.mjs";

const VALUES = { epsilon: 1, "epsilon-decay": 0.995, "epsilon-min": 0.01, "num-episodes": 500 };

test("presets hold numbers that their fields allow, and are known again", () => {
  for (const [name, values] of Object.entries(PRESETS)) {
    for (const [id, value] of Object.entries(values)) assert.ok("value" in read(id, value), id);
    assert.equal(presetOf({ ...values, seed: 3 }), name);
  }
  assert.equal(presetOf({ ...PRESETS.balanced, epsilon: 0.5 }), null);
});

test("epsilon falls by its decay and never below its lowest", () => {
  const { xs, ys } = epsilonCurve(VALUES, 6);
  assert.deepEqual(xs, [0, 100, 200, 300, 400, 500]);
  assert.ok(Math.abs(ys[1] - 0.995 ** 100) < 1e-12);
  assert.equal(epsilonCurve({ ...VALUES, "num-episodes": 5000 }).ys.at(-1), 0.01);
  // one that begins below the lowest stays where it is
  assert.deepEqual(epsilonCurve({ ...VALUES, epsilon: 0.001 }, 2).ys, [0.001, 0.001]);
  assert.equal(epsilonCurve({ epsilon: 1 }), null);
});

test("the curve in words", () => {
  assert.equal(epsilonSentence(VALUES), "Epsilon falls from 1.000 to 0.0816 after 500 episodes.");
  assert.match(
    epsilonSentence({ ...VALUES, "num-episodes": null }),
    /to 0.0100, its lowest, from episode 919 on\.$/,
  );
  assert.equal(epsilonSentence({ ...VALUES, "epsilon-decay": 1 }), "Epsilon stays at 1.000.");
});

test("the path runs from the left to the right, 1 at the top", () => {
  assert.equal(pathOf({ xs: [0, 50, 100], ys: [1, 0.5, 0], episodes: 100 }, 200, 40), "M0.0 0.0L100.0 20.0L200.0 40.0");
});

test("each schedule is its formula, of epsilon or of the temperature", () => {
  const values = {
    ...VALUES,
    temperature: 4,
    "temperature-decay": 0.5,
    "temperature-min": 0.5,
    "exploration-episodes": 100,
    "exploration-power": 0.5,
    "num-episodes": 200,
  };
  const ys = (more) => epsilonCurve({ ...values, ...more }, 3).ys;
  assert.deepEqual(ys({ exploration_schedule: "constant" }), [1, 1, 1]);
  const linear = ys({ exploration_schedule: "linear" });
  assert.ok(linear.every((y, i) => Math.abs(y - [1, 0.01, 0.01][i]) < 1e-12));
  assert.deepEqual(ys({ exploration_schedule: "inverse" }), [1, 101 ** -0.5, 201 ** -0.5]);
  const softmax = { exploration: "softmax", "num-episodes": 2 };
  assert.deepEqual(ys(softmax), [4, 2, 1]);
  assert.equal(
    epsilonSentence({ ...values, ...softmax, "num-episodes": 500 }),
    "The temperature falls from 4.000 to 0.500, its lowest, from episode 3 on.",
  );
  assert.match(
    epsilonSentence({ ...values, exploration_schedule: "linear" }),
    /to 0.0100, its lowest, from episode 100 on\.$/,
  );
  assert.match(pathOf(epsilonCurve({ ...values, ...softmax }, 2), 10, 40), /^M0.0 0.0L10.0 30.0$/);
});
