/**
 * The colours of the layers. On each ramp lightness (OKLab L) is linear in the value, so that
 * equal differences look equal, with colour vision deficiencies too. Values go from deep blue to
 * light green, in both schemes alike: far from the red of pits, and what was said of a colour in
 * one scheme holds in the other. Of the other layers nothing is near the colour of an empty cell:
 * the more there is, the more ink.
 */

/** @typedef {"light" | "dark"} Scheme */
/** @typedef {"value" | "cool" | "diverging"} Ramp */
/** @typedef {[number, number, number]} Rgb 0..255 each */

/** From the least to the largest: 0, which is in the middle, is a greyish blue. */
const VALUE = [
  [0.32, 0.1, 284],
  [0.47, 0.09, 262],
  [0.62, 0.05, 232],
  [0.77, 0.08, 184],
  [0.92, 0.1, 156],
];

/**
 * [lightness, chroma, hue in degrees] at evenly spaced values from low to high. The diverging
 * ramp has two arms from the same neutral: blue below zero, orange to brown above, equally light
 * at equal distance. Blue and orange stay apart for every kind of colour vision.
 * @type {Record<Scheme, Record<"value" | "cool" | "below" | "above", number[][]>>}
 */
const RAMPS = {
  light: {
    value: VALUE,
    cool: [
      [0.96, 0.018, 200],
      [0.84, 0.06, 196],
      [0.72, 0.092, 194],
      [0.6, 0.088, 200],
      [0.48, 0.075, 210],
    ],
    below: [
      [0.96, 0.004, 250],
      [0.72, 0.105, 250],
      [0.48, 0.145, 258],
    ],
    above: [
      [0.96, 0.004, 70],
      [0.72, 0.13, 64],
      [0.48, 0.115, 46],
    ],
  },
  dark: {
    value: VALUE,
    cool: [
      [0.3, 0.022, 215],
      [0.445, 0.06, 208],
      [0.59, 0.085, 200],
      [0.735, 0.105, 194],
      [0.88, 0.1, 188],
    ],
    below: [
      [0.28, 0.006, 255],
      [0.56, 0.125, 254],
      [0.84, 0.085, 244],
    ],
    above: [
      [0.28, 0.006, 60],
      [0.56, 0.125, 52],
      [0.84, 0.115, 72],
    ],
  },
};

/**
 * @param {number} lightness 0..1
 * @param {number} chroma
 * @param {number} hue in degrees
 * @returns {Rgb} clipped to sRGB (Ottosson 2020, "A perceptual color space for image processing")
 */
export function oklch(lightness, chroma, hue) {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    toByte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    toByte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    toByte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** @param {number} linear */
function toByte(linear) {
  const c = Math.min(1, Math.max(0, linear));
  return Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
}

/**
 * @param {Ramp} ramp
 * @param {number} t 0 (low) .. 1 (high); 0.5 is the zero of the diverging ramp
 * @param {Scheme} scheme
 * @returns {Rgb}
 */
export function rampColor(ramp, t, scheme) {
  const share = Math.min(1, Math.max(0, t));
  if (ramp !== "diverging") return along(RAMPS[scheme][ramp], share);
  return share < 0.5
    ? along(RAMPS[scheme].below, 1 - 2 * share)
    : along(RAMPS[scheme].above, 2 * share - 1);
}

/** @param {number[][]} stops @param {number} t @returns {Rgb} */
function along(stops, t) {
  const at = t * (stops.length - 1);
  const i = Math.min(Math.floor(at), stops.length - 2);
  const mix = (/** @type {number} */ k) => stops[i][k] + (at - i) * (stops[i + 1][k] - stops[i][k]);
  return oklch(mix(0), mix(1), mix(2));
}

/**
 * What a byte of a layer looks like: 0 (nothing to show) is transparent, 1..255 run from low to
 * high.
 * @typedef {object} ColorTable
 * @property {Uint32Array<ArrayBuffer>} pixels of an ImageData seen as Uint32Array
 * @property {string[]} css the same for fillStyle; "" for byte 0
 * @property {("#000" | "#fff")[]} ink that is legible on it
 */

/** @type {Map<string, ColorTable>} */
const tables = new Map();

/**
 * @param {Ramp} ramp
 * @param {Scheme} scheme
 * @returns {ColorTable} made once
 */
export function colorTable(ramp, scheme) {
  const key = `${ramp} ${scheme}`;
  const found = tables.get(key);
  if (found) return found;
  const bytes = new Uint8ClampedArray(4 * 256);
  const css = [""];
  /** @type {("#000" | "#fff")[]} */
  const ink = ["#000"];
  for (let i = 1; i < 256; i++) {
    const color = rampColor(ramp, (i - 1) / 254, scheme);
    bytes.set([...color, 255], 4 * i);
    css.push(`rgb(${color.join(" ")})`);
    ink.push(inkOn(color));
  }
  const table = { pixels: new Uint32Array(bytes.buffer), css, ink };
  tables.set(key, table);
  return table;
}

/**
 * @param {Rgb} color
 * @returns {number} relative luminance, 0..1 (WCAG 2)
 */
export function luminance([r, g, b]) {
  const linear = (/** @type {number} */ v) =>
    v <= 10.31475 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

/**
 * @param {Rgb} background
 * @returns {"#000" | "#fff"} the one with the higher contrast, always 4.5:1 or more
 */
export function inkOn(background) {
  return luminance(background) > 0.179 ? "#000" : "#fff";
}
