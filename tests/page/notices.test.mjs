import assert from "node:assert/strict";
import { test } from "node:test";

import { EventLog, noticeFor } from "../../dashboard/gridworld_dashboard/assets/lib/says/notices.mjs";

test("what was there before the page came is no news", () => {
  const log = new EventLog();
  log.start([{ n: 4, type: "error", data: {} }]);
  assert.deepEqual(log.fresh([{ n: 4, type: "error", data: {} }]), []);
  const event = { n: 5, type: "training_complete", data: {} };
  assert.deepEqual(log.fresh([{ n: 4, type: "error", data: {} }, event]), [event]);
  assert.deepEqual(log.fresh([event]), []);
});

test("an answer and its copy are one event, whichever comes first", () => {
  for (const first of ["answer", "copy"]) {
    const log = new EventLog();
    log.start([]);
    const answer = { type: "save_complete", data: {}, id: "a-1" };
    const copy = { n: 1, ...answer };
    const news = first === "answer"
      ? [log.answer(answer), log.fresh([copy]).length > 0]
      : [log.fresh([copy]).length > 0, log.answer(answer)];
    assert.deepEqual(news, [true, false], first);
  }
});

test("numbers of a restarted server begin anew", () => {
  const log = new EventLog();
  log.start([{ n: 900, type: "error" }]);
  log.start([]);
  assert.equal(log.fresh([{ n: 1, type: "training_complete" }]).length, 1);
});

test("errors of other tabs are theirs, those of the server are for all", () => {
  const data = { message: "training is running: stop it first" };
  assert.equal(noticeFor({ type: "error", data, id: "b-1" }, false), null);
  for (const [id, own] of [["a-1", true], [undefined, false], [null, false]]) {
    assert.deepEqual(noticeFor({ type: "error", data, id }, own), {
      kind: "error",
      text: "Training is running: stop it first",
    });
  }
});

test("saving says where to, and why not", () => {
  const saved = { success: true, filepath: ".qtables/agent_latest.json", message: "" };
  assert.equal(
    noticeFor({ type: "save_complete", data: saved, id: "a-1" }, true).text,
    "Saved to .qtables/agent_latest.json",
  );
  const failed = { success: false, message: "the disk is full" };
  assert.deepEqual(noticeFor({ type: "save_complete", data: failed, id: "a-1" }, true), {
    kind: "error",
    text: "The disk is full",
  });
});

test("completion is for everybody, starting and stopping are seen anyway", () => {
  const data = { total_episodes: 500, final_epsilon: 0.08164 };
  assert.equal(
    noticeFor({ type: "training_complete", data }, false).text,
    "Training complete after 500 episodes, epsilon 0.0816.",
  );
  assert.equal(noticeFor({ type: "training_started", data: {}, id: "a-1" }, true), null);
  assert.equal(noticeFor({ type: "training_stopped", data: {}, id: "a-1" }, true), null);
});

test("a save is loaded by its name, whichever of its files was read", () => {
  const text = (message) =>
    noticeFor({ type: "load_complete", data: { success: true, message }, id: "a-1" }, true).text;
  assert.equal(text("Loaded /home/a.b/.qtables/agent_latest.npz"), "Loaded agent_latest");
  assert.equal(text("Loaded C:\\data\\.qtables\\mine.json; the world easy was taken"), "Loaded mine; the world easy was taken");
});
