/** Points of the charts: few enough to draw twice a second, with the spikes kept. */

/**
 * Thin out to at most `most` points: of each bucket the smallest and the largest, in order.
 * @param {ArrayLike<number>} xs
 * @param {ArrayLike<number>} ys
 * @param {number} most
 * @returns {{x: number[], y: (number | null)[]}} null where there is no number
 */
export function thin(xs, ys, most) {
  const n = Math.min(xs.length, ys.length);
  /** @type {number[]} */
  const x = [];
  /** @type {(number | null)[]} */
  const y = [];
  const push = (/** @type {number} */ i) => {
    x.push(xs[i]);
    y.push(Number.isFinite(ys[i]) ? ys[i] : null);
  };
  if (n <= most) {
    for (let i = 0; i < n; i++) push(i);
    return { x, y };
  }
  const buckets = Math.max(1, Math.floor(most / 2));
  for (let k = 0; k < buckets; k++) {
    const start = Math.floor((k * n) / buckets);
    const end = Math.floor(((k + 1) * n) / buckets);
    let low = start;
    let high = start;
    for (let i = start + 1; i < end; i++) {
      if (ys[i] < ys[low] || Number.isNaN(ys[low])) low = i;
      if (ys[i] > ys[high] || Number.isNaN(ys[high])) high = i;
    }
    push(Math.min(low, high));
    if (low !== high) push(Math.max(low, high));
  }
  return { x, y };
}

/**
 * @param {number} count bins
 * @param {number} width episodes per bin
 * @returns {Float64Array} the episode at which each bin ends
 */
export function binEnds(count, width) {
  return Float64Array.from({ length: count }, (_, i) => (i + 1) * width);
}

/**
 * The outline of a band, once around, for a fill.
 * @param {ArrayLike<number>} xs
 * @param {ArrayLike<number>} low
 * @param {ArrayLike<number>} high
 * @param {number} most points on either side
 * @returns {{x: number[], y: number[]}}
 */
export function outline(xs, low, high, most) {
  const n = Math.min(xs.length, low.length, high.length);
  const stride = Math.max(1, Math.ceil(n / most));
  /** @type {number[]} */
  const x = [];
  /** @type {number[]} */
  const top = [];
  /** @type {number[]} */
  const bottom = [];
  for (let i = 0; i < n; i += stride) {
    let l = low[i];
    let h = high[i];
    for (let j = i + 1; j < Math.min(n, i + stride); j++) {
      l = Math.min(l, low[j]);
      h = Math.max(h, high[j]);
    }
    x.push(xs[i]);
    top.push(h);
    bottom.push(l);
  }
  return { x: [...x, ...x.slice().reverse()], y: [...top, ...bottom.reverse()] };
}

/**
 * @param {ArrayLike<number>} numbers
 * @returns {number | null}
 */
export function last(numbers) {
  return numbers.length > 0 && Number.isFinite(numbers[numbers.length - 1])
    ? numbers[numbers.length - 1]
    : null;
}
