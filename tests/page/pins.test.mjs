import assert from "node:assert/strict";
import { test } from "node:test";

import { CHARTS } from "../../dashboard/gridworld_dashboard/assets/lib/says/figures.mjs";
import { Model } from "../../dashboard/gridworld_dashboard/assets/lib/wire/model.mjs";
import { DASHES, versusSentence } from "../../dashboard/gridworld_dashboard/assets/lib/says/pins.mjs";

const PALETTE = { accent: "rgb(1, 2, 3)", faint: "rgb(9, 9, 9)", line: "rgb(8, 8, 8)", muted: "rgb(7, 7, 7)" };

const packed = (array) => Buffer.from(array.buffer).toString("base64");
const floats = (...numbers) => packed(Float32Array.from(numbers));
const doubles = (...numbers) => packed(Float64Array.from(numbers));

const travelling = (pin, name) => ({
  pin,
  name,
  agents: 5,
  episodes: 20,
  link: null,
  repeatable: true,
  ends: doubles(10, 20),
  return: { mean: floats(1, 2), middle: floats(3, 4) },
  length: { mean: floats(5, 6), middle: floats(5, 6) },
  epsilon: floats(0.5, 0.25),
  regrets: { episodes: doubles(20), regret: doubles(0.125) },
});

function model(...pins) {
  const made = new Model();
  made.merge({ run: 1, shown: 0, world: {}, pins, versus: [] });
  return made;
}

test("pinned runs stay in every chart, grey, each with a dash and a name of its own", () => {
  const known = model(travelling(1, "SARSA"), travelling(4, "Seed 3"));
  const ys = { "return-chart": [1, 2], "length-chart": [5, 6], "epsilon-chart": [0.5, 0.25] };
  for (const chart of CHARTS) {
    const traces = chart.traces(known, PALETTE);
    assert.deepEqual(traces.map(({ name }) => name), ["SARSA", "Seed 3"]);
    assert.deepEqual(traces.map(({ line }) => line.dash), DASHES.slice(0, 2));
    assert.deepEqual(new Set(traces.map(({ line }) => line.color)), new Set([PALETTE.muted]));
    if (chart.id in ys) assert.deepEqual(traces[0].y, ys[chart.id]);
    else assert.deepEqual([traces[0].x, traces[0].y], [[20], [0.125]]);
  }
});

test("a run that begins afresh leaves them where they are, an unpinned one goes", () => {
  const known = model(travelling(1, "SARSA"));
  known.merge({ run: 2, shown: 0, world: {} });
  assert.equal(known.pins.length, 1);
  assert.ok(known.merge({ run: 2, shown: 0, pins: [] }).has("pins"));
  assert.deepEqual(CHARTS[0].traces(known, PALETTE), []);
});

test("the comparison is said with its interval, and of one agent as what it is", () => {
  const versus = {
    pin: 1,
    agents: 100,
    first: 401,
    last: 500,
    difference: [17.25, 15.9, 18.6],
    better: [0.975, 0.921, 1],
  };
  assert.equal(
    versusSentence(versus),
    "+17.3 return (+15.9 to +18.6), P(better) 98 % (92 to 100); 100 agents, episodes 401 to 500",
  );
  const one = { ...versus, agents: 1, difference: [-0.5, null, null], better: [0, 0, 1] };
  assert.match(versusSentence(one), /^−0\.50 return; .*Of one agent: that may be luck$/);
  assert.equal(versusSentence(undefined), "");
});
