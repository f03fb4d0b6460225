/** What one cell knows, on a card beside it. */

import { NAMES, actsIn, kindAt, portalKind } from "./tiles.mjs";
import { bestOf, greedyOf, learntIn } from "./layers.mjs";
import { write } from "../page/dom.mjs";
import { compact, fixed, grouped } from "../page/format.mjs";

/** @typedef {{left: number, top: number, width: number, height: number}} Box CSS pixels */

/**
 * @typedef {object} Facts
 * @property {string} at
 * @property {string} kind
 * @property {string[]} q by action; empty where nobody acts or it is not known
 * @property {number} greedy bit a: action a is greedy; 0 while nothing was learnt
 * @property {[string, string][]} rows names and readings
 * @property {string} note
 */

const ACTIONS = ["up", "down", "left", "right"];
const SIGNS = ["↑", "↓", "←", "→"];
const GAP = 10;

/**
 * @param {{cells: import("../wire/model.mjs").Cells | null,
 *   frame?: import("../wire/model.mjs").Frame | null}} model
 * @param {import("./tiles.mjs").Terrain} terrain
 * @param {number} initial what every entry of Q begins with
 * @param {number} x
 * @param {number} y
 * @returns {Facts}
 */
export function factsOf({ cells, frame }, terrain, initial, x, y) {
  const kind = kindAt(terrain, x, y);
  const exit = terrain.portals.get(y * terrain.width + x);
  /** @type {Facts} */
  const facts = {
    at: `(${x}, ${y})`,
    kind: exit ? `${NAMES[portalKind(terrain, x, y)]} to (${exit.join(", ")})` : NAMES[kind],
    q: [],
    greedy: 0,
    rows: [],
    note: "",
  };
  const own = terrain.notes?.rewards[`${x},${y}`];
  if (own !== undefined) facts.rows.push(["Reward of its own", reading(own)]);
  if (kind === "wall") return facts;
  const u = cells ? x - cells.x : -1;
  const v = cells ? y - cells.y : -1;
  if (!cells || u < 0 || v < 0 || u >= cells.width || v >= cells.height) {
    facts.note = "Zoom in for its numbers.";
    return facts;
  }
  const i = v * cells.width + u;
  const visits = cells.visits[i] < 1e7 ? grouped(cells.visits[i]) : compact(cells.visits[i]);
  const from = frame?.visits_since ?? 1;
  const since = from > 1 ? ` since episode ${grouped(from)}` : "";
  const acts = actsIn(terrain, { x, y, width: 1, height: 1 });
  if (!acts[0]) {
    if (kind === "goal" || kind === "pit") facts.rows.push([`Arrivals${since}`, visits]);
    return facts;
  }
  const here = { ...cells, q: cells.q.subarray(4 * i, 4 * i + 4) };
  facts.q = Array.from(here.q, reading);
  if (learntIn(here, acts, initial)[0]) facts.greedy = greedyOf(cells, i);
  facts.rows.push(
    ["Value", reading(bestOf(cells, i))],
    ["Optimal value", reading(cells.optimal?.[i])],
    [`Visits${since}`, visits],
    ["Last TD error", reading(cells.tdError[i])],
  );
  if (cells.eligibility) facts.rows.push(["Largest trace", reading(cells.eligibility[i])]);
  if (cells.model) facts.rows.push(["Actions remembered", grouped(cells.model[i])]);
  return facts;
}

/**
 * @param {number | undefined} v
 * @returns {string} about four digits
 */
function reading(v) {
  if (v === undefined) return fixed(v, 0);
  const size = Math.abs(v);
  return size >= 1e4 ? compact(v) : fixed(v, size < 9.9995 ? 3 : size < 99.995 ? 2 : 1);
}

/**
 * @param {Facts} facts
 * @returns {string} for those who listen
 */
export function sentenceOf({ at, kind, q, greedy, rows, note }) {
  const parts = [`Cell ${at}, ${kind.toLowerCase()}`];
  if (q.length > 0) parts.push(`Q: ${q.map((value, a) => `${ACTIONS[a]} ${value}`).join(", ")}`);
  const best = ACTIONS.filter((_, a) => greedy & (1 << a));
  if (best.length > 0) parts.push(`greedy: ${best.join(" or ")}`);
  parts.push(...rows.map(([name, value]) => `${name.toLowerCase()} ${value}`));
  return `${parts.join("; ")}. ${note}`.trim();
}

/**
 * Beside the cell, on the side that has room; above or below it, where neither has.
 * @param {Box} cell on the board
 * @param {{width: number, height: number}} card
 * @param {{width: number, height: number}} board
 * @returns {{left: number, top: number}}
 */
export function placeCard(cell, card, board) {
  const within = (/** @type {number} */ at, /** @type {number} */ size, /** @type {number} */ room) =>
    Math.max(4, Math.min(room - size - 4, at));
  const beside = within(cell.top + cell.height / 2 - card.height / 2, card.height, board.height);
  const right = cell.left + cell.width + GAP;
  if (right + card.width <= board.width - 4) return { left: right, top: beside };
  const left = cell.left - GAP - card.width;
  if (left >= 4) return { left, top: beside };
  const along = within(cell.left + cell.width / 2 - card.width / 2, card.width, board.width);
  const below = cell.top + cell.height + GAP;
  const above = cell.top - GAP - card.height;
  return { left: along, top: below + card.height <= board.height || above < 0 ? below : above };
}

export class CellCard {
  /**
   * @param {HTMLElement} card
   * @param {HTMLElement} ring around the cell
   * @param {HTMLElement} live read aloud
   */
  constructor(card, ring, live) {
    this.card = card;
    this.ring = ring;
    this.live = live;
    this.head = part(card, "div", "head");
    this.at = part(this.head, "b", "at");
    this.kind = part(this.head, "span", "kind");
    this.cross = part(card, "div", "cross");
    this.q = ACTIONS.map((action, a) => {
      const place = part(this.cross, "span", action);
      part(place, "i", "sign").textContent = SIGNS[a];
      return { place, number: part(place, "span", "number") };
    });
    this.list = part(card, "dl", "rows");
    this.note = part(card, "p", "note");
  }

  hide() {
    this.card.hidden = this.ring.hidden = true;
    write(this.live, "");
  }

  /**
   * @param {Facts} facts
   * @param {Box} cell on the board
   * @param {{width: number, height: number}} board
   * @param {boolean} aloud
   * @param {boolean} [bare] the ring alone
   */
  show(facts, cell, board, aloud, bare = false) {
    write(this.at, facts.at);
    write(this.kind, facts.kind);
    this.cross.hidden = facts.q.length === 0;
    facts.q.forEach((text, a) => {
      write(this.q[a].number, text);
      this.q[a].place.classList.toggle("greedy", (facts.greedy & (1 << a)) > 0);
    });
    this.#writeRows(facts.rows);
    this.list.hidden = facts.rows.length === 0;
    write(this.note, facts.note);
    this.note.hidden = facts.note === "";
    this.card.hidden = bare;
    this.ring.hidden = false;
    Object.assign(this.ring.style, {
      left: `${cell.left}px`,
      top: `${cell.top}px`,
      width: `${cell.width}px`,
      height: `${cell.height}px`,
    });
    const size = { width: this.card.offsetWidth, height: this.card.offsetHeight };
    const { left, top } = placeCard(cell, size, board);
    this.card.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
    write(this.live, aloud ? sentenceOf(facts) : "");
  }

  /** @param {[string, string][]} rows */
  #writeRows(rows) {
    while (this.list.children.length > 2 * rows.length) this.list.lastElementChild?.remove();
    rows.forEach(([name, value], i) => {
      if (!this.list.children[2 * i]) {
        part(this.list, "dt", "");
        part(this.list, "dd", "");
      }
      write(/** @type {HTMLElement} */ (this.list.children[2 * i]), name);
      write(/** @type {HTMLElement} */ (this.list.children[2 * i + 1]), value);
    });
  }
}

/**
 * @param {HTMLElement} parent
 * @param {string} tag
 * @param {string} name
 * @returns {HTMLElement}
 */
function part(parent, tag, name) {
  const child = document.createElement(tag);
  if (name) child.className = name;
  parent.append(child);
  return child;
}
