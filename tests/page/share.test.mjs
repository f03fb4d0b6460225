import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { deflateRawSync, inflateSync } from "node:zlib";

import {
  DEFAULTS,
  LinkError,
  MARK,
  commandLine,
  decode,
  encode,
} from "../../dashboard/gridworld_dashboard/assets/lib/share/share.mjs";

/** What the library's tests hold gridworld.link against. */
const pinned = JSON.parse(readFileSync(new URL("links.json", import.meta.url), "utf8"));

const mangled = JSON.parse(readFileSync(new URL("mangled.json", import.meta.url), "utf8"));

const PAGE = "http://127.0.0.1:8000/";

/** @param {any} data JSON value, or bytes */
function pack(data) {
  const raw = Buffer.isBuffer(data) ? data : Buffer.from(JSON.stringify(data));
  return deflateRawSync(raw).toString("base64url");
}

/** @param {string} code */
function unpack(code) {
  return JSON.parse(inflateSync(Buffer.from(code, "base64url")).toString());
}

test("the defaults are those of the library and of the dashboard", () => {
  assert.deepEqual(DEFAULTS, pinned.defaults);
});

test("links that are out there stay readable, whoever made them", async () => {
  for (const { settings, by_page: page, by_library: library } of pinned.links) {
    const expected = { ...DEFAULTS, ...settings };
    for (const link of [page, library]) {
      const read = await decode(link);
      if (typeof expected.world === "object") {
        // the library writes all that a world can have
        const { rewards, ...rest } = expected.world;
        for (const [key, value] of Object.entries(rest)) assert.deepEqual(read.world[key], value, key);
        assert.deepEqual(read.world.rewards, rewards);
        assert.deepEqual({ ...read, world: null }, { ...expected, world: null });
      } else assert.deepEqual(read, expected);
      assert.deepEqual(await decode(link.split(MARK)[1]), read);
    }
  }
});

test("links to what no page shows say what repeats them", async () => {
  for (const { link, page } of pinned.elsewhere) {
    await assert.rejects(decode(link), (/** @type {Error} */ error) => {
      assert.ok(error instanceof LinkError, error.stack);
      assert.ok(error.message.includes(page), error.message);
      assert.match(error.message, /^[A-Z][^\n]{10,200}: gridworld-bench train --config repeats its run\.$/);
      return true;
    });
  }
});

test("what is encoded is decoded", async () => {
  for (const { settings } of pinned.links) {
    const code = await encode(settings);
    assert.match(code, /^[A-Za-z0-9_-]+$/);
    const whole = `http://127.0.0.1:8000/${MARK}${code}`;
    assert.deepEqual(await decode(whole), { ...DEFAULTS, ...settings });
  }
});

test("only what differs from the defaults is in a link, and what another world needs", async () => {
  assert.deepEqual(unpack(await encode({ seed: 7, agents: 1, view: { ...DEFAULTS.view, arrows: true } })), {
    format: 1,
    stream: 1,
    seed: 7,
    view: { arrows: true },
  });
  assert.deepEqual(unpack(await encode({ world: "hard", slip: 0, max_steps: 100 })), {
    format: 1,
    stream: 1,
    world: "hard",
    slip: 0,
    max_steps: 100,
  });
});

test("a link is as long as it must be", async () => {
  assert.ok((await encode({})).length < 50);
  assert.ok((await encode(pinned.links[1].settings)).length < 400);
});

test("settings that cannot be are refused in a sentence", async () => {
  for (const { data, page } of pinned.refused) {
    await assert.rejects(decode(pack(data)), (/** @type {Error} */ error) => {
      assert.ok(error instanceof LinkError, `${JSON.stringify(data)}: ${error.stack}`);
      assert.ok(error.message.includes(page), `${JSON.stringify(data)}: ${error.message}`);
      assert.match(error.message, /^[A-Z][^\n]{10,200}\.$/);
      return true;
    });
  }
});

test("settings that cannot be make no link", async () => {
  for (const settings of [{ wings: 2 }, { world: "hard" }, { seed: 1.5 }, { seed: 2 ** 60 }]) {
    await assert.rejects(encode(/** @type {any} */ (settings)), LinkError);
  }
  const world = { map: Array(3000).fill(".".repeat(2000)) };
  await assert.rejects(encode({ world, slip: 0, max_steps: 1 }), /too large for a link/);
});

test("a broken link is refused in a sentence", async () => {
  const good = await encode({ seed: 123 });
  for (const code of [
    "",
    "http://127.0.0.1:8000/",
    "#run=ab cd",
    "#run=A",
    "#run=AAAA",
    good.slice(0, -4),
    `${good}AAAA`,
    pack(Buffer.from("{")),
    pack(Buffer.from([0xff, 0xfe])),
    pack(Buffer.from("[".repeat(1e6))),
    pack(7),
    pack(null),
  ]) {
    await assert.rejects(decode(code), (/** @type {Error} */ error) => {
      assert.ok(error instanceof LinkError, `${code.slice(0, 40)}: ${error.stack}`);
      assert.match(error.message, /^This link is broken/, code.slice(0, 40));
      return true;
    });
  }
});

test("what unpacks to more than 4 MB is given up on", async () => {
  await assert.rejects(decode(pack(Buffer.alloc(64 << 20, " "))), /more than 4 MB/);
});

test("a command line has the flags that differ from the defaults", () => {
  for (const { settings, command } of pinned.commands) {
    const [, link] = /--config '(.*)'/.exec(command) ?? [];
    const all = { ...DEFAULTS, speed: null, view: { ...DEFAULTS.view, arrows: true }, ...settings };
    assert.equal(commandLine(all, { link }), command);
  }
});

test("another world's slip and limit are named, unless they are known to be its own", () => {
  const settings = { ...DEFAULTS, world: "maze-64:7", max_steps: 16384 };
  const begin = "gridworld-bench train --world=maze-64:7";
  assert.equal(commandLine(settings), `${begin} --slip=0 --max-steps=16384`);
  assert.equal(commandLine(settings, { own: { slip: 0, max_steps: 16384 } }), begin);
  assert.equal(commandLine(settings, { own: { slip: 0.5, max_steps: 16384 } }), `${begin} --slip=0`);
  const limited = { ...settings, max_steps: 100 };
  assert.equal(commandLine(limited, { own: { slip: 0, max_steps: null } }), `${begin} --max-steps=100`);
});

test("an unnamed world needs the link, quoted for a shell", () => {
  const settings = { ...DEFAULTS, world: { map: ["SG"] } };
  assert.throws(() => commandLine(settings), LinkError);
  const link = "http://127.0.0.1:8000/?it's&so#run=abc_-";
  const command = "gridworld-bench train --config 'http://127.0.0.1:8000/?it'\\''s&so#run=abc_-'";
  assert.equal(commandLine(settings, { link }), command);
  const endless = { ...settings, num_episodes: null };
  assert.equal(commandLine(endless, { link }), `${command} --episodes=1e12`);
});

test("a run until stopped goes on until Ctrl-C", () => {
  const settings = { ...DEFAULTS, num_episodes: null };
  assert.equal(commandLine(settings), "gridworld-bench train --episodes=1e12");
});

/**
 * @param {string} template
 * @param {string} link
 * @param {string} other to another run
 */
function writtenOut(template, link, other) {
  const code = link.split(MARK)[1];
  const half = Math.floor(code.length / 2);
  /** @type {Record<string, string>} */
  const parts = { page: PAGE, code, head: code.slice(0, half), tail: code.slice(half), link, other };
  return template
    .replace(/\{(\w+)\}/g, (_, name) => parts[name])
    .replaceAll("{{", "{")
    .replaceAll("}}", "}");
}

test("what mail and chat make of a link is undone", async () => {
  for (const { by_page: page, by_library: library } of pinned.links) {
    for (const link of [page, library]) {
      const right = await decode(link);
      for (const template of mangled.mended) {
        assert.deepEqual(await decode(writtenOut(template, link, "")), right, template);
      }
    }
  }
});

test("what cannot be undone for certain is refused in a sentence", async () => {
  const other = PAGE + MARK + (await encode({ seed: 98765 }));
  for (const { by_page: page, by_library: library } of pinned.links) {
    for (const link of [page, library]) {
      for (const template of mangled.refused) {
        await assert.rejects(decode(writtenOut(template, link, other)), (/** @type {Error} */ error) => {
          assert.ok(error instanceof LinkError, `${template}: ${error.stack}`);
          assert.match(error.message, /^[A-Z][^\n]{10,200}\.$/);
          return true;
        });
      }
    }
  }
});

test("a letter that was changed never makes another run", async () => {
  const code = await encode({ seed: 7, slip: 0.1 });
  const right = await decode(code);
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  let wrong = 0;
  let all = 0;
  for (let i = 0; i < code.length; i++) {
    const [head, tail] = [code.slice(0, i), code.slice(i + 1)];
    const spoilt = [head + tail, ...[...letters].flatMap((one) => [head + one + tail, head + one + code.slice(i)])];
    for (const each of spoilt) {
      all += 1;
      try {
        assert.deepEqual(await decode(PAGE + MARK + each), right, each);
      } catch (error) {
        if (!(error instanceof LinkError)) throw error;
        wrong += 1;
      }
    }
  }
  assert.ok(wrong > 0.98 * all, `${wrong} of ${all}`);
});
