/** Which agent is shown: what is typed asks for it, what the page wrote itself does not. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ShownAgent } from "../../dashboard/gridworld_dashboard/assets/lib/form/agent.mjs";

/**
 * @param {import("node:test").TestContext} context
 */
function begin(context) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const field = { textContent: "", setAttribute() {}, removeAttribute() {}, getAttribute: () => null };
  Object.assign(globalThis, { window: globalThis, document: { getElementById: () => field } });
  context.after(() => {
    Reflect.deleteProperty(globalThis, "window");
    Reflect.deleteProperty(globalThis, "document");
  });
  /** @type {any[]} */
  const sent = [];
  const model = /** @type {any} */ ({ frame: { shown: 0, agents: 4 } });
  /** @type {number[]} */
  const written = [];
  const dash = { set_props: (/** @type {string} */ _, /** @type {any} */ { value }) => written.push(value) };
  const agent = new ShownAgent(dash, model, (_, { agent: row }) => sent.push(row));
  return { agent, model, sent, written, later: () => context.mock.timers.tick(1000) };
}

test("what the page writes comes back late, and asks for nothing", (context) => {
  const { agent, model, sent, written, later } = begin(context);
  agent.follow(model.frame);
  assert.deepEqual(written, [1]);
  model.frame = { shown: 2, agents: 4 }; // a link asked for it meanwhile
  agent.edited(1);
  later();
  assert.deepEqual(sent, []);
  agent.follow(model.frame);
  assert.deepEqual(written, [1, 3]);
});

test("what is typed is asked for, once, unless it is taken back", (context) => {
  const { agent, model, sent, later } = begin(context);
  agent.follow(model.frame);
  agent.edited(4);
  agent.edited(3);
  later();
  assert.deepEqual(sent, [2]);
  agent.edited(4);
  agent.edited(1);
  later();
  assert.deepEqual(sent, [2]);
});
