import assert from "node:assert/strict";
import { test } from "node:test";

import { decodeBytes, decodeFloats } from "../../dashboard/gridworld_dashboard/assets/lib/binary.mjs";
import { Model } from "../../dashboard/gridworld_dashboard/assets/lib/model.mjs";

const bytes = (...values) => Buffer.from(values).toString("base64");
const floats = (...values) => Buffer.from(new Float32Array(values).buffer).toString("base64");

const WORLD = { name: "tiny", rows: ["S.", ".G"], width: 2, height: 2 };
const VALUES = { width: 2, height: 2, scale: 1, lo: 0, hi: 9, data: bytes(1, 0, 128, 255) };
const POLICY = { width: 2, height: 2, data: bytes(8, 2, 0, 0) };
const BAND = { mean: floats(1, 2), min: floats(0, 1), max: floats(3, 4) };
const HISTORY = {
  width: 4,
  episodes: 8,
  return: BAND,
  length: BAND,
  epsilon: floats(0.5, 0.25),
  rolling_return: floats(1, 1.5),
  rolling_length: floats(1, 1.5),
};

test("bytes and little-endian floats come back from base64", () => {
  assert.deepEqual([...decodeBytes(bytes(0, 127, 255))], [0, 127, 255]);
  assert.deepEqual([...decodeFloats(floats(-1.5, 0, Number.NaN))], [-1.5, 0, Number.NaN]);
  assert.deepEqual([...decodeFloats("")], []);
});

test("small worlds bring their values exactly, large ones do not", () => {
  const model = new Model();
  const exact = floats(0, Number.NaN, 4.5, 9);
  model.merge({ run: 1, world: WORLD, values: { ...VALUES, exact } });
  assert.deepEqual([...model.values.exact], [0, Number.NaN, 4.5, 9]);
  model.merge({ run: 1, world: WORLD, values: VALUES });
  assert.equal(model.values.exact, null);
});

test("parts are kept while frames without them come", () => {
  const model = new Model();
  model.merge({ run: 1, world: WORLD, values: VALUES, policy: POLICY, history: HISTORY });
  const changed = model.merge({ run: 1, episode: 2 });
  assert.deepEqual([...changed], []);
  assert.deepEqual([...model.values.data], [1, 0, 128, 255]);
  assert.deepEqual([...model.history.returns.max], [3, 4]);
  assert.deepEqual([...model.history.rollingLength], [1, 1.5]);
  assert.equal(model.frame.episode, 2);
});

test("a part that comes again unchanged is no change", () => {
  const model = new Model();
  const frame = { run: 1, world: WORLD, values: VALUES, policy: POLICY, history: HISTORY };
  assert.equal(model.merge(frame).size, 5);
  assert.deepEqual([...model.merge(structuredClone(frame))], []);
  const changed = model.merge({ ...frame, values: { ...VALUES, hi: 10 } });
  assert.deepEqual([...changed], ["values"]);
});

test("a new run clears what was learned and keeps the world", () => {
  const model = new Model();
  model.merge({ run: 1, world: WORLD, values: VALUES, policy: POLICY, history: HISTORY });
  const changed = model.merge({ run: 2 });
  assert.deepEqual([...changed].sort(), ["history", "policy", "run", "values"]);
  assert.equal(model.values, null);
  assert.equal(model.history, null);
  assert.deepEqual(model.world, WORLD);
  assert.equal(model.merge({ run: 2, world: WORLD }).has("world"), false);
});

test("after a reconnect the same number of a run is another run", () => {
  const model = new Model();
  model.merge({ run: 1, world: WORLD, values: VALUES });
  model.forget();
  assert.ok(model.merge({ run: 1, world: WORLD }).has("run"));
  assert.equal(model.values, null);
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
  model.merge({ run: 1, world: WORLD, policy: POLICY });
  model.merge({ run: 1, policy: null });
  assert.equal(model.policy, null);
});
