/** What each chart shows, as Plotly wants it: traces, axes and current values. Pure. */

import { brief, epsilon, grouped } from "../page/format.mjs";
import { rgb } from "../page/palette.mjs";
import { binEnds, last, outline, thin } from "./series.mjs";

/** @typedef {import("../wire/model.mjs").Model} Model */
/** @typedef {import("../wire/model.mjs").History} History */
/** @typedef {import("../page/palette.mjs").Palette} Palette */

/** A chart is some 350 pixels wide: more points cost time and show nothing. */
const MOST_POINTS = 300;
/** Episodes: with fewer, the axis counts them one by one. */
const FEW = 5;

/**
 * @typedef {object} Chart
 * @property {string} id
 * @property {"history" | "regrets"} part of the model that it shows
 * @property {(model: Model, palette: Palette) => object[]} traces none where there is nothing yet
 * @property {(model: Model) => string[][]} now name and number of the current values
 * @property {boolean} [fromZero]
 */

/** @type {Chart[]} */
export const CHARTS = [
  {
    id: "return-chart",
    part: "history",
    traces: ({ history: h }, palette) => (h ? runs(h, palette, h.returns, h.rollingReturn) : []),
    now: ({ history: h }) => readings(h, h?.returns, h?.rollingReturn),
  },
  {
    id: "length-chart",
    part: "history",
    traces: ({ history: h }, palette) => (h ? runs(h, palette, h.lengths, h.rollingLength) : []),
    now: ({ history: h }) => readings(h, h?.lengths, h?.rollingLength),
    fromZero: true,
  },
  {
    id: "epsilon-chart",
    part: "history",
    traces: ({ history: h }, palette) =>
      h && h.epsilon.length > 0
        ? [line(binEnds(h.epsilon.length, h.width), h.epsilon, palette.accent, 2, "epsilon")]
        : [],
    now: ({ history: h }) => [[many(h) ? "mean" : "now", epsilon(h && last(h.epsilon))]],
    fromZero: true,
  },
  {
    id: "regret-chart",
    part: "regrets",
    traces: ({ regrets: r }, palette) =>
      r && r.regret.length > 0 ? [line(r.episodes, r.regret, palette.accent, 2, "regret")] : [],
    now: ({ truth }) => [["now", brief(truth?.regret)]],
    fromZero: true,
  },
];

/** @param {History | null | undefined} history */
function many(history) {
  return (history?.agents ?? 1) > 1;
}

/**
 * @param {History | null} history
 * @param {import("../wire/model.mjs").Band | undefined} band
 * @param {Float32Array | undefined} rolling
 * @returns {string[][]}
 */
function readings(history, band, rolling) {
  const newest = brief(band && last(band.mean));
  if (many(history)) return [["mean of the middle half", newest]];
  return [
    ["last", newest],
    ["mean(100)", brief(rolling && last(rolling))],
  ];
}

/**
 * @param {History | null} history
 * @returns {string} what the band around a line is; empty where nobody has to be told
 */
export function bandNote(history) {
  if (!history || !many(history) || history.returns.mean.length === 0) return "";
  return (
    `${grouped(history.agents)} agents: the line is the mean of their middle half ` +
    "(interquartile mean), the band that half."
  );
}

/** @returns {boolean} fingers point here */
function coarse() {
  return globalThis.matchMedia?.("(pointer: coarse)").matches ?? false;
}

/** @param {any[]} traces */
function isLarge(traces) {
  return traces.some(({ y }) => y.some((/** @type {number | null} */ v) => Math.abs(v ?? 0) >= 1000));
}

/** @param {any[]} traces */
function isFew(traces) {
  return traces.length > 0 && traces.every(({ x }) => !(x[x.length - 1] > FEW));
}

/**
 * @param {Palette} palette
 * @param {number | null} run
 * @param {boolean} fromZero
 * @param {any[]} traces none: then there is nothing to have axes for
 */
export function layout(palette, run, fromZero, traces) {
  const visible = traces.length > 0;
  const axis = {
    visible,
    color: palette.muted,
    gridcolor: palette.line,
    gridwidth: 1,
    zeroline: false,
    tickfont: { size: 11 },
    nticks: 5,
    // As many digits as tell neighbours apart; 4M, not 4e+6.
    exponentformat: "SI",
    minexponent: 5,
    // On a touch screen a finger on a chart scrolls the page.
    fixedrange: coarse(),
  };
  return {
    autosize: false,
    uirevision: run,
    showlegend: false,
    hovermode: "x",
    dragmode: coarse() ? false : "zoom",
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: palette.font, color: palette.muted, size: 11 },
    hoverlabel: { bgcolor: palette.surface, font: { color: palette.ink, size: 11 } },
    margin: { l: isLarge(traces) ? 58 : 38, r: 10, t: 6, b: 22 },
    xaxis: {
      ...axis,
      showgrid: false,
      rangemode: "tozero",
      // No range: Plotly would keep it as if the reader had zoomed.
      ...(isFew(traces) ? { dtick: 1 } : {}),
    },
    yaxis: { ...axis, rangemode: fromZero ? "tozero" : "normal" },
  };
}

/**
 * One agent: single episodes (or the mean of each bin, with its extremes around it) and the
 * rolling mean. Many: the mean of their middle half, with that half around it.
 * @param {History} history
 * @param {Palette} palette
 * @param {import("../wire/model.mjs").Band} band
 * @param {Float32Array} rolling
 * @returns {object[]}
 */
function runs(history, palette, band, rolling) {
  const { width } = history;
  if (band.mean.length === 0) return [];
  const ends = binEnds(band.mean.length, width);
  const around = (/** @type {string} */ fillcolor) => ({
    ...outline(ends, band.low, band.high, MOST_POINTS / 2),
    type: "scatter",
    mode: "none",
    fill: "toself",
    fillcolor,
    hoverinfo: "skip",
  });
  if (many(history)) {
    return [
      around(veil(palette.accent, 0.2)),
      line(ends, band.mean, palette.accent, 2, "middle half"),
    ];
  }
  const single = line(ends, band.mean, palette.faint, 1, width > 1 ? "mean" : "episode");
  const mean = line(binEnds(rolling.length, width), rolling, palette.accent, 2, "mean of 100");
  return width > 1 ? [around(veil(palette.muted, 0.18)), single, mean] : [single, mean];
}

/**
 * A band lets its line show through, whatever their colours are.
 * @param {string} color
 * @param {number} share of it
 * @returns {string}
 */
function veil(color, share) {
  return `rgba(${rgb(color).join(", ")}, ${share})`;
}

/**
 * @param {ArrayLike<number>} xs
 * @param {ArrayLike<number>} ys
 * @param {string} color
 * @param {number} width
 * @param {string} name
 * @returns {object}
 */
function line(xs, ys, color, width, name) {
  return {
    ...thin(xs, ys, MOST_POINTS),
    type: "scatter",
    mode: ys.length === 1 ? "markers" : "lines",
    name,
    line: { color, width },
    marker: { color, size: 5 },
    hovertemplate: "%{y:.4~g}",
  };
}
