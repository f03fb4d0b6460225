import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { actionsOf } from "../../dashboard/gridworld_dashboard/assets/lib/page/actions.mjs";
import { Buttons } from "../../dashboard/gridworld_dashboard/assets/lib/page/buttons.mjs";
import { disabledIn } from "../../dashboard/gridworld_dashboard/assets/lib/page/mode.mjs";

/** What the script uses of a button. */
class Button {
  constructor(dataset, key = null, disabled = false) {
    Object.assign(this, { dataset, key, disabled, clicks: 0 });
  }
  closest(selector) {
    return selector === "button[data-does]" && this.dataset.does ? this : null;
  }
  getAttribute(name) {
    return name === "aria-keyshortcuts" ? this.key : null;
  }
  hasAttribute(name) {
    return name === "disabled" && this.disabled;
  }
  click() {
    this.clicks += 1;
  }
  focus() {
    this.root.activeElement = this;
  }
}

/** A page that holds them. */
class Root extends EventTarget {
  constructor(...buttons) {
    super();
    this.buttons = buttons;
    this.activeElement = null;
    for (const button of buttons) button.root = this;
  }
  querySelectorAll(selector) {
    return this.buttons.filter((button) =>
      selector === "button[data-when]" ? "when" in button.dataset : button.key !== null,
    );
  }
  press(target) {
    const event = new Event("click");
    Object.defineProperty(event, "target", { value: target });
    this.dispatchEvent(event);
  }
}

let sent;
let done;
const actions = { turn: (given) => done.push(["turn", given]) };
const send = (...command) => sent.push(command);

function buttonsOf(root) {
  const buttons = new Buttons(actions, send, root);
  buttons.begin();
  return buttons;
}

function keyEvent(key, more = {}) {
  const event = { key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, ...more };
  return { ...event, prevented: 0, preventDefault() { this.prevented += 1; } };
}

beforeEach(() => {
  sent = [];
  done = [];
});

test("a button that names a command of the wire sends it, with the data that it gives", () => {
  const root = new Root(
    new Button({ does: "reset" }),
    new Button({ does: "load_qtable", given: '{"name":"autosave"}' }),
  );
  buttonsOf(root);
  for (const button of root.buttons) root.press(button);
  assert.deepEqual(sent, [["reset", undefined], ["load_qtable", { name: "autosave" }]]);
});

test("a button that names an action of the page carries it out", () => {
  const root = new Root(new Button({ does: "turn", given: '{"by":-1}' }), new Button({ does: "turn" }));
  buttonsOf(root);
  for (const button of root.buttons) root.press(button);
  assert.deepEqual(done, [["turn", { by: -1 }], ["turn", {}]]);
  assert.deepEqual(sent, []);
});

test("no name is mistaken for one that every object has", () => {
  const root = new Root(new Button({ does: "toString" }));
  buttonsOf(root);
  root.press(root.buttons[0]);
  assert.deepEqual(sent, [["toString", undefined]]);
});

test("a click beside the buttons does nothing", () => {
  const root = new Root(new Button({}));
  buttonsOf(root);
  root.press(root.buttons[0]);
  root.press(root);
  assert.deepEqual([sent, done], [[], []]);
});

test("buttons are locked by the time that they name; a time that is not told is left alone", () => {
  const [idle, page, board] = ["idle", "page", "board"].map((when) => new Button({ when }, null, true));
  const buttons = buttonsOf(new Root(idle, page, board));
  buttons.lock({ page: false });
  assert.deepEqual([idle.disabled, page.disabled, board.disabled], [true, false, true]);
  buttons.lock(disabledIn(true, false));
  assert.deepEqual([idle.disabled, page.disabled, board.disabled], [false, false, true]);
});

test("the focus goes from a button that is locked to the one that the same key presses", () => {
  const start = new Button({ when: "idle" }, "Space");
  const stop = new Button({ when: "running" }, "Space", true);
  const root = new Root(start, stop);
  const buttons = buttonsOf(root);
  start.focus();
  buttons.lock(disabledIn(true, true));
  assert.equal(root.activeElement, stop);
  buttons.lock(disabledIn(true, false));
  assert.equal(root.activeElement, start);
  buttons.lock(disabledIn(false, false)); // both are locked: there is nowhere to go
  assert.equal(root.activeElement, start);
});

test("a key presses the button that names it; of several the one that is enabled", () => {
  const start = new Button({}, "Space", true);
  const stop = new Button({}, "Space");
  const buttons = buttonsOf(new Root(start, stop));
  const event = keyEvent(" ");
  assert.equal(buttons.key(event), true);
  assert.deepEqual([start.clicks, stop.clicks, event.prevented], [0, 1, 1]);
  const other = keyEvent("x");
  assert.equal(buttons.key(other), false);
  assert.equal(other.prevented, 0);
});

test("a key held down repeats only what says so", () => {
  const reset = new Button({}, "R");
  const step = new Button({ held: "" }, "N");
  const buttons = buttonsOf(new Root(reset, step));
  buttons.key(keyEvent("r", { repeat: true }));
  buttons.key(keyEvent("n", { repeat: true }));
  assert.deepEqual([reset.clicks, step.clicks], [0, 1]);
});

test("what is enabled follows the connection and the training", () => {
  assert.deepEqual(disabledIn(true, false), {
    page: false, steer: false, link: false, idle: false, running: true, settings: false,
  });
  assert.deepEqual(disabledIn(true, true), {
    page: false, steer: false, link: false, idle: true, running: false, settings: true,
  });
  // While the server is away, numbers may be typed for the time when it is back.
  assert.deepEqual(disabledIn(false, true), disabledIn(false, false));
  assert.deepEqual(disabledIn(false, false), {
    page: false, steer: false, link: true, idle: true, running: true, settings: false,
  });
});

test("whoever watches may look, and nothing else", () => {
  for (const open of [true, false]) {
    for (const training of [true, false]) {
      const { page, ...others } = disabledIn(open, training, false);
      assert.equal(page, false);
      assert.ok(Object.values(others).every(Boolean));
    }
  }
});

test("actions are what the page's parts do", () => {
  const calls = [];
  const views = { layer: "visits", arrows: true, qValues: false };
  const board = {
    views,
    chase: { on: true },
    change: (change) => calls.push(change),
    zoom: (factor) => calls.push(factor),
    setFollow: (on) => calls.push(on),
  };
  const does = actionsOf({ board, drawing: { ask: () => calls.push("ask") }, slot: { closeHint() {} } });
  does.toggle_layer({ layer: "visits" });
  does.toggle_layer({ layer: "value" });
  does.toggle_arrows();
  does.zoom_in();
  does.zoom_out();
  does.follow();
  does.dismiss_hint();
  const [, , , inward, outward] = calls;
  assert.deepEqual(calls.slice(0, 3), [{ layer: null, qValues: false }, { layer: "value", qValues: false }, { arrows: false }]);
  assert.ok(inward > 1 && Math.abs(inward * outward - 1) < 1e-12);
  assert.deepEqual(calls.slice(5), [false, "ask"]);
});
