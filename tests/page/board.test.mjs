import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Chase } from "../../dashboard/gridworld_dashboard/assets/lib/board/chase.mjs";
import { Outlook } from "../../dashboard/gridworld_dashboard/assets/lib/board/outlook.mjs";
import { Pointer } from "../../dashboard/gridworld_dashboard/assets/lib/board/pointer.mjs";
import { checked, toggled, turned } from "../../dashboard/gridworld_dashboard/assets/lib/board/switches.mjs";
import { Viewport } from "../../dashboard/gridworld_dashboard/assets/lib/board/viewport.mjs";

/** A large world, seen whole. */
function large() {
  const port = new Viewport();
  port.setWorld(1000, 1000);
  port.fit(500, 500, 1);
  return port;
}

test("the view follows the agent when it nears the edge, and rests once it is in the middle", () => {
  const port = large();
  port.zoom(40, 0, 0);
  const chase = new Chase();
  const at = { x: 24, y: 24 };
  assert.equal(chase.move(port, at), false, "off");
  chase.set(true);
  let moves = 0;
  while (chase.move(port, at) || chase.gliding) assert.ok((moves += 1) < 100);
  assert.ok(moves > 0);
  const [x, y] = [port.left + 24.5 * port.cell, port.top + 24.5 * port.cell];
  assert.ok(Math.hypot(x - port.width / 2, y - port.height / 2) < port.cell);
});

test("nobody is followed where all of the world is on show, or where nobody is", () => {
  const chase = new Chase();
  chase.set(true);
  assert.equal(chase.move(large(), { x: 0, y: 0 }), false);
  const port = large();
  port.zoom(40, 0, 0);
  assert.equal(chase.move(port, null), false);
});

let sent;
const send = (type, data) => sent.push([type, data]);

beforeEach(() => {
  sent = [];
});

test("the server is told what is looked at, once, and again on another connection", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(performance, "now", () => 1000);
  const [outlook, port] = [new Outlook(send), large()];
  outlook.tell(port, () => "visits");
  assert.deepEqual(sent, [], "there is no connection yet");
  outlook.connected();
  outlook.tell(port, () => "visits");
  outlook.tell(port, () => "visits");
  assert.equal(sent.length, 1);
  assert.equal(sent[0][0], "set_view");
  assert.equal(sent[0][1].layer, "visits");
  outlook.connected();
  mock.method(performance, "now", () => 2000);
  outlook.tell(port, () => "visits");
  assert.equal(sent.length, 2);
  mock.restoreAll();
});

test("changes in quick succession are told once, by the last of them", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let now = 1000;
  mock.method(performance, "now", () => now);
  const [outlook, port] = [new Outlook(send), large()];
  outlook.connected();
  let layer = "visits";
  outlook.tell(port, () => layer);
  for (layer of ["value", "optimal", "td_error"]) outlook.tell(port, () => layer);
  assert.equal(sent.length, 1);
  now += 150;
  context.mock.timers.tick(150);
  assert.deepEqual(sent.map(([, data]) => data.layer), ["visits", "td_error"]);
  mock.restoreAll();
});

test("of a small world every layer comes without asking", () => {
  const port = new Viewport();
  port.setWorld(5, 5);
  port.fit(500, 500, 1);
  const outlook = new Outlook(send);
  outlook.connected();
  outlook.tell(port, () => "visits");
  assert.deepEqual(sent, []);
});

test("the first key shows where the agent is, the next ones go on from there, to the edges", () => {
  const port = large();
  const pointer = new Pointer({}, () => {});
  assert.deepEqual(pointer.step(port, [3, 4], 1, 0), [3, 4]);
  assert.deepEqual(pointer.step(port, [3, 4], 1, 0), [4, 4]);
  assert.deepEqual(pointer.step(port, [3, 4], -10, -10), [0, 0]);
  assert.deepEqual(pointer.step(port, [3, 4], 10_000, 0), [999, 0]);
});

test("the mouse and the keyboard point one at a time, and each change is drawn once", () => {
  let asked = 0;
  const pointer = new Pointer({}, () => (asked += 1));
  pointer.hover([1, 2]);
  pointer.hover([1, 2]);
  assert.equal(asked, 1);
  pointer.step(large(), [0, 0], 0, 0);
  assert.equal(pointer.hovered, null);
  pointer.escape();
  assert.deepEqual([pointer.hovered, pointer.cursor, asked], [null, null, 2]);
});

test("views from elsewhere are taken where they are known", () => {
  assert.deepEqual(checked(null), { layer: null, arrows: false, qValues: false });
  assert.deepEqual(checked({ layer: "constructor", arrows: 1, qValues: true }), {
    layer: null, arrows: false, qValues: true,
  });
  assert.equal(checked({ layer: "td_error" }).layer, "td_error");
});

test("V leads through the layers and back to none", () => {
  const layers = ["value", "optimal"];
  const turn = (layer, qValues = false) => turned({ layer, arrows: true, qValues }, layers);
  assert.deepEqual(turn(null), { layer: "value", qValues: false });
  assert.deepEqual(turn("value"), { layer: "optimal", qValues: false });
  assert.deepEqual(turn("optimal"), { layer: null, qValues: false });
});

test("no switch of a layer moves without the picture: four values a cell give way to it", () => {
  const layers = ["value", "optimal"];
  const views = { layer: "value", arrows: false, qValues: true };
  assert.deepEqual(turned(views, layers), { layer: "value", qValues: false });
  assert.deepEqual(turned({ ...views, layer: null }, layers), { layer: "value", qValues: false });
  assert.deepEqual(toggled(views, "value"), { layer: "value", qValues: false });
  assert.deepEqual(toggled(views, "optimal"), { layer: "optimal", qValues: false });
  assert.deepEqual(toggled({ ...views, qValues: false }, "value"), { layer: null, qValues: false });
});
