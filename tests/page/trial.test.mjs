import assert from "node:assert/strict";
import { test } from "node:test";

const LIB = "../../dashboard/gridworld_dashboard/assets/lib";
const { momentsOf } = await import(`${LIB}/trial/lookback.mjs`);
const { ending, percent, sum } = await import(`${LIB}/trial/readings.mjs`);
const { trailOf } = await import(`${LIB}/trial/walk.mjs`);

test("a walk is played from its beginning to its end, and a leap is none of its lines", () => {
  const trail = trailOf([[0, 0], [1, 0], [1, 1], [4, 4]], 1000);
  assert.equal(trail.headAt(1000), 0);
  assert.ok(trail.moving(1000));
  assert.deepEqual(trail.pointAt(0), { x: 0, y: 0 });
  assert.equal(trail.headAt(1e6), 3);
  assert.equal(trail.moving(1e6), false);
  assert.deepEqual(trail.pointAt(3), { x: 4, y: 4 });
  assert.equal(trail.segments(3).length, 2);
});

test("a walk goes on from where the marker stands, and a long one ends in our time", () => {
  const path = Array.from({ length: 5000 }, (_, i) => [i % 60, Math.floor(i / 60)]);
  assert.ok(trailOf(path, 0).duration <= 8000);
  const last = trailOf(path, 0, { from: 4998 });
  assert.equal(last.headAt(0), 4998);
  assert.ok(last.duration > 0 && last.duration < 500);
  assert.equal(trailOf(path, 0, { still: true }).headAt(0), 4999);
  assert.equal(trailOf([], 0).pointAt(0), null);
});

test("an animation goes from the first to the last episode, and closer where most is learnt", () => {
  const moments = momentsOf(1000);
  assert.equal(moments[0], 0);
  assert.equal(moments.at(-1), 1000);
  assert.ok(moments.length > 50);
  for (let i = 1; i < moments.length; i++) assert.ok(moments[i] > moments[i - 1]);
  assert.ok(moments[10] - moments[9] < moments.at(-1) - moments.at(-2));
  assert.deepEqual(momentsOf(1), [0, 1]);
  assert.deepEqual(momentsOf(3), [0, 1, 2, 3]);
});

test("endings and sums read as sentences do", () => {
  assert.equal(ending("a goal", 1, true), "at a goal after 1 step");
  assert.equal(ending(null, 100, true), "cut off after 100 steps");
  assert.equal(sum(-10.1), "−10.10");
  assert.equal(sum(0.1 + 0.2 - 0.3), "0.00");
  assert.equal(sum(10), "10");
  assert.equal(sum(null), "–");
  assert.equal(percent(1, 1000), "0.1 %");
  assert.equal(percent(1000, 1000), "100 %");
  assert.equal(percent(0.5, 1), "50 %");
});
