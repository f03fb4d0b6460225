import assert from "node:assert/strict";
import { test } from "node:test";

import {
  factsOf,
  placeCard,
  sentenceOf,
} from "../../dashboard/gridworld_dashboard/assets/lib/board/cellcard.mjs";
import { terrainOf } from "../../dashboard/gridworld_dashboard/assets/lib/board/tiles.mjs";
import { noteOf } from "../../dashboard/gridworld_dashboard/assets/lib/board/legend.mjs";

const TERRAIN = terrainOf({
  name: "w",
  rows: ["S.G", "#.."],
  width: 3,
  height: 2,
  portals: [[[2, 1], [0, 0]]],
});
const CELLS = {
  x: 0,
  y: 0,
  width: 3,
  height: 2,
  q: Float32Array.from({ length: 24 }, (_, i) => (i === 3 ? 9.5 : i === 1 ? -0.125 : 0)),
  visits: Float64Array.of(1234, 0, 17, 0, 0, 0),
  tdError: Float32Array.of(0.25, NaN, NaN, NaN, NaN, NaN),
  optimal: Float32Array.of(9.9, 10, 0, NaN, 9.9, 0),
};
const facts = (x, y, cells = CELLS, frame = null) => factsOf({ cells, frame }, TERRAIN, 0, x, y);

test("visits that were not counted from the beginning say since when they were", () => {
  const labels = (x, y, since) =>
    facts(x, y, CELLS, { visits_since: since }).rows.map(([label]) => label);
  assert.ok(labels(0, 0, 1).includes("Visits"));
  assert.ok(labels(0, 0, 301).includes("Visits since episode 301"));
  assert.deepEqual(labels(2, 0, 301), ["Arrivals since episode 301"]);
});

test("a cell tells its values, the greedy action, visits and its last error", () => {
  const start = facts(0, 0);
  assert.equal(start.at, "(0, 0)");
  assert.equal(start.kind, "Start");
  assert.deepEqual(start.q, ["0.000", "−0.125", "0.000", "9.500"]);
  assert.equal(start.greedy, 0b1000);
  assert.deepEqual(Object.fromEntries(start.rows), {
    Value: "9.500",
    "Optimal value": "9.900",
    Visits: "1\u202f234",
    "Last TD error": "0.250",
  });
});

test("where nothing was learnt, no action is greedy", () => {
  assert.equal(facts(1, 0).greedy, 0);
  assert.deepEqual(facts(1, 0).rows.at(-1), ["Last TD error", "–"]);
});

test("where nobody acts there are no action values", () => {
  assert.deepEqual(facts(2, 0).rows, [["Arrivals", "17"]]);
  assert.deepEqual([facts(0, 1).kind, facts(0, 1).rows, facts(0, 1).q], ["Wall", [], []]);
  assert.equal(facts(2, 1).kind, "Portal to (0, 0)");
  assert.deepEqual(facts(2, 1).q, []);
});

test("cells whose numbers are not there say how to get them", () => {
  assert.match(facts(1, 0, null).note, /zoom in/i);
  assert.match(facts(2, 0, { ...CELLS, width: 2 }).note, /zoom in/i);
});

test("the card in words", () => {
  const words = sentenceOf(facts(0, 0));
  assert.match(words, /^Cell \(0, 0\), start; Q: up 0.000, down −0.125/);
  assert.match(words, /greedy: right/);
  assert.match(words, /visits 1\u202f234/);
});

test("a card never covers its cell and stays on the board where it can", () => {
  const card = { width: 176, height: 150 };
  const board = { width: 600, height: 600 };
  for (const size of [2, 10, 40, 120]) {
    for (let left = 0; left <= 600 - size; left += (600 - size) / 8) {
      for (let top = 0; top <= 600 - size; top += (600 - size) / 8) {
        const cell = { left, top, width: size, height: size };
        const at = placeCard(cell, card, board);
        const apart =
          at.left >= left + size ||
          at.left + card.width <= left ||
          at.top >= top + size ||
          at.top + card.height <= top;
        assert.ok(apart, JSON.stringify({ cell, at }));
        assert.ok(at.left >= 0 && at.left + card.width <= 600, JSON.stringify({ cell, at }));
        assert.ok(at.top >= 0 && at.top + card.height <= 600);
      }
    }
  }
  const narrow = placeCard({ left: 0, top: 0, width: 200, height: 200 }, card, { width: 200, height: 200 });
  assert.ok(narrow.top >= 200, "no side has room: below, beyond the board");
});

test("views that show nothing say why", () => {
  const views = { layer: null, arrows: false, qValues: false };
  const room = { arrows: true, triangles: true, large: false };
  const picture = { cells: CELLS, range: null, learnt: Uint8Array.of(0) };
  const learnt = { ...picture, learnt: Uint8Array.of(1) };
  const note = (more, on = learnt, at = room, truth = null) =>
    noteOf({ truth }, on, { ...views, ...more }, at);
  assert.equal(note({}), "");
  assert.equal(note({ arrows: true }), "");
  assert.match(note({ arrows: true }, picture), /nothing/i);
  assert.match(note({ layer: "optimal" }, picture, room, { state: "solving" }), /worked out/);
  const reason = "Too large to solve.";
  assert.equal(note({ layer: "difference" }, picture, room, { state: "unavailable", reason }), reason);
  const far = { arrows: false, triangles: false, large: true };
  assert.equal(note({ arrows: true, qValues: true }, learnt, far), "Zoom in for Q-values and arrows.");
});
