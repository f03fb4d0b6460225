/** What changes too fast for anybody to read. Pure. */

/** Above this many steps a second nobody can read along. */
export const READABLE = 20;

/**
 * @param {Record<string, any>} frame
 * @returns {boolean} whether steps come slowly enough to be read
 */
export function readable(frame) {
  const speed = frame.parameters?.speed;
  return !frame.running || (typeof speed === "number" && speed <= READABLE);
}
