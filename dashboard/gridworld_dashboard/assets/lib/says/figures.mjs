/** What each chart shows, as Plotly wants it: traces, axes and current values. Pure. */

import { epsilonCurve, isSoftmax } from "../form/presets.mjs";
import { brief, epsilon, grouped } from "../page/format.mjs";
import { rgb } from "../page/palette.mjs";
import { DASHES } from "./pins.mjs";
import { binEnds, last, outline, thin } from "./series.mjs";

/** @typedef {import("../wire/model.mjs").Model} Model */
/** @typedef {import("../wire/model.mjs").History} History */
/** @typedef {import("../wire/model.mjs").Pin} Pin */
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
 * @property {(model: Model) => string} [title] where it is not always the same
 */

/** @type {Chart[]} */
export const CHARTS = [
  {
    id: "return-chart",
    part: "history",
    traces: ({ history: h, pins }, palette) => [
      ...pinned(pins, palette, (pin) => [pin.ends, half(pin.returns)]),
      ...(h ? runs(h, palette, h.returns, h.rollingReturn) : []),
    ],
    now: ({ history: h }) => readings(h, h?.returns, h?.rollingReturn),
  },
  {
    id: "length-chart",
    part: "history",
    traces: ({ history: h, pins }, palette) => [
      ...pinned(pins, palette, (pin) => [pin.ends, half(pin.lengths)]),
      ...(h ? runs(h, palette, h.lengths, h.rollingLength) : []),
    ],
    now: ({ history: h }) => readings(h, h?.lengths, h?.rollingLength),
    fromZero: true,
  },
  {
    id: "epsilon-chart",
    part: "history",
    traces: ({ history: h, frame, pins }, palette) => {
      const before = pinned(pins, palette, (pin) => [pin.ends, pin.epsilon]);
      if (!h || h.epsilon.length === 0) return before;
      const [xs, ys] = epsilonPoints(h, frame ?? null);
      const name = exploresBy(frame?.parameters).toLowerCase();
      return [...before, line(xs, ys, palette.accent, 2, name)];
    },
    title: ({ frame }) => exploresBy(frame?.parameters),
    now: ({ history: h }) => [[many(h) ? "mean" : "now", epsilon(h && last(h.epsilon))]],
    fromZero: true,
  },
  {
    id: "regret-chart",
    part: "regrets",
    traces: ({ regrets: r, pins }, palette) => [
      ...pinned(pins, palette, ({ regrets }) => [regrets.episodes, regrets.regret]),
      ...(r && r.regret.length > 0
        ? [line(r.episodes, r.regret, palette.accent, 2, "regret")]
        : []),
    ],
    now: ({ truth }) => [["now", brief(truth?.regret)]],
    fromZero: true,
  },
];

/** @param {Record<string, any>} [parameters] in force @returns {string} what the chart is of */
export function exploresBy(parameters = {}) {
  return isSoftmax(parameters) ? "Temperature" : "Epsilon";
}

/**
 * Runs that are pinned, grey, each with a dash of its own.
 * @param {Pin[] | undefined} pins
 * @param {Palette} palette
 * @param {(pin: Pin) => [ArrayLike<number>, ArrayLike<number>]} points
 * @returns {object[]}
 */
function pinned(pins, palette, points) {
  return (pins ?? []).flatMap((pin, i) => {
    const [xs, ys] = points(pin);
    if (ys.length === 0) return [];
    const made = line(xs, ys, palette.muted, 1.5, pin.name);
    return [{ ...made, line: { color: palette.muted, width: 1.5, dash: DASHES[i] } }];
  });
}

/** @param {{mean: Float32Array, middle: Float32Array}} lines of many agents */
function half({ mean, middle: of }) {
  return middle.on ? of : mean;
}

/**
 * Epsilon, or the temperature, at the end of each bin. After long runs all of its fall is in the
 * first one: while it is
 * known how the run began, that is drawn from the numbers.
 * @param {History} history
 * @param {import("../wire/model.mjs").Frame | null} frame
 * @returns {[number[], number[]]}
 */
function epsilonPoints(history, frame) {
  const { width, epsilon: bins } = history;
  const xs = [...binEnds(bins.length, width)];
  const ys = [...bins];
  if (width === 1 || !frame?.repeatable) return [xs, ys];
  const parameters = frame.parameters ?? {};
  const first = parameters[isSoftmax(parameters) ? "temperature" : "epsilon"];
  const fields = Object.entries(parameters).map(([key, value]) => [key.replaceAll("_", "-"), value]);
  const { exploration, exploration_schedule } = parameters;
  const chosen = { exploration, exploration_schedule, "num-episodes": width };
  const curve = epsilonCurve({ ...Object.fromEntries(fields), ...chosen });
  // Only where it is that of the agent.
  const reached = curve?.ys[curve.ys.length - 1] ?? NaN;
  const known = Math.abs(reached - ys[0]) <= 0.02 * Math.max(reached, ys[0]);
  if (!curve || !known) return [[0, ...xs], [first, ...ys]];
  return [[...curve.xs.slice(0, -1), ...xs], [...curve.ys.slice(0, -1), ...ys]];
}

/** @param {History | null | undefined} history */
function many(history) {
  return (history?.agents ?? 1) > 1;
}

/** Episodes that a rolling mean is of, as far as bins can be counted together. */
const WINDOW = 100;

/**
 * @param {number} width episodes per bin
 * @returns {number} episodes that the rolling mean covers in truth
 */
function windowOf(width) {
  return Math.max(1, Math.round(WINDOW / width)) * width;
}

/** Of many agents their middle half is shown instead of their mean. */
export const middle = { on: false };

/**
 * @param {History | null} history
 * @param {import("../wire/model.mjs").Band | undefined} band
 * @param {Float32Array | undefined} rolling
 * @returns {string[][]}
 */
function readings(history, band, rolling) {
  if (many(history)) {
    const [name, shown] = middle.on || !band?.average ? ["middle half", band] : ["mean", band.average];
    return [[name, brief(shown && last(shown.mean))]];
  }
  const width = history?.width ?? 1;
  const newest = brief(band && last(band.mean));
  if (width >= WINDOW) return [[`mean of the last ${grouped(width)}`, newest]];
  return [
    [width === 1 ? "last" : `mean of the last ${width}`, newest],
    [`mean(${windowOf(width)})`, brief(rolling && last(rolling))],
  ];
}

/**
 * @param {History | null} history
 * @returns {string} what the band around a line is; empty where nobody has to be told
 */
export function bandNote(history) {
  if (!history || !many(history) || history.returns.mean.length === 0) return "";
  const agents = `${grouped(history.agents)} agents: the line is`;
  if (middle.on || !history.returns.average) {
    return `${agents} the mean of their middle half (interquartile mean), the band that half.`;
  }
  return `${agents} their mean, the band its interval of 95 %.`;
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
    margin: { l: isLarge(traces) ? 58 : 38, r: 10, t: 6, b: 36 },
    xaxis: {
      ...axis,
      showgrid: false,
      rangemode: "tozero",
      title: { text: "Episodes", font: { size: 11 }, standoff: 4 },
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
  const shown = (many(history) && !middle.on && band.average) || band;
  const around = (/** @type {string} */ fillcolor) => ({
    ...outline(ends, shown.low, shown.high, MOST_POINTS / 2),
    type: "scatter",
    mode: "none",
    fill: "toself",
    fillcolor,
    hoverinfo: "skip",
  });
  if (many(history)) {
    return [
      around(veil(palette.accent, 0.2)),
      line(ends, shown.mean, palette.accent, 2, shown === band ? "middle half" : "mean"),
    ];
  }
  const single = line(ends, band.mean, palette.faint, 1, width > 1 ? "mean" : "episode");
  const mean = line(binEnds(rolling.length, width), rolling, palette.accent, 2, `mean of ${windowOf(width)}`);
  if (width === 1) return [single, mean];
  // A bin of a hundred episodes and more is its own mean.
  const lines = width < WINDOW ? [single, mean] : [{ ...single, line: { color: palette.accent, width: 2 } }];
  return [around(veil(palette.muted, 0.18)), ...lines];
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
