import assert from "node:assert/strict";
import { test } from "node:test";

import { CONNECTING, Link, OPEN, backOff } from "../../dashboard/gridworld_dashboard/assets/lib/wire/socket.mjs";

const CLOSED = 3;

/** A link that heard its first frame at 10 ms. */
function liveLink() {
  const link = new Link();
  assert.equal(link.tend(CLOSED, 0), 1);
  assert.equal(link.heard(10), true);
  return link;
}

test("the first attempt comes at once, and no second one while it is under way", () => {
  const link = new Link();
  assert.equal(link.status(0).status, "Connecting");
  assert.equal(link.tend(CLOSED, 0), 1);
  assert.equal(link.tend(CONNECTING, 50), null);
  assert.equal(link.tend(OPEN, 300), null);
  assert.equal(link.heard(310), true);
  assert.equal(link.heard(410), false);
  assert.equal(link.status(420).status, "Connected");
});

test("a lost connection shows at once and is tried again within a second", () => {
  const link = liveLink();
  assert.equal(link.tend(CLOSED, 1000), null);
  assert.equal(link.status(1000).status, "Disconnected");
  assert.match(link.status(1000).note, /next try in 1 s/);
  let attempt = null;
  let now = 1000;
  while (attempt === null && now < 5000) attempt = link.tend(CLOSED, (now += 250));
  assert.equal(attempt, 2);
  assert.ok(now <= 2000, String(now));
  assert.equal(link.heard(now + 50), true);
});

test("attempts that are refused are never more than three seconds apart", () => {
  const link = liveLink();
  const attempts = [];
  for (let now = 1000; now < 60000; now += 250) {
    if (link.tend(CLOSED, now) !== null) attempts.push(now);
  }
  const gaps = attempts.slice(1).map((at, i) => at - attempts[i]);
  assert.ok(attempts.length > 15);
  assert.ok(Math.max(...gaps) <= 3000, gaps.join(" "));
  assert.ok(gaps.at(-1) > gaps[0]);
});

test("attempts that hang are given up within three seconds", () => {
  const link = liveLink();
  link.tend(CLOSED, 1000);
  const attempts = [];
  for (let now = 1250; now < 30000; now += 250) {
    if (link.tend(CONNECTING, now) !== null) attempts.push(now);
  }
  const gaps = attempts.slice(1).map((at, i) => at - attempts[i]);
  assert.ok(attempts.length > 5);
  assert.ok(Math.max(...gaps) <= 3000, gaps.join(" "));
});

test("an open connection that is silent for some seconds is given up", () => {
  const link = liveLink();
  assert.equal(link.tend(OPEN, 4000), null);
  assert.equal(link.tend(OPEN, 4100), 2);
  assert.equal(link.status(4100).status, "Disconnected");
});

test("the state of the attempt before does not end a new one", () => {
  const link = liveLink();
  link.tend(CLOSED, 1000);
  assert.equal(link.tend(CLOSED, 2000), 2);
  assert.equal(link.tend(CLOSED, 2050), null);
  assert.equal(link.heard(2080), true);
  assert.equal(link.status(2090).status, "Connected");
});

test("the back-off grows, to a limit, and spreads", () => {
  assert.ok(backOff(1, 0) < backOff(1, 1));
  assert.ok(backOff(2, 0.5) > backOff(1, 0.5));
  assert.equal(backOff(50, 1), backOff(10, 1));
});
