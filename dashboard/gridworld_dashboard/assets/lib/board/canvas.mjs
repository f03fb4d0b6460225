/** Canvases, on the page and behind it. */

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasRenderingContext2D}
 */
export function context(canvas) {
  const c = canvas.getContext("2d");
  if (!c) throw new Error("this browser draws no 2d canvas");
  return c;
}

/**
 * @param {number} width
 * @param {number} height
 * @returns {HTMLCanvasElement} that is nowhere on the page
 */
export function scratch(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}
