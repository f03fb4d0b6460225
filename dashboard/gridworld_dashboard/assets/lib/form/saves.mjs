/** The saves: what there is, other names, notes, a bin, files that come and go. */

import { attribute, button, element, make, write } from "../page/dom.mjs";
import { placed } from "../wire/place.mjs";
import { plural } from "../page/format.mjs";

/**
 * @typedef {object} Save
 * @property {string} name
 * @property {string} saved when: ISO 8601, UTC
 * @property {number | null} episodes of its first agent; null: only a checkpoint tells
 * @property {string} note
 * @property {boolean} binned
 * @property {boolean} own the server's own: it bears no other name
 */

/** What Save and Load take where nothing else is said. */
export const LATEST = "agent_latest";

/**
 * @param {Save} save
 * @returns {string} how far it had come, and when it was saved
 */
export function describe({ episodes, saved }) {
  const when = new Date(saved);
  const date = Number.isNaN(when.getTime())
    ? ""
    : when.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  return [episodes === null ? "" : plural(episodes, "episode"), date].filter(Boolean).join(", ");
}

/**
 * @param {Save[]} saves
 * @returns {string} what Load takes
 */
export function whatLoadTakes(saves) {
  const latest = saves.find(({ name, binned }) => name === LATEST && !binned);
  return latest
    ? `Goes back to ${LATEST}: ${describe(latest)}.`
    : `Goes back to what Save wrote (${LATEST}): nothing yet.`;
}

export class Saves {
  /**
   * @param {object} page
   * @param {(type: string, data?: object) => Promise<{type: string, data?: any} | null>} page.ask
   * @param {(type: string, data?: object) => void} page.send
   * @param {(notice: import("../says/notices.mjs").Notice) => void} page.tell
   * @param {(files: FileList) => void} page.draw a world that was dropped on the board
   */
  constructor({ ask, send, tell, draw }) {
    this.ask = ask;
    this.send = send;
    this.tell = tell;
    this.draw = draw;
    this.begun = false;
  }

  /** The page's elements are there. */
  begin() {
    this.begun = true;
    this.field = make("input", { id: "save-name", type: "text", value: LATEST, maxLength: 64 });
    this.picker = make("input", { type: "file", hidden: true, accept: ".npz,.json" });
    this.picker.addEventListener("change", () => this.#upload(this.picker?.files));
    const label = make("label", { htmlFor: "save-name", textContent: "Name" });
    const row = make("div", { className: "row two" });
    row.append(
      button("Save under this name", () => this.#save(), { kind: "quiet" }),
      button("Upload a file", () => this.picker?.click(), { kind: "quiet" }),
    );
    this.list = make("ul", { className: "saves-list" });
    element("saves").replaceChildren(label, this.field, row, this.picker, this.list);
    for (const type of ["dragover", "drop"]) {
      addEventListener(type, (event) => this.#drag(/** @type {DragEvent} */ (event)));
    }
    this.refresh();
  }

  /** There may be others now. */
  async refresh() {
    if (!this.begun) return;
    const answer = await this.ask("list_saves");
    if (answer?.type === "saves") this.show(answer.data);
  }

  /** @param {{saves: Save[], message?: string}} found */
  show({ saves }) {
    if (!this.begun) return;
    write("load-qtable-btn-help", whatLoadTakes(saves));
    this.list?.replaceChildren(...saves.map((save) => this.#item(save)));
    if (saves.length === 0) this.list?.append(make("li", { textContent: "Nothing saved yet." }));
  }

  #save() {
    this.send("save_qtable", { name: this.field?.value.trim() || LATEST });
  }

  /** @param {Save} save */
  #item(save) {
    const item = make("li", { className: save.binned ? "binned" : "" });
    const { name } = save;
    const head = make("div", { className: "save-head" });
    head.append(
      make("b", { textContent: name }),
      make("span", { textContent: save.binned ? `in the bin, ${describe(save)}` : describe(save) }),
    );
    const tools = make("div", { className: "save-tools" });
    const tool = (/** @type {string} */ face, /** @type {() => void} */ does) =>
      tools.append(button(face, does, { name: `${face}: ${name}`, kind: "quiet" }));
    if (save.binned) {
      tool("Bring back", () => this.#arrange("restore_save", { name }));
    } else {
      tool("Load", () => this.send("load_qtable", { name }));
      tools.append(
        make("a", {
          href: placed(`saves/${encodeURIComponent(name)}`),
          download: "",
          textContent: "Download",
          ariaLabel: `Download: ${name}`,
        }),
      );
      tool("Note", () => this.#edit(item, save.note, (note) => ["note_save", { name, note }]));
      if (!save.own) {
        tool("Rename", () => this.#edit(item, name, (to) => ["rename_save", { name, to }]));
      }
      tool("Delete", () => this.#arrange("delete_save", { name }));
    }
    item.append(head, ...(save.note ? [make("p", { textContent: save.note })] : []), tools);
    return item;
  }

  /**
   * One field in place of the item's tools; Enter takes what stands in it.
   * @param {HTMLElement} item
   * @param {string} text
   * @param {(text: string) => [string, object]} command
   */
  #edit(item, text, command) {
    const field = make("input", { type: "text", value: text, maxLength: 200, ariaLabel: "New text" });
    const end = () => this.refresh();
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#arrange(...command(field.value.trim()));
      else if (event.key === "Escape") end();
    });
    const tools = /** @type {HTMLElement} */ (item.querySelector(".save-tools"));
    tools.replaceChildren(
      field,
      button("Done", () => this.#arrange(...command(field.value.trim())), { kind: "quiet" }),
      button("Cancel", end, { kind: "quiet" }),
    );
    field.focus();
    field.select();
  }

  /** @param {string} command @param {object} data */
  async #arrange(command, data) {
    const answer = await this.ask(command, data);
    if (answer?.type !== "saves") return;
    this.show(answer.data);
    this.tell({ kind: "info", text: `${answer.data.message}.` });
  }

  /** @param {FileList | null | undefined} files */
  async #upload(files) {
    for (const file of files ?? []) {
      const headers = { "Content-Type": "application/octet-stream" };
      const url = placed(`saves?name=${encodeURIComponent(file.name)}`);
      const answer = await fetch(url, { method: "POST", headers, body: file }).catch(() => null);
      const said = answer ? await answer.json().catch(() => ({})) : {};
      if (answer?.ok) this.tell({ kind: "info", text: `Uploaded as ${said.name}.` });
      else this.tell({ kind: "error", text: said.message ?? `${file.name} could not be uploaded.` });
    }
    if (this.picker) this.picker.value = "";
    this.refresh();
  }

  /** @param {DragEvent} event of a file that is dragged on the page */
  #drag(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    attribute("page", "data-drop", event.type === "dragover" ? "" : null);
    if (event.type === "drop") this.#take(event.dataTransfer.files, event.target);
  }

  /**
   * On the board a file is a world, unless it is a save.
   * @param {FileList} files
   * @param {any} target that they were dropped on
   */
  async #take(files, target) {
    const [file] = files;
    const world = target?.closest?.(".board") && file && !file.name.endsWith(".npz");
    if (world && !(await file.text()).includes('"q_table"')) this.draw(files);
    else this.#upload(files);
  }
}
