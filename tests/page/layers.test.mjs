import assert from "node:assert/strict";
import { test } from "node:test";

import {
  LAYERS,
  byteOf,
  bytesOf,
  fieldOf,
  greedyOf,
  isLayer,
  layersOf,
  learntIn,
  rangeOf,
  ticksOf,
  writerOf,
} from "../../dashboard/gridworld_dashboard/assets/lib/board/layers.mjs";
import { pictureOf } from "../../dashboard/gridworld_dashboard/assets/lib/board/picture.mjs";
import { terrainOf } from "../../dashboard/gridworld_dashboard/assets/lib/board/tiles.mjs";

/** Four cells: learnt with a tie, learnt, untouched, a goal. */
const CELLS = {
  x: 0,
  y: 0,
  width: 4,
  height: 1,
  q: Float32Array.of(1, 3, 3, 2, -1, -2, -3, -4, 0, 0, 0, 0, 7, 7, 7, 7),
  visits: Float64Array.of(9, 99, 0, 50),
  tdError: Float32Array.of(0.5, -2, NaN, NaN),
  optimal: Float32Array.of(5, 1, 4, 0),
};
const ACTS = Uint8Array.of(1, 1, 1, 0);
const TERRAIN = terrainOf({ name: "w", rows: ["S..G"], width: 4, height: 1 });

test("layers have names", () => {
  assert.ok(isLayer("td_error"));
  assert.ok(!isLayer("toString"));
  assert.ok(!isLayer(null));
});

test("a row says something once it differs from what all began with", () => {
  assert.deepEqual([...learntIn(CELLS, ACTS, 0)], [1, 1, 0, 0]);
  const started = { ...CELLS, q: new Float32Array(16).fill(0.1) };
  assert.deepEqual([...learntIn(started, ACTS, 0.1)], [0, 0, 0, 0], "compared as float32");
});

test("all tied actions are greedy", () => {
  assert.equal(greedyOf(CELLS, 0), 0b0110);
  assert.equal(greedyOf(CELLS, 1), 0b0001);
});

test("each layer shows what it knows", () => {
  const learnt = learntIn(CELLS, ACTS, 0);
  const field = (layer) => [...fieldOf(layer, CELLS, ACTS, learnt)];
  assert.deepEqual(field("value"), [3, -1, NaN, NaN]);
  assert.deepEqual(field("optimal"), [5, 1, 4, NaN]);
  assert.deepEqual(field("difference"), [2, 2, NaN, NaN]);
  assert.deepEqual(field("visits"), [9, 99, NaN, NaN]);
  assert.deepEqual(field("td_error"), [0.5, -2, NaN, NaN]);
  const unsolved = { ...CELLS, optimal: null };
  assert.deepEqual([...fieldOf("difference", unsolved, ACTS, learnt)], [NaN, NaN, NaN, NaN]);
});

test("scales: from the least to the largest, symmetric around 0, logarithms from 0", () => {
  assert.deepEqual(rangeOf(LAYERS.value, [3, -1, NaN]), { lo: -3, hi: 3, from: -1, to: 3 });
  assert.deepEqual(rangeOf(LAYERS.value, [3, 1]), { lo: -3, hi: 3, from: 0, to: 3 });
  assert.deepEqual(rangeOf(LAYERS.value, [-13, -1]), { lo: -13, hi: 13, from: -13, to: 0 });
  assert.deepEqual(rangeOf(LAYERS.td_error, [0.5, -2, NaN]), { lo: -2, hi: 2 });
  assert.deepEqual(rangeOf(LAYERS.visits, [9, 99, NaN]), { lo: 0, hi: 2 });
  assert.equal(rangeOf(LAYERS.value, [NaN]), null);
  assert.deepEqual(rangeOf(LAYERS.value, [1, Infinity]), { lo: -1, hi: 1, from: 0, to: 1 });
});

test("bytes span the scale, and what is beyond it is at its end", () => {
  const range = { lo: -1, hi: 3 };
  assert.deepEqual([...bytesOf(LAYERS.value, [-1, 1, 3, 9, NaN], range)], [1, 128, 255, 255, 0]);
  assert.equal(byteOf(LAYERS.td_error, 0, { lo: -2, hi: 2 }), 128);
  assert.equal(byteOf(LAYERS.difference, 0, { lo: -0, hi: 0 }), 128, "nothing to tell apart");
  assert.equal(byteOf(LAYERS.value, 0, { lo: 0, hi: 0 }), 128, "0 keeps its colour");
  assert.equal(byteOf(LAYERS.visits, 9, { lo: 0, hi: 2 }), 128);
  assert.deepEqual([...bytesOf(LAYERS.value, [1], null)], [0]);
});

test("numbers of cells are written as their layer needs", () => {
  assert.equal(writerOf(LAYERS.value, { lo: -1, hi: 10 })(9.414), "9.41");
  assert.equal(writerOf(LAYERS.visits, { lo: 0, hi: 5 })(12345), "12.3 k");
  assert.equal(writerOf(LAYERS.value, { lo: -1e6, hi: 0 })(-250000), "−250 k");
});

test("legends have numbers at the ends, zero where they diverge, powers of ten of counts", () => {
  const texts = (layer, range) => ticksOf(LAYERS[layer], range).map(({ text }) => text);
  assert.deepEqual(texts("value", { lo: -0.2, hi: 10 }), ["−0.2", "10.0"]);
  assert.deepEqual(texts("difference", { lo: -2, hi: 2 }), ["−2.0", "0", "2.0"]);
  assert.deepEqual(texts("visits", { lo: 0, hi: Math.log10(1 + 2544) }), ["0", "10", "100", "2.5 k"]);
  assert.equal(ticksOf(LAYERS.value, { lo: 1, hi: 1 }).length, 1);
  for (const hi of [0.3, 1, 3, 6, 12]) {
    const at = ticksOf(LAYERS.visits, { lo: 0, hi }).map((tick) => tick.at);
    assert.ok(at.length >= 2 && at.length <= 7);
    for (let i = 1; i < at.length; i++) assert.ok(at[i] - at[i - 1] > 0.16);
  }
});

test("a picture has what its views need and no more", () => {
  const model = { cells: CELLS, overview: null };
  const views = { layer: "value", arrows: true, qValues: true };
  const picture = pictureOf(model, TERRAIN, views, 0);
  assert.equal(picture.bytes[0], byteOf(LAYERS.value, 3, picture.range));
  assert.deepEqual([...picture.bytes].slice(2), [0, 0]);
  assert.deepEqual([...picture.greedy], [0b0110, 1, 0, 0]);
  assert.deepEqual(picture.qRange, { lo: -4, hi: 4, from: -4, to: 3 });
  assert.equal(picture.qBytes[1], byteOf(LAYERS.value, 3, picture.qRange));
  assert.equal(picture.qBytes[8], 0, "nothing was learnt there");
  const bare = pictureOf(model, TERRAIN, { layer: null, arrows: false, qValues: false }, 0);
  assert.deepEqual([bare.bytes, bare.greedy, bare.qBytes, bare.range], [null, null, null, null]);
});

test("a window keeps the scale of its world; an overview of another layer is not shown", () => {
  const overview = { layer: "value", width: 1, height: 1, scale: 4, lo: -9, hi: 9, data: Uint8Array.of(7) };
  const views = { layer: "value", arrows: false, qValues: false };
  const picture = pictureOf({ cells: CELLS, overview }, TERRAIN, views, 0);
  assert.equal(picture.range.hi, 9);
  // 0 keeps its colour, whatever the server sampled from
  const above = { ...overview, lo: 0, hi: 10, data: Uint8Array.of(0, 1, 128, 255) };
  const shown = pictureOf({ cells: null, overview: above }, TERRAIN, views, 0);
  assert.deepEqual([...shown.overview.data], [0, 128, 192, 255]);
  assert.deepEqual([shown.range.from, shown.range.to], [0, 10]);
  const alone = { ...overview, lo: 5, hi: 5, data: Uint8Array.of(255) };
  assert.equal(pictureOf({ cells: null, overview: alone }, TERRAIN, views, 0).overview.data[0], 255);
  assert.equal(picture.bytes[0], byteOf(LAYERS.value, 3, overview));
  const other = pictureOf({ cells: null, overview }, TERRAIN, { ...views, layer: "visits" }, 0);
  assert.equal(other.overview, null);
  assert.equal(other.range, null);
});

test("cells of a world that has gone are not shown", () => {
  const small = terrainOf({ name: "s", rows: ["SG"], width: 2, height: 1 });
  const views = { layer: "value", arrows: true, qValues: false };
  assert.equal(pictureOf({ cells: CELLS, overview: null }, small, views, 0).cells, null);
});

test("no two numbers of a legend read alike", () => {
  for (const [name, range] of [
    ["value", { lo: 8.64e-6, hi: 9.1e-6 }],
    ["value", { lo: 3, hi: 3 + 1e-7 }],
    ["difference", { lo: -1e-7, hi: 1e-7 }],
    ["visits", { lo: 0, hi: Math.log10(1 + 1) }],
    ["visits", { lo: 0, hi: Math.log10(1 + 10.4) }],
  ]) {
    const texts = ticksOf(LAYERS[name], range).map(({ text }) => text);
    assert.equal(new Set(texts).size, texts.length, `${name} ${texts}`);
  }
});

test("traces and the model are views of the algorithms that have them", () => {
  const more = (algorithm) => layersOf(algorithm).filter((key) => LAYERS[key].algorithms);
  assert.deepEqual(more("q_learning"), []);
  assert.deepEqual(more("sarsa_lambda"), ["eligibility"]);
  assert.deepEqual(more("dyna_q_plus"), ["model"]);
  assert.deepEqual(layersOf(undefined), layersOf("q_learning"));
  const cells = { ...CELLS, eligibility: Float32Array.of(0.5, 0, 1, 1), model: null };
  const learnt = Uint8Array.of(0, 0, 0, 0);
  const field = fieldOf("eligibility", cells, ACTS, learnt);
  assert.deepEqual([...field], [0.5, NaN, 1, NaN]);
  assert.deepEqual(rangeOf(LAYERS.eligibility, field), { lo: 0, hi: 1 });
  assert.deepEqual([...fieldOf("model", cells, ACTS, learnt)], [NaN, NaN, NaN, NaN]);
  assert.equal(byteOf(LAYERS.eligibility, 0.5, { lo: 0, hi: 1 }), 128);
  const ticks = ticksOf(LAYERS.eligibility, { lo: 0, hi: 1 });
  assert.deepEqual(ticks.map(({ at }) => at), [0, 1]);
  assert.equal(writerOf(LAYERS.model, { lo: 0, hi: 4 })(3), "3");
  assert.deepEqual(ticksOf(LAYERS.model, { lo: 0, hi: 4 }).map(({ text }) => text), ["0", "4"]);
});
