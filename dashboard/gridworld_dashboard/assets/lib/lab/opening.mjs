/** A click on a run: the live page opens it. */

import { chosenRun } from "../share/address.mjs";
import { MARK } from "../share/mend.mjs";
import { toast } from "../says/toasts.mjs";
import { ask } from "./api.mjs";

/**
 * @param {string} store
 * @param {number} setting
 * @param {number | null} run null: none of that setting has a number
 */
export async function openRun(store, setting, run) {
  if (run === null) return;
  try {
    const { code } = await ask("link", { store, setting, run });
    chosenRun.put(MARK + code);
    location.assign(`./${MARK}${code}`);
  } catch (error) {
    toast({ kind: "error", text: /** @type {Error} */ (error).message });
  }
}
