/** Copying a text that stands in a read-only field. */

import { element } from "../page/dom.mjs";
import { toast } from "../says/toasts.mjs";

/**
 * @param {string} id of the field
 * @param {string} done what to say then
 */
export async function copy(id, done) {
  const field = /** @type {HTMLInputElement} */ (element(id));
  if (!field.value) return;
  try {
    await navigator.clipboard.writeText(field.value);
    toast({ kind: "info", text: done });
  } catch {
    // Only secure pages may write to the clipboard: let the reader do it.
    const panel = field.closest("details");
    if (panel) panel.open = true;
    field.focus();
    field.select();
    toast({ kind: "info", text: "Press Ctrl+C to copy what is marked." });
  }
}
