/** The charts. Plotly comes when the grid is on the screen: only its part for lines. */

import { element, write } from "../page/dom.mjs";
import { CHARTS, layout } from "./figures.mjs";

/** @typedef {import("../wire/model.mjs").Model} Model */
/** @typedef {import("../page/palette.mjs").Palette} Palette */
/** @typedef {import("./figures.mjs").Chart} Chart */
/** @typedef {{react: Function}} Plotly */

const SHORTEST_MS = 450;
/** Charts may take this share of the page's main thread. */
const SHARE = 0.04;

const PLOTLY = "assets/vendor/plotly-basic.min.js";

const CONFIG = { displayModeBar: false, doubleClick: "reset+autosize", responsive: false };

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
    const script = document.createElement("script");
    script.src = PLOTLY;
    script.addEventListener("load", changed);
    document.head.append(script);
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
    for (const chart of CHARTS) {
      if (!parts || parts.has(chart.part) || parts.has("pins")) this.stale.add(chart);
    }
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
    const graph = document.getElementById(chart.id);
    if (!graph) return false;
    writeNow(chart, model);
    const traces = chart.traces(model, palette);
    const empty = traces.length === 0;
    graph.closest("figure")?.classList.toggle("empty", empty);
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

/**
 * What charts are of, where that is not always the same: other parameters change it at once.
 * @param {Model} model
 */
export function writeTitles(model) {
  for (const { id, title } of CHARTS) {
    const caption = document.getElementById(`${id}-now`)?.parentElement;
    const heading = /** @type {HTMLElement | null | undefined} */ (caption?.querySelector("h3"));
    if (title && heading) write(heading, title(model));
  }
}
