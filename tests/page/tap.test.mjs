import assert from "node:assert/strict";
import { test } from "node:test";

import { tap } from "../../dashboard/gridworld_dashboard/assets/lib/wire/tap.mjs";

class Socket extends EventTarget {
  static OPEN = 1;

  constructor(url) {
    super();
    this.url = url;
  }

  hear(data) {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }
}

test("messages of our sockets come here and nowhere else", () => {
  const scope = { WebSocket: Socket };
  const taken = [];
  const channels = new Set();
  tap(scope, (url) => url.includes("/ws?"), (text, channel) => {
    taken.push(text);
    channels.add(channel);
  });
  const socket = new scope.WebSocket("ws://host/ws?k=1");
  let others = 0;
  socket.addEventListener("message", () => (others += 1));
  socket.hear("a");
  socket.hear("b");
  assert.deepEqual(taken, ["a", "b"]);
  assert.equal(others, 0);
  assert.deepEqual([...channels], [socket]);
  assert.ok(socket instanceof Socket);
  assert.equal(scope.WebSocket.OPEN, 1);
});

test("other sockets are left alone", () => {
  const scope = { WebSocket: Socket };
  const taken = [];
  tap(scope, (url) => url.includes("/ws?"), (text) => taken.push(text));
  const socket = new scope.WebSocket("ws://host/_reload");
  let heard = 0;
  socket.addEventListener("message", () => (heard += 1));
  socket.hear("a");
  assert.deepEqual([taken.length, heard], [0, 1]);
});
