/** What the characters of a map mean to the eye. Pure: no canvas here. */

/** @typedef {"free" | "wall" | "start" | "goal" | "pit" | "portal" | "cliff"} Kind */

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
  cliff: "Cliff",
};

/** Kinds by their code in a terrain. @type {Kind[]} */
export const KIND_BY_CODE = ["free", "wall", "start", "goal", "pit"];

/** Set in the code of a cell that is left as soon as it is entered. */
export const PORTAL = 8;

/** At most so many starts and goals of a world too large for shapes are worth a badge. */
const MOST_BADGES = 64;

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
 * A world's map as numbers, made once.
 * @typedef {object} Terrain
 * @property {number} width
 * @property {number} height
 * @property {Uint8Array} codes of cells, row by row: place in `KIND_BY_CODE`, plus `PORTAL`
 * @property {Map<number, [number, number]>} portals exits by cell
 * @property {Set<number>} cliffs of the portals, cells that cost more than a step
 * @property {Mark[]} badges starts and goals, where there are only some
 * @property {import("./notes.mjs").Notes | null} [notes] while it is drawn
 */

/**
 * @param {import("../wire/model.mjs").World} world
 * @returns {Terrain}
 */
export function terrainOf(world) {
  const { width, height, rows } = world;
  const codes = new Uint8Array(width * height);
  const byCharacter = new Uint8Array(128);
  for (const [character, kind] of Object.entries(KINDS)) {
    byCharacter[character.charCodeAt(0)] = KIND_BY_CODE.indexOf(kind);
  }
  /** @type {Mark[]} */
  const badges = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const code = byCharacter[rows[y].charCodeAt(x)] ?? 0;
      codes[y * width + x] = code;
      const kind = KIND_BY_CODE[code];
      const counts = kind === "start" || kind === "goal";
      if (counts && badges.length <= MOST_BADGES) badges.push({ x, y, kind });
    }
  }
  const portals = new Map();
  for (const [[x, y], exit] of world.portals ?? []) {
    codes[y * width + x] |= PORTAL;
    portals.set(y * width + x, exit);
  }
  return {
    width,
    height,
    codes,
    portals,
    cliffs: new Set((world.cliffs ?? []).map(([x, y]) => y * width + x)),
    badges: badges.length > MOST_BADGES ? [] : badges,
    notes: world.notes ?? null,
  };
}

/**
 * @param {Terrain} terrain
 * @param {number} x
 * @param {number} y
 * @returns {Kind}
 */
export function kindAt(terrain, x, y) {
  const code = terrain.codes[y * terrain.width + x];
  return code === PORTAL ? portalKind(terrain, x, y) : KIND_BY_CODE[code & 7];
}

/** @param {Terrain} terrain @param {number} x @param {number} y @returns {"portal" | "cliff"} */
export function portalKind({ cliffs, width }, x, y) {
  return cliffs.has(y * width + x) ? "cliff" : "portal";
}

/**
 * @param {Terrain} terrain
 * @param {{x: number, y: number, width: number, height: number}} part a rectangle of cells
 * @returns {Uint8Array} 1 where an agent acts: where no episode ends, no wall is, no portal leads on
 */
export function actsIn(terrain, part) {
  const acts = new Uint8Array(part.width * part.height);
  for (let y = 0, i = 0; y < part.height; y++) {
    let k = (part.y + y) * terrain.width + part.x;
    for (let x = 0; x < part.width; x++, i++, k++) {
      const kind = KIND_BY_CODE[terrain.codes[k] & 7];
      acts[i] = kind === "start" || (kind === "free" && terrain.codes[k] < PORTAL) ? 1 : 0;
    }
  }
  return acts;
}

/**
 * @param {import("../wire/model.mjs").World} world
 * @returns {Kind[]} the kinds that occur, but free cells, in the order of a legend
 */
export function kindsIn(world) {
  /** @type {Set<Kind>} */
  const seen = new Set();
  for (const row of world.rows) for (const character of new Set(row)) seen.add(kindOf(character));
  const [portals, cliffs] = [world.portals?.length ?? 0, world.cliffs?.length ?? 0];
  if (cliffs > 0) seen.add("cliff");
  if (portals > cliffs) seen.add("portal");
  return /** @type {Kind[]} */ (["start", "goal", "pit", "cliff", "wall", "portal"]).filter((kind) =>
    seen.has(kind),
  );
}

/**
 * One pixel a cell; free cells stay transparent, and so do kinds without a colour.
 * @param {Terrain} terrain
 * @param {Partial<Record<Kind, [number, number, number]>>} colors
 * @returns {Uint8ClampedArray<ArrayBuffer>} RGBA
 */
export function paintTerrain(terrain, colors) {
  const table = new Uint8ClampedArray(4 * 16);
  for (let code = 0; code < 16; code++) {
    const kind = code === PORTAL ? "portal" : KIND_BY_CODE[code & 7];
    const color = kind && colors[kind];
    if (color) table.set([...color, 255], 4 * code);
  }
  const words = new Uint32Array(table.buffer);
  const pixels = new Uint8ClampedArray(4 * terrain.codes.length);
  const out = new Uint32Array(pixels.buffer);
  for (let i = 0; i < out.length; i++) out[i] = words[terrain.codes[i]];
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
  return whole(Math.min(width / columns, height / rows));
}

/**
 * @param {number} size of a cell, device pixels
 * @returns {number} whole from 3 on
 */
export function whole(size) {
  return size >= 3 ? Math.floor(size) : size;
}

/**
 * @param {Uint8Array} data bytes of a layer
 * @param {Uint32Array} table
 * @param {Uint32Array} pixels of the same length, overwritten
 */
export function paintHeat(data, table, pixels) {
  for (let i = 0; i < data.length; i++) pixels[i] = table[data[i]];
}
