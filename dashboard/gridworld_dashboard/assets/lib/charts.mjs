/** The three charts. Plotly comes with dcc.Graph, some time after the page. */

import { brief, epsilon } from "./format.mjs";
import { binEnds, last, outline, thin } from "./series.mjs";

/** @typedef {import("./model.mjs").History} History */
/** @typedef {import("./palette.mjs").Palette} Palette */
/** @typedef {{react: Function}} Plotly */

/** A chart is some 300 pixels wide: more points cost time and show nothing. */
const MOST_POINTS = 300;

/**
 * @typedef {object} Chart
 * @property {string} id
 * @property {(history: History, palette: Palette) => object[]} traces
 * @property {(history: History | null) => string[][]} now name and number of the current values
 * @property {boolean} [fromZero]
 */

/** @type {Chart[]} */
const CHARTS = [
  {
    id: "return-chart",
    traces: (h, palette) => both(h, palette, h.returns, h.rollingReturn),
    now: (h) => [
      ["last", brief(h && last(h.returns.mean))],
      ["mean(100)", brief(h && last(h.rollingReturn))],
    ],
  },
  {
    id: "length-chart",
    traces: (h, palette) => both(h, palette, h.lengths, h.rollingLength),
    now: (h) => [
      ["last", brief(h && last(h.lengths.mean))],
      ["mean(100)", brief(h && last(h.rollingLength))],
    ],
    fromZero: true,
  },
  {
    id: "epsilon-chart",
    traces: (h, palette) => [
      line(binEnds(h.epsilon.length, h.width), h.epsilon, palette.accent, 2, "epsilon"),
    ],
    now: (h) => [["now", epsilon(h && last(h.epsilon))]],
    fromZero: true,
  },
];

export class Charts {
  constructor() {
    this.next = 0;
    /** @type {Set<Chart>} */
    this.stale = new Set();
  }

  /** The history or the colours are new. */
  refresh() {
    for (const chart of CHARTS) this.stale.add(chart);
  }

  /** @param {History | null} history */
  write(history) {
    for (const { id, now } of CHARTS) {
      const place = document.getElementById(`${id}-now`);
      if (!place) continue;
      place.replaceChildren(
        ...now(history).map(([name, value]) => {
          const span = document.createElement("span");
          const number = document.createElement("b");
          number.textContent = value;
          span.append(`${name} `, number);
          return span;
        }),
      );
    }
  }

  /**
   * Draw one stale chart: one at a time, so that none of them holds up an animation frame long.
   * @param {History | null} history
   * @param {Palette} palette
   * @param {number | null} run keeps the reader's zoom within one run
   * @returns {boolean} true while there is more to draw
   */
  draw(history, palette, run) {
    const plotly = /** @type {{Plotly?: Plotly}} */ (/** @type {unknown} */ (window)).Plotly;
    const [chart] = this.stale;
    if (!plotly || !chart) return false;
    const graph = document.querySelector(`#${chart.id} .js-plotly-plot`);
    if (!graph) return false;
    this.stale.delete(chart);
    const empty = !history || history.epsilon.length === 0;
    document.getElementById(chart.id)?.closest("figure")?.classList.toggle("empty", empty);
    const traces = empty ? [] : chart.traces(history, palette);
    plotly.react(graph, traces, layout(palette, run, chart.fromZero ?? false, !empty), CONFIG);
    return this.stale.size > 0;
  }
}

const CONFIG = { displayModeBar: false, doubleClick: "reset+autosize", responsive: false };

/**
 * @param {Palette} palette
 * @param {number | null} run
 * @param {boolean} fromZero
 * @param {boolean} visible whether there is anything to have axes for
 */
function layout(palette, run, fromZero, visible) {
  const axis = {
    visible,
    color: palette.muted,
    gridcolor: palette.line,
    gridwidth: 1,
    zeroline: false,
    tickfont: { size: 11 },
    nticks: 5,
    fixedrange: false,
  };
  return {
    autosize: true,
    uirevision: run,
    showlegend: false,
    hovermode: "x",
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: palette.font, color: palette.muted, size: 11 },
    hoverlabel: { bgcolor: palette.surface, font: { color: palette.ink, size: 11 } },
    margin: { l: 38, r: 10, t: 6, b: 22 },
    xaxis: { ...axis, showgrid: false, rangemode: "tozero", tickformat: "~s" },
    yaxis: { ...axis, tickformat: "~g", rangemode: fromZero ? "tozero" : "normal" },
  };
}

/**
 * Single episodes (or the mean of each bin, with its extremes around it) and the rolling mean.
 * @param {History} history
 * @param {Palette} palette
 * @param {import("./model.mjs").Band} band
 * @param {Float32Array} rolling
 * @returns {object[]}
 */
function both({ width }, palette, band, rolling) {
  const ends = binEnds(band.mean.length, width);
  const traces = [line(ends, band.mean, palette.faint, 1, width > 1 ? "mean" : "episode")];
  if (width > 1) {
    traces.unshift({
      ...outline(ends, band.low, band.high, MOST_POINTS / 2),
      type: "scatter",
      mode: "none",
      fill: "toself",
      fillcolor: palette.line,
      hoverinfo: "skip",
    });
  }
  traces.push(
    line(binEnds(rolling.length, width), rolling, palette.accent, 2, "mean of 100"),
  );
  return traces;
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
