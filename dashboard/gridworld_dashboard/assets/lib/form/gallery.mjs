/** Thumbnails of the named worlds, drawn in the present colours. */

import { drawCell } from "../board/sprites.mjs";
import { kindOf } from "../board/tiles.mjs";
import { attribute, write } from "../page/dom.mjs";
import { MAZE as MAZES } from "../page/tables.mjs";

/** @typedef {import("../page/palette.mjs").Palette} Palette */

/**
 * @typedef {object} Own
 * @property {number} slip
 * @property {number | null} max_steps
 * @property {Record<string, number>} numbers with which it is learnt, by element id
 * @property {Record<string, string>} choices the same of choices, by their keys
 */

const MAZE = /^maze-(\d+)(?::(\d+))?$/;
const WIDTH = 74;
const HEIGHT = 52;

export class Gallery {
  /** @param {HTMLElement} panel that holds the buttons */
  constructor(panel) {
    this.panel = panel;
    this.buttons = /** @type {HTMLButtonElement[]} */ ([
      ...panel.querySelectorAll("button.thumbnail"),
    ]);
    this.chosen = "";
    this.name = "";
    this.drawn = "";
    for (const button of this.buttons) {
      for (const [event, shown] of /** @type {const} */ ([
        ["pointerenter", true],
        ["focus", true],
        ["pointerleave", false],
        ["blur", false],
      ])) {
        button.addEventListener(event, () => this.#say(shown ? button : null));
      }
    }
  }

  /**
   * @param {string} world in force; empty where no name makes it
   * @param {string} [name] what it is called then
   */
  choose(world, name = "") {
    if (world === this.chosen && name === this.name) return;
    this.chosen = world;
    this.name = name;
    for (const button of this.buttons) {
      attribute(button, "aria-pressed", String(button.id === `world-${world}`));
    }
    this.#say(null);
  }

  /**
   * @param {string} world
   * @returns {Own | undefined} what a named world has by itself
   */
  own(world) {
    const maze = MAZE.exec(world);
    if (maze) {
      const { numbers, choices } = MAZES;
      return { slip: 0, max_steps: 4 * Number(maze[1]) ** 2, numbers, choices };
    }
    const button = this.buttons.find(({ id }) => id === `world-${world}`);
    return button && JSON.parse(button.dataset.world ?? "{}");
  }

  /**
   * @param {Palette} palette
   * @param {number} ratio device pixels per CSS pixel
   */
  draw(palette, ratio) {
    const key = `${palette.floor} ${palette.pit} ${ratio}`;
    if (key === this.drawn) return;
    this.drawn = key;
    for (const button of this.buttons) {
      const canvas = button.querySelector("canvas");
      if (canvas) paint(canvas, JSON.parse(button.dataset.world ?? "{}"), palette, ratio);
    }
  }

  /** @param {HTMLButtonElement | null} button whose sentence to show; null: the world's in force */
  #say(button) {
    const shown = button ?? this.buttons.find((one) => one.id === `world-${this.chosen}`);
    const sentence = shown?.querySelector(".unseen")?.textContent;
    const maze = MAZE.exec(this.chosen);
    const other = maze
      ? `A maze of ${maze[1]} by ${maze[1]} cells, seed ${maze[2] ?? 0}.`
      : `A world of its own${this.name ? `, called ${this.name}` : ""}.`;
    write("world-sentence", sentence ?? other);
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{width: number, height: number, rows: string[], cliffs?: [number, number][]}} world
 * @param {Palette} palette
 * @param {number} ratio
 */
function paint(canvas, world, palette, ratio) {
  const side = Math.max(1, Math.floor(Math.min(WIDTH / world.width, HEIGHT / world.height) * ratio));
  canvas.width = side * world.width + 1;
  canvas.height = side * world.height + 1;
  canvas.style.width = `${canvas.width / ratio}px`;
  const c = canvas.getContext("2d");
  if (!c) return;
  c.fillStyle = palette.cellLine;
  c.fillRect(0, 0, canvas.width, canvas.height);
  const floors = {
    free: palette.floor,
    wall: palette.wall,
    start: palette.floor,
    goal: palette.goalFloor,
    pit: palette.pitFloor,
    portal: palette.floor,
    cliff: palette.pitFloor,
  };
  /** @type {[import("../board/tiles.mjs").Kind, number, number][]} */
  const cells = world.rows.flatMap((row, y) =>
    [...row].map((character, x) => /** @type {any} */ ([kindOf(character), x, y])),
  );
  for (const [x, y] of world.cliffs ?? []) cells.push(["cliff", x, y]);
  for (const [kind, x, y] of cells) {
    c.fillStyle = floors[kind];
    c.fillRect(x * side + 1, y * side + 1, side - 1, side - 1);
  }
  // Shapes tell them apart as on the board; what would be too small there reaches beyond its cell.
  const size = Math.max(side - 1, Math.round(SMALLEST * ratio));
  for (const [kind, x, y] of cells) {
    if (kind === "cliff") drawCell(c, kind, x * side, y * side, side, palette);
    if (kind === "pit") stroke(c, x * side + 1, y * side + 1, side - 1, palette.pit, ratio);
    if (kind !== "start" && kind !== "goal") continue;
    const at = (/** @type {number} */ n, /** @type {number} */ room) =>
      Math.max(0, Math.min(room - size, n * side + 1 + (side - 1 - size) / 2));
    const [left, top] = [at(x, canvas.width), at(y, canvas.height)];
    if (kind === "goal") drawCell(c, kind, left, top, size, palette);
    else dot(c, left + size / 2, top + size / 2, 0.28 * size, palette.accent);
  }
}

/** CSS pixels: starts and goals are no smaller. */
const SMALLEST = 9;

/**
 * A pit, however small: a cross from corner to corner.
 * @param {CanvasRenderingContext2D} c
 * @param {number} left
 * @param {number} top
 * @param {number} size
 * @param {string} color
 * @param {number} ratio
 */
function stroke(c, left, top, size, color, ratio) {
  const inset = Math.max(0.5, 0.2 * size);
  c.strokeStyle = color;
  c.lineWidth = Math.max(1, 1.2 * ratio);
  c.beginPath();
  c.moveTo(left + inset, top + inset);
  c.lineTo(left + size - inset, top + size - inset);
  c.moveTo(left + size - inset, top + inset);
  c.lineTo(left + inset, top + size - inset);
  c.stroke();
}

/**
 * @param {CanvasRenderingContext2D} c
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {string} color
 */
function dot(c, x, y, radius, color) {
  c.fillStyle = color;
  c.beginPath();
  c.arc(x, y, radius, 0, 2 * Math.PI);
  c.fill();
}
