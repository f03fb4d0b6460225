import assert from "node:assert/strict";
import { test } from "node:test";

import {
  actsIn,
  cellSize,
  kindAt,
  kindOf,
  kindsIn,
  paintHeat,
  paintTerrain,
  terrainOf,
} from "../../dashboard/gridworld_dashboard/assets/lib/board/tiles.mjs";

const WORLD = { name: "w", rows: ["S#.", "XHG"], width: 3, height: 2, portals: [[[2, 0], [0, 0]]] };

test("characters of maps, FrozenLake's among them", () => {
  assert.deepEqual([..."S.F#XHG"].map(kindOf), ["start", "free", "free", "wall", "pit", "pit", "goal"]);
});

test("the legend names what the world has, once", () => {
  assert.deepEqual(kindsIn(WORLD), ["start", "goal", "pit", "wall", "portal"]);
  assert.deepEqual(kindsIn({ ...WORLD, rows: ["S.G"], portals: [] }), ["start", "goal"]);
});

test("a terrain knows each cell, where portals lead, and its few starts and goals", () => {
  const terrain = terrainOf(WORLD);
  const kinds = [0, 1].map((y) => [0, 1, 2].map((x) => kindAt(terrain, x, y)));
  assert.deepEqual(kinds, [["start", "wall", "portal"], ["pit", "pit", "goal"]]);
  assert.deepEqual(terrain.portals.get(2), [0, 0]);
  assert.deepEqual(terrain.badges, [
    { x: 0, y: 0, kind: "start" },
    { x: 2, y: 1, kind: "goal" },
  ]);
  const many = { name: "m", rows: ["S".repeat(65)], width: 65, height: 1 };
  assert.deepEqual(terrainOf(many).badges, []);
});

test("nobody acts in walls, where episodes end, or where a portal leads on", () => {
  const terrain = terrainOf({ ...WORLD, rows: ["S#.", ".HG"] });
  assert.deepEqual([...actsIn(terrain, { x: 0, y: 0, width: 3, height: 2 })], [1, 0, 0, 1, 0, 0]);
  assert.deepEqual([...actsIn(terrain, { x: 0, y: 1, width: 2, height: 1 })], [1, 0]);
});

test("worlds are one pixel a cell, free ones transparent", () => {
  const colors = { wall: [1, 1, 1], start: [2, 2, 2], goal: [3, 3, 3], portal: [5, 5, 5] };
  const pixels = paintTerrain(terrainOf(WORLD), colors);
  const at = (x, y) => [...pixels.slice(4 * (y * 3 + x), 4 * (y * 3 + x) + 4)];
  assert.deepEqual(at(0, 0), [2, 2, 2, 255]);
  assert.deepEqual(at(1, 0), [1, 1, 1, 255]);
  assert.deepEqual(at(2, 0), [5, 5, 5, 255]);
  assert.deepEqual(at(0, 1), [0, 0, 0, 0], "a kind without a colour");
  assert.deepEqual(at(2, 1), [3, 3, 3, 255]);
});

test("cells are whole pixels while they are large, and always fit", () => {
  assert.equal(cellSize(5, 5, 461, 461), 92);
  assert.equal(cellSize(64, 64, 461, 600), 7);
  assert.ok(cellSize(1024, 1024, 461, 461) * 1024 <= 461);
  assert.equal(cellSize(12, 4, 600, 100), 25);
});

test("bytes become pixels", () => {
  const table = Uint32Array.from({ length: 256 }, (_, i) => 1000 + i);
  const pixels = new Uint32Array(3);
  paintHeat(Uint8Array.of(0, 1, 255), table, pixels);
  assert.deepEqual([...pixels], [1000, 1001, 1255]);
});
