/** A finger that scrolls the page may begin on a slider: the slider then keeps its value. */

/** @param {HTMLElement} root that holds the sliders */
export function keepFromSwipes(root) {
  /** @type {{slider: HTMLInputElement, value: string} | null} */
  let touched = null;
  // Before the browser moves the thumb to where the finger is.
  root.addEventListener(
    "pointerdown",
    ({ target, pointerType }) => {
      const slider = /** @type {HTMLInputElement} */ (target);
      const ours = pointerType === "touch" && slider.type === "range";
      touched = ours ? { slider, value: slider.value } : null;
    },
    true,
  );
  // The browser has made a scroll of it.
  root.addEventListener("pointercancel", () => {
    if (touched) put(touched.slider, touched.value);
    touched = null;
  });
  root.addEventListener("pointerup", () => (touched = null));
}

/**
 * Write into a field as a user would: React overlooks what is written through the element's own
 * property.
 * @param {HTMLInputElement} field
 * @param {string} text
 */
export function put(field, text) {
  if (field.value === text) return;
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
