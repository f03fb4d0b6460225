/** Which of one's sessions a page shows: the address says it (`?at=left`), and every request. */

const KEY = "at";

/**
 * @param {string} path of the server, as the page asks for it
 * @param {string} [href] the page's address
 * @returns {string} the same, for the page's own session
 */
export function placed(path, href) {
  const place = placeOf(href);
  return place ? `${path}${path.includes("?") ? "&" : "?"}${KEY}=${encodeURIComponent(place)}` : path;
}

/**
 * @param {string} [href] the page's address
 * @returns {string} empty: the session that the page has by itself
 */
export function placeOf(href = globalThis.location?.href) {
  return href === undefined ? "" : (new URL(href).searchParams.get(KEY) ?? "");
}

/** @returns {boolean} the page is a part of another one, which has the controls */
export function isCompact() {
  return new URL(location.href).searchParams.has("compact");
}
