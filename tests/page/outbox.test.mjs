import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox } from "../../dashboard/gridworld_dashboard/assets/lib/wire/outbox.mjs";

function outbox() {
  const sent = [];
  const ticks = [];
  const box = new Outbox((text) => sent.push(JSON.parse(text)), (flush) => ticks.push(flush));
  return { box, sent, tick: () => ticks.splice(0).forEach((flush) => flush()) };
}

test("commands of one tick leave as one array, in order", () => {
  const { box, sent, tick } = outbox();
  box.put("stop_training");
  box.put("set_speed", { speed: null });
  assert.equal(sent.length, 0);
  tick();
  assert.equal(sent.length, 1);
  assert.deepEqual(sent[0].map(({ type, data }) => [type, data]), [
    ["stop_training", undefined],
    ["set_speed", { speed: null }],
  ]);
  tick();
  assert.equal(sent.length, 1);
});

test("a single command leaves alone, and the same one again has another id", () => {
  const { box, sent, tick } = outbox();
  const first = box.put("step");
  tick();
  const second = box.put("step");
  tick();
  assert.deepEqual(sent, [{ type: "step", id: first }, { type: "step", id: second }]);
  assert.notEqual(first, second);
});

test("a tab knows its own ids from those of others", () => {
  const { box } = outbox();
  const other = outbox().box;
  const id = box.put("reset");
  assert.equal(box.owns(id), true);
  assert.equal(other.owns(id), false);
  assert.equal(box.owns(null), false);
});

test("what waits when the connection goes is forgotten", () => {
  const { box, sent, tick } = outbox();
  box.put("start_training", {});
  box.clear();
  tick();
  assert.deepEqual(sent, []);
});

test("who asks gets the answer of that command, or null where the connection is lost", async () => {
  const { box, sent, tick } = outbox();
  const first = box.ask("configure", { seed: 1 });
  const second = box.ask("configure", { seed: 2 });
  tick();
  const [one] = sent[0];
  box.answered({ type: "training_complete", data: {} });
  box.answered({ type: "error", data: { message: "no" }, id: one.id });
  assert.equal((await first).type, "error");
  box.clear();
  assert.equal(await second, null);
  box.answered({ type: "configured", data: {}, id: one.id });
});
