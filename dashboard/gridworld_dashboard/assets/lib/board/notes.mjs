/** What a map does not show, written into its cells while it is drawn. */

import { context } from "./canvas.mjs";

/** @typedef {import("../page/palette.mjs").Palette} Palette */
/** @typedef {import("./viewport.mjs").Viewport} Viewport */

/**
 * @typedef {object} Notes
 * @property {Record<string, number>} rewards of single cells, by "x,y"
 * @property {[number, number] | null} marked a cell that waits for another one
 */

/** CSS pixels: in smaller cells no number could be read. */
const NUMBERS_FROM = 26;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Viewport} port
 * @param {Palette} palette
 * @param {import("./tiles.mjs").Terrain} terrain
 */
export function drawNotes(canvas, port, palette, { notes, portals, width }) {
  if (!notes) return;
  const c = context(canvas);
  const { cell, ratio } = port;
  const middle = (/** @type {number} */ at) => (at + 0.5) * cell;
  c.strokeStyle = palette.accent;
  c.fillStyle = palette.ink;
  c.lineCap = "round";
  c.lineWidth = Math.max(1, 1.5 * ratio);
  for (const [entry, [u, v]] of portals) {
    const [x, y] = [entry % width, Math.floor(entry / width)];
    const from = [port.left + middle(x), port.top + middle(y)];
    const to = [port.left + middle(u), port.top + middle(v)];
    arrow(c, from, to, Math.min(0.22 * cell, 8 * ratio));
  }
  if (cell >= NUMBERS_FROM * ratio) {
    const size = Math.min(0.22 * cell, 14 * ratio);
    c.font = `600 ${size}px ${palette.font}`;
    c.textAlign = "right";
    c.textBaseline = "top";
    c.lineWidth = 0.25 * size;
    c.lineJoin = "round";
    c.strokeStyle = palette.floor;
    for (const [key, reward] of Object.entries(notes.rewards)) {
      const [x, y] = key.split(",").map(Number);
      const text = `${reward > 0 ? "+" : reward < 0 ? "−" : ""}${Math.abs(reward)}`;
      const at = [port.left + (x + 0.94) * cell, port.top + (y + 0.07) * cell];
      c.strokeText(text, at[0], at[1]);
      c.fillText(text, at[0], at[1]);
    }
  }
  if (!notes.marked) return;
  const [x, y] = notes.marked;
  c.strokeStyle = palette.accent;
  c.lineWidth = 2.5 * ratio;
  const inset = 1.5 * ratio;
  c.strokeRect(port.left + x * cell + inset, port.top + y * cell + inset, cell - 2 * inset, cell - 2 * inset);
}

/**
 * @param {CanvasRenderingContext2D} c
 * @param {number[]} from
 * @param {number[]} to
 * @param {number} head its length
 */
function arrow(c, [x, y], [u, v], head) {
  const along = Math.atan2(v - y, u - x);
  c.beginPath();
  c.moveTo(x, y);
  c.lineTo(u, v);
  for (const side of [-0.45, 0.45]) {
    c.moveTo(u, v);
    c.lineTo(u - head * Math.cos(along + side), v - head * Math.sin(along + side));
  }
  c.stroke();
}
