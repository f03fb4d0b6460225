/**
 * The heat map of two axes, as an SVG: the part of Plotly that comes with the page has none. The
 * line is around what cannot be told from the best, as the server says.
 */

import { inkOn, rampColor } from "../board/colormap.mjs";
import { brief } from "../page/format.mjs";
import { named } from "./plots.mjs";
import { tidy, words } from "./make.mjs";

/** @typedef {import("../page/palette.mjs").Palette} Palette */

/**
 * @typedef {object} Cell
 * @property {number} x place on its axis
 * @property {number} y
 * @property {number | null} mean
 * @property {number | null} low
 * @property {number | null} high
 * @property {number} n
 * @property {number | null} shade its place among all means, 0..1
 * @property {boolean} inside not told from the best
 * @property {number} setting
 * @property {number | null} run
 */

/**
 * @typedef {object} Heat
 * @property {{axis: string, values: any[]}} x
 * @property {{axis: string, values: any[]}} y
 * @property {boolean} told the line is known
 * @property {Cell[]} cells
 */

const NS = "http://www.w3.org/2000/svg";
const LEFT = 84;
const BOTTOM = 56;
const TOP = 6;
const RIGHT = 6;
/** Fewer cells than this in a row have room for their numbers. */
const NUMBERED = 13;

/**
 * The borders between cells that are inside and those that are not.
 * @param {Cell[]} cells
 * @returns {{x1: number, y1: number, x2: number, y2: number}[]} in cells, y upwards
 */
export function outline(cells) {
  const inside = new Set(cells.filter((one) => one.inside).map(({ x, y }) => `${x},${y}`));
  const has = (/** @type {number} */ x, /** @type {number} */ y) => inside.has(`${x},${y}`);
  const lines = [];
  for (const { x, y, inside: own } of cells) {
    if (!own) continue;
    if (!has(x - 1, y)) lines.push({ x1: x, y1: y, x2: x, y2: y + 1 });
    if (!has(x + 1, y)) lines.push({ x1: x + 1, y1: y, x2: x + 1, y2: y + 1 });
    if (!has(x, y - 1)) lines.push({ x1: x, y1: y, x2: x + 1, y2: y });
    if (!has(x, y + 1)) lines.push({ x1: x, y1: y + 1, x2: x + 1, y2: y + 1 });
  }
  return lines;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 * @returns {SVGElement}
 */
function svg(tag, attributes, text) {
  const made = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}

/** @param {any} value */
const short = (value) => (typeof value === "number" ? tidy(Number(value.toPrecision(4))) : String(value));

/**
 * @param {HTMLElement} place
 * @param {Heat} heat
 * @param {{name: string, unit: string}} measure
 * @param {Palette} palette
 * @param {(point: {setting: number, run: number | null}) => void} clicked
 */
export function drawHeat(place, heat, measure, palette, clicked) {
  const width = Math.max(280, place.clientWidth);
  const height = Math.max(240, place.clientHeight);
  const [columns, rows] = [heat.x.values.length, heat.y.values.length];
  const w = (width - LEFT - RIGHT) / columns;
  const h = (height - TOP - BOTTOM) / rows;
  const left = (/** @type {number} */ x) => LEFT + x * w;
  const top = (/** @type {number} */ y) => TOP + (rows - y) * h;
  const label = `${named(measure)} by ${words(heat.x.axis)} and ${words(heat.y.axis)}; the table below has the numbers`;
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, class: "heat" });
  for (const cell of heat.cells) {
    const { x, y, mean, low, high, n, shade, setting, run } = cell;
    const color = shade === null ? null : rampColor("value", shade, palette.scheme);
    const shape = svg("rect", {
      x: left(x),
      y: top(y + 1),
      width: w,
      height: h,
      fill: color ? `rgb(${color.join(" ")})` : "none",
      stroke: palette.surface,
      "stroke-width": 1,
      "data-setting": setting,
    });
    const values = `${words(heat.x.axis)} ${short(heat.x.values[x])}, ${words(heat.y.axis)} ${short(heat.y.values[y])}`;
    const said = mean === null ? "no number yet" : `mean ${brief(mean)} (${brief(low)} to ${brief(high)}), ${n} runs`;
    shape.append(svg("title", {}, `${values}: ${said}${run === null ? "" : `; click: open run ${run}, the nearest to it`}`));
    shape.addEventListener("click", () => clicked({ setting, run }));
    root.append(shape);
    if (color && columns < NUMBERED && w > 34 && h > 16) {
      const ink = svg(
        "text",
        {
          x: left(x) + w / 2,
          y: top(y) - h / 2 + 4,
          "text-anchor": "middle",
          style: `fill: ${inkOn(color)}`,
          class: "number",
        },
        brief(mean),
      );
      root.append(ink);
    }
  }
  for (const [ends, color, thickness] of /** @type {[{x1: number, y1: number, x2: number, y2: number}[], string, number][]} */ ([
    [outline(heat.cells), "#000", 4],
    [outline(heat.cells), "#fff", 2],
  ])) {
    for (const { x1, y1, x2, y2 } of ends) {
      root.append(
        svg("line", {
          x1: left(x1),
          y1: top(y1),
          x2: left(x2),
          y2: top(y2),
          stroke: color,
          "stroke-width": thickness,
          "stroke-linecap": "square",
        }),
      );
    }
  }
  axisTexts(root, heat, { width, height, left, top, w, h });
  place.replaceChildren(root);
}

/**
 * @param {SVGElement} root
 * @param {Heat} heat
 * @param {{width: number, height: number, left: (x: number) => number, top: (y: number) => number, w: number, h: number}} plan
 */
function axisTexts(root, heat, { width, height, left, top, w, h }) {
  const stepX = Math.max(1, Math.ceil(42 / w));
  const stepY = Math.max(1, Math.ceil(16 / h));
  heat.x.values.forEach((value, x) => {
    if (x % stepX === 0) {
      root.append(svg("text", { x: left(x) + w / 2, y: height - BOTTOM + 16, "text-anchor": "middle" }, short(value)));
    }
  });
  heat.y.values.forEach((value, y) => {
    if (y % stepY === 0) {
      root.append(svg("text", { x: LEFT - 6, y: top(y) - h / 2 + 4, "text-anchor": "end" }, short(value)));
    }
  });
  const middle = TOP + (height - TOP - BOTTOM) / 2;
  root.append(
    svg("text", { x: LEFT + (width - LEFT) / 2, y: height - 14, "text-anchor": "middle" }, words(heat.x.axis)),
    svg("text", { x: 14, y: middle, "text-anchor": "middle", transform: `rotate(-90 14 ${middle})` }, words(heat.y.axis)),
  );
}
