/** The charts of an experiment, drawn by Plotly from what the server has computed. */

/** @typedef {import("../page/palette.mjs").Palette} Palette */

/**
 * @typedef {object} Point
 * @property {any} x
 * @property {number | null} mean
 * @property {number | null} low
 * @property {number | null} high
 * @property {number} n
 * @property {number} setting
 * @property {number | null} run the one nearest to the mean
 * @property {[number, number][]} dots number and value of some runs
 */

const PLOTLY = "assets/vendor/plotly-basic.min.js";

const CONFIG = { displayModeBar: false, doubleClick: "reset+autosize", responsive: true };

/** Told apart by the colour-blind (Okabe & Ito 2008), on light and on dark ground. */
const COLORS = {
  light: ["#0072b2", "#d55e00", "#009e73", "#b8588f", "#a87600", "#2f8fc4", "#4a5058", "#7a6f00"],
  dark: ["#56b4e9", "#e69f00", "#2fc99b", "#cc79a7", "#f0e442", "#86a8ff", "#e8eaed", "#d55e00"],
};

const DASHES = ["solid", "dash", "dot", "dashdot"];

/** @type {Promise<any> | null} */
let loading = null;

/** @returns {Promise<any>} Plotly, once it is there */
function plotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = PLOTLY;
    script.addEventListener("load", () => resolve(/** @type {any} */ (window).Plotly));
    script.addEventListener("error", reject);
    document.head.append(script);
  });
  return loading;
}

/**
 * @param {HTMLElement} place
 * @param {object[]} traces
 * @param {object} axes
 * @param {Palette} palette
 * @param {(point: {setting: number, run: number | null}) => void} clicked
 */
async function draw(place, traces, axes, palette, clicked) {
  const library = await plotly();
  if (!place.isConnected) return;
  const axis = {
    gridcolor: palette.line,
    linecolor: palette.line,
    zeroline: false,
    tickcolor: palette.line,
    automargin: true,
  };
  const { xaxis, yaxis } = /** @type {any} */ (axes);
  const layout = {
    margin: { l: 8, r: 8, t: 8, b: 8 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: palette.font, size: 12, color: palette.muted },
    hoverlabel: { font: { family: palette.font, size: 12 } },
    hovermode: "closest",
    hoverdistance: 24,
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
    uirevision: "stays",
    ...axes,
    xaxis: { ...axis, ...xaxis },
    yaxis: { ...axis, ...yaxis },
  };
  await library.react(place, traces, layout, CONFIG);
  const graph = /** @type {any} */ (place);
  graph.removeAllListeners?.("plotly_click");
  graph.on?.("plotly_click", (/** @type {any} */ event) => {
    const data = event.points?.[0]?.customdata;
    if (data) clicked({ setting: data[0], run: data[1] });
  });
}

/** @param {string} color as #rrggbb @param {number} share */
function veil(color, share) {
  const parts = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return `rgba(${parts.join(", ")}, ${share})`;
}

/**
 * @param {ArrayLike<any>} xs
 * @param {(number | null)[]} low
 * @param {(number | null)[]} high
 * @param {string} color
 */
function bandOf(xs, low, high, color) {
  const known = Array.from(xs, (x, i) => ({ x, low: low[i], high: high[i] })).filter(
    (one) => one.low !== null && one.high !== null,
  );
  return {
    x: [...known.map(({ x }) => x), ...known.map(({ x }) => x).reverse()],
    y: [...known.map((one) => one.high), ...known.map((one) => one.low).reverse()],
    type: "scatter",
    mode: "none",
    fill: "toself",
    fillcolor: veil(color, 0.2),
    hoverinfo: "skip",
    showlegend: false,
  };
}

/**
 * The U-curve of an axis: means with their band, and some of the runs behind them.
 * @param {HTMLElement} place
 * @param {object} said of the server
 * @param {{axis: string, numeric: boolean, log: boolean, values: any[], lines: {label: string, points: Point[]}[]}} said.sensitivity
 * @param {{name: string, unit: string}} said.measure
 * @param {Palette} palette
 * @param {(point: {setting: number, run: number | null}) => void} clicked
 */
export function drawSensitivity(place, { sensitivity, measure }, palette, clicked) {
  const colors = COLORS[palette.scheme];
  const { numeric, log, lines } = sensitivity;
  const at = (/** @type {Point} */ point) => (numeric ? point.x : String(point.x));
  const traces = lines.flatMap(({ label, points }, i) => {
    const color = colors[i % colors.length];
    const xs = points.map(at);
    return [
      bandOf(xs, points.map((p) => p.low), points.map((p) => p.high), color),
      {
        x: points.flatMap((p) => p.dots.map(() => at(p))),
        y: points.flatMap((p) => p.dots.map(([, value]) => value)),
        customdata: points.flatMap((p) => p.dots.map(([run]) => [p.setting, run])),
        type: "scatter",
        mode: "markers",
        marker: { color, size: 4, opacity: 0.35 },
        showlegend: false,
        hovertemplate: `run %{customdata[1]}: %{y:.4~g}<br>click: open it<extra></extra>`,
      },
      {
        x: xs,
        y: points.map((p) => p.mean),
        customdata: points.map((p) => [p.setting, p.run, p.n, p.low, p.high]),
        type: "scatter",
        mode: "lines+markers",
        name: label || measure.name.replaceAll("_", " "),
        showlegend: lines.length > 1,
        line: { color, width: 2, dash: DASHES[Math.floor(i / 2) % DASHES.length] },
        marker: { color, size: 8 },
        hovertemplate:
          "%{x}: mean %{y:.4~g} (%{customdata[3]:.4~g} to %{customdata[4]:.4~g}), " +
          "%{customdata[2]} runs<br>click: open run %{customdata[1]}, the nearest to it<extra></extra>",
      },
    ];
  });
  const axes = {
    xaxis: {
      title: { text: sensitivity.axis.replaceAll("_", " ") },
      type: numeric ? (log ? "log" : "linear") : "category",
    },
    yaxis: { title: { text: named(measure) } },
  };
  return draw(place, traces, axes, palette, clicked);
}

/**
 * Learning curves: means with their band.
 * @param {HTMLElement} place
 * @param {{lines: {label: string, setting: number, run: number | null, x: number[], mean: (number | null)[], low: (number | null)[], high: (number | null)[]}[]}} said
 * @param {Palette} palette
 * @param {(point: {setting: number, run: number | null}) => void} clicked
 */
export function drawCurves(place, { lines }, palette, clicked) {
  const colors = COLORS[palette.scheme];
  const traces = lines.flatMap(({ label, setting, run, x, mean, low, high }, i) => {
    const color = colors[i % colors.length];
    return [
      bandOf(x, low, high, color),
      {
        x,
        y: mean,
        customdata: x.map(() => [setting, run]),
        type: "scatter",
        mode: "lines",
        name: label,
        line: { color, width: 2, dash: DASHES[Math.floor(i / 2) % DASHES.length] },
        hovertemplate: `${label}<br>episode %{x}: %{y:.4~g}<br>click: open run %{customdata[1]}<extra></extra>`,
      },
    ];
  });
  const axes = {
    xaxis: { title: { text: "episode" } },
    yaxis: { title: { text: "return of an episode (reward)" } },
  };
  return draw(place, traces, axes, palette, clicked);
}

/** @param {{name: string, unit: string}} measure */
export function named({ name, unit }) {
  const text = name.replaceAll("_", " ");
  return unit ? `${text} (${unit})` : text;
}
