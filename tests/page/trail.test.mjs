import assert from "node:assert/strict";
import { test } from "node:test";

import { Trail } from "../../dashboard/gridworld_dashboard/assets/lib/board/trail.mjs";

/** Entries from..to of a path along the x axis that was placed at 0. */
function path(from, to) {
  return Array.from({ length: to - from + 1 }, (_, i) => (from + i === 0 ? [0, 0, 1] : [from + i, 0]));
}

test("the first frame puts the marker on the newest entry", () => {
  const trail = new Trail();
  assert.equal(trail.pointAt(0), null);
  trail.update(path(0, 5), 6, 1000);
  assert.deepEqual(trail.pointAt(trail.headAt(1000)), { x: 5, y: 0 });
  assert.equal(trail.moving(1000), false);
});

test("the marker glides along the new entries and arrives about when the next frame comes", () => {
  const trail = new Trail();
  trail.update(path(0, 5), 6, 1000);
  trail.update(path(0, 8), 9, 1100);
  const at = (now) => trail.pointAt(trail.headAt(now)).x;
  assert.equal(at(1100), 5);
  assert.ok(at(1150) > 6 && at(1150) < 7, String(at(1150)));
  assert.ok(trail.moving(1150));
  assert.equal(at(1110 + 101), 8);
  assert.equal(trail.moving(1211), false);
});

test("a frame in the middle of a glide goes on from where the marker is", () => {
  const trail = new Trail();
  trail.update(path(0, 5), 6, 1000);
  trail.update(path(0, 8), 9, 1100);
  const before = trail.headAt(1150);
  trail.update(path(0, 12), 13, 1150);
  assert.equal(trail.headAt(1150), before);
});

test("millions of steps later the marker runs along the last entries only", () => {
  const trail = new Trail();
  trail.update(path(0, 63), 64, 1000);
  trail.update(path(5e6, 5e6 + 63), 5e6 + 64, 1100);
  const { x } = trail.pointAt(trail.headAt(1100));
  assert.ok(x >= 5e6 && x < 5e6 + 63, String(x));
  assert.equal(trail.pointAt(trail.headAt(2000)).x, 5e6 + 63);
  assert.equal(trail.segments(trail.headAt(2000)).at(-1).to.x, 5e6 + 63);
});

test("where motion is not wanted the marker jumps", () => {
  const trail = new Trail();
  trail.update(path(0, 5), 6, 1000);
  trail.update(path(0, 8), 9, 1100, { still: true });
  assert.equal(trail.pointAt(trail.headAt(1100)).x, 8);
});

test("no line and no glide crosses a placement", () => {
  const trail = new Trail();
  trail.update([[0, 0, 1], [1, 0], [2, 0]], 3, 1000);
  trail.update([[0, 0, 1], [1, 0], [2, 0], [0, 0, 1], [0, 1]], 5, 1100);
  const segments = trail.segments(4);
  assert.deepEqual(
    segments.map(({ from, to }) => [from.x, from.y, to.x, to.y]),
    [[0, 0, 1, 0], [1, 0, 2, 0], [0, 0, 0, 1]],
  );
  assert.deepEqual(trail.pointAt(2.5), { x: 0, y: 0 });
});

test("a portal is a leap, a bounce is nothing", () => {
  const trail = new Trail();
  trail.update([[0, 3, 1], [0, 3], [1, 3], [0, 0]], 4, 1000, { adjacent: true });
  assert.deepEqual(
    trail.segments(3).map(({ from, to }) => [from.x, from.y, to.x, to.y]),
    [[0, 3, 1, 3]],
  );
});

test("the trail fades with age and ends at the marker", () => {
  const trail = new Trail();
  trail.update(path(0, 63), 64, 1000);
  const segments = trail.segments(62.5, 64);
  assert.equal(segments.at(-1).to.x, 62.5);
  const ages = segments.map(({ age }) => age);
  assert.deepEqual(ages, [...ages].sort((a, b) => b - a));
  assert.ok(ages[0] <= 1 && ages.at(-1) < 0.02);
});

test("a count that fell is a fresh run", () => {
  const trail = new Trail();
  trail.update(path(0, 40), 41, 1000);
  trail.update([[0, 0, 1]], 1, 1100);
  assert.deepEqual(trail.pointAt(trail.headAt(1100)), { x: 0, y: 0 });
  assert.deepEqual(trail.segments(trail.headAt(1100)), []);
});
