/** Thumbnails of the named worlds, drawn in the present colours. */

import { kindOf } from "../board/tiles.mjs";
import { attribute, write } from "../page/dom.mjs";

/** @typedef {import("../page/palette.mjs").Palette} Palette */

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
   * @returns {{slip: number, max_steps: number | null} | undefined} what a named world has by itself
   */
  own(world) {
    const maze = MAZE.exec(world);
    if (maze) return { slip: 0, max_steps: 4 * Number(maze[1]) ** 2 };
    const button = this.buttons.find(({ id }) => id === `world-${world}`);
    return button && JSON.parse(button.dataset.world ?? "{}");
  }

  /**
   * @param {Palette} palette
   * @param {number} ratio device pixels per CSS pixel
   */
  draw(palette, ratio) {
    const key = `${palette.scheme} ${ratio}`;
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
 * @param {{width: number, height: number, rows: string[], portals?: [number, number][][]}} world
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
  const colors = {
    free: palette.floor,
    wall: palette.wall,
    start: palette.accent,
    goal: palette.goal,
    pit: palette.pit,
    portal: palette.pitFloor,
  };
  const cell = (/** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ color) => {
    c.fillStyle = color;
    c.fillRect(x * side + 1, y * side + 1, side - 1, side - 1);
  };
  world.rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) cell(x, y, colors[kindOf(row[x])]);
  });
  for (const [[x, y]] of world.portals ?? []) cell(x, y, palette.pitFloor);
}
