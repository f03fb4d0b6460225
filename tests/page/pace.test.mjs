import assert from "node:assert/strict";
import { test } from "node:test";

import { Pace, between } from "../../dashboard/gridworld_dashboard/assets/lib/wire/pace.mjs";

/** A browser whose animation frames come when a test says so. */
function browser() {
  const waiting = [];
  const clock = {
    time: 1000,
    now: () => clock.time,
    later: (call, ms) => waiting.push({ at: clock.time + ms, call }),
    frame: (call) => waiting.push({ at: clock.time, call }),
    run(ms) {
      const end = clock.time + ms;
      for (;;) {
        const due = waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        waiting.splice(waiting.indexOf(due), 1);
        clock.time = Math.max(clock.time, due.at);
        due.call();
      }
      clock.time = end;
    },
  };
  return clock;
}

/** A page that always wants to go on, as with an agent on its way. */
function moving(ms) {
  const clock = browser();
  let count = 0;
  const pace = new Pace(() => {
    pace.drawn();
    count += 1;
    pace.ask(ms);
  }, clock);
  return { clock, pace, count: () => count };
}

test("one request is one picture", () => {
  const clock = browser();
  let count = 0;
  const pace = new Pace(() => {
    pace.drawn();
    count += 1;
  }, clock);
  pace.ask(28);
  pace.ask(28);
  clock.run(1000);
  assert.equal(count, 1);
});

test("pictures keep their distance", () => {
  const { clock, pace, count } = moving(50);
  pace.ask(50);
  clock.run(1000);
  assert.ok(count() >= 20 && count() <= 22, String(count()));
});

test("pictures out of turn, as at each start and stop, do not make the later ones more", () => {
  const { clock, pace, count } = moving(50);
  pace.ask(50);
  for (let i = 0; i < 5; i++) {
    clock.run(20);
    pace.draw();
  }
  const before = count();
  clock.run(1000);
  assert.ok(count() - before <= 21, String(count() - before));
});

test("an agent too fast for the eye is drawn less often", () => {
  const frame = { running: true, steps_per_second: 30, agents: 1 };
  assert.equal(between(null), between(frame));
  assert.ok(between({ ...frame, steps_per_second: 1e8 }) > between(frame));
  assert.equal(between({ ...frame, steps_per_second: 1e4, agents: 1000 }), between(frame));
  assert.equal(between({ ...frame, running: false, steps_per_second: 1e8 }), between(frame));
});
