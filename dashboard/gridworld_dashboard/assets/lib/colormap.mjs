/**
 * The heat map's colours: a warm ramp whose lightness (OKLab L) is linear in the value, so that
 * equal differences look equal, with colour vision deficiencies too. In each scheme the low end
 * is near the colour of an empty cell: the more value, the more ink.
 */

/** @typedef {"light" | "dark"} Scheme */
/** @typedef {[number, number, number]} Rgb 0..255 each */

/**
 * [lightness, chroma, hue in degrees] at evenly spaced values from low to high.
 * @type {Record<Scheme, number[][]>}
 */
const RAMPS = {
  light: [
    [0.96, 0.035, 98],
    [0.84, 0.115, 82],
    [0.72, 0.145, 62],
    [0.6, 0.155, 46],
    [0.48, 0.14, 34],
  ],
  dark: [
    [0.3, 0.035, 28],
    [0.445, 0.11, 34],
    [0.59, 0.14, 48],
    [0.735, 0.145, 70],
    [0.88, 0.12, 95],
  ],
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
 * @param {number} t 0 (low) .. 1 (high)
 * @param {Scheme} scheme
 * @returns {Rgb}
 */
export function heatColor(t, scheme) {
  const ramp = RAMPS[scheme];
  const at = Math.min(1, Math.max(0, t)) * (ramp.length - 1);
  const i = Math.min(Math.floor(at), ramp.length - 2);
  const mix = (/** @type {number} */ k) => ramp[i][k] + (at - i) * (ramp[i + 1][k] - ramp[i][k]);
  return oklch(mix(0), mix(1), mix(2));
}

/**
 * Look-up table from a byte of the frame to a pixel of an ImageData seen as Uint32Array.
 * Entry 0 (no value) is transparent, 1..255 run from low to high.
 * @param {Scheme} scheme
 * @returns {Uint32Array<ArrayBuffer>}
 */
export function heatTable(scheme) {
  const bytes = new Uint8ClampedArray(4 * 256);
  for (let i = 1; i < 256; i++) bytes.set([...heatColor((i - 1) / 254, scheme), 255], 4 * i);
  return new Uint32Array(bytes.buffer);
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
