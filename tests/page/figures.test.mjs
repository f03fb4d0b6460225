import assert from "node:assert/strict";
import { test } from "node:test";

import { CHARTS, bandNote, layout } from "../../dashboard/gridworld_dashboard/assets/lib/says/figures.mjs";

const PALETTE = { accent: "rgb(1, 2, 3)", faint: "rgb(9, 9, 9)", line: "rgb(8, 8, 8)", muted: "rgb(7, 7, 7)" };
const chart = (id) => CHARTS.find((one) => one.id === id);
const band = (mean) => ({ mean, low: mean.map((v) => v - 1), high: mean.map((v) => v + 1) });

function model({ agents = 1, width = 1, returns = [-10, 4, 7], regret = null } = {}) {
  const numbers = Float32Array.from(returns);
  return {
    history: {
      agents,
      width,
      episodes: returns.length * width,
      returns: band(numbers),
      lengths: band(numbers.map(Math.abs)),
      epsilon: Float32Array.from(returns, () => 0.5),
      rollingReturn: numbers,
      rollingLength: numbers,
    },
    regrets: regret && { episodes: Float64Array.from([10, 20]), regret: Float64Array.from(regret) },
    truth: regret && { regret: regret.at(-1) },
  };
}

test("nothing is drawn, and no axes for it, before anything is known", () => {
  const empty = { history: null, regrets: null, truth: null };
  for (const one of CHARTS) assert.deepEqual(one.traces(empty, PALETTE), []);
  assert.equal(layout(PALETTE, 1, false, []).xaxis.visible, false);
});

test("one agent shows each episode and their rolling mean", () => {
  const [single, mean] = chart("return-chart").traces(model(), PALETTE);
  assert.deepEqual([single.name, single.x, single.y], ["episode", [1, 2, 3], [-10, 4, 7]]);
  assert.equal(mean.name, "mean of 100");
  assert.deepEqual(chart("return-chart").now(model()), [["last", "7"], ["mean(100)", "7"]]);
});

test("bins of several episodes show their extremes, where each bin ends", () => {
  const traces = chart("return-chart").traces(model({ width: 50 }), PALETTE);
  assert.deepEqual(traces.map(({ name, fill }) => name ?? fill), ["toself", "mean", "mean of 100"]);
  assert.deepEqual(traces[1].x, [50, 100, 150]);
  // the band lets its line show through, whatever colours the system forces on both
  assert.match(traces[0].fillcolor, /^rgba\(.*, 0\.\d+\)$/);
});

test("many agents show the mean of their middle half with that half around it", () => {
  const many = model({ agents: 4096 });
  const traces = chart("return-chart").traces(many, PALETTE);
  assert.deepEqual(traces.map(({ name, fill }) => name ?? fill), ["toself", "middle half"]);
  assert.equal(traces[0].fillcolor, "rgba(1, 2, 3, 0.2)");
  assert.match(bandNote(many.history), /^4\u202f096 agents: .*interquartile mean/);
  assert.equal(bandNote(model().history), "");
});

test("regret has episodes of its own, and its present value is the truth's", () => {
  const known = model({ regret: [5, 0.25] });
  const [trace] = chart("regret-chart").traces(known, PALETTE);
  assert.deepEqual([trace.x, trace.y], [[10, 20], [5, 0.25]]);
  assert.deepEqual(chart("regret-chart").now(known), [["now", "0.25"]]);
});

test("an axis counts few episodes one by one, and makes room for large numbers", () => {
  const traces = (x, y) => [{ x, y }];
  assert.equal(layout(PALETTE, 1, false, traces([1, 2], [0, 1])).xaxis.dtick, 1);
  assert.equal(layout(PALETTE, 1, false, traces([1, 900], [0, 1])).xaxis.dtick, undefined);
  const [small, large] = [10, -2500].map((v) => layout(PALETTE, 1, false, traces([1], [null, v])));
  assert.ok(large.margin.l > small.margin.l);
});
