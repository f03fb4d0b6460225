import assert from "node:assert/strict";
import { test } from "node:test";

import {
  algorithmName,
  brief,
  compact,
  decimalsFor,
  epsilon,
  exactDecimals,
  fixed,
  grouped,
  plural,
} from "../../dashboard/gridworld_dashboard/assets/lib/page/format.mjs";

test("fixed writes a real minus, and none before zero", () => {
  assert.equal(fixed(-1.25, 1), "−1.3");
  assert.equal(fixed(-0.001, 2), "0.00");
  assert.equal(fixed(null, 2), "–");
  assert.equal(fixed(Number.NaN, 2), "–");
});

test("epsilon is a number that a program can read", () => {
  for (const [value, text] of [[1, "1.000"], [0.0816, "0.0816"], [0.01, "0.0100"], [0, "0.000"]]) {
    assert.equal(epsilon(value), text);
    assert.equal(Number(epsilon(value)), value);
  }
});

test("compact never shows a thousand of a smaller unit", () => {
  const pairs = [
    [0, "0"],
    [9.96, "10.0"],
    [30, "30"],
    [999, "999"],
    [999.6, "1.0 k"],
    [12345, "12.3 k"],
    [999960, "1.0 M"],
    [81e6, "81.0 M"],
    [526e6, "526 M"],
    [2.5e15, "2500 T"],
  ];
  for (const [value, text] of pairs) assert.equal(compact(value), text, String(value));
});

test("brief keeps some three digits", () => {
  assert.equal(brief(-10.634), "−10.6");
  assert.equal(brief(8), "8");
  assert.equal(brief(9.2137), "9.21");
  assert.equal(brief(1617.5), "1618");
  assert.equal(brief(123456), "123 k");
  assert.equal(brief(undefined), "–");
});

test("decimals are no finer than a byte can tell", () => {
  assert.equal(decimalsFor(0, 10), 1);
  assert.equal(decimalsFor(8.64, 10), 2);
  assert.equal(decimalsFor(-1000, 0), 0);
  assert.equal(decimalsFor(3, 3), 2);
});

test("counts read as sentences do", () => {
  assert.equal(grouped(1234567), "1\u202f234\u202f567");
  assert.equal(plural(1, "episode"), "1 episode");
  assert.equal(plural(1000, "episode"), "1\u202f000 episodes");
  assert.equal(algorithmName("expected_sarsa"), "Expected SARSA");
  assert.equal(algorithmName("something_new"), "something_new");
});

test("exact values are written with two digits at least, and more where they lie close", () => {
  assert.equal(exactDecimals(-100, 0), 2);
  assert.equal(exactDecimals(0, 10), 2);
  assert.equal(exactDecimals(0, 0.5), 3);
  assert.equal(exactDecimals(0, 0.001), 4);
  assert.equal(exactDecimals(3, 3), 3);
});
