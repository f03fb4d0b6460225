import assert from "node:assert/strict";
import { test } from "node:test";

import { describe } from "../../dashboard/gridworld_dashboard/assets/lib/page/role.mjs";
import { isCompact, placeOf, placed } from "../../dashboard/gridworld_dashboard/assets/lib/wire/place.mjs";

const session = { most: 30, memory_mb: 128, cells: 16384, idle_minutes: 10, back: false };

test("one's role is said where there are roles", () => {
  assert.deepEqual(describe({ role: null, session: null }), { name: "", says: "" });
  assert.equal(describe({ role: "presenter", session: null }).name, "Presenting");
  assert.match(describe({ role: "viewer", session: null }).says, /Only who has the presenter's link/);
});

test("a session of one's own is described by its bounds, whatever the role", () => {
  const { name, says } = describe({ role: "viewer", session });
  assert.equal(name, "Your own session");
  assert.match(says, /has 30 sessions at a time/);
  assert.match(says, /16\u202f384 cells and 128 MB/);
  assert.match(says, /After 10 minutes without a browser/);
  assert.match(describe({ role: null, session: { ...session, back: true } }).says, /So it just did\.$/);
  assert.match(describe({ role: null, session: { ...session, idle_minutes: 1 } }).says, /1 minute without/);
});

test("every request says which of one's sessions it is for", () => {
  const left = "http://host/?at=left&compact#run=x";
  assert.equal(placeOf(left), "left");
  assert.equal(placeOf("http://host/#at=left"), "");
  assert.equal(placed("saves?name=a b", left), "saves?name=a b&at=left");
  assert.equal(placed("world", left), "world?at=left");
  assert.equal(placed("world", "http://host/"), "world");
});

test("a page is compact where its address says so", (context) => {
  context.after(() => delete globalThis.location);
  globalThis.location = new URL("http://host/?at=left&compact");
  assert.equal(isCompact(), true);
  globalThis.location = new URL("http://host/?at=left");
  assert.equal(isCompact(), false);
});
