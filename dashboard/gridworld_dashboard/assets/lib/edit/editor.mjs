/** The world, drawn by hand: on the board, with undo, live where the shape stays. */

import { element, memory } from "../page/dom.mjs";
import { EDITOR } from "../page/tables.mjs";
import { Applying } from "./applying.mjs";
import { History, cleared, identity, resized, sizeOf } from "./draft.mjs";
import { Pen } from "./pen.mjs";
import { noteOf } from "./note.mjs";
import { pictured, sceneOf } from "./stage.mjs";
import { Strip } from "./strip.mjs";
import { download, fileName, textOf, worldOf } from "./texts.mjs";

/** @typedef {import("./draft.mjs").Draft} Draft */

/**
 * @typedef {object} Page
 * @property {import("../board/showing.mjs").Showing} showing
 * @property {import("../wire/model.mjs").Model} model of the live training
 * @property {import("../board/trail.mjs").Trail} trail
 * @property {import("../wire/outbox.mjs").Outbox} outbox
 * @property {(notice: import("../says/notices.mjs").Notice) => void} tell
 */

/** Where a draft is remembered that is not in force. */
const KEPT = "draft";
const LIVE = "edit-live";
/** What a world is called that was another one. */
const EDITED = ", edited";
/** Before there is anything. @type {Draft} */
const NOTHING = {
  name: "",
  map: ["."],
  rewards: { step: 0, goal: 0, pit: 0, cells: {} },
  slip: 0,
  wind: null,
  portals: [],
  max_steps: null,
};

export class Editor {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.live = memory.get(LIVE) !== false;
    this.applying = new Applying({
      ask: (type, data) => page.outbox.ask(type, data),
      told: () => this.#tell(),
    });
    this.pen = new Pen({
      draft: () => this.draft,
      tool: () => this.strip.tool,
      preview: (draft) => this.#draw(draft),
      commit: (draft) => this.#commit(draft),
      take: (key) => this.strip.choose(key),
      undo: () => this.#turn(() => this.history.undo()),
      redo: () => this.#turn(() => this.history.redo()),
      waited: () => {
        this.#draw(this.draft);
        this.#tell();
      },
    });
    this.strip = new Strip({
      take: (key) => {
        this.strip.choose(key);
        if (this.pen.waiting) this.pen.wait(null);
      },
      undo: () => this.#turn(() => this.history.undo()),
      redo: () => this.#turn(() => this.history.redo()),
      putInForce: () => this.#settle(() => true),
      setLive: (live) => {
        this.live = live;
        memory.set(LIVE, live);
        this.#settle();
      },
      resize: (width, height) => this.#resize(width, height),
      clear: () => this.#commit(cleared(this.draft)),
      change: (change) => this.#commit(change(this.draft)),
      read: (text) => this.#read(text),
      copy: (form) => this.#copy(textOf(this.draft, form)),
      save: (form) => download(fileName(this.draft, form), textOf(this.draft, form)),
      open: (files) => this.open(files),
      leave: () => this.page.showing.back(),
    });
    /** What the page itself has to say of the draft. */
    this.complaint = "";
    this.history = new History(NOTHING);
    this.base = { name: "", key: "", named: false };
    this.world = pictured(NOTHING, [], null);
    /** @type {import("../board/showing.mjs").Scene | null} */
    this.scene = null;
    addEventListener("paste", (event) => this.#paste(event));
  }

  get draft() {
    return this.history.present;
  }

  /** @returns {boolean} the board shows the draft */
  get shown() {
    return this.page.showing.scene !== null && this.page.showing.scene === this.scene;
  }

  /** @returns {boolean} it is as large as the world in force: what was learnt there shows in it */
  get fits() {
    const { width, height } = sizeOf(this.draft);
    const { world } = this.page.model;
    return world?.width === width && world.height === height;
  }

  /** Begin, with the world in force, or with the draft that was left. */
  async begin() {
    if (this.shown) return;
    const world = await this.applying.look();
    if (!world) return this.page.tell({ kind: "error", text: "There is no connection to the server." });
    if (world.width * world.height > EDITOR.cells) {
      const text = `A world of more than ${EDITOR.cells} cells is too large to be drawn here.`;
      return this.page.tell({ kind: "error", text });
    }
    this.#start(world.definition);
    const kept = memory.get(KEPT);
    if (Array.isArray(kept?.map) && this.applying.differs(kept)) {
      this.history.commit(kept);
      this.complaint = "This draft was left here, and is not in force.";
    }
    this.scene = sceneOf(this);
    this.strip.place();
    this.#draw(this.draft);
    this.page.showing.show(this.scene);
    this.#tell();
    element("showing").scrollIntoView({ block: "nearest" });
    element("grid-canvas").focus({ preventScroll: true });
  }

  /** @param {Draft} definition in force */
  #start(definition) {
    this.history = new History(definition);
    const named = this.page.model.world?.named !== false;
    this.base = { name: definition.name, key: identity(definition), named };
  }

  /** The board shows something else. */
  left() {
    this.pen.cancel();
    this.pen.waiting = null;
    this.strip.remove();
    if (this.applying.differs(this.draft) && !this.applying.busy) {
      this.page.tell({ kind: "info", text: "The draft is kept: Edit shows it again." });
    }
  }

  /**
   * A frame of the live training came.
   * @param {Set<string>} changed
   */
  follow(changed) {
    const parts = [...changed].filter((part) => part !== "world");
    this.page.showing.renew(parts);
    if (changed.has("world")) this.#catchUp();
    if (changed.has("run")) this.#tell();
  }

  /** Another world is in force, perhaps by somebody else: who has drawn nothing yet follows it. */
  async #catchUp() {
    const drawn = this.applying.differs(this.draft);
    const before = this.applying.inForce;
    const world = await this.applying.look();
    if (!world || !this.shown || this.applying.inForce === before) return;
    if (!drawn && !this.applying.busy) {
      this.#start(world.definition);
      this.#draw(this.draft);
    }
    this.#tell();
  }

  /** @param {Draft} draft */
  #commit(draft) {
    const same = draft === this.draft;
    this.#turn(() => !same && this.history.commit(this.#called(draft)));
  }

  /** @param {Draft} draft @returns {Draft} with a name that no other world has by right */
  #called(draft) {
    const { name, key, named } = this.base;
    const [own, other] = identity(draft) === key ? [name + EDITED, name] : [name, name + EDITED];
    return named && draft.name === own ? { ...draft, name: other } : draft;
  }

  /** @param {() => boolean} change of the history, that tells whether anything changed */
  #turn(change) {
    this.complaint = "";
    const changed = change();
    this.#draw(this.draft);
    if (changed) this.#settle();
    else this.#tell();
  }

  /** @param {() => boolean} [wanted] it is to be in force */
  #settle(wanted = () => this.#auto) {
    this.complaint = "";
    this.applying.settle(this.draft, wanted);
    this.#tell();
  }

  /** @returns {boolean} each stroke comes into force by itself: nothing that was learnt goes by it */
  get #auto() {
    const { model } = this.page;
    const fresh = model.untouched && model.frame?.running !== true;
    return this.live && (fresh || this.fits);
  }

  /** @param {number | null} width @param {number | null} height */
  async #resize(width, height) {
    const whole = [width, height].every((side) => Number.isInteger(side) && Number(side) >= 1);
    if (whole && Number(width) * Number(height) <= EDITOR.cells) {
      const { draft } = this;
      const after = resized(draft, Number(width), Number(height));
      const made = after === draft ? after : await this.applying.limited(draft, after);
      if (this.draft === draft) this.#commit(made);
      return;
    }
    this.complaint = `Width and height must be whole numbers that make 1 to ${EDITOR.cells} cells.`;
    this.#tell();
  }

  /** @param {string} text of a world, or of a map */
  async #read(text) {
    const { problem, world } = await this.applying.judge(worldOf(text, this.draft));
    if (!this.shown) return;
    if (world && world.width * world.height <= EDITOR.cells) return this.#commit(world.definition);
    this.complaint = problem
      ? `Not taken: ${problem}.`
      : `Not taken: a drawn world must have at most ${EDITOR.cells} cells.`;
    this.#tell();
  }

  /** @param {FileList | null} files of which the first is read */
  async open(files) {
    const file = files?.[0];
    if (file) this.#read(await file.text());
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (!this.shown || target.closest?.("input, textarea")) return;
    const text = event.clipboardData?.getData("text") ?? "";
    if (text.trim() === "") return;
    event.preventDefault();
    this.#read(text);
  }

  /** @param {string} text */
  async #copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.page.tell({ kind: "info", text: "World copied." });
    } catch {
      // Only secure pages may write to the clipboard: let the reader do it.
      this.strip.text.focus();
      this.strip.text.select();
      this.page.tell({ kind: "info", text: "Press Ctrl+C to copy what is marked." });
    }
  }

  /** @param {Draft} draft to be seen */
  #draw(draft) {
    const cliffs = this.applying.judged?.cliffs ?? [];
    this.world = pictured(draft, cliffs, this.pen.waiting?.from ?? null);
    if (this.shown) this.page.showing.renew(["world"]);
  }

  /** How the draft stands. */
  #tell() {
    const { history, applying, live, pen, complaint, page } = this;
    const kept = applying.differs(this.draft);
    memory.set(KEPT, kept ? this.draft : null);
    const { problem, busy } = applying;
    const { frame, untouched } = page.model;
    const repeatable = frame?.repeatable !== false;
    const drawn = history.past.length + history.future.length > 0;
    const fits = this.fits || untouched;
    this.strip.show({
      draft: this.draft,
      ...noteOf({ waiting: pen.waiting, complaint, problem, kept, busy, fits, repeatable, drawn }),
      waits: kept && !problem && !busy,
      undo: history.past.length > 0,
      redo: history.future.length > 0,
      live,
    });
  }
}
