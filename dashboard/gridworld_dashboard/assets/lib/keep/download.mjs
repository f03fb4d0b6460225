/** Files that the page makes itself. */

/** Long enough for the browser to have taken the file. */
const KEPT_MS = 10_000;

/**
 * @param {Blob} blob
 * @param {string} name of the file
 */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name.replace(/[^\w.-]+/g, "-");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

/**
 * @param {string} text
 * @param {string} type of its content
 * @param {string} name of the file
 */
export function downloadText(text, type, name) {
  download(new Blob([text], { type: `${type};charset=utf-8` }), name);
}
