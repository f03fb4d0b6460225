/** The editor's controls, in the place of the switches of views. */

import { attribute, element, make, write } from "../page/dom.mjs";
import { PARAMETERS } from "../page/tables.mjs";
import { sizeOf } from "./draft.mjs";
import { textOf } from "./texts.mjs";
import { TOOLS } from "./tools.mjs";

/** @typedef {import("./draft.mjs").Draft} Draft */
/** @typedef {import("./texts.mjs").Form} Form */

/**
 * @typedef {object} Hands what the controls do
 * @property {(key: string) => void} take a tool
 * @property {() => void} undo
 * @property {() => void} redo
 * @property {() => void} putInForce
 * @property {(live: boolean) => void} setLive
 * @property {(width: number | null, height: number | null) => void} resize
 * @property {() => void} clear
 * @property {(change: (draft: Draft) => Draft) => void} change
 * @property {(text: string) => void} read
 * @property {(form: Form) => void} copy
 * @property {(form: Form) => void} save
 * @property {(files: FileList | null) => void} open
 * @property {() => void} leave
 */

/**
 * @typedef {object} State
 * @property {Draft} draft
 * @property {string} note
 * @property {boolean} wrong the note says what is wrong
 * @property {boolean} waits it could be put in force
 * @property {boolean} undo there is something to take back
 * @property {boolean} redo
 * @property {boolean} live
 */

/**
 * Numbers of a world: what they are called, where they are, how they are changed.
 * @type {{name: string, of: (draft: Draft) => number | null, put: (draft: Draft, value: number | null) => Draft, empty?: boolean, says: string}[]}
 */
const NUMBERS = [
  ...["step", "goal", "pit"].map((key) => ({
    name: `${key.charAt(0).toUpperCase()}${key.slice(1)} pays`,
    of: (/** @type {Draft} */ { rewards }) => /** @type {any} */ (rewards)[key],
    put: (/** @type {Draft} */ draft, /** @type {number | null} */ value) => ({
      ...draft,
      rewards: { ...draft.rewards, [key]: value },
    }),
    says: `What ${key === "step" ? "each other step" : `entering a ${key}`} pays.`,
  })),
  {
    name: PARAMETERS.slip.title,
    of: ({ slip }) => slip,
    put: (draft, slip) => ({ ...draft, slip: /** @type {number} */ (slip) }),
    says: "How often a step goes to the side instead of ahead.",
  },
  {
    name: PARAMETERS.max_steps.title,
    of: ({ max_steps: limit }) => limit,
    put: (draft, limit) => ({ ...draft, max_steps: limit }),
    empty: true,
    says: `An episode is cut off after so many steps. Empty: ${PARAMETERS.max_steps.null}.`,
  },
];

export class Strip {
  /** @param {Hands} hands */
  constructor(hands) {
    this.hands = hands;
    this.value = number("Value", () => this.#setValue());
    this.undo = press("Undo", hands.undo, "Ctrl+Z");
    this.redo = press("Redo", hands.redo, "Ctrl+Y");
    this.apply = press("Put in force", hands.putInForce, "", "primary");
    this.live = check("Live", hands.setLive);
    this.note = make("p", { className: "edit-note" });
    attribute(this.note, "role", "status");
    this.width = number("Width", () => this.#resize());
    this.height = number("Height", () => this.#resize());
    this.numbers = NUMBERS.map((each) => number(each.name, () => this.#setNumber(each), each.says));
    this.form = /** @type {Form} */ ("map");
    this.text = make("textarea", { rows: 6, spellcheck: false, ariaLabel: "The world as text" });
    this.typed = false;
    this.text.addEventListener("input", () => (this.typed = true));
    this.picker = make("input", { type: "file", hidden: true, accept: ".json,.txt,.map" });
    this.picker.addEventListener("change", () => {
      hands.open(this.picker.files);
      this.picker.value = "";
    });
    /** @type {State | null} */
    this.state = null;
    this.root = make("div", { id: "edit-strip", className: "edit-strip" });
    attribute(this.root, "role", "group");
    attribute(this.root, "aria-label", "Editor");
    const said = make("div", { className: "edit-said" });
    said.append(this.value.label, this.note);
    this.root.append(this.#tools(), said);
    this.history = this.#history();
    this.more = this.#more();
    for (const part of [this.root, this.history, this.more]) {
      part.addEventListener("keydown", (event) => this.#key(event));
    }
    this.choose(TOOLS[0].key);
  }

  get tool() {
    return TOOLS.find(({ key }) => key === this.chosen) ?? TOOLS[0];
  }

  /** @param {string} key of a tool */
  choose(key) {
    this.chosen = key;
    const { value, title } = this.tool;
    for (const input of this.radios ?? []) input.checked = input.value === key;
    this.value.label.hidden = value === undefined;
    write(this.value.name, title);
    this.value.input.value = value === undefined ? "" : String(value);
  }

  /** @param {State} state */
  show(state) {
    const { draft, note, wrong, waits, undo, redo, live } = state;
    this.state = state;
    write(this.note, note);
    attribute(this.note, "data-wrong", wrong ? "" : null);
    this.apply.hidden = !waits;
    this.undo.disabled = !undo;
    this.redo.disabled = !redo;
    this.live.checked = live;
    const { width, height } = sizeOf(draft);
    fill(this.width.input, width);
    fill(this.height.input, height);
    NUMBERS.forEach(({ of }, i) => fill(this.numbers[i].input, of(draft)));
    if (!this.typed) this.#write();
  }

  #write() {
    this.typed = false;
    if (this.state) this.text.value = textOf(this.state.draft, this.form);
  }

  #tools() {
    const group = make("div", { className: "edit-tools" });
    attribute(group, "role", "radiogroup");
    attribute(group, "aria-label", "Tools");
    this.radios = TOOLS.map(({ key, title, keys, says }) => {
      const input = make("input", { type: "radio", name: "edit-tool", value: key });
      input.addEventListener("change", () => this.hands.take(key));
      const label = make("label", { title: keys ? `${says} Key: ${keys[0].toUpperCase()}` : says });
      label.append(input, title);
      group.append(label);
      return input;
    });
    return group;
  }

  #history() {
    const row = make("div", { className: "edit-strip edit-row" });
    const live = make("label", {
      className: "edit-live",
      title: "Each stroke is in force at once, and the agents go on in the changed world.",
    });
    live.append(this.live, "Live");
    row.append(this.undo, this.redo, live, this.apply);
    return row;
  }

  #more() {
    const { hands } = this;
    const group = (/** @type {string} */ name, /** @type {Node[]} */ ...parts) => {
      const made = make("div", { className: name });
      made.append(...parts);
      return made;
    };
    const forms = /** @type {const} */ ([["map", "Map"], ["json", "JSON"]]).map(([form, title]) => {
      const input = make("input", { type: "radio", name: "edit-form", checked: form === "map" });
      input.addEventListener("change", () => {
        this.form = form;
        this.#write();
      });
      const label = make("label");
      label.append(input, title);
      return label;
    });
    const take = () => {
      this.typed = false;
      hands.read(this.text.value);
    };
    const numbers = [this.width, this.height, ...this.numbers].map(({ label }) => label);
    const more = group(
      "edit-strip edit-more",
      group("edit-numbers", ...numbers),
      press("Clear the board", hands.clear, "Starts and goals stay."),
      group("edit-row", ...forms),
      this.text,
      group(
        "edit-files",
        press("Use this text", take),
        press("Copy", () => hands.copy(this.form)),
        press("Open a file", () => this.picker.click(), "Or drop one on the board, or paste a text."),
        press("Download", () => hands.save(this.form)),
        this.picker,
      ),
    );
    more.id = "edit-more";
    attribute(more, "role", "group");
    attribute(more, "aria-label", "Size, numbers and files");
    return more;
  }

  /** Where its parts stand: above the board, and with what else there is to set of a world. */
  place() {
    element("showing-word").after(this.history);
    element("showing").after(this.root);
    element("edit-btn").closest(".told")?.after(this.more);
  }

  remove() {
    for (const part of [this.root, this.history, this.more]) part.remove();
  }

  #setValue() {
    const value = read(this.value.input);
    if (value !== null) this.tool.value = value;
    else this.choose(this.tool.key);
  }

  #resize() {
    const [width, height] = [this.width.input, this.height.input].map(read);
    this.hands.resize(width, height);
  }

  /** @param {typeof NUMBERS[number]} each */
  #setNumber(each) {
    const value = read(this.numbers[NUMBERS.indexOf(each)].input);
    if (value === null && !each.empty) this.#again();
    else this.hands.change((draft) => (each.of(draft) === value ? draft : each.put(draft, value)));
  }

  /** What was typed counts for nothing. */
  #again() {
    if (this.state) this.show(this.state);
  }

  /** @param {KeyboardEvent} event in a control, where keys press no buttons of the page */
  #key(event) {
    const typing = event.target === this.text;
    if (event.key === "Escape") {
      if (typing) this.#write();
      this.hands.leave();
    } else if ((event.ctrlKey || event.metaKey) && event.key === "z" && !typing) this.hands.undo();
    else if ((event.ctrlKey || event.metaKey) && event.key === "y" && !typing) this.hands.redo();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** @param {HTMLInputElement} input @returns {number | null} null: it is no number */
function read(input) {
  const value = input.value.trim() === "" ? NaN : Number(input.value);
  return Number.isFinite(value) ? value : null;
}

/** @param {HTMLInputElement} input @param {number | null} value */
function fill(input, value) {
  if (read(input) !== value || input.value.trim() === "") input.value = value === null ? "" : String(value);
}

/**
 * @param {string} title
 * @param {() => void} changed
 * @param {string} [says]
 */
function number(title, changed, says = "") {
  const input = make("input", { type: "number", step: "any" });
  input.addEventListener("change", changed);
  const name = make("span", { textContent: title });
  const label = make("label", { title: says });
  label.append(name, input);
  return { label, name, input };
}

/**
 * @param {string} face
 * @param {() => void} does
 * @param {string} [says]
 * @param {string} [kind]
 */
function press(face, does, says = "", kind = "quiet") {
  const button = make("button", { type: "button", className: kind, textContent: face, title: says });
  button.addEventListener("click", does);
  return button;
}

/** @param {string} name @param {(on: boolean) => void} does */
function check(name, does) {
  const input = make("input", { type: "checkbox", ariaLabel: name });
  input.addEventListener("change", () => does(input.checked));
  return input;
}
