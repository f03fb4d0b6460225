/** The shapes of cells, each drawn into a square of `size` whose top left corner is (left, top). */

/** @typedef {import("../page/palette.mjs").Palette} Palette */
/** @typedef {CanvasRenderingContext2D} Context */

/** Below this size (device pixels) shapes turn into plain colour. */
export const SMALLEST_SHAPE = 7;

/**
 * @param {Context} context
 * @param {import("./tiles.mjs").Kind} kind
 * @param {number} left
 * @param {number} top
 * @param {number} size
 * @param {Palette} palette
 * @param {boolean} [aside] leave a start to `drawCornerLetter`: its middle belongs to a number
 */
export function drawCell(context, kind, left, top, size, palette, aside = false) {
  if (kind === "wall" || kind === "goal" || kind === "pit") {
    context.fillStyle = { wall: palette.wall, goal: palette.goalFloor, pit: palette.pitFloor }[kind];
    context.fillRect(left, top, size, size);
  }
  if (size < SMALLEST_SHAPE && kind !== "start" && kind !== "goal") return;
  const x = left + size / 2;
  const y = top + size / 2;
  if (kind === "pit") cross(context, x, y, size, palette.pit);
  if (kind === "goal") flag(context, x, y, size, palette.goal);
  if (kind === "start" && !aside) ring(context, x, y, size, palette);
  if (kind === "portal") portal(context, x, y, size, palette.ink);
  if (kind === "cliff") cliff(context, left, top, size, palette);
}

/**
 * An edge, and what falls away below it.
 * @param {Context} context
 * @param {number} left
 * @param {number} top
 * @param {number} size
 * @param {Palette} palette
 */
function cliff(context, left, top, size, palette) {
  context.fillStyle = palette.pitFloor;
  context.fillRect(left + 1, top + 1, size - 1, size - 1);
  context.strokeStyle = palette.pit;
  context.lineCap = "butt";
  context.lineWidth = Math.max(1, 0.07 * size);
  context.beginPath();
  context.moveTo(left, top + 0.1 * size);
  context.lineTo(left + size, top + 0.1 * size);
  context.stroke();
  context.lineWidth = Math.max(1, 0.035 * size);
  context.beginPath();
  for (const [at, deep] of size < 14 ? [[0.3, 0.8], [0.7, 0.6]] : [[0.14, 0.62], [0.38, 0.9], [0.62, 0.52], [0.86, 0.78]]) {
    context.moveTo(left + at * size, top + 0.1 * size);
    context.lineTo(left + (at - 0.08) * size, top + deep * size);
  }
  context.stroke();
}

/** @param {Context} context @param {number} x @param {number} y @param {number} size @param {string} color */
function cross(context, x, y, size, color) {
  const arm = 0.2 * size;
  context.strokeStyle = color;
  context.lineWidth = Math.max(1, 0.08 * size);
  context.lineCap = "round";
  context.beginPath();
  context.moveTo(x - arm, y - arm);
  context.lineTo(x + arm, y + arm);
  context.moveTo(x + arm, y - arm);
  context.lineTo(x - arm, y + arm);
  context.stroke();
}

/** @param {Context} context @param {number} x @param {number} y @param {number} size @param {string} color */
function flag(context, x, y, size, color) {
  const h = 0.27 * size;
  const pole = x - 0.16 * size;
  context.strokeStyle = context.fillStyle = color;
  context.lineWidth = Math.max(1, 0.055 * size);
  context.lineCap = "round";
  context.lineJoin = "round";
  context.beginPath();
  context.moveTo(pole, y - h);
  context.lineTo(pole, y + h);
  context.stroke();
  context.beginPath();
  context.moveTo(pole, y - h);
  context.lineTo(pole + 0.42 * size, y - 0.4 * h);
  context.lineTo(pole, y + 0.2 * h);
  context.closePath();
  context.fill();
}

/** @param {Context} context @param {number} x @param {number} y @param {number} size @param {Palette} palette */
function ring(context, x, y, size, palette) {
  context.strokeStyle = palette.muted;
  context.lineWidth = Math.max(1, 0.035 * size);
  context.beginPath();
  context.arc(x, y, 0.3 * size, 0, 2 * Math.PI);
  context.stroke();
  if (size >= 18) letter(context, x, y + 0.02 * size, 0.31 * size, palette.ink, palette.font);
}

/**
 * The start's letter in the corner of its cell.
 * @param {Context} context
 * @param {number} left
 * @param {number} top
 * @param {number} size of the cell
 * @param {string} color
 * @param {string} font
 */
export function drawCornerLetter(context, left, top, size, color, font) {
  letter(context, left + 0.13 * size, top + 0.15 * size, 0.19 * size, color, font);
}

/** @param {Context} context @param {number} x @param {number} y @param {number} size @param {string} color @param {string} font */
function letter(context, x, y, size, color, font) {
  context.fillStyle = color;
  context.font = `600 ${size}px ${font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText("S", x, y);
}

/** @param {Context} context @param {number} x @param {number} y @param {number} size @param {string} color */
function portal(context, x, y, size, color) {
  context.strokeStyle = color;
  context.lineWidth = Math.max(1, 0.04 * size);
  context.setLineDash([0.1 * size, 0.08 * size]);
  context.beginPath();
  context.arc(x, y, 0.3 * size, 0, 2 * Math.PI);
  context.stroke();
  context.setLineDash([]);
}

/**
 * Chevrons at the foot of a cell, one for each unit of wind.
 * @param {Context} context
 * @param {number} left
 * @param {number} top
 * @param {number} size
 * @param {number} strength up where positive
 * @param {string} color
 */
export function drawWind(context, left, top, size, strength, color) {
  const x = left + 0.86 * size;
  const up = Math.sign(strength);
  context.strokeStyle = color;
  context.lineWidth = Math.max(1, 0.03 * size);
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  for (let i = 0; i < Math.min(3, Math.abs(strength)); i++) {
    const y = top + size * (0.9 - 0.09 * i);
    context.moveTo(x - 0.06 * size, y);
    context.lineTo(x, y - up * 0.06 * size);
    context.lineTo(x + 0.06 * size, y);
  }
  context.stroke();
}

/** Unit steps of the actions up, down, left, right. */
const DIRECTIONS = [
  [0, -1],
  [0, 1],
  [-1, 0],
  [1, 0],
];

/**
 * Where arrows are in their cell: across all of it; heads at its edges, as the middle belongs to a
 * number; heads in triangles, or near the centre, as the rest of them belongs to four numbers.
 * @typedef {"full" | "edge" | "triangle" | "inner"} ArrowStyle
 */

/**
 * Add the arrows of one cell to a path that is filled once for all cells.
 * @param {Path2D} path
 * @param {number} mask bit a: action a is greedy
 * @param {number} x centre
 * @param {number} y centre
 * @param {number} size of the cell
 * @param {ArrowStyle} style
 */
export function addArrows(path, mask, x, y, size, style) {
  const alone = (mask & (mask - 1)) === 0;
  const small = size < 14;
  for (let action = 0; action < 4; action++) {
    if (!(mask & (1 << action))) continue;
    const [dx, dy] = DIRECTIONS[action];
    // A single arrow crosses the cell's middle, several of them start there.
    const tail = (alone ? -0.3 : 0.06) * size;
    const [tip, neck, half] = {
      full: small
        ? [alone ? 0.3 : 0.4, alone ? -0.3 : 0.1, alone ? 0.28 : 0.16]
        : [alone ? 0.3 : 0.4, alone ? 0.11 : 0.21, 0.115],
      edge: [0.47, 0.38, 0.08],
      triangle: [0.4, 0.2, 0.13],
      inner: [0.155, 0.065, 0.07],
    }[style].map((share) => share * size);
    const at = (/** @type {number} */ along, /** @type {number} */ across) =>
      /** @type {[number, number]} */ ([
        x + dx * along - dy * across,
        y + dy * along + dx * across,
      ]);
    path.moveTo(...at(tip, 0));
    path.lineTo(...at(neck, half));
    if (style === "full" && !small) {
      const shaft = 0.025 * size;
      path.lineTo(...at(neck, shaft));
      path.lineTo(...at(tail, shaft));
      path.lineTo(...at(tail, -shaft));
      path.lineTo(...at(neck, -shaft));
    }
    path.lineTo(...at(neck, -half));
    path.closePath();
  }
}
