/** The agent and the path behind it: what moves on the canvas. */

/** @typedef {import("../page/palette.mjs").Palette} Palette */
/** @typedef {import("./viewport.mjs").Viewport} Viewport */
/** @typedef {import("./viewport.mjs").Rect} Rect */
/** @typedef {import("./trail.mjs").Trail} Trail */

const AGES = 8;

/**
 * How it is drawn: beside numbers it keeps to a lane of its own, thinner and smaller.
 * @typedef {object} Manner
 * @property {number} lane from the middle of a cell to the right and down, in cells
 * @property {boolean} slight numbers are in its way
 */

/**
 * Below and to the right of what stands in the middle: a number, a flag, the letter of a start;
 * between the numbers of four triangles.
 */
export const LANE = 0.28;
export const TRIANGLE_LANE = 0.16;
/** CSS pixels: in smaller cells there is no room for a lane. */
export const LANES_FROM = 20;

/** @param {Viewport} port @param {Manner} manner @returns {number} device pixels */
function strokeWidth({ cell, ratio }, { slight }) {
  const share = slight ? 0.035 : 0.08;
  return Math.min((slight ? 3 : 5) * ratio, Math.max(1.5 * ratio, share * cell));
}

/** @param {Viewport} port @param {Manner} manner @returns {number} device pixels */
function radiusOf({ cell, ratio }, { lane, slight }) {
  return Math.max(4.5 * ratio, Math.min((slight ? 0.125 : lane > 0 ? 0.15 : 0.24) * cell, 18 * ratio));
}

/**
 * @param {Viewport} port
 * @param {number} cells
 * @param {Manner} manner
 * @param {"left" | "top"} side
 * @returns {number} device pixels
 */
function place(port, cells, { lane }, side) {
  return port[side] + (cells + 0.5 + lane) * port.cell;
}

/**
 * @param {CanvasRenderingContext2D} c
 * @param {Viewport} port
 * @param {Palette} palette
 * @param {ReturnType<Trail["segments"]>} segments
 * @param {Manner} manner
 */
export function drawTrail(c, port, palette, segments, manner) {
  /** @type {Path2D[]} */
  const ages = [];
  for (const { from, to, age } of segments) {
    const path = (ages[Math.min(AGES - 1, Math.floor(age * AGES))] ??= new Path2D());
    path.moveTo(place(port, from.x, manner, "left"), place(port, from.y, manner, "top"));
    path.lineTo(place(port, to.x, manner, "left"), place(port, to.y, manner, "top"));
  }
  const width = strokeWidth(port, manner);
  c.lineCap = c.lineJoin = "round";
  for (const [color, extra] of /** @type {[string, number][]} */ ([
    [palette.floor, 2 * port.ratio],
    [palette.accent, 0],
  ])) {
    c.strokeStyle = color;
    c.lineWidth = width + extra;
    for (let i = AGES - 1; i >= 0; i--) {
      if (!ages[i]) continue;
      c.globalAlpha = 0.9 * (1 - i / AGES) ** 1.4;
      c.stroke(ages[i]);
    }
  }
  c.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} c
 * @param {Viewport} port
 * @param {Palette} palette
 * @param {import("./trail.mjs").Point} at
 * @param {Manner} manner
 */
export function drawAgent(c, port, palette, at, manner) {
  const [x, y, radius] = agentAt(port, at, manner);
  c.beginPath();
  c.arc(x, y, radius, 0, 2 * Math.PI);
  c.fillStyle = palette.accent;
  c.fill();
  c.lineWidth = 2 * port.ratio;
  c.strokeStyle = palette.floor;
  c.stroke();
  c.beginPath();
  c.arc(x, y, radius + 1.25 * port.ratio, 0, 2 * Math.PI);
  c.lineWidth = 0.75 * port.ratio;
  c.strokeStyle = palette.ink;
  c.stroke();
}

/** CSS pixels: in smaller cells a dot would be a cell. */
const DOTS_FROM = 14;
/** From the middle of a cell towards the side that an action leads to, in cells. */
const DOT_OFF = 0.38;
/** By action: up, down, left, right. */
const WAYS = [[0, -1], [0, 1], [-1, 0], [1, 0]];

/**
 * What planning has just updated: a dot for each pair, on the side of the cell that its action
 * leads to.
 * @param {CanvasRenderingContext2D} c
 * @param {Viewport} port
 * @param {Palette} palette
 * @param {number[][]} planned [x, y, action]
 */
export function drawPlanned(c, port, palette, planned) {
  if (planned.length === 0 || port.cell < DOTS_FROM * port.ratio) return;
  const radius = Math.max(2 * port.ratio, Math.min(0.07 * port.cell, 5 * port.ratio));
  c.beginPath();
  for (const [x, y, action] of planned) {
    const [dx, dy] = WAYS[action];
    const at = [port.left + (x + 0.5 + DOT_OFF * dx) * port.cell, port.top + (y + 0.5 + DOT_OFF * dy) * port.cell];
    c.moveTo(at[0] + radius, at[1]);
    c.arc(at[0], at[1], radius, 0, 2 * Math.PI);
  }
  c.fillStyle = palette.ink;
  c.fill();
  c.lineWidth = 1.5 * port.ratio;
  c.strokeStyle = palette.floor;
  c.stroke();
}

/**
 * @param {Viewport} port
 * @param {number[][]} planned
 * @returns {Rect | null} the whole device pixels of the cells that are drawn on
 */
export function extentOfPlanned(port, planned) {
  if (planned.length === 0) return null;
  const [xs, ys] = [planned.map(([x]) => x), planned.map(([, y]) => y)];
  return clip(
    port.left + Math.min(...xs) * port.cell,
    port.top + Math.min(...ys) * port.cell,
    port.left + (1 + Math.max(...xs)) * port.cell,
    port.top + (1 + Math.max(...ys)) * port.cell,
    port,
  );
}

/**
 * @param {Viewport} port
 * @param {import("./trail.mjs").Point} at
 * @param {Manner} manner
 * @returns {[number, number, number]} centre and radius; whole on the canvas if its cell is
 */
function agentAt(port, at, manner) {
  const radius = radiusOf(port, manner);
  const rim = radius + 2 * port.ratio;
  const x = place(port, at.x, manner, "left");
  const y = place(port, at.y, manner, "top");
  const into = (/** @type {number} */ v, /** @type {number} */ size) =>
    v < -port.cell / 2 || v > size + port.cell / 2 ? v : Math.min(size - rim, Math.max(rim, v));
  return [into(x, port.width), into(y, port.height), radius];
}

/**
 * @param {Viewport} port
 * @param {ReturnType<Trail["segments"]>} segments
 * @param {import("./trail.mjs").Point | null} at of the agent
 * @param {Manner} manner
 * @returns {Rect | null} the whole device pixels that are drawn on, null: none on the canvas
 */
export function extent(port, segments, at, manner) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const include = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ r) => {
    left = Math.min(left, x - r);
    top = Math.min(top, y - r);
    right = Math.max(right, x + r);
    bottom = Math.max(bottom, y + r);
  };
  const half = strokeWidth(port, manner) / 2 + 2 * port.ratio;
  for (const { from, to } of segments) {
    for (const { x, y } of [from, to]) {
      include(place(port, x, manner, "left"), place(port, y, manner, "top"), half);
    }
  }
  if (at) {
    const [x, y, radius] = agentAt(port, at, manner);
    include(x, y, radius + 3 * port.ratio);
  }
  return clip(left, top, right, bottom, port);
}

/**
 * @param {number} left
 * @param {number} top
 * @param {number} right
 * @param {number} bottom
 * @param {{width: number, height: number}} canvas
 * @returns {Rect | null}
 */
function clip(left, top, right, bottom, { width, height }) {
  const x = Math.max(0, Math.floor(left));
  const y = Math.max(0, Math.floor(top));
  const w = Math.min(width, Math.ceil(right)) - x;
  const h = Math.min(height, Math.ceil(bottom)) - y;
  return w > 0 && h > 0 ? { x, y, width: w, height: h } : null;
}

/**
 * @param {Rect | null} a
 * @param {Rect | null} b
 * @returns {Rect | null} around both
 */
export function around(a, b) {
  if (!a || !b) return a ?? b;
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}
