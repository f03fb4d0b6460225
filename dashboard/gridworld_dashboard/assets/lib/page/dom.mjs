/** Small tools for the page's elements. */

import { placeOf } from "../wire/place.mjs";

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element #${id}`);
  return found;
}

/**
 * Write only where something changes: equal text costs no layout and is announced to nobody.
 * @param {string | HTMLElement} target an id or the element
 * @param {string} text
 */
export function write(target, text) {
  const place = typeof target === "string" ? element(target) : target;
  if (place.textContent !== text) place.textContent = text;
}

/**
 * A whole number whose digits stand in groups of three for the eye: its text is the number alone.
 * @param {string} id
 * @param {number} number
 */
export function writeCount(id, number) {
  const place = element(id);
  const text = String(number);
  if (place.textContent === text) return;
  const parts = text.length > 4 ? text.split(/(?=(?:\d{3})+$)/) : [text];
  place.replaceChildren(
    ...parts.map((part) => {
      const group = document.createElement("span");
      group.className = "digits";
      group.textContent = part;
      return group;
    }),
  );
  place.classList.toggle("long", text.length > 7);
}

/**
 * @param {string | HTMLElement} target an id or the element
 * @param {string} name
 * @param {string | null} value null removes it
 */
export function attribute(target, name, value) {
  const place = typeof target === "string" ? element(target) : target;
  if (value === null) place.removeAttribute(name);
  else if (place.getAttribute(name) !== value) place.setAttribute(name, value);
}

/**
 * An element that Dash knows nothing of.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [properties]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}

/**
 * @param {string} face
 * @param {() => void} does
 * @param {{name?: string, kind?: string}} [more] for those who listen; class names
 */
export function button(face, does, { name = face, kind = "" } = {}) {
  const made = make("button", { type: "button", className: kind, textContent: face, ariaLabel: name });
  made.addEventListener("click", does);
  return made;
}

/** What is the same for all of a browser's sessions. */
const OF_ALL = ["scheme", "letters"];

/** @param {string} name @returns {string} under which this page's session has it */
function keyOf(name) {
  const place = OF_ALL.includes(name) ? "" : placeOf();
  return `gridworld-bench.${place && `${place}.`}${name}`;
}

/** Values that this browser remembers; private windows may refuse, which must not matter. */
export const memory = {
  /**
   * @param {string} name
   * @returns {any} null where there is none
   */
  get(name) {
    try {
      return JSON.parse(localStorage.getItem(keyOf(name)) ?? "null");
    } catch {
      return null;
    }
  },
  /**
   * @param {string} name
   * @param {any} value
   */
  set(name, value) {
    try {
      localStorage.setItem(keyOf(name), JSON.stringify(value));
    } catch {
      // Full or forbidden: the page works without a memory.
    }
  },
};
