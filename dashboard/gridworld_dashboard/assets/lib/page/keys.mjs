/** Keyboard shortcuts. */

/**
 * By key: the buttons that it presses; of several, the one that is enabled.
 * @type {Record<string, string[]>}
 */
const SHORTCUTS = {
  " ": ["start-btn", "stop-btn"],
  r: ["reset-btn"],
  n: ["step-btn"],
  e: ["step-episode-btn"],
  h: ["heatmap-toggle"],
  p: ["policy-toggle"],
  l: ["copy-link-btn"],
  "?": ["keys-btn"],
};

/**
 * @param {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, repeat: boolean,
 *   target?: any}} event
 * @returns {string[] | null} ids of buttons
 */
export function shortcut({ key, ctrlKey, metaKey, altKey, repeat, target }) {
  if (ctrlKey || metaKey || altKey) return null;
  // Space on a focused button presses that button already.
  if (key === " " && target?.closest?.("button, a, summary")) return null;
  if (repeat && key !== "n") return null;
  return SHORTCUTS[key.length === 1 ? key.toLowerCase() : key] ?? null;
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
