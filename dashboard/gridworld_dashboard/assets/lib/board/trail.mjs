/**
 * The agent's recent path, and where its marker is between two frames.
 *
 * A frame holds the 64 newest entries of a path that may have grown by millions since the frame
 * before. Entries are numbered from the start of the run; the marker's place is a number between
 * two of them that runs towards the newest.
 */

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{x: number, y: number, placed: boolean}} Entry */

const KEEP = 128;
/** Further behind than this, the marker skips ahead: it would only be a smear. */
const LONGEST_LEAP = 24;
const SHORTEST_MS = 60;
const LONGEST_MS = 240;

export class Trail {
  constructor() {
    /** @type {Entry[]} */
    this.entries = [];
    /** Number of the first entry held. */
    this.base = 0;
    /** The marker runs from here to there, in numbers of entries. */
    this.from = 0;
    this.to = 0;
    this.startedAt = 0;
    this.duration = 0;
    this.updatedAt = -Infinity;
  }

  clear() {
    this.entries = [];
    this.base = 0;
    this.from = 0;
    this.to = 0;
    this.startedAt = 0;
    this.duration = 0;
    this.updatedAt = -Infinity;
  }

  /**
   * @param {number[][]} recent [x, y] or, where the agent was placed, [x, y, 1]; newest last
   * @param {number} count entries of the whole run, the newest included
   * @param {number} now in milliseconds
   * @param {{still?: boolean, adjacent?: boolean}} [how] still: jump, do not glide;
   *   adjacent: a move goes one cell at most, so that a longer one is a leap (portals)
   */
  update(recent, count, now, { still = false, adjacent = false } = {}) {
    if (recent.length === 0) return;
    const first = this.entries.length === 0;
    const head = this.headAt(now);
    const newest = count - 1;
    if (newest < this.to) this.clear();
    this.#take(recent, count, adjacent);

    const grown = newest - this.to;
    this.to = newest;
    if (first || still || grown <= 0) {
      if (first || still) this.from = newest;
      if (first || still || newest <= head) this.duration = 0;
    } else {
      const behind = newest - head;
      this.from = behind >= KEEP / 2 ? newest - LONGEST_LEAP : head;
      this.from = Math.max(this.from, this.base);
      this.startedAt = now;
      this.duration = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, 1.1 * (now - this.updatedAt)));
    }
    this.updatedAt = now;
  }

  /**
   * @param {number[][]} recent
   * @param {number} count
   * @param {boolean} adjacent
   */
  #take(recent, count, adjacent) {
    const base = count - recent.length;
    const end = this.base + this.entries.length;
    const known = Math.max(0, end - base);
    if (this.entries.length === 0 || base > end || known > recent.length) {
      this.entries = [];
      this.base = base;
    }
    for (const [x, y, placed] of this.entries.length === 0 ? recent : recent.slice(known)) {
      const last = this.entries.at(-1);
      const leap =
        adjacent && last !== undefined && Math.abs(last.x - x) + Math.abs(last.y - y) > 1;
      this.entries.push({ x, y, placed: placed === 1 || leap });
    }
    const surplus = this.entries.length - KEEP;
    if (surplus > 0) {
      this.entries.splice(0, surplus);
      this.base += surplus;
    }
  }

  /**
   * @param {number} now
   * @returns {number} the marker's place among the entries
   */
  headAt(now) {
    if (this.duration <= 0) return this.to;
    const t = Math.min(1, Math.max(0, (now - this.startedAt) / this.duration));
    return this.from + t * (this.to - this.from);
  }

  /**
   * @param {number} now
   * @returns {boolean} true while the marker is on its way
   */
  moving(now) {
    return this.entries.length > 0 && this.headAt(now) < this.to;
  }

  /**
   * @param {number} head a place among the entries
   * @returns {Point | null} in cells; between two entries, except where the later one was placed
   */
  pointAt(head) {
    if (this.entries.length === 0) return null;
    const at = Math.min(Math.max(head - this.base, 0), this.entries.length - 1);
    const i = Math.floor(at);
    const a = this.entries[i];
    const b = this.entries[Math.min(i + 1, this.entries.length - 1)];
    if (at > i && b.placed) return { x: b.x, y: b.y };
    return { x: a.x + (at - i) * (b.x - a.x), y: a.y + (at - i) * (b.y - a.y) };
  }

  /**
   * The path behind the marker, in pieces that no placement cuts.
   * @param {number} head
   * @param {number} length entries to go back
   * @returns {{from: Point, to: Point, age: number}[]} oldest first; age 0 (new) .. 1 (old)
   */
  segments(head, length = 64) {
    const segments = [];
    const start = Math.max(this.base, Math.ceil(head - length));
    for (let n = start; n < head; n++) {
      const a = this.entries[n - this.base];
      const b = this.entries[n + 1 - this.base];
      if (a === undefined || b === undefined || b.placed) continue;
      const to = n + 1 <= head ? b : this.pointAt(head);
      if (to === null || (to.x === a.x && to.y === a.y)) continue;
      segments.push({ from: a, to, age: Math.min(1, (head - n) / length) });
    }
    return segments;
  }
}
