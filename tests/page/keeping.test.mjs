import assert from "node:assert/strict";
import { test } from "node:test";

const LIB = "../../dashboard/gridworld_dashboard/assets/lib";
const { cellsAsCsv, csv, historyAsCsv, regretsAsCsv, shortest } = await import(`${LIB}/keep/csv.mjs`);
const { budgetOf, literal, pythonLines } = await import(`${LIB}/keep/python.mjs`);
const { boardAsSvg } = await import(`${LIB}/keep/vector.mjs`);
const { LINK } = await import(`${LIB}/page/tables.mjs`);

const usual = { ...LINK.defaults };

test("usual settings are lines without a number", () => {
  assert.equal(
    pythonLines(usual, { episodes: 500 }, undefined),
    [
      "import gridworld as gw",
      "",
      'world = gw.make("default")',
      "run = gw.train(world, gw.QLearning(), episodes=500)",
      "print(run.q)",
    ].join("\n"),
  );
});

test("lines say what differs, and nothing that the algorithm does not go by", () => {
  const own = { slip: 0, max_steps: null };
  const settings = {
    ...usual,
    world: "cliff-walking",
    slip: 0.1,
    max_steps: null,
    algorithm: "sarsa",
    learning_rate: 0.5,
    trace_decay: 0.3,
    ties: "random",
    agents: 8,
    seed: 3,
    first_agent: 2,
  };
  const lines = pythonLines(settings, { steps: 77 }, own).split("\n");
  assert.equal(lines[0], "from dataclasses import replace");
  assert.ok(lines.includes('world = replace(gw.make("cliff-walking"), slip=0.1)'));
  assert.ok(
    lines.includes(
      'run = gw.train(world, gw.Sarsa(learning_rate=0.5, ties="random"), agents=8, seed=3, first_agent=2, steps=77)',
    ),
    lines.join("\n"),
  );
});

test("a world of one's own stands in the lines", () => {
  const world = { map: ["S.", ".G"], max_steps: 50, name: "mine" };
  const text = pythonLines({ ...usual, world, slip: 0, max_steps: 50 }, {}, undefined);
  assert.ok(text.includes('gw.GridWorld.from_json({"map": ["S.", ".G"], "max_steps": 50, "name": "mine"})'));
  assert.ok(!text.includes("replace"));
});

test("JSON is written as Python writes it", () => {
  assert.equal(literal([null, true, false, 1.5, "a\"b"]), '[None, True, False, 1.5, "a\\"b"]');
});

test("the budget is what was trained, or what will be", () => {
  const frame = { all_steps: 0, total_steps: 0, total_episodes: 0 };
  assert.deepEqual(budgetOf(frame, { num_episodes: 500, num_steps: null }), { episodes: 500 });
  const done = { all_steps: 9, total_steps: 9, total_episodes: 3, finished: true, target_episodes: 3 };
  assert.deepEqual(budgetOf(done, {}), { episodes: 3 });
  assert.deepEqual(budgetOf({ ...done, finished: false }, {}), { steps: 9 });
  const apart = { ...done, finished: false, agents: 2, all_steps: 17, shown: 1 };
  assert.deepEqual(budgetOf(apart, {}), { steps: 9, row: 1 });
  const lines = pythonLines({ ...usual, agents: 2 }, { steps: 9, row: 1 }, undefined);
  assert.match(lines, /agents=2, steps=9\)\nprint\(run\.q\[1\]\)  # the others/);
});

test("numbers keep their bits, and are as short as that allows", () => {
  for (const value of [0.1, 1 / 3, 123456.789, -7.77e-12]) {
    const single = Math.fround(value);
    assert.equal(Math.fround(Number(shortest(single))), single);
    assert.equal(Number(shortest(value)), value);
  }
  assert.equal(shortest(Math.fround(0.1)), "0.1");
  assert.equal(shortest(12), "12");
});

test("a field with a comma or a quote is quoted, and what is no number is left out", () => {
  assert.equal(csv(["a", "b"], [['x,"y"', NaN], [null, 2]]), 'a,b\r\n"x,""y""",\r\n,2\r\n');
});

const world = { name: "w <1>", rows: ["S#", ".G"], width: 2, height: 2 };
const cells = {
  x: 0,
  y: 0,
  width: 2,
  height: 2,
  q: Float32Array.from([1, 2, 3, 4, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0, 0, 0]),
  visits: Float64Array.from([9, 0, 3, 2]),
  tdError: Float32Array.from([0.1, NaN, -0.5, NaN]),
  optimal: null,
};

test("the grid is a line for each cell", () => {
  const lines = cellsAsCsv({ cells, world }).split("\r\n");
  assert.equal(lines[0], "x,y,cell,q_up,q_down,q_left,q_right,visits,td_error,optimal_value");
  assert.equal(lines[1], "0,0,start,1,2,3,4,9,0.1,");
  assert.equal(lines[2], "1,0,wall,0,0,0,0,0,,");
  assert.equal(lines.length, 6);
  assert.equal(cellsAsCsv({ cells: null, world }), null);
});

test("the episodes are a line for each bin", () => {
  const band = (...mean) => ({
    mean: Float32Array.from(mean),
    low: Float32Array.from(mean),
    high: Float32Array.from(mean),
    average: null,
  });
  const rolling = Float32Array.from([1, 2]);
  const history = {
    agents: 1,
    width: 4,
    episodes: 8,
    returns: band(1, 3),
    lengths: band(10, 20),
    epsilon: Float32Array.from([0.5, 0.25]),
    rollingReturn: rolling,
    rollingLength: rolling,
  };
  const lines = historyAsCsv({ history }).split("\r\n");
  assert.match(lines[0], /^episode,return,return_low,return_high,return_rolling,steps,.*,epsilon$/);
  assert.equal(lines[2], "8,3,3,3,2,20,20,20,2,0.25");
  assert.equal(historyAsCsv({ history: null }), null);
  const regrets = { episodes: Float64Array.from([0, 2]), regret: Float64Array.from([3, 0.5]) };
  assert.equal(regretsAsCsv({ regrets }), "episode,regret\r\n0,3\r\n2,0.5\r\n");
});

test("the board as SVG has every cell, the numbers and the arrows of what was learnt", () => {
  const palette = { scheme: "light", floor: "#fff", ink: "#000", muted: "#777", wall: "#444", goal: "#080", goalFloor: "#dfd", pit: "#800", pitFloor: "#fdd", cellLine: "#ddd", font: "x" };
  const model = { world, cells, overview: null, frame: { parameters: { initial_value: 0 } } };
  const svg = boardAsSvg(model, { layer: "value", arrows: true, qValues: false }, palette);
  assert.match(svg, /^<svg xmlns=.*viewBox="0 0 128 128"/);
  assert.ok(svg.includes("<title>w &lt;1&gt;</title>"));
  assert.ok(svg.includes(">4.00</text>"));
  assert.equal(svg.match(/<rect /g).length, 6);
  assert.ok(!/NaN|undefined|null/.test(svg));
  const bare = boardAsSvg(model, { layer: null, arrows: false, qValues: false }, palette);
  assert.ok(bare.length < svg.length);
  assert.equal(boardAsSvg({ ...model, cells: null }, { layer: null, arrows: false, qValues: false }, palette), null);
});
