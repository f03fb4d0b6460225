import assert from "node:assert/strict";
import { test } from "node:test";

import { binEnds, last, outline, thin } from "../../dashboard/gridworld_dashboard/assets/lib/says/series.mjs";

test("few points stay as they are, with gaps where there is no number", () => {
  assert.deepEqual(thin([1, 2, 3], [5, Number.NaN, 7], 10), { x: [1, 2, 3], y: [5, null, 7] });
});

test("thinning keeps the spikes, the order and the limit", () => {
  const xs = binEnds(1000, 8);
  const ys = Float32Array.from(xs, (_, i) => Math.sin(i / 50));
  ys[333] = -99;
  ys[777] = 99;
  const { x, y } = thin(xs, ys, 100);
  assert.ok(x.length <= 100 && x.length > 80, String(x.length));
  assert.deepEqual(x, [...x].sort((a, b) => a - b));
  assert.equal(y[x.indexOf(334 * 8)], -99);
  assert.equal(y[x.indexOf(778 * 8)], 99);
});

test("thinning sees past a bucket that begins without a number", () => {
  const ys = [Number.NaN, 3, 1, Number.NaN, 2, 8];
  const { y } = thin([1, 2, 3, 4, 5, 6], ys, 4);
  assert.ok(y.includes(3) && y.includes(1) && y.includes(8), y.join());
});

test("bins end after their last episode", () => {
  assert.deepEqual([...binEnds(3, 4)], [4, 8, 12]);
});

test("a band runs along its top and back along its bottom, over all it leaves out", () => {
  const { x, y } = outline([1, 2, 3, 4], [0, -5, 0, 0], [1, 1, 9, 1], 2);
  assert.deepEqual(x, [1, 3, 3, 1]);
  assert.deepEqual(y, [1, 9, 0, -5]);
});

test("the last value is null where there is none", () => {
  assert.equal(last([]), null);
  assert.equal(last([1, Number.NaN]), null);
  assert.equal(last([1, 2]), 2);
});
