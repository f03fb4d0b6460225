import assert from "node:assert/strict";
import { test } from "node:test";

import {
  cellSize,
  kindOf,
  legendOf,
  marksOf,
  paintHeat,
  paintMarks,
  valueOf,
} from "../../dashboard/gridworld_dashboard/assets/lib/cells.mjs";

const WORLD = { name: "w", rows: ["S#.", "XHG"], width: 3, height: 2, portals: [[[2, 0], [0, 0]]] };

test("characters of maps, FrozenLake's among them", () => {
  assert.deepEqual([..."S.F#XHG"].map(kindOf), ["start", "free", "free", "wall", "pit", "pit", "goal"]);
});

test("the legend names what the world has, once", () => {
  assert.deepEqual(legendOf(marksOf(WORLD)), ["start", "goal", "pit", "wall", "portal"]);
  assert.deepEqual(legendOf(marksOf({ ...WORLD, rows: ["S.G"], portals: [] })), ["start", "goal"]);
});

test("large worlds are one pixel a cell, free ones transparent", () => {
  const colors = Object.fromEntries(
    ["free", "wall", "start", "goal", "pit", "portal"].map((kind, i) => [kind, [i, i, i]]),
  );
  const pixels = paintMarks(marksOf({ ...WORLD, portals: [] }), 3, 2, colors);
  const at = (x, y) => [...pixels.slice(4 * (y * 3 + x), 4 * (y * 3 + x) + 4)];
  assert.deepEqual(at(0, 0), [2, 2, 2, 255]);
  assert.deepEqual(at(1, 0), [1, 1, 1, 255]);
  assert.deepEqual(at(2, 0), [0, 0, 0, 0]);
  assert.deepEqual(at(2, 1), [3, 3, 3, 255]);
});

test("cells are whole pixels while they are large, and always fit", () => {
  assert.equal(cellSize(5, 5, 461, 461), 92);
  assert.equal(cellSize(64, 64, 461, 600), 7);
  assert.ok(cellSize(1024, 1024, 461, 461) * 1024 <= 461);
  assert.equal(cellSize(12, 4, 600, 100), 25);
});

test("bytes become pixels and values", () => {
  const table = Uint32Array.from({ length: 256 }, (_, i) => 1000 + i);
  const pixels = new Uint32Array(3);
  paintHeat(Uint8Array.of(0, 1, 255), table, pixels);
  assert.deepEqual([...pixels], [1000, 1001, 1255]);
  assert.equal(valueOf(1, -2, 8), -2);
  assert.equal(valueOf(255, -2, 8), 8);
  assert.equal(valueOf(128, -2, 8), 3);
});
