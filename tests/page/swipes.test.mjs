import assert from "node:assert/strict";
import { test } from "node:test";

import { keepFromSwipes } from "../../dashboard/gridworld_dashboard/assets/lib/form/swipes.mjs";

/** What the script uses of an input, whose text React reads through the prototype. */
class Input extends EventTarget {
  type = "range";
  #text = "0.5";
  get value() {
    return this.#text;
  }
  set value(text) {
    this.#text = text;
  }
}
globalThis.HTMLInputElement = Input;

function send(root, type, target, pointerType) {
  const event = new Event(type);
  Object.defineProperties(event, { target: { value: target }, pointerType: { value: pointerType } });
  root.dispatchEvent(event);
}

test("a swipe that begins on a slider leaves it as it was; a touch and a mouse move it", () => {
  const root = new EventTarget();
  keepFromSwipes(root);
  for (const [pointer, last, kept] of [
    ["touch", "pointercancel", "0.5"],
    ["touch", "pointerup", "0.9"],
    ["mouse", "pointercancel", "0.9"],
  ]) {
    const slider = new Input();
    let told = 0;
    slider.addEventListener("input", () => (told += 1));
    send(root, "pointerdown", slider, pointer);
    slider.value = "0.9";
    send(root, last, slider, pointer);
    assert.equal(slider.value, kept, `${pointer} ${last}`);
    assert.equal(told, kept === "0.5" ? 1 : 0);
  }
});
