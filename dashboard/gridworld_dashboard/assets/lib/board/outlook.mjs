/** Tells the server what this page looks at, as far as it must know: see `set_view` of the wire. */

/** @typedef {import("./viewport.mjs").Rect} Rect */

/** Between two messages. */
const PAUSE_MS = 150;

/** What a server takes a new connection to look at. */
const AT_FIRST = { layer: "value", window: /** @type {Rect | null} */ (null) };

export class Outlook {
  /** @param {(type: string, data: object) => void} send */
  constructor(send) {
    this.send = send;
    this.live = false;
    this.known = AT_FIRST;
    this.sentAt = -Infinity;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** A connection is new: the server knows nothing of it. */
  connected() {
    this.live = true;
    this.known = AT_FIRST;
  }

  /**
   * @param {import("./viewport.mjs").Viewport} port
   * @param {() => string | null} layer on show by then
   */
  tell(port, layer) {
    if (!this.live || port.cell === 0) return;
    const window = port.window(this.known.window);
    // Of a small world every layer comes.
    const wanted = port.large ? layer() : this.known.layer;
    if (wanted === this.known.layer && same(window, this.known.window)) return;
    clearTimeout(this.timer);
    const rest = this.sentAt + PAUSE_MS - performance.now();
    if (rest > 0) {
      this.timer = setTimeout(() => this.tell(port, layer), rest);
      return;
    }
    this.sentAt = performance.now();
    this.known = { layer: /** @type {string} */ (wanted), window };
    const data = window && [window.x, window.y, window.width, window.height];
    this.send("set_view", { layer: wanted, window: data });
  }
}

/** @param {Rect | null} a @param {Rect | null} b */
function same(a, b) {
  return (
    a === b ||
    (a !== null &&
      b !== null &&
      a.x === b.x &&
      a.y === b.y &&
      a.width === b.width &&
      a.height === b.height)
  );
}
