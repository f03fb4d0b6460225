import assert from "node:assert/strict";
import { test } from "node:test";

import { optimalSince, percent, truthSentence, truthWord } from "../../dashboard/gridworld_dashboard/assets/lib/says/truth.mjs";

const READY = { state: "ready", reason: null, regret: 0.5, arrives: true };

test("each state has its sentence", () => {
  assert.match(truthSentence(null), /being worked out/);
  assert.match(truthSentence({ ...READY, state: "solving" }), /being worked out/);
  assert.equal(truthSentence({ ...READY, state: "unavailable", reason: "Too large." }), "Too large.");
  assert.match(truthSentence(READY), /loses 0.50 /);
  assert.match(truthSentence({ ...READY, regret: 0 }), /is optimal/);
  assert.match(truthSentence({ ...READY, arrives: false }), /never arrives/);
  assert.match(truthSentence({ ...READY, regret: null }), /no finite value/);
});

test("and its word", () => {
  assert.equal(truthWord({ ...READY, state: "solving" }), "");
  assert.equal(truthWord(READY), "regret 0.50");
  assert.equal(truthWord({ ...READY, regret: 0 }), "optimal");
  assert.equal(truthWord({ ...READY, arrives: false, regret: null }), "never arrives");
});

test("only all is 100 %", () => {
  assert.equal(percent(1), "100 %");
  assert.equal(percent(0.999), "99 %");
  assert.equal(percent(0), "0 %");
  assert.equal(percent(null), "–");
});

test("since when the policy is optimal is said as far as it is known", () => {
  assert.equal(optimalSince(null), "–");
  assert.equal(optimalSince({ ...READY, optimal_since: 147 }), "episode 147");
  assert.equal(
    optimalSince({ ...READY, optimal_since: null, optimal_by: 300 }),
    "episode 300 or before",
  );
});
