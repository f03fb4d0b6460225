/** Panels that open on demand, and stay as they were put. */

import { element, memory } from "./dom.mjs";

/**
 * @param {() => void} changed some panel was opened or closed
 */
export function keepPanels(changed) {
  const open = { ...memory.get("panels") };
  const panels = /** @type {HTMLDetailsElement[]} */ ([...document.querySelectorAll("details[id]")]);
  for (const panel of panels) {
    if (open[panel.id]) panel.open = true;
    panel.addEventListener("toggle", () => {
      open[panel.id] = panel.open;
      memory.set("panels", open);
      changed();
    });
  }
}

/**
 * @param {string} id
 * @returns {boolean}
 */
export function isOpen(id) {
  return /** @type {HTMLDetailsElement} */ (element(id)).open;
}

/** So long the help of what was tapped on stays. */
const TAPPED_MS = 4000;

/** Bubbles go at Escape, until the pointer or the focus is elsewhere. */
export function quietBubbles() {
  const page = element("page");
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape") page.classList.add("quiet");
  });
  const toldOf = (/** @type {Event} */ { target }) =>
    /** @type {Element} */ (target).closest?.(".told") ?? null;
  // Whoever presses knows what the control does, until the pointer comes back to it. Fingers cannot
  // point without pressing: what they tap on says what it is, for a moment.
  addEventListener("pointerdown", (event) => {
    const told = toldOf(event);
    const touch = event.pointerType === "touch";
    for (const other of page.querySelectorAll(".tapped")) other.classList.remove("tapped");
    if (!touch) told?.classList.add("pressed");
  });
  let timer = 0;
  addEventListener("pointerup", (event) => {
    const told = toldOf(event);
    if (event.pointerType !== "touch" || !told) return;
    page.classList.remove("quiet");
    told.classList.add("tapped");
    clearTimeout(timer);
    timer = window.setTimeout(() => told.classList.remove("tapped"), TAPPED_MS);
  });
  /** @type {Element | null} */
  let over = null;
  addEventListener("pointerover", (event) => {
    const told = toldOf(event);
    if (told === over) return;
    over?.classList.remove("pressed");
    page.classList.remove("quiet");
    over = told;
  });
  addEventListener("focusin", ({ target }) => {
    if (/** @type {Element} */ (target).matches(":focus-visible")) page.classList.remove("quiet");
  });
}
