import assert from "node:assert/strict";
import { test } from "node:test";

import { Address, isUsual, lookAt, sameRun } from "../../dashboard/gridworld_dashboard/assets/lib/share/address.mjs";
import { DEFAULTS, encode } from "../../dashboard/gridworld_dashboard/assets/lib/share/share.mjs";

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
  const view = { ...DEFAULTS.view, layer: "value", arrows: true };
  assert.equal(isUsual(settings({ view })), true);
  assert.equal(isUsual(settings({ view, speed: 31 })), false);
  assert.equal(isUsual(settings({ view: { ...view, arrows: false } })), false);
});

/** An address without a browser, to which a link came. */
function visited({ here = settings(), fresh = false, own = false, steers = true } = {}) {
  const taken = [];
  const address = new Address({
    settings: () => here,
    fresh: () => fresh,
    steers: () => steers,
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

test("whoever watches opens nothing, and is not asked", () => {
  const { address, taken } = visited({ fresh: true, steers: false });
  assert.equal(address.offered, false);
  assert.equal(address.asked, null);
  assert.deepEqual(taken, []);
});

test("and for the first frame", () => {
  const { address, taken } = visited({ here: null, fresh: true });
  assert.deepEqual(taken, []);
  assert.equal(address.offered, false);
});

test("what is left of a link is found wherever it is in the address", () => {
  const page = "http://127.0.0.1:8000/";
  for (const [came, address] of [
    ["#run=abc", "#run=abc"],
    ["#run=abc.", "#run=abc."],
    ["#run%3Dabc", "#run%3Dabc"],
    ["%23run=abc", "#run=abc"],
    ["%2523run%253Dabc", "#run%253Dabc"],
    ["lab/?x=1%23run=abc", "lab/?x=1#run=abc"],
    ["#RUN=abc", "#RUN=abc"],
    ["#run", "#run"],
    ["#run=", "#run="],
  ]) {
    assert.deepEqual(lookAt(page + came), { holds: true, address: page + address });
  }
  for (const other of ["", "#", "#grid", "#running", "?run=abc", "run"]) {
    assert.deepEqual(lookAt(page + other), { holds: false, address: page + other });
  }
});

test("a link that came as a part of the path is opened, and a broken one told", async () => {
  const code = await encode({ seed: 7 });
  const told = [];
  const seen = [];
  const before = { location: globalThis.location, history: globalThis.history };
  const listen = globalThis.addEventListener;
  try {
    for (const path of [`%23run=${code}`, `#run=${code}.`, `#run=${code.slice(0, 9)}`, "#run", "#grid"]) {
      const url = new URL(`http://127.0.0.1:8000/${path}`);
      const replaced = [];
      Object.assign(globalThis, {
        location: { href: url.href, hash: url.hash },
        history: { state: null, replaceState: (...args) => replaced.push(args[2]) },
        addEventListener: () => {},
      });
      await new Promise((done) => {
        const address = new Address({
          settings: () => settings(),
          fresh: () => true,
          steers: () => true,
          take: (asked) => done(seen.push([asked.seed, replaced[0]])),
          wrote: () => {},
          fail: (text) => done(told.push(text)),
          changed: () => {},
        });
        address.begin();
        setTimeout(done, 200);
      });
    }
  } finally {
    Object.assign(globalThis, before, { addEventListener: listen });
  }
  assert.deepEqual(seen, [
    [7, `http://127.0.0.1:8000/#run=${code}`],
    [7, undefined],
  ]);
  assert.equal(told.length, 2);
  for (const text of told) assert.match(text, /^This link is broken/);
});
