import assert from "node:assert/strict";
import { test } from "node:test";

import { CHARTS, bandNote, layout, middle } from "../../dashboard/gridworld_dashboard/assets/lib/says/figures.mjs";

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

test("readings name the episodes that they are of", () => {
  const now = (width) => chart("return-chart").now(model({ width })).map(([name]) => name);
  assert.deepEqual(now(1), ["last", "mean(100)"]);
  assert.deepEqual(now(16), ["mean of the last 16", "mean(96)"]);
  assert.deepEqual(now(64), ["mean of the last 64", "mean(128)"]);
  assert.deepEqual(now(1024), ["mean of the last 1\u202f024"]);
  const names = chart("return-chart").traces(model({ width: 1024 }), PALETTE).map(({ name }) => name);
  assert.deepEqual(names, [undefined, "mean"]);
});

test("epsilon keeps its beginning, however wide the bins have become", () => {
  const { history } = model({ width: 1024 });
  history.epsilon.fill(0.01);
  const parameters = { epsilon: 1, epsilon_decay: 0.995, epsilon_min: 0.01 };
  const shown = (frame) => chart("epsilon-chart").traces({ history, frame }, PALETTE)[0];
  const whole = shown({ repeatable: true, parameters });
  assert.deepEqual([whole.x[0], whole.y[0]], [0, 1]);
  assert.ok(whole.y.some((v) => v > 0.2 && v < 0.8), "its fall is seen");
  assert.equal(whole.x.at(-1), 3 * 1024);
  // another rule, or a run whose beginning nobody knows
  const other = shown({ repeatable: true, parameters: { ...parameters, epsilon_min: 0.3 } });
  assert.deepEqual([other.x[0], other.x[1], other.y[0]], [0, 1024, 1]);
  assert.equal(shown({ repeatable: false, parameters }).x[0], 1024);
});

test("with softmax the chart is that of the temperature", () => {
  const { history } = model({ width: 64 });
  history.epsilon.fill(0.5);
  const parameters = { exploration: "softmax", temperature: 8, temperature_decay: 0.5, temperature_min: 0.5 };
  const frame = { repeatable: true, parameters };
  const { title, traces } = chart("epsilon-chart");
  assert.equal(title({ frame }), "Temperature");
  assert.equal(title({ frame: { parameters: { exploration: "epsilon_greedy" } } }), "Epsilon");
  const [trace] = traces({ history, frame }, PALETTE);
  assert.deepEqual([trace.name, trace.y[0], trace.y.at(-1)], ["temperature", 8, 0.5]);
});

test("of many agents their mean in its interval comes first, the middle half when it is asked for", () => {
  const many = model({ agents: 32 });
  many.history.returns.average = band(Float32Array.of(0, 0.5, 1));
  const [around, line] = chart("return-chart").traces(many, PALETTE);
  assert.deepEqual([line.name, line.y], ["mean", [0, 0.5, 1]]);
  assert.equal(Math.max(...around.y), 2);
  assert.deepEqual(chart("return-chart").now(many), [["mean", "1"]]);
  assert.match(bandNote(many.history), /mean, the band its interval of 95 %/);
  middle.on = true;
  try {
    assert.equal(chart("return-chart").traces(many, PALETTE)[1].name, "middle half");
    assert.deepEqual(chart("return-chart").now(many), [["middle half", "7"]]);
    assert.match(bandNote(many.history), /interquartile/);
  } finally {
    middle.on = false;
  }
});

test("no two numbers of an axis are written alike, and large ones without an exponent", () => {
  const { xaxis, yaxis } = layout(PALETTE, 1, false, [{ x: [1], y: [1] }]);
  for (const axis of [xaxis, yaxis]) {
    assert.equal(axis.tickformat, undefined, "Plotly gives as many digits as tell neighbours apart");
    assert.equal(axis.exponentformat, "SI");
  }
});
