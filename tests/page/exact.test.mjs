import assert from "node:assert/strict";
import { test } from "node:test";

import { parse, stringify } from "../../dashboard/gridworld_dashboard/assets/lib/wire/exact.mjs";
import { Drafts } from "../../dashboard/gridworld_dashboard/assets/lib/form/drafts.mjs";
import { read, shown } from "../../dashboard/gridworld_dashboard/assets/lib/form/fields.mjs";

const LARGE = ["9007199254740993", "9223372036854775807", "18446744073709551615"];
const EXACT = [0, 7, 2 ** 31, 2 ** 32 + 1, 8589934592, 123456789012345, 2 ** 53 - 1];

test("every digit of a seed arrives, and none of it is sent", () => {
  for (const digits of LARGE) {
    const { data } = parse(`{"data":{"seed":${digits},"episode":5}}`);
    assert.equal(String(data.seed), digits);
    assert.equal(stringify({ seed: data.seed, agents: 2 }), '{"agents":2}');
    assert.equal(shown("seed", data.seed), digits);
  }
  for (const seed of EXACT) assert.equal(parse(`{"seed":${seed}}`).seed, seed);
});

test("a whole number in force stands in its field as it is", () => {
  for (const seed of EXACT) {
    const drafts = new Drafts({});
    assert.deepEqual(drafts.adopt({ seed, epsilon: 0.1 }, false, 0), { seed, epsilon: 0.1 });
    assert.equal(drafts.differing("seed"), undefined);
  }
});

test("what is too large to be typed is refused with what was typed", () => {
  for (const digits of LARGE) {
    const { error } = read("seed", Number(digits), false, digits);
    assert.match(error, new RegExp(`from 0 to 9007199254740991, not ${digits}\\.$`));
  }
  for (const seed of EXACT) assert.deepEqual(read("seed", seed), { value: seed });
});
