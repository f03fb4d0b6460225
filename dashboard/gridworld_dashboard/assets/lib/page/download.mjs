/** Gives a text to the browser as a file. */

/**
 * @param {string} name of the file
 * @param {string | Blob} content
 * @param {string} [type] of a text
 */
export function download(name, content, type = "text/plain;charset=utf-8") {
  const blob = typeof content === "string" ? new Blob([content], { type }) : content;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
