import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Showing } from "../../dashboard/gridworld_dashboard/assets/lib/board/showing.mjs";

/** What the script uses of an element. */
class Element {
  attributes = {};
  textContent = "";
  getAttribute(name) {
    return this.attributes[name] ?? null;
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  removeAttribute(name) {
    delete this.attributes[name];
  }
}

let elements;
let took;
let pens;
let showing;
const model = { name: "live", world: {} };
const trail = {};

beforeEach(() => {
  elements = {};
  globalThis.document = { getElementById: (id) => (elements[id] ??= new Element()) };
  took = [];
  pens = [];
  const board = {
    take: (shown, parts) => took.push([shown, [...parts]]),
    setPen: (pen) => pens.push(pen),
    setHand: () => {},
    changed: () => {},
  };
  showing = new Showing({ board, model, trail, changed: () => {} });
});

/** Something in the place of the live training. */
function scene(more = {}) {
  const told = [];
  const made = {
    kind: "test",
    word: "Testing",
    shown: { name: "scene", world: {} },
    trail: { of: "scene" },
    left: () => told.push("left"),
    followed: (changed) => told.push([...changed]),
    ...more,
  };
  return [made, told];
}

test("frames go to the board while it shows the live training", () => {
  showing.follow(new Set(["cells"]));
  assert.deepEqual(took, [[model, ["cells"]]]);
  assert.equal(showing.trail, trail);
});

test("a scene takes the board, hears of the frames, and gives it back whole", () => {
  const pen = {};
  const [first, told] = scene({ pen, leave: "Done" });
  showing.show(first);
  assert.equal(showing.shown.name, "scene");
  assert.equal(showing.trail.of, "scene");
  assert.deepEqual(pens, [pen]);
  assert.equal(elements["showing-word"].textContent, "Testing");
  assert.equal(elements["show-live-btn"].textContent, "Done");
  assert.equal(elements.page.attributes["data-showing"], "test");
  took.length = 0;
  showing.follow(new Set(["cells"]));
  assert.deepEqual(took, [], "the live cells do not show through by themselves");
  showing.back();
  assert.deepEqual(told, [["cells"], "left"]);
  assert.equal(took[0][0], model);
  assert.ok(took[0][1].includes("world"), "the world is drawn anew");
  took.length = 0;
  showing.show(scene({ shown: model })[0]);
  assert.ok(!took[0][1].includes("world"), "the same world stays as it is");
  showing.back();
  assert.deepEqual(pens, [pen, null, null, null]);
  assert.equal(elements.page.attributes["data-showing"], undefined);
  showing.back();
  assert.equal(told.length, 2, "there is nothing to come back from");
});

test("of two scenes the second one takes the place of the first", () => {
  const [[first, told], [second]] = [scene(), scene({ kind: "past", word: "As it was" })];
  showing.show(first);
  showing.show(second);
  assert.deepEqual(told, ["left"]);
  assert.equal(showing.scene, second);
  assert.equal(elements["show-live-btn"].textContent, "Live view");
});
