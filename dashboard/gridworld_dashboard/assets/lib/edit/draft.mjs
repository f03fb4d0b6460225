/**
 * A world that is being drawn, and what can be done to it. Pure: each change gives another one, and
 * a change that changes nothing gives the same. Whether it can be is the library's to say; here it
 * is only kept from falling apart: no portal leads out of a wall.
 */

/** @typedef {[number, number]} Cell */

/**
 * As `GridWorld.to_json` writes it.
 * @typedef {object} Draft
 * @property {string} name
 * @property {string[]} map rows of S, G, X, # and .
 * @property {{step: number, goal: number, pit: number, cells: Record<string, number>}} rewards
 * @property {number} slip
 * @property {number[] | null} wind
 * @property {[Cell, Cell][]} portals
 * @property {number | null} max_steps
 */

export const [START, GOAL, PIT, WALL, FREE] = "SGX#.";

/** @param {Draft} draft */
export function sizeOf({ map }) {
  return { width: map[0].length, height: map.length };
}

/** @param {Draft} draft @param {Cell} cell @returns {string} the letter there */
export function letterAt({ map }, [x, y]) {
  return map[y][x];
}

/** @param {Draft} draft @param {Cell} cell @returns {number | undefined} its own reward */
export function rewardAt({ rewards }, cell) {
  return rewards.cells[keyOf(cell)];
}

/** @param {Draft} draft @param {Cell} cell @returns {Cell | undefined} where a portal leads from it */
export function exitAt({ portals }, cell) {
  return portals.find(([entry]) => same(entry, cell))?.[1];
}

/** @param {Draft} draft @param {number} x @returns {number} cells that the wind pushes upwards */
export function windAt({ wind }, x) {
  return wind?.[x] ?? 0;
}

/**
 * @param {Draft} draft
 * @param {Cell} cell
 * @param {string} letter
 * @returns {Draft}
 */
export function put(draft, cell, letter) {
  if (letterAt(draft, cell) === letter) return draft;
  const [x, y] = cell;
  const map = draft.map.slice();
  map[y] = map[y].slice(0, x) + letter + map[y].slice(x + 1);
  const changed = { ...draft, map };
  if (letter === WALL) return withoutPortals(withReward(changed, cell, null), cell, true);
  if (letter === GOAL || letter === PIT) return withoutPortals(changed, cell, false);
  return changed;
}

/** @param {Draft} draft @param {Cell} cell @returns {Draft} nothing is left in it */
export function empty(draft, cell) {
  const bare = withoutPortals(withReward(draft, cell, null), cell, false);
  return put(bare, cell, FREE);
}

/**
 * @param {Draft} draft
 * @param {Cell} from where a start or a goal is
 * @param {Cell} to
 * @returns {Draft} it is there now, in the place of whatever was
 */
export function moved(draft, from, to) {
  const letter = letterAt(draft, from);
  return same(from, to) ? draft : put(put(draft, to, letter), from, FREE);
}

/**
 * @param {Draft} draft
 * @param {Cell} cell
 * @param {number | null} reward null: none of its own
 * @returns {Draft}
 */
export function withReward(draft, cell, reward) {
  const key = keyOf(cell);
  const there = draft.rewards.cells[key];
  if (reward === (there ?? null) || (reward !== null && letterAt(draft, cell) === WALL)) return draft;
  const { [key]: _, ...others } = draft.rewards.cells;
  const cells = reward === null ? others : { ...others, [key]: reward };
  return { ...draft, rewards: { ...draft.rewards, cells } };
}

/**
 * @param {Draft} draft
 * @param {number} x of the column
 * @param {number} strength
 * @returns {Draft}
 */
export function withWind(draft, x, strength) {
  if (windAt(draft, x) === strength) return draft;
  const wind = Array.from({ length: sizeOf(draft).width }, (_, i) => windAt(draft, i));
  wind[x] = strength;
  return { ...draft, wind: wind.some((each) => each !== 0) ? wind : null };
}

/**
 * @param {Draft} draft
 * @param {Cell} from
 * @param {Cell} to
 * @returns {Draft} the same where no portal can be
 */
export function withPortal(draft, from, to) {
  const walled = [from, to].some((cell) => letterAt(draft, cell) === WALL);
  const ends = letterAt(draft, from) === GOAL || letterAt(draft, from) === PIT;
  if (walled || ends || same(from, to)) return draft;
  const { portals } = withoutPortals(draft, from, false);
  return { ...draft, portals: [...portals, [from, to]] };
}

/**
 * @param {Draft} draft
 * @param {Cell} cell
 * @param {boolean} either those that lead to it as well
 * @returns {Draft}
 */
export function withoutPortals(draft, cell, either) {
  const portals = draft.portals.filter(
    ([entry, exit]) => !same(entry, cell) && !(either && same(exit, cell)),
  );
  return portals.length === draft.portals.length ? draft : { ...draft, portals };
}

/**
 * @param {Draft} draft
 * @param {number} width
 * @param {number} height
 * @returns {Draft} cut or made larger on the right and below
 */
export function resized(draft, width, height) {
  const size = sizeOf(draft);
  if (size.width === width && size.height === height) return draft;
  const inside = (/** @type {Cell} */ [x, y]) => x < width && y < height;
  const cells = Object.entries(draft.rewards.cells).filter(([key]) => inside(cellOf(key)));
  const wind = draft.wind && Array.from({ length: width }, (_, x) => windAt(draft, x));
  return {
    ...draft,
    map: Array.from({ length: height }, (_, y) =>
      (draft.map[y] ?? "").slice(0, width).padEnd(width, FREE),
    ),
    rewards: { ...draft.rewards, cells: Object.fromEntries(cells) },
    wind: wind?.some((strength) => strength !== 0) ? wind : null,
    portals: draft.portals.filter(([entry, exit]) => inside(entry) && inside(exit)),
  };
}

/** @param {Draft} draft @returns {Draft} starts and goals alone */
export function cleared(draft) {
  return {
    ...draft,
    map: draft.map.map((row) => row.replace(/[X#]/g, FREE)),
    rewards: { ...draft.rewards, cells: {} },
    wind: null,
    portals: [],
  };
}

/**
 * @param {Draft} draft
 * @returns {string} equal for worlds that behave alike: a name changes nothing, nor does an order
 */
export function identity({ map, rewards, slip, wind, portals, max_steps: limit }) {
  const { step, goal, pit, cells } = rewards;
  const sorted = [...portals].sort(([a], [b]) => a[1] - b[1] || a[0] - b[0]);
  const costs = Object.entries(cells).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([map, step, goal, pit, costs, slip, wind, sorted, limit]);
}

/**
 * @param {Cell} from
 * @param {Cell} to
 * @returns {Cell[]} the cells between two that a quick hand left out, and the last one
 */
export function line([x, y], [u, v]) {
  const steps = Math.max(Math.abs(u - x), Math.abs(v - y));
  return Array.from({ length: steps }, (_, i) => {
    const share = (i + 1) / steps;
    return /** @type {Cell} */ ([Math.round(x + share * (u - x)), Math.round(y + share * (v - y))]);
  });
}

/** @param {Cell} a @param {Cell} b */
export function same(a, b) {
  return a[0] === b[0] && a[1] === b[1];
}

/** @param {Cell} cell @returns {string} as `rewards.cells` names it */
function keyOf([x, y]) {
  return `${x},${y}`;
}

/** @param {string} key @returns {Cell} */
function cellOf(key) {
  const [x, y] = key.split(",").map(Number);
  return [x, y];
}

/** What was drawn, and what was taken back of it. */
export class History {
  /** @param {Draft} draft that it begins with */
  constructor(draft) {
    /** @type {Draft[]} */
    this.past = [];
    this.present = draft;
    /** @type {Draft[]} */
    this.future = [];
  }

  /** @param {Draft} draft @returns {boolean} it is another one */
  commit(draft) {
    if (draft === this.present) return false;
    this.past.push(this.present);
    if (this.past.length > MOST) this.past.shift();
    this.present = draft;
    this.future = [];
    return true;
  }

  /** @returns {boolean} there was something */
  undo() {
    const before = this.past.pop();
    if (!before) return false;
    this.future.push(this.present);
    this.present = before;
    return true;
  }

  /** @returns {boolean} there was something */
  redo() {
    const after = this.future.pop();
    if (!after) return false;
    this.past.push(this.present);
    this.present = after;
    return true;
  }
}

/** Strokes that can be taken back. */
const MOST = 500;
