import assert from "node:assert/strict";
import { test } from "node:test";

import {
  decodeBytes,
  decodeDoubles,
  decodeFloats,
} from "../../dashboard/gridworld_dashboard/assets/lib/wire/binary.mjs";
import { Model } from "../../dashboard/gridworld_dashboard/assets/lib/wire/model.mjs";

const bytes = (...values) => Buffer.from(values).toString("base64");
const floats = (...values) => Buffer.from(new Float32Array(values).buffer).toString("base64");
const doubles = (...values) => Buffer.from(new Float64Array(values).buffer).toString("base64");

const WORLD = { name: "tiny", rows: ["S.", ".G"], width: 2, height: 2 };
const CELLS = {
  x: 0,
  y: 1,
  width: 2,
  height: 1,
  q: floats(0, 1, 2, 3, 4, 5, 6, 7),
  visits: doubles(12, 2 ** 40),
  td_error: floats(0.5, Number.NaN),
  optimal: null,
};
const OVERVIEW = { layer: "value", width: 2, height: 1, scale: 8, lo: 0, hi: 9, data: bytes(1, 0) };
const BAND = { mean: floats(1, 2), low: floats(0, 1), high: floats(3, 4) };
const HISTORY = {
  agents: 1,
  width: 4,
  episodes: 8,
  return: BAND,
  length: BAND,
  epsilon: floats(0.5, 0.25),
  rolling_return: floats(1, 1.5),
  rolling_length: floats(1, 1.5),
};
const TRUTH = { state: "ready", reason: null, optimal_return: 9.3, regret: 0 };
const REGRETS = { episodes: doubles(1, 2), regret: doubles(3, Number.POSITIVE_INFINITY) };
const ALL = {
  run: 1,
  world: WORLD,
  cells: CELLS,
  overview: OVERVIEW,
  history: HISTORY,
  truth: TRUTH,
  regrets: REGRETS,
  goals: 7,
};

test("bytes and little-endian numbers come back from base64", () => {
  assert.deepEqual([...decodeBytes(bytes(0, 127, 255))], [0, 127, 255]);
  assert.deepEqual([...decodeFloats(floats(-1.5, 0, Number.NaN))], [-1.5, 0, Number.NaN]);
  assert.deepEqual([...decodeDoubles(doubles(0.1, 2 ** 60))], [0.1, 2 ** 60]);
  assert.deepEqual([...decodeFloats("")], []);
});

test("every part is decoded", () => {
  const model = new Model();
  const changed = model.merge(ALL);
  for (const name of Object.keys(ALL)) assert.ok(changed.has(name), name);
  assert.deepEqual([...model.cells.q], [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual([...model.cells.visits], [12, 2 ** 40]);
  assert.deepEqual([...model.cells.tdError], [0.5, Number.NaN]);
  assert.equal(model.cells.optimal, null);
  assert.deepEqual([...model.overview.data], [1, 0]);
  assert.equal(model.history.agents, 1);
  assert.deepEqual([...model.history.returns.high], [3, 4]);
  assert.deepEqual([...model.history.rollingLength], [1, 1.5]);
  assert.deepEqual([...model.regrets.regret], [3, Number.POSITIVE_INFINITY]);
  assert.equal(model.truth.optimal_return, 9.3);
  assert.equal(model.goals, 7);
});

test("the optimum of cells comes once it is known", () => {
  const model = new Model();
  model.merge({ ...ALL, cells: { ...CELLS, optimal: floats(1, Number.NaN) } });
  assert.deepEqual([...model.cells.optimal], [1, Number.NaN]);
});

test("parts are kept while frames without them come", () => {
  const model = new Model();
  model.merge(ALL);
  const changed = model.merge({ run: 1, episode: 2 });
  assert.deepEqual([...changed], []);
  assert.equal(model.cells.width, 2);
  assert.equal(model.frame.episode, 2);
});

test("a part that comes again unchanged is no change", () => {
  const model = new Model();
  model.merge(ALL);
  assert.deepEqual([...model.merge(structuredClone(ALL))], []);
  const changed = model.merge({ ...ALL, cells: { ...CELLS, visits: doubles(13, 1) }, goals: 8 });
  assert.deepEqual([...changed], ["cells", "goals"]);
});

test("a new run clears what was learnt and keeps the world", () => {
  const model = new Model();
  model.merge(ALL);
  const changed = model.merge({ run: 2 });
  assert.ok(changed.has("run") && changed.has("cells") && !changed.has("world"));
  assert.equal(model.cells, null);
  assert.equal(model.truth, null);
  assert.equal(model.goals, null);
  assert.deepEqual(model.world, WORLD);
  assert.equal(model.merge({ run: 2, world: WORLD }).has("world"), false);
});

test("after a reconnect the same number of a run is another run", () => {
  const model = new Model();
  model.merge(ALL);
  model.forget();
  assert.ok(model.merge({ run: 1, world: WORLD }).has("run"));
  assert.equal(model.cells, null);
});

test("a frame whose world was missed is not understood", () => {
  const model = new Model();
  assert.ok(!model.understands({ run: 1 }, true));
  model.merge({ run: 1, world: WORLD });
  assert.ok(model.understands({ run: 1 }, true));
  assert.ok(!model.understands({ run: 1 }, false), "another server may count from 1 as well");
  assert.ok(!model.understands({ run: 2 }, true));
  assert.ok(model.understands({ run: 2, world: WORLD }, false));
});

test("null takes a part away", () => {
  const model = new Model();
  model.merge(ALL);
  model.merge({ run: 1, cells: null, overview: null });
  assert.equal(model.cells, null);
  assert.equal(model.overview, null);
});

test("another shown agent is told: its trail is no continuation", () => {
  const model = new Model();
  model.merge({ run: 1, shown: 0 });
  assert.ok(!model.merge({ run: 1, shown: 0 }).has("shown"));
  assert.ok(model.merge({ run: 1, shown: 1 }).has("shown"));
});
