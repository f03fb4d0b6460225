/** The page follows the server: what comes in goes to everything that shows something of it. */

import { EventLog, noticeFor } from "../says/notices.mjs";
import { parse } from "../wire/exact.mjs";
import { toast } from "../says/toasts.mjs";

/** @typedef {import("../wire/model.mjs").Frame} Frame */

/**
 * @typedef {object} Page
 * @property {import("../wire/model.mjs").Model} model
 * @property {import("../wire/socket.mjs").Socket} socket
 * @property {import("../wire/outbox.mjs").Outbox} outbox
 * @property {import("../board/trail.mjs").Trail} trail
 * @property {import("../board/board.mjs").Board} board
 * @property {import("../board/showing.mjs").Showing} showing
 * @property {import("../says/charts.mjs").Charts} charts
 * @property {import("../form/form.mjs").Form} form
 * @property {import("../form/starting.mjs").Starting} starting
 * @property {import("./drawing.mjs").Drawing} drawing
 * @property {import("../form/saves.mjs").Saves} saves
 * @property {import("./role.mjs").Role} role
 * @property {(frame: Frame, now: number) => void} controls follow, once they are there
 * @property {() => void} begun the first picture is there
 */

export class Follower {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.events = new EventLog();
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
  }

  /** @param {string} text a message of the server */
  receive(text) {
    const { type, data, id } = parse(text);
    if (type === "training_update" || type === "state") this.#take(data);
    else {
      if (type === "saves") this.page.saves.show(data);
      if (type === "save_complete") this.page.saves.refresh();
      this.page.outbox.answered({ type, data, id });
      if (this.events.answer({ type, data, id })) this.#notify({ type, data, id });
    }
  }

  /** @param {Frame} frame */
  #take(frame) {
    const { model, socket, showing, charts, trail, drawing, controls } = this.page;
    const now = performance.now();
    const first = model.frame === null;
    const wasRunning = model.frame?.running;
    // Without its world a run cannot be drawn. Silence then makes the socket begin again, and a
    // connection begins with everything.
    if (!model.understands(frame, socket.live)) return;
    if (socket.heard(now)) this.#connected(frame);
    const changed = model.merge(frame);
    if (changed.has("run") || changed.has("shown")) trail.clear();
    showing.follow(changed);
    if (changed.has("world")) drawing.fit();
    charts.refresh(changed);
    if (changed.has("run") || frame.running !== wasRunning) charts.soon();
    trail.update(frame.trail ?? [], frame.trail_count ?? 0, now, {
      still: this.calm.matches || document.hidden,
      adjacent: (model.world?.portals?.length ?? 0) > 0,
    });
    for (const event of this.events.fresh(frame.events ?? [])) this.#notify(event);
    controls(frame, now);
    drawing.stale = true;
    // The first picture waits for no animation frame: a page that loads has few of them. Nor does
    // the last one of a training: the buttons must not say that it ended before it shows.
    if (first || frame.running !== wasRunning) drawing.draw();
    else drawing.again();
    if (first) requestAnimationFrame(() => setTimeout(this.page.begun, 0));
  }

  /** @param {Frame} frame the first one of a new connection */
  #connected(frame) {
    const { model, form, trail, board, saves, role } = this.page;
    role.take(frame.you);
    const lost = model.frame !== null && !model.untouched && frame.run === 1;
    if (lost && frame.all_steps === 0) {
      const offered = frame.autosave ? "; what it saved of it last is offered" : "";
      toast({ kind: "info", text: `The server was started again, and begins afresh${offered}.` });
    }
    saves.refresh();
    model.forget();
    form.drafts.forget();
    this.events.start(frame.events ?? []);
    trail.clear();
    board.connected();
  }

  /** @param {import("../says/notices.mjs").Event} event */
  #notify(event) {
    this.page.starting.answered(event.id);
    const notice = noticeFor(event, this.page.outbox.owns(event.id));
    if (notice) toast(notice);
  }
}
