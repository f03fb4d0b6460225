/** The speed slider: positions 0..100, logarithmic in steps per second; the last one is "full". */

import { PARAMETERS } from "../page/tables.mjs";

export const LAST = 100;
const [LOWEST, HIGHEST] = PARAMETERS.speed.slider ?? [1, PARAMETERS.speed.high];
const DECADES = Math.log10(HIGHEST / LOWEST);

/**
 * @param {number} position 0..100
 * @returns {number | null} steps per second, two digits; null: as fast as it goes
 */
export function speedAt(position) {
  if (position >= LAST) return null;
  const speed = LOWEST * 10 ** ((Math.max(0, position) / LAST) * DECADES);
  return Number(speed.toPrecision(2));
}

/**
 * @param {number | null} speed steps per second; null: as fast as it goes
 * @returns {number} whole position 0..100; only null is at the very end
 */
export function positionOf(speed) {
  if (speed === null) return LAST;
  if (!(speed > LOWEST)) return 0;
  const position = Math.round((Math.log10(speed / LOWEST) / DECADES) * LAST);
  return Math.min(LAST - 1, position);
}
