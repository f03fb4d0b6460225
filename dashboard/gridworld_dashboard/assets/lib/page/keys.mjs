/** Keys that press buttons, and keys that belong to something else. */

/**
 * @param {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, target?: any}} event
 * @returns {string | null} the key as `aria-keyshortcuts` names it; null: it is the browser's
 */
export function keyName({ key, ctrlKey, metaKey, altKey, target }) {
  if (ctrlKey || metaKey || altKey) return null;
  if (key.length > 1) return key;
  if (key !== " ") return key.toUpperCase();
  // Space on a focused button presses that button already.
  return target?.closest?.("button, a, summary") ? null : "Space";
}

/**
 * @param {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean}} event
 * @returns {boolean} the next view of the grid is asked for
 */
export function isViewKey({ key, ctrlKey, metaKey, altKey }) {
  return key.toLowerCase() === "v" && !ctrlKey && !metaKey && !altKey;
}

/**
 * The layer that comes after one, round and round, with none of them in between.
 * @param {readonly string[]} layers
 * @param {string | null} layer
 * @returns {any} null after the last one
 */
export function nextLayer(layers, layer) {
  return layers[layer === null ? 0 : layers.indexOf(layer) + 1] ?? null;
}

/**
 * @param {any} target of a key event
 * @returns {boolean} true where letters go into a field
 */
export function isTyping(target) {
  if (target?.isContentEditable) return true;
  const tag = target?.tagName;
  if (tag === "TEXTAREA" || tag === "SELECT") return true;
  return tag === "INPUT" && target.type !== "range";
}
