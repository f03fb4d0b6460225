/** What the parts of the trials are made of. */

import { make } from "../page/dom.mjs";

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} properties
 * @param {(Node | string)[]} inside
 * @returns {HTMLElementTagNameMap[T]}
 */
export function filled(tag, properties, ...inside) {
  const made = make(tag, properties);
  made.append(...inside);
  return made;
}

/**
 * @param {string} face
 * @param {() => void} does
 * @param {string} [name] for those who listen
 */
export function quiet(face, does, name = face) {
  const made = make("button", { type: "button", className: "quiet", textContent: face, ariaLabel: name });
  made.addEventListener("click", does);
  return made;
}
