import assert from "node:assert/strict";
import { test } from "node:test";

import { isTyping, isViewKey, keyName } from "../../dashboard/gridworld_dashboard/assets/lib/page/keys.mjs";

const key = (name, more = {}) => ({ key: name, ctrlKey: false, metaKey: false, altKey: false, ...more });

test("keys have the names that buttons know them by, letters in either case", () => {
  assert.equal(keyName(key(" ")), "Space");
  assert.equal(keyName(key("r")), "R");
  assert.equal(keyName(key("R")), "R");
  assert.equal(keyName(key("?")), "?");
  assert.equal(keyName(key("Escape")), "Escape");
});

test("the browser's own shortcuts stay its own", () => {
  assert.equal(keyName(key("r", { ctrlKey: true })), null);
  assert.equal(keyName(key("r", { metaKey: true })), null);
  assert.equal(keyName(key("r", { altKey: true })), null);
});

test("space on a focused button is left to the button", () => {
  assert.equal(keyName(key(" ", { target: { closest: () => ({}) } })), null);
  assert.equal(keyName(key("r", { target: { closest: () => ({}) } })), "R");
});

test("space after a click starts and stops, whatever was clicked on", () => {
  const clicked = {};
  assert.equal(keyName(key(" ", { target: { closest: () => clicked } }), clicked), "Space");
  assert.equal(keyName(key(" ", { target: { closest: () => ({}) } }), clicked), null);
});

test("letters belong to fields, not to sliders", () => {
  assert.equal(isTyping({ tagName: "INPUT", type: "number" }), true);
  assert.equal(isTyping({ tagName: "INPUT", type: "range" }), false);
  assert.equal(isTyping({ tagName: "BUTTON" }), false);
});

test("V asks for the next view, whatever its case", () => {
  assert.equal(isViewKey(key("V")), true);
  assert.equal(isViewKey(key("v", { ctrlKey: true })), false);
});
