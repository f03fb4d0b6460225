import assert from "node:assert/strict";
import { test } from "node:test";

import { isTyping, isViewKey, nextLayer, shortcut } from "../../dashboard/gridworld_dashboard/assets/lib/page/keys.mjs";

const key = (name, more = {}) => ({ key: name, ctrlKey: false, metaKey: false, altKey: false, repeat: false, ...more });

test("space starts or stops, letters press their buttons in either case", () => {
  assert.deepEqual(shortcut(key(" ")), ["start-btn", "stop-btn"]);
  assert.deepEqual(shortcut(key("R")), ["reset-btn"]);
  assert.equal(shortcut(key("x")), null);
});

test("the browser's own shortcuts stay its own", () => {
  assert.equal(shortcut(key("r", { ctrlKey: true })), null);
  assert.equal(shortcut(key("r", { metaKey: true })), null);
});

test("space on a focused button is left to the button", () => {
  assert.equal(shortcut(key(" ", { target: { closest: () => ({}) } })), null);
  assert.deepEqual(shortcut(key("r", { target: { closest: () => ({}) } })), ["reset-btn"]);
});

test("a key held down repeats steps alone", () => {
  assert.equal(shortcut(key("r", { repeat: true })), null);
  assert.deepEqual(shortcut(key("n", { repeat: true })), ["step-btn"]);
});

test("letters belong to fields, not to sliders", () => {
  assert.equal(isTyping({ tagName: "INPUT", type: "number" }), true);
  assert.equal(isTyping({ tagName: "INPUT", type: "range" }), false);
  assert.equal(isTyping({ tagName: "BUTTON" }), false);
});

test("V leads through the views and back to none", () => {
  const layers = ["value", "optimal"];
  assert.equal(nextLayer(layers, null), "value");
  assert.equal(nextLayer(layers, "value"), "optimal");
  assert.equal(nextLayer(layers, "optimal"), null);
  assert.equal(isViewKey(key("V")), true);
  assert.equal(isViewKey(key("v", { ctrlKey: true })), false);
});
