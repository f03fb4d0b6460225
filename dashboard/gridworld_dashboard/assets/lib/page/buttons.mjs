/**
 * The page's buttons. Each says in attributes of its element what it does (`data-does`, with
 * `data-given`), when it may (`data-when`), and which key presses it (`aria-keyshortcuts`): so one
 * listener carries out all of them, and another button needs no word here.
 */

import { keyName } from "./keys.mjs";

/** @typedef {(given: any) => void} Action */

export class Buttons {
  /**
   * @param {Record<string, Action>} actions of the page, by name
   * @param {(command: string, data?: object) => void} send everything else, which is the wire's
   * @param {Document} [root] that holds them
   */
  constructor(actions, send, root = document) {
    this.actions = actions;
    this.send = send;
    this.root = root;
    /** What the focus came to by a pointer. @type {Element | null} */
    this.pointed = null;
  }

  begin() {
    this.root.addEventListener("click", ({ target }) => {
      const button = /** @type {Element | null} */ (target)?.closest?.("button[data-does]");
      if (button) this.#press(/** @type {HTMLElement} */ (button).dataset);
    });
    this.root.addEventListener("pointerdown", ({ target }) => {
      this.pointed = /** @type {Element | null} */ (target)?.closest?.("button, a, summary") ?? null;
    });
    this.root.addEventListener("focusin", ({ target }) => {
      if (target !== this.pointed) this.pointed = null;
    });
    // Firefox presses a button when Space is released, whatever became of its going down.
    this.root.addEventListener("keyup", (event) => {
      if (event.key === " " && event.target === this.pointed) event.preventDefault();
    });
  }

  /** @param {DOMStringMap} data of a button */
  #press({ does = "", given }) {
    const data = given === undefined ? undefined : JSON.parse(given);
    if (Object.hasOwn(this.actions, does)) this.actions[does](data ?? {});
    else this.send(does, data);
  }

  /**
   * A button that is disabled under the focus swallows the keyboard: its partner, which the same
   * key presses, takes over.
   * @param {Readonly<Record<string, boolean>>} disabled by what buttons name as their time
   */
  lock(disabled) {
    const focused = /** @type {HTMLElement | null} */ (this.root.activeElement);
    for (const button of this.#all("button[data-when]")) {
      const when = button.dataset.when ?? "";
      if (when in disabled) button.disabled = disabled[when];
    }
    const key = focused?.getAttribute("aria-keyshortcuts");
    if (key && focused?.hasAttribute("disabled")) this.#pressedBy(key)?.focus({ preventScroll: true });
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} it pressed a button
   */
  key(event) {
    const key = keyName(event, this.pointed);
    const button = key === null ? undefined : this.#pressedBy(key);
    if (!button || (event.repeat && !("held" in button.dataset))) return false;
    event.preventDefault();
    button.click();
    return true;
  }

  /** @param {string} key */
  #pressedBy(key) {
    return this.#all("button[aria-keyshortcuts]").find(
      (button) => button.getAttribute("aria-keyshortcuts") === key && !button.disabled,
    );
  }

  /** @param {string} selector */
  #all(selector) {
    return /** @type {HTMLButtonElement[]} */ ([...this.root.querySelectorAll(selector)]);
  }
}
