import assert from "node:assert/strict";
import { test } from "node:test";

import { linkNote } from "../../dashboard/gridworld_dashboard/assets/lib/share/sharing.mjs";

const frame = (more) => ({ repeatable: true, total_episodes: 0, running: false, ...more });

test("what a link repeats is said exactly", () => {
  const SAME = "Opened anywhere, the link gives this run again from its beginning, bit for bit.";
  assert.equal(linkNote(null, 500), SAME);
  assert.equal(linkNote(frame({ total_episodes: 100 }), 100), SAME);
  assert.equal(linkNote(frame({ total_episodes: 40, running: true }), 100), SAME);
  assert.equal(linkNote(frame({ total_episodes: 900 }), null), SAME);
  assert.match(linkNote(frame({ total_episodes: 200 }), 100), /beginning, 100 of the 200 episodes, bit/);
  assert.match(linkNote(frame({ total_episodes: 12345, running: true }), 100), /100 of the 12\u202f345 episodes so far/);
});

test("numbers that were changed on the way are said", () => {
  const note = linkNote(frame({ repeatable: false, total_episodes: 200 }), 100);
  assert.match(note, /^Numbers or the world were changed on the way: .*, 100 of the 200 episodes, with all/);
});
