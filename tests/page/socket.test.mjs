import assert from "node:assert/strict";
import { test } from "node:test";

import { urlOf } from "../../dashboard/gridworld_dashboard/assets/lib/wire/socket.mjs";

test("the socket lives beside the page, on its host and as safe as it", () => {
  const of = (href) => urlOf(new URL(href), 7);
  assert.equal(of("http://127.0.0.1:8000/"), "ws://127.0.0.1:8000/ws?k=7");
  assert.equal(of("http://localhost/#run=abc/def"), "ws://localhost/ws?k=7");
  assert.equal(of("https://host/below/page?a=/b"), "wss://host/below/ws?k=7");
});
