import assert from "node:assert/strict";
import { test } from "node:test";

import { CONNECTING, Retries, OPEN, backOff } from "../../dashboard/gridworld_dashboard/assets/lib/wire/retries.mjs";

const CLOSED = 3;

/** Retries of a socket that heard its first frame at 10 ms. */
function liveRetries() {
  const retries = new Retries();
  assert.equal(retries.tend(CLOSED, 0), 1);
  assert.equal(retries.heard(10), true);
  return retries;
}

test("the first attempt comes at once, and no second one while it is under way", () => {
  const retries = new Retries();
  assert.equal(retries.status(0).status, "Connecting");
  assert.equal(retries.tend(CLOSED, 0), 1);
  assert.equal(retries.tend(CONNECTING, 50), null);
  assert.equal(retries.tend(OPEN, 300), null);
  assert.equal(retries.heard(310), true);
  assert.equal(retries.heard(410), false);
  assert.equal(retries.status(420).status, "Connected");
});

test("a lost connection shows at once and is tried again within a second", () => {
  const retries = liveRetries();
  assert.equal(retries.tend(CLOSED, 1000), null);
  assert.equal(retries.status(1000).status, "Disconnected");
  assert.match(retries.status(1000).note, /next try in 1 s/);
  let attempt = null;
  let now = 1000;
  while (attempt === null && now < 5000) attempt = retries.tend(CLOSED, (now += 250));
  assert.equal(attempt, 2);
  assert.ok(now <= 2000, String(now));
  assert.equal(retries.heard(now + 50), true);
});

test("attempts that are refused are never more than three seconds apart", () => {
  const retries = liveRetries();
  const attempts = [];
  for (let now = 1000; now < 60000; now += 250) {
    if (retries.tend(CLOSED, now) !== null) attempts.push(now);
  }
  const gaps = attempts.slice(1).map((at, i) => at - attempts[i]);
  assert.ok(attempts.length > 15);
  assert.ok(Math.max(...gaps) <= 3000, gaps.join(" "));
  assert.ok(gaps.at(-1) > gaps[0]);
});

test("attempts that hang are given up within three seconds", () => {
  const retries = liveRetries();
  retries.tend(CLOSED, 1000);
  const attempts = [];
  for (let now = 1250; now < 30000; now += 250) {
    if (retries.tend(CONNECTING, now) !== null) attempts.push(now);
  }
  const gaps = attempts.slice(1).map((at, i) => at - attempts[i]);
  assert.ok(attempts.length > 5);
  assert.ok(Math.max(...gaps) <= 3000, gaps.join(" "));
});

test("an open connection that is silent for some seconds is given up", () => {
  const retries = liveRetries();
  assert.equal(retries.tend(OPEN, 4000), null);
  assert.equal(retries.tend(OPEN, 4100), 2);
  assert.equal(retries.status(4100).status, "Disconnected");
});

test("the state of the attempt before does not end a new one", () => {
  const retries = liveRetries();
  retries.tend(CLOSED, 1000);
  assert.equal(retries.tend(CLOSED, 2000), 2);
  assert.equal(retries.tend(CLOSED, 2050), null);
  assert.equal(retries.heard(2080), true);
  assert.equal(retries.status(2090).status, "Connected");
});

test("the back-off grows, to a limit, and spreads", () => {
  assert.ok(backOff(1, 0) < backOff(1, 1));
  assert.ok(backOff(2, 0.5) > backOff(1, 0.5));
  assert.equal(backOff(50, 1), backOff(10, 1));
});
