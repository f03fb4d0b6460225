/** What the characters of a map mean to the eye. Pure: no canvas here. */

/** @typedef {"free" | "wall" | "start" | "goal" | "pit" | "portal"} Kind */

/** @type {Record<string, Kind>} */
const KINDS = { "#": "wall", S: "start", G: "goal", X: "pit", H: "pit" };

/** @type {Record<Kind, string>} */
export const NAMES = {
  free: "Free",
  wall: "Wall",
  start: "Start",
  goal: "Goal",
  pit: "Pit",
  portal: "Portal",
};

/**
 * @param {string} character of the map
 * @returns {Kind}
 */
export function kindOf(character) {
  return KINDS[character] ?? "free";
}

/**
 * @typedef {object} Mark
 * @property {number} x
 * @property {number} y
 * @property {Kind} kind
 */

/**
 * @param {import("./model.mjs").World} world
 * @returns {Mark[]} every cell that is not free, portals last
 */
export function marksOf(world) {
  /** @type {Mark[]} */
  const marks = [];
  world.rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      const kind = kindOf(row[x]);
      if (kind !== "free") marks.push({ x, y, kind });
    }
  });
  for (const [[x, y]] of world.portals ?? []) marks.push({ x, y, kind: "portal" });
  return marks;
}

/**
 * @param {Mark[]} marks
 * @returns {Kind[]} the kinds that occur, in the order of a legend
 */
export function legendOf(marks) {
  const occurring = new Set(marks.map((mark) => mark.kind));
  return /** @type {Kind[]} */ (["start", "goal", "pit", "wall", "portal"]).filter((kind) =>
    occurring.has(kind),
  );
}

/**
 * One pixel a cell, for worlds too large for shapes; free cells stay transparent.
 * @param {Mark[]} marks
 * @param {number} width
 * @param {number} height
 * @param {Record<Kind, [number, number, number]>} colors
 * @returns {Uint8ClampedArray<ArrayBuffer>} RGBA
 */
export function paintMarks(marks, width, height, colors) {
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (const { x, y, kind } of marks) {
    const [r, g, b] = colors[kind];
    const i = 4 * (y * width + x);
    pixels[i] = r;
    pixels[i + 1] = g;
    pixels[i + 2] = b;
    pixels[i + 3] = 255;
  }
  return pixels;
}

/**
 * Size of a cell so that the world fits: whole device pixels where cells are large enough to have
 * edges that one could see blur.
 * @param {number} columns
 * @param {number} rows
 * @param {number} width device pixels to fit into
 * @param {number} height device pixels to fit into
 * @returns {number} device pixels
 */
export function cellSize(columns, rows, width, height) {
  const size = Math.min(width / columns, height / rows);
  return size >= 3 ? Math.floor(size) : size;
}

/**
 * @param {Uint8Array} data bytes of the values
 * @param {Uint32Array} table
 * @param {Uint32Array} pixels of the same length, overwritten
 */
export function paintHeat(data, table, pixels) {
  for (let i = 0; i < data.length; i++) pixels[i] = table[data[i]];
}

/**
 * @param {number} byte 1..255
 * @param {number} lo
 * @param {number} hi
 * @returns {number}
 */
export function valueOf(byte, lo, hi) {
  return lo + ((byte - 1) / 254) * (hi - lo);
}
