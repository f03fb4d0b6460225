/** Starting a training: what is sent for it, how long it takes, and why it did not happen. */

import { write } from "../page/dom.mjs";
import { isOpen } from "../page/panels.mjs";
import { writePreview } from "./presets.mjs";

const SLOW_MS = 300;
/** So long the note below Start says why it did nothing. */
const REFUSED_MS = 8000;
/** After this, a start that was not answered never will be. */
const LONGEST_MS = 60_000;

export class Starting {
  /**
   * @param {object} page
   * @param {import("./form.mjs").Form} page.form
   * @param {import("../wire/model.mjs").Model} page.model
   * @param {import("../wire/outbox.mjs").Outbox} page.outbox
   * @param {() => void} page.changed asks for a draw
   */
  constructor({ form, model, outbox, changed }) {
    this.form = form;
    this.model = model;
    this.outbox = outbox;
    this.changed = changed;
    /** The command that waits for its answer. */
    this.id = "";
    this.at = -Infinity;
    this.refusedAt = -Infinity;
  }

  /**
   * @param {object} [more] keys of the command beside the fields
   * @param {object | null} [values] of the fields
   */
  start(more = {}, values = this.form.values()) {
    // Until the answer is there, another start would only be an error.
    if (this.id !== "" && performance.now() - this.at < LONGEST_MS) return;
    if (values === null) {
      this.refusedAt = performance.now();
      this.write();
      return;
    }
    this.at = performance.now();
    this.id = this.outbox.put("start_training", { ...values, ...more });
    setTimeout(this.changed, SLOW_MS + 10);
  }

  /** @returns {boolean} a start was asked for, and takes its time: kernels may have to be compiled */
  get slow() {
    return this.id !== "" && performance.now() - this.at > SLOW_MS;
  }

  /** @param {string | number | null | undefined} id of a command that was answered */
  answered(id) {
    if (id === this.id) this.id = "";
  }

  /** The connection is gone, and the answer with it. */
  forget() {
    this.id = "";
  }

  /**
   * Do what a hint proposes.
   * @param {import("../says/hints.mjs").Hint} hint
   */
  follow({ fields, next }) {
    const { form, outbox } = this;
    const running = this.model.frame?.running === true;
    form.fill(fields);
    if (next === "fill") return;
    // The fields take their values through React, a moment later: the drafts have them.
    const values = form.settings();
    if (running) outbox.put("stop_training");
    if (next === "go on" || running) {
      this.start("epsilon" in fields ? { restart_epsilon: true } : {}, values);
    } else if (values) outbox.put("configure", values);
  }

  /** What depends on the fields alone. */
  write() {
    const { form, model } = this;
    const causes = model.untouched ? [] : form.drafts.freshCauses;
    const refused = performance.now() - this.refusedAt < REFUSED_MS ? form.complaint : "";
    const afresh = causes.length > 0 && !model.frame?.running;
    const list = new Intl.ListFormat("en").format(causes);
    write("start-note", refused || (afresh ? `Start begins a new run: ${list} changed.` : ""));
    if (isOpen("numbers-panel")) {
      writePreview(form.drafts.values, model.frame?.parameters ?? {});
    };
  }
}
