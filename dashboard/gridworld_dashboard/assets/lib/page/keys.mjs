/** Keys that press buttons, and keys that belong to something else. */

import { attribute, memory } from "./dom.mjs";

/**
 * @param {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, target?: any}} event
 * @param {any} [pointed] what the focus came to by a pointer
 * @returns {string | null} the key as `aria-keyshortcuts` names it; null: it is the browser's
 */
export function keyName({ key, ctrlKey, metaKey, altKey, target }, pointed = null) {
  if (ctrlKey || metaKey || altKey) return null;
  if (key.length > 1) return key;
  if (key !== " ") return key.toUpperCase();
  // Space presses a button that somebody went to by the keyboard. Whoever clicked on one means
  // what the list of keys says.
  const pressed = target?.closest?.("button, a, summary");
  return pressed && pressed !== pointed ? null : "Space";
}

/**
 * @param {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean}} event
 * @returns {boolean} the next view of the grid is asked for
 */
export function isViewKey({ key, ctrlKey, metaKey, altKey }) {
  return key.toLowerCase() === "v" && !ctrlKey && !metaKey && !altKey;
}

/** Whether single letters and signs press anything: who dictates presses many (WCAG 2.1.4). */
export const letters = {
  on: memory.get("letters") !== false,
  /** @param {boolean} on */
  set(on) {
    this.on = on;
    memory.set("letters", on);
    attribute("letters-btn", "aria-pressed", String(on));
  },
};

/**
 * @param {{key: string}} event
 * @returns {boolean} the key is a letter or a sign, and those press nothing
 */
export function isSilent({ key }) {
  return !letters.on && key.length === 1 && key !== " ";
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
