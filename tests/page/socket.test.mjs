import assert from "node:assert/strict";
import { test } from "node:test";

import { Socket, urlOf } from "../../dashboard/gridworld_dashboard/assets/lib/wire/socket.mjs";

test("the socket lives beside the page, on its host and as safe as it", () => {
  const of = (href) => urlOf(new URL(href), 7);
  assert.equal(of("http://127.0.0.1:8000/"), "ws://127.0.0.1:8000/ws?k=7");
  assert.equal(of("http://localhost/#run=abc/def"), "ws://localhost/ws?k=7");
  assert.equal(of("https://host/below/page?a=/b"), "wss://host/below/ws?k=7");
  assert.equal(of("http://host/?at=left&compact"), "ws://host/ws?k=7&at=left");
});

/** A browser's socket, as far as it is used. */
class Fake extends EventTarget {
  constructor(url) {
    super();
    Object.assign(this, { url, readyState: 0, sent: [] });
  }
  hear(data) {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }
  send(text) {
    this.sent.push(text);
  }
}

test("commands leave by the socket that the last message came by, and only while it is open", (context) => {
  globalThis.window = { WebSocket: Fake };
  context.after(() => delete globalThis.window);
  const received = [];
  const socket = new Socket({}, { received: (text) => received.push(text), lost() {}, changed() {} });
  const [one, two] = [1, 2].map((k) => new globalThis.window.WebSocket(`ws://host/ws?k=${k}`));
  socket.send("before any message");
  one.readyState = two.readyState = 1;
  one.hear("frame");
  socket.send("a");
  two.hear("frame");
  socket.send("b");
  two.readyState = 3;
  socket.send("to nobody");
  assert.deepEqual([received, one.sent, two.sent], [["frame", "frame"], ["a"], ["b"]]);
});

test("what is lost with a live connection is told once", (context) => {
  globalThis.window = { WebSocket: Fake };
  globalThis.location = new URL("http://host/");
  context.after(() => {
    delete globalThis.window;
    delete globalThis.location;
  });
  let losses = 0;
  const dash = { no_update: Symbol("no update") };
  const socket = new Socket(dash, { received() {}, lost: () => (losses += 1), changed() {} });
  assert.equal(socket.connect(1, undefined), "ws://host/ws?k=1");
  assert.equal(socket.connect(2, { readyState: 1 }), dash.no_update);
  socket.heard(performance.now());
  assert.equal(socket.live, true);
  socket.connect(3, { readyState: 3 });
  socket.connect(4, { readyState: 3 });
  assert.deepEqual([socket.live, losses], [false, 1]);
});
