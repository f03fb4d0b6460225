/** The style sheet's colours, resolved for the canvas and the charts. */

/** @typedef {import("../board/colormap.mjs").Scheme} Scheme */

const NAMES = {
  surface: "--surface",
  floor: "--floor",
  line: "--line",
  cellLine: "--cell-line",
  ink: "--ink",
  muted: "--muted",
  faint: "--faint",
  accent: "--accent",
  wall: "--wall",
  goal: "--goal",
  goalFloor: "--goal-floor",
  pit: "--pit",
  pitFloor: "--pit-floor",
};

/** @typedef {Record<keyof typeof NAMES, string> & {scheme: Scheme, font: string}} Palette */

/** @returns {Palette} */
export function readPalette() {
  const probe = document.createElement("span");
  // Where the system forces its colours on a page, every colour would be read as that of text.
  probe.style.setProperty("forced-color-adjust", "none");
  document.body.append(probe);
  const computed = getComputedStyle(probe);
  const entries = Object.entries(NAMES).map(([name, variable]) => {
    probe.style.color = `var(${variable})`;
    return [name, computed.color];
  });
  const font = computed.fontFamily;
  probe.remove();
  return /** @type {Palette} */ ({ ...Object.fromEntries(entries), scheme: scheme(), font });
}

/** @returns {Scheme} the one chosen on the page, else the system's */
export function scheme() {
  // Forced colours are the system's, whatever was chosen here.
  if (matchMedia("(forced-colors: active)").matches) {
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  const chosen = document.documentElement.dataset.scheme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/**
 * @param {string} color as getComputedStyle writes it: rgb(r, g, b)
 * @returns {[number, number, number]}
 */
export function rgb(color) {
  const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b];
}
