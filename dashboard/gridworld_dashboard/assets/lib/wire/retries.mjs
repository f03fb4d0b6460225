/**
 * When to open a new socket. dash-extensions' WebSocket never reconnects by itself: a url that
 * differs makes it open a new one, so each attempt has a number of its own in the url.
 */

export const CONNECTING = 0;
export const OPEN = 1;

const FIRST_MS = 400;
const LONGEST_MS = 2200;
const ATTEMPT_MS = 2500;
/** The first one competes with the loading of the page. */
const FIRST_ATTEMPT_MS = 6000;
const STALE_MS = 4000;
const SETTLE_MS = 100;

/**
 * @param {number} failures attempts in a row that came to nothing, from 1
 * @param {number} [random] 0..1: spreads the clients of a server that comes back
 * @returns {number} milliseconds until the next attempt
 */
export function backOff(failures, random = Math.random()) {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (Math.max(1, failures) - 1));
  return longest * (0.8 + 0.2 * random);
}

export class Retries {
  constructor() {
    this.attempts = 0;
    this.failures = 0;
    this.live = false;
    this.triedAt = -Infinity;
    /** Infinity while an attempt or a connection is under way. */
    this.retryAt = 0;
    this.heardAt = -Infinity;
  }

  /**
   * A frame came.
   * @param {number} now in milliseconds
   * @returns {boolean} true when it is the first one of this connection
   */
  heard(now) {
    const first = !this.live;
    this.live = true;
    this.failures = 0;
    this.heardAt = now;
    return first;
  }

  /**
   * Look after the connection: call it often, and whenever the socket's state changes.
   * @param {number | undefined} readyState of the component
   * @param {number} now in milliseconds
   * @returns {number | null} the number of the attempt to make now, null: leave it alone
   */
  tend(readyState, now) {
    const closed = readyState !== OPEN && readyState !== CONNECTING;
    const underWay = this.retryAt === Infinity;
    if (underWay) {
      const silentMs = now - (this.live ? this.heardAt : this.triedAt);
      // Just after an attempt the component still reports how the one before ended.
      if (closed && (this.live || silentMs > SETTLE_MS)) this.#fail(now, backOff(this.failures + 1));
      else if (silentMs > this.#patience) this.#fail(now, 0);
    }
    if (now < this.retryAt) return null;
    this.attempts += 1;
    this.triedAt = now;
    this.retryAt = Infinity;
    return this.attempts;
  }

  /**
   * @param {number} now in milliseconds
   * @returns {boolean} it was live, and has been silent for too long
   */
  stale(now) {
    return this.live && now - this.heardAt > STALE_MS;
  }

  /** Milliseconds of silence after which a connection, or an attempt at one, is given up. */
  get #patience() {
    if (this.live) return STALE_MS;
    return this.failures === 0 ? FIRST_ATTEMPT_MS : ATTEMPT_MS;
  }

  /**
   * @param {number} now
   * @param {number} wait
   */
  #fail(now, wait) {
    this.live = false;
    this.failures += 1;
    this.retryAt = now + wait;
  }

  /**
   * @param {number} now
   * @returns {{status: string, note: string}}
   */
  status(now) {
    if (this.live) return { status: "Connected", note: "" };
    if (this.failures === 0) return { status: "Connecting", note: "" };
    const seconds = Math.ceil((this.retryAt - now) / 1000);
    const note =
      Number.isFinite(seconds) && seconds > 0 ? `next try in ${seconds} s` : "trying again";
    return { status: "Disconnected", note };
  }
}
