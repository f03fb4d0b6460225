/** The charts. Plotly comes with dcc.Graph, which is mounted when the grid is on the screen. */

import { element, write } from "../page/dom.mjs";
import { brief, epsilon, grouped } from "../page/format.mjs";
import { rgb } from "../page/palette.mjs";
import { binEnds, last, outline, thin } from "./series.mjs";

/** @typedef {import("../wire/model.mjs").Model} Model */
/** @typedef {import("../wire/model.mjs").History} History */
/** @typedef {import("../page/palette.mjs").Palette} Palette */
/** @typedef {{react: Function}} Plotly */

/** A chart is some 350 pixels wide: more points cost time and show nothing. */
const MOST_POINTS = 300;
const SHORTEST_MS = 450;
/** Episodes: with fewer, the axis counts them one by one. */
const FEW = 5;
/** Charts may take this share of the page's main thread. */
const SHARE = 0.04;

/**
 * @typedef {object} Chart
 * @property {string} id
 * @property {"history" | "regrets"} part of the model that it shows
 * @property {(model: Model, palette: Palette) => object[]} traces none where there is nothing yet
 * @property {(model: Model) => string[][]} now name and number of the current values
 * @property {boolean} [fromZero]
 */

/** @type {Chart[]} */
const CHARTS = [
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

export class Charts {
  constructor() {
    /** @type {Set<Chart>} */
    this.stale = new Set(CHARTS);
    /** When the round under way, or the last one, began. */
    this.at = -Infinity;
    this.cost = 0;
    this.interval = SHORTEST_MS;
    this.underWay = false;
    /** @type {Map<string, {width: number, height: number}>} by id */
    this.sizes = new Map();
  }

  /** @param {() => void} changed a chart has another size */
  begin(changed) {
    /** @type {Map<Element, Chart>} */
    const places = new Map();
    const observer = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) {
        const chart = /** @type {Chart} */ (places.get(target));
        const { width, height } = contentRect;
        this.sizes.set(chart.id, { width: Math.floor(width), height: Math.floor(height) });
        this.stale.add(chart);
      }
      this.soon();
      changed();
    });
    for (const chart of CHARTS) {
      // Dash may still be loading what goes into it.
      const place = element(`${chart.id}-now`).closest("figure")?.querySelector(".plot");
      if (!place) continue;
      places.set(place, chart);
      observer.observe(place);
    }
  }

  /**
   * Some part of what they show is new, or their colours are.
   * @param {Set<string>} [parts] of the model; all where it is left out
   */
  refresh(parts) {
    for (const chart of CHARTS) if (!parts || parts.has(chart.part)) this.stale.add(chart);
  }

  /** Let the next round wait for nothing. */
  soon() {
    this.at = -Infinity;
  }

  /**
   * Draw one stale chart that can be seen: one at a time, so that none of them holds up an
   * animation frame long. A round of them begins only when the last one is paid for.
   * @param {Model} model
   * @param {Palette} palette
   * @param {number} now in milliseconds
   * @returns {boolean} true while there is more to draw
   */
  draw(model, palette, now) {
    // At rest there is time, and what comes after the end (the regret) must not wait for it.
    const interval = model.frame?.running ? this.interval : SHORTEST_MS;
    if (!this.underWay && now - this.at < interval) return false;
    const plotly = /** @type {{Plotly?: Plotly}} */ (/** @type {unknown} */ (window)).Plotly;
    const waiting = [...this.stale].filter((chart) => this.#seen(chart));
    if (!plotly || waiting.length === 0) return false;
    if (!this.underWay) {
      this.underWay = true;
      this.at = now;
      this.cost = 0;
    }
    const [chart] = waiting;
    const began = performance.now();
    if (this.#plot(chart, plotly, model, palette)) this.stale.delete(chart);
    else return (this.underWay = false);
    this.cost += performance.now() - began;
    if (waiting.length > 1) return true;
    this.underWay = false;
    this.interval = Math.max(SHORTEST_MS, this.cost / SHARE);
    return false;
  }

  /** @param {Chart} chart */
  #seen({ id }) {
    const size = this.sizes.get(id);
    return size !== undefined && size.width > 0 && size.height > 0;
  }

  /**
   * @param {Chart} chart
   * @param {Plotly} plotly
   * @param {Model} model
   * @param {Palette} palette
   * @returns {boolean} false where its place is not ready yet
   */
  #plot(chart, plotly, model, palette) {
    const place = document.getElementById(chart.id);
    if (!place) return false;
    // Dash's own graph holds Plotly's element; the other charts are Plotly's element.
    const own = place.classList.contains("dash-graph");
    const graph = own ? place.querySelector(".js-plotly-plot") : place;
    if (!graph) return false;
    writeNow(chart, model);
    const traces = chart.traces(model, palette);
    const empty = traces.length === 0;
    place.closest("figure")?.classList.toggle("empty", empty);
    const size = this.sizes.get(chart.id) ?? {};
    const run = model.frame?.run ?? null;
    plotly.react(
      graph,
      traces,
      { ...layout(palette, run, chart.fromZero ?? false, traces), ...size },
      CONFIG,
    );
    return true;
  }
}

const CONFIG = { displayModeBar: false, doubleClick: "reset+autosize", responsive: false };

/**
 * @param {Chart} chart
 * @param {Model} model
 */
function writeNow({ id, now }, model) {
  const place = element(`${id}-now`);
  const wanted = now(model);
  while (place.children.length > wanted.length) place.lastElementChild?.remove();
  wanted.forEach(([name, value], i) => {
    let span = place.children[i];
    if (!span) {
      span = document.createElement("span");
      span.append(document.createElement("span"), " ", document.createElement("b"));
      place.append(span);
    }
    write(/** @type {HTMLElement} */ (span.firstElementChild), name);
    write(/** @type {HTMLElement} */ (span.lastElementChild), value);
  });
}

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
function layout(palette, run, fromZero, traces) {
  const visible = traces.length > 0;
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
    autosize: false,
    uirevision: run,
    showlegend: false,
    hovermode: "x",
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: palette.font, color: palette.muted, size: 11 },
    hoverlabel: { bgcolor: palette.surface, font: { color: palette.ink, size: 11 } },
    margin: { l: isLarge(traces) ? 58 : 38, r: 10, t: 6, b: 22 },
    xaxis: {
      ...axis,
      showgrid: false,
      rangemode: "tozero",
      tickformat: "~s",
      // No range: Plotly would keep it as if the reader had zoomed.
      ...(isFew(traces) ? { dtick: 1 } : {}),
    },
    yaxis: { ...axis, tickformat: "~g", rangemode: fromZero ? "tozero" : "normal" },
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
    const [r, g, b] = rgb(palette.accent);
    return [
      around(`rgba(${r}, ${g}, ${b}, 0.2)`),
      line(ends, band.mean, palette.accent, 2, "middle half"),
    ];
  }
  const single = line(ends, band.mean, palette.faint, 1, width > 1 ? "mean" : "episode");
  const mean = line(binEnds(rolling.length, width), rolling, palette.accent, 2, "mean of 100");
  return width > 1 ? [around(palette.line), single, mean] : [single, mean];
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
