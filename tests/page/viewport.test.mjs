import assert from "node:assert/strict";
import { test } from "node:test";

import { around, extent } from "../../dashboard/gridworld_dashboard/assets/lib/board/actor.mjs";
import { Viewport, holds } from "../../dashboard/gridworld_dashboard/assets/lib/board/viewport.mjs";

function port(columns, rows, width = 600, height = 600, ratio = 1) {
  const made = new Viewport();
  made.setWorld(columns, rows);
  made.fit(width, height, ratio);
  return made;
}

test("a world is all on show at first, on a canvas as large as it", () => {
  const small = port(5, 5);
  assert.equal(small.cell, 120);
  assert.deepEqual(small.visible, { x: 0, y: 0, width: 5, height: 5 });
  assert.ok(!small.zoomed && !small.large);
  assert.deepEqual([port(12, 4).width, port(12, 4).height], [600, 200]);
  const one = port(1, 1);
  assert.deepEqual([one.cell, one.zoom(2)], [600, false]);
});

test("a corridor that would be a line gets room to be zoomed in", () => {
  const corridor = port(2000, 3);
  assert.ok(corridor.height >= 200);
  assert.ok(corridor.cell * 2000 <= 600);
  corridor.zoom(1000);
  assert.equal(corridor.cell, 96);
  assert.equal(corridor.top, 0);
});

test("the point under the hand stays there", () => {
  const large = port(1024, 1024);
  for (let i = 0; i < 12; i++) large.zoom(1.4, 450, 200);
  const [x, y] = large.toWorld(450, 200);
  assert.ok(Math.abs(x - 768) < 1 && Math.abs(y - 341.3) < 1, `${x} ${y}`);
  assert.ok(large.zoomed);
  assert.equal(large.cell, Math.floor(large.cell), "whole pixels");
  assert.equal(large.left, Math.round(large.left));
});

test("small turns of the wheel add up", () => {
  const world = port(64, 64);
  for (let i = 0; i < 30; i++) world.zoom(1.02);
  assert.ok(world.cell > 14 && world.cell < 17, String(world.cell));
});

test("zooming out ends where all is on show, zooming in where a cell has room for its numbers", () => {
  const large = port(1024, 1024, 600, 600, 2);
  while (large.zoom(2));
  assert.equal(large.cell, 192);
  while (large.zoom(0.5));
  assert.ok(!large.zoomed);
  assert.deepEqual(large.visible, { x: 0, y: 0, width: 1024, height: 1024 });
});

test("the world cannot be lost from sight", () => {
  const large = port(200, 200);
  large.zoom(8);
  large.pan(1e6, -1e6);
  assert.equal(large.left, 0);
  assert.equal(large.top, 600 - 200 * large.cell);
  assert.ok(!large.pan(5, -5));
});

test("a cell is brought into view with something around it", () => {
  const large = port(500, 500);
  large.zoom(30);
  large.reveal(0, 499);
  const [px, py] = [large.left + 0.5 * large.cell, large.top + 499.5 * large.cell];
  assert.ok(px > 0 && px < 600 && py > 0 && py < 600);
  assert.ok(!large.reveal(0, 499));
  assert.equal(large.cellAt(-1, 5), null);
  assert.deepEqual(port(5, 5).cellAt(130, 599), [1, 4]);
});

test("what is on show stays on show in another room", () => {
  const large = port(500, 500);
  large.zoom(20);
  large.centre(250, 100);
  large.fit(400, 300, 1);
  const [x, y] = large.toWorld(large.width / 2, large.height / 2);
  assert.ok(Math.abs(x - 250) < 1 && Math.abs(y - 100) < 1);
  assert.ok(!large.fit(400, 300, 1));
});

test("a window is asked for where it can hold all that is on show, and kept while it does", () => {
  assert.equal(port(64, 64).window(null), null, "small worlds need none");
  const large = port(1024, 1024);
  assert.equal(large.window(null), null);
  while (large.visible.width > 40) large.zoom(1.2, 500, 100);
  const window = large.window(null);
  assert.ok(window.width <= 64 && window.height <= 64);
  assert.ok(holds(window, large.visible));
  large.pan(3 * large.cell, 0);
  assert.equal(large.window(window), window, "a small move asks for no other");
  large.pan(40 * large.cell, 0);
  assert.notEqual(large.window(window), window);
  large.pan(1e6, 1e6);
  assert.equal(large.window(window).x, 0);
});

test("only what trail and agent cover is drawn again", () => {
  const view = port(10, 10);
  const manner = { lane: 0, slight: false };
  const segments = [{ from: { x: 1, y: 1 }, to: { x: 3, y: 1 }, age: 0 }];
  const rect = extent(view, segments, { x: 3, y: 1 }, manner);
  assert.ok(rect.x < 90 && rect.x > 70 && rect.x + rect.width > 210 && rect.width < 170);
  assert.ok(rect.y < 90 && rect.height < 50);
  assert.equal(extent(view, [], null, manner), null);
  assert.equal(extent(view, [], { x: 90, y: 90 }, manner), null, "out of sight");
  const both = around(rect, { x: 0, y: 0, width: 10, height: 10 });
  assert.deepEqual([both.x, both.y], [0, 0]);
  assert.equal(around(null, rect), rect);
});
