/** What an experiment says in words and numbers: the best setting, failures, the table, P(better). */

import { inkOn, rampColor } from "../board/colormap.mjs";
import { brief, fixed, grouped } from "../page/format.mjs";
import { make, words } from "./make.mjs";

/** @typedef {import("../board/colormap.mjs").Scheme} Scheme */
/** @typedef {{mean: number | null, low: number | null, high: number | null, n: number}} Interval */
/** @typedef {(point: {setting: number, run: number | null}) => void} Opens */

/** @param {Interval} interval */
export function told({ mean, low, high }) {
  return `${brief(mean)} (${brief(low)} to ${brief(high)})`;
}

/** @param {number} level */
const percent = (level) => `${Number((100 * level).toPrecision(4))} %`;

/**
 * The best setting, honestly.
 * @param {any} best of the server
 * @param {{name: string}} measure
 * @returns {HTMLElement}
 */
export function bestOf(best, measure) {
  const candidates = best.candidates.map((/** @type {any} */ one) =>
    make("li", {}, make("b", { textContent: `${fixed(100 * one.probability, 1)} %` }), ` ${one.label}: ${told(one.reported)}`),
  );
  const shown = candidates.slice(0, 8);
  const more = candidates.length - shown.length;
  return make(
    "div",
    { className: "finding" },
    make("h3", { textContent: `Best by ${words(measure.name)}` }),
    make("p", {}, make("b", { textContent: best.label }), `: ${told(best.reported)}`),
    make("p", {
      className: "muted small",
      textContent:
        `Chosen on ${grouped(best.choosing)} runs, reported on ${grouped(best.reporting)} others ` +
        `(${percent(best.level)} t interval). The best of all runs by all runs has ${brief(best.naive)}: ` +
        `choosing and reporting on the same runs was too good by ${brief(best.optimism)} here.`,
    }),
    make("p", { className: "small", textContent: "Not told from the best, with the chance of being it:" }),
    make("ul", { className: "candidates" }, ...shown, more > 0 ? make("li", { className: "muted", textContent: `and ${more} more` }) : null),
    best.left_out.length > 0
      ? make("p", { className: "muted small", textContent: `Left out, since some of their runs have no such number: ${best.left_out.slice(0, 3).join("; ")}` })
      : null,
  );
}

/**
 * @param {any} said of the server
 * @returns {HTMLElement}
 */
export function failuresOf(said) {
  const counted = said.failures.map((/** @type {any} */ one) =>
    make("span", { title: one.sentence, className: one.count > 0 ? "some" : "" }, `${words(one.name)} ${grouped(one.count)}`),
  );
  return make(
    "p",
    { className: "failures small muted" },
    make("span", { textContent: `Of ${grouped(said.runs)} runs:` }),
    ...counted,
    said.few ? make("span", { className: "some", textContent: "fewer than 30 runs of each: intervals rest on few" }) : null,
  );
}

/**
 * @param {any} said of the server
 * @param {Opens} opens
 * @returns {HTMLElement}
 */
export function tableOf(said, opens) {
  const heads = ["Setting", "Runs", "Mean", "Interval", ...said.failures.map((/** @type {any} */ one) => words(one.name)), ""];
  const rows = said.rows.map((/** @type {any} */ row) => {
    const open = make("button", { type: "button", className: "quiet", textContent: "Open", disabled: row.run === null });
    open.setAttribute("aria-label", `Open run ${row.run} of ${row.label}`);
    open.title = `Run ${row.run}, the nearest to the mean`;
    open.addEventListener("click", () => opens({ setting: row.setting, run: row.run }));
    const cells = [
      make("th", { scope: "row", textContent: row.label }),
      make("td", { textContent: grouped(row.n) }),
      make("td", { textContent: brief(row.mean) }),
      make("td", { textContent: row.mean === null ? "–" : `${brief(row.mean_low)} to ${brief(row.mean_high)}` }),
      ...said.failures.map((/** @type {any} */ one) => make("td", { textContent: grouped(row[one.name]) })),
      make("td", {}, open),
    ];
    return make("tr", {}, ...cells);
  });
  const caption =
    said.settings > said.rows.length ? `The first ${said.rows.length} of ${grouped(said.settings)} settings; the files below have all` : "";
  return make(
    "div",
    { className: "scrolls", tabIndex: 0, role: "region", ariaLabel: "Table of the settings" },
    make(
      "table",
      {},
      caption ? make("caption", { textContent: caption }) : null,
      make("thead", {}, make("tr", {}, ...heads.map((text) => (text ? make("th", { scope: "col", textContent: text }) : make("td"))))),
      make("tbody", {}, ...rows),
    ),
  );
}

/**
 * How often a run of one setting (row) does better than one of another (column).
 * @param {{labels: string[], pairs: (Interval & {a: number, b: number})[], runs: number, level: number}} said
 * @param {Scheme} scheme
 * @returns {HTMLElement}
 */
export function matrixOf({ labels, pairs, runs, level }, scheme) {
  const byPlace = new Map(pairs.map((pair) => [`${pair.a},${pair.b}`, pair]));
  const rows = labels.map((label, a) => {
    const cells = labels.map((_, b) => {
      const pair = byPlace.get(`${a},${b}`);
      if (!pair || pair.mean === null) return make("td", { textContent: a === b ? "" : "–" });
      const color = rampColor("diverging", pair.mean, scheme);
      const cell = make("td", { textContent: fixed(pair.mean, 2), title: `${label} against ${labels[b]}: ${fixed(pair.mean, 3)} (${fixed(pair.low, 3)} to ${fixed(pair.high, 3)})` });
      cell.style.background = `rgb(${color.join(" ")})`;
      cell.style.color = inkOn(color);
      return cell;
    });
    return make("tr", {}, make("th", { scope: "row", textContent: label }), ...cells);
  });
  return make(
    "div",
    { className: "scrolls", tabIndex: 0, role: "region", ariaLabel: "P(better)" },
    make(
      "table",
      { className: "matrix" },
      make("caption", {
        textContent: `How often a run of the row does better than that of the column: ${grouped(runs)} runs on the same luck, ties count half; the title of a cell has its ${percent(level)} interval`,
      }),
      make("thead", {}, make("tr", {}, make("td"), ...labels.map((label) => make("th", { scope: "col" }, make("span", { textContent: label }))))),
      make("tbody", {}, ...rows),
    ),
  );
}
