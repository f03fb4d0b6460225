/** A way across the grid that is known from its beginning to its end, as a trail that plays it. */

import { Trail } from "../board/trail.mjs";

/** From one cell to the next; a long way is played faster, so that it ends in our time. */
const STEP_MS = 160;
const LONGEST_MS = 8000;

/**
 * @param {[number, number][]} path cells, where it begins first
 * @param {number} now in milliseconds
 * @param {{from?: number, still?: boolean}} [how] from: the place along the path at which the
 *   marker stands now; still: it does not glide
 * @returns {Trail}
 */
export function trailOf(path, now, { from = 0, still = false } = {}) {
  const trail = new Trail();
  trail.entries = path.map(([x, y], i) => {
    const [u, v] = path[Math.max(0, i - 1)];
    // What goes farther than a cell leaps: portals do that.
    return { x, y, placed: i === 0 || Math.abs(u - x) + Math.abs(v - y) > 1 };
  });
  trail.to = path.length - 1;
  trail.from = still ? trail.to : Math.min(from, trail.to);
  trail.startedAt = now;
  trail.duration = still ? 0 : Math.min(LONGEST_MS, STEP_MS * (trail.to - trail.from));
  return trail;
}
