import assert from "node:assert/strict";
import { test } from "node:test";

import { Address, isUsual, sameRun } from "../../dashboard/gridworld_dashboard/assets/lib/share/address.mjs";
import { DEFAULTS } from "../../dashboard/gridworld_dashboard/assets/lib/share/share.mjs";

const settings = (more = {}) => ({ ...DEFAULTS, ...more });

test("speed and views make no other run", () => {
  const view = { layer: "value", arrows: true, q_values: false, agent: 0 };
  assert.equal(sameRun(settings(), settings({ speed: null, view })), true);
  assert.equal(sameRun(settings(), settings({ seed: 1 })), false);
  assert.equal(sameRun(settings(), settings({ num_episodes: null })), false);
  assert.equal(sameRun(settings(), settings({ world: "easy" })), false);
});

test("worlds are compared by what counts of them", () => {
  const world = { map: ["S.G"], slip: 0.2, name: "mine" };
  assert.equal(sameRun(settings({ world }), settings({ world: { map: ["S.G"] } })), true);
  assert.equal(sameRun(settings({ world }), settings({ world: { map: ["S..G"] } })), false);
});

test("only what is usual in every way needs no link", () => {
  assert.equal(isUsual(settings()), true);
  assert.equal(isUsual(settings({ speed: 31 })), false);
  assert.equal(isUsual(settings({ view: { ...DEFAULTS.view, arrows: true } })), false);
});

/** An address without a browser, to which a link came. */
function visited({ here = settings(), fresh = false, own = false } = {}) {
  const taken = [];
  const address = new Address({
    settings: () => here,
    fresh: () => fresh,
    take: (asked, same) => taken.push([asked.seed, same]),
    wrote: () => {},
    fail: () => {},
    changed: () => {},
  });
  address.asked = settings({ seed: 7 });
  address.own = own;
  address.write = () => {};
  address.decide();
  return { address, taken };
}

test("a link is taken at once where it costs nobody anything", () => {
  assert.deepEqual(visited({ fresh: true }).taken, [[7, false]]);
  assert.deepEqual(visited({ here: settings({ seed: 7 }) }).taken, [[7, true]]);
});

test("else it waits for somebody to decide", () => {
  const { address, taken } = visited();
  assert.equal(address.offered, true);
  assert.deepEqual(taken, []);
  address.open();
  assert.deepEqual(taken, [[7, false]]);
  assert.equal(address.offered, false);
});

test("what a page wrote itself it does not ask about", () => {
  const { address, taken } = visited({ own: true });
  assert.equal(address.offered, false);
  assert.equal(address.asked, null);
  assert.deepEqual(taken, []);
});

test("and for the first frame", () => {
  const { address, taken } = visited({ here: null, fresh: true });
  assert.deepEqual(taken, []);
  assert.equal(address.offered, false);
});
