/** Lessons beside the world: predict, run, explain; what was answered stays in this browser. */

import { attribute, button, element, make, memory } from "../page/dom.mjs";
import { download } from "../page/download.mjs";
import { toast } from "../says/toasts.mjs";
import { FORMS, begun, keyOf, predictions, rowsOf, unanswered, unread } from "./answers.mjs";

/** @typedef {import("./answers.mjs").Lesson} Lesson */
/** @typedef {import("./answers.mjs").Question} Question */
/** @typedef {import("./answers.mjs").Progress} Progress */

const TITLES = { predict: "Predict", run: "Run", explain: "Explain" };

/** Letters of a written answer. */
const MOST_LETTERS = 2000;

export class Lessons {
  /**
   * @param {object} page
   * @param {(href: string) => Promise<boolean>} page.open puts the run of a link in force
   * @param {() => void} page.resized the lessons came or went
   */
  constructor({ open, resized }) {
    this.open = open;
    this.resized = resized;
    this.place = element("lesson");
    /** @type {Lesson[] | null} */
    this.lessons = null;
    /** @type {import("./answers.mjs").State} */
    this.state = { ...begun(), ...memory.get("lessons") };
    this.place.addEventListener("click", (event) => this.#follow(event));
  }

  /** Open or close them, as they were left. */
  toggle() {
    if (this.place.hidden) return this.show();
    return this.#close();
  }

  /** Show what was open last: a lesson, or all of them. */
  async show() {
    if (this.lessons === null) {
      const answer = await fetch("lessons").catch(() => null);
      if (!answer?.ok) {
        toast({ kind: "error", text: "The lessons could not be fetched: is the server there?" });
        return;
      }
      this.lessons = (await answer.json()).lessons;
    }
    this.state.open ??= "";
    this.#draw();
    attribute("lessons-btn", "aria-expanded", "true");
    this.place.hidden = false;
    this.resized();
    this.#focus();
  }

  #close() {
    this.state.open = null;
    this.#keep();
    this.place.hidden = true;
    attribute("lessons-btn", "aria-expanded", "false");
    this.resized();
    element("lessons-btn").focus();
  }

  /** @param {string} name of a lesson; "": the list */
  #turnTo(name) {
    this.state.open = name;
    this.#draw();
    this.#focus();
  }

  /** Where somebody reads on. */
  #focus() {
    this.place.querySelector("h2")?.focus();
    this.place.scrollIntoView({ block: "nearest" });
  }

  #keep() {
    memory.set("lessons", this.state);
  }

  #draw() {
    this.#keep();
    const lesson = this.lessons?.find(({ name }) => name === this.state.open);
    this.place.replaceChildren(...(lesson ? this.#lesson(lesson) : this.#list()));
  }

  /** @param {string} title @param {Node[]} before */
  #head(title, ...before) {
    const head = make("div", { className: "lesson-head" });
    const close = button("×", () => this.#close(), { name: "Close the lessons", kind: "quiet close" });
    head.append(...before, make("h2", { textContent: title, tabIndex: -1 }), close);
    return head;
  }

  // --- all of them

  #list() {
    const lessons = this.lessons ?? [];
    const list = make("ol", { className: "lesson-list" });
    list.append(...lessons.map((lesson) => this.#entry(lesson)));
    return [this.#head("Lessons"), list, ...(this.#anyAnswer() ? [this.#handIn()] : [])];
  }

  /** @param {Lesson} lesson */
  #entry({ name, title, says, steps }) {
    const { step, done } = this.state.lessons[name] ?? unread();
    const begunIt = name in this.state.lessons;
    const where = done ? "done" : begunIt ? TITLES[steps[step]?.kind ?? "predict"].toLowerCase() : "";
    const item = make("li", { className: done ? "done" : "" });
    const enter = button(title, () => this.#turnTo(name), { kind: "quiet" });
    item.append(enter, make("span", { className: "muted", textContent: where }));
    item.append(make("p", { className: "sentence", textContent: says }));
    return item;
  }

  #anyAnswer() {
    return Object.values(this.state.lessons).some(({ answers }) => Object.keys(answers).length > 0);
  }

  /** Answers as files, under a name that goes into them. */
  #handIn() {
    const place = make("div", { className: "hand-in" });
    const field = make("input", { id: "student", type: "text", maxLength: 80, autocomplete: "off" });
    field.value = this.state.student;
    field.addEventListener("input", () => {
      this.state.student = field.value;
      this.#keep();
    });
    const row = make("div", { className: "row three even" });
    for (const suffix of /** @type {(keyof typeof FORMS)[]} */ (Object.keys(FORMS))) {
      const { name } = FORMS[suffix];
      row.append(
        button(name, () => this.#download(suffix), { name: `Download the answers as ${name}`, kind: "quiet" }),
      );
    }
    place.append(
      make("h3", { textContent: "Answers" }),
      make("label", { htmlFor: "student", textContent: "Your name, if it is to stand in the file" }),
      field,
      row,
      make("p", {
        className: "sentence",
        textContent: "Answers stay in this browser until you hand in such a file.",
      }),
    );
    return place;
  }

  /** @param {keyof typeof FORMS} suffix */
  #download(suffix) {
    const { type, write } = FORMS[suffix];
    const day = new Date().toISOString().slice(0, 10);
    download(`gridworld-answers-${day}.${suffix}`, write(rowsOf(this.lessons ?? [], this.state)), type);
  }

  // --- one of them

  /** @param {Lesson} lesson */
  #lesson(lesson) {
    const progress = (this.state.lessons[lesson.name] ??= unread());
    // a teacher may have made it shorter since
    progress.step = Math.min(progress.step, lesson.steps.length - 1);
    const { step } = progress;
    const kind = lesson.steps[step].kind;
    const back = button("‹", () => this.#turnTo(""), { name: "All lessons", kind: "quiet close" });
    const text = make("div", { className: "lesson-text" });
    if (kind === "explain") text.append(...predictions(lesson, progress).map(predicted));
    let asked = 0;
    for (const part of lesson.steps[step].parts) {
      if ("html" in part) text.append(make("div", { innerHTML: part.html }));
      else text.append(this.#question(part, progress, asked++));
    }
    return [this.#head(lesson.title, back), wayThrough(lesson, progress), text, this.#ways(lesson, progress)];
  }

  /**
   * @param {Question} asked
   * @param {Progress} progress
   * @param {number} number of the question in its step
   */
  #question(asked, progress, number) {
    const { step, reached, answers } = progress;
    const key = keyOf(step, number);
    const place = make("fieldset", { className: "question" });
    place.append(make("legend", { innerHTML: inline(asked.question) }));
    // What was predicted stays what was predicted, once it was seen what happens.
    const locked = asked.choices.length > 0 && reached > step;
    const take = (/** @type {number | string} */ value) => {
      answers[key] = { value, at: new Date().toISOString() };
      this.#keep();
    };
    asked.choices.forEach((choice, i) => {
      const field = make("input", { type: "radio", name: `answer-${key}`, disabled: locked });
      field.checked = answers[key]?.value === i;
      field.addEventListener("change", () => take(i));
      const label = make("label", {});
      label.append(field, make("span", { innerHTML: choice }));
      place.append(label);
    });
    if (asked.choices.length === 0) {
      const field = make("textarea", { rows: 3, maxLength: MOST_LETTERS, ariaLabel: place.textContent });
      field.value = String(answers[key]?.value ?? "");
      field.addEventListener("input", () => take(field.value));
      place.append(field);
    }
    return place;
  }

  /**
   * On and back.
   * @param {Lesson} lesson
   * @param {Progress} progress
   */
  #ways(lesson, progress) {
    const note = make("p", { className: "sentence", role: "status" });
    const row = make("div", { className: "row two" });
    const back = button("Back", () => this.#go(progress, progress.step - 1), { kind: "quiet" });
    back.disabled = progress.step === 0;
    const last = progress.step === lesson.steps.length - 1;
    const on = button(last ? "Done" : "Next", () => {
      const missing = unanswered(lesson, progress);
      if (missing >= 0) {
        note.textContent = "Answer first: a prediction that is made afterwards is none.";
        if (lesson.steps[progress.step].kind !== "predict") note.textContent = "Answer first.";
        const asked = this.place.querySelectorAll(".question")[missing];
        /** @type {HTMLElement | null} */ (asked?.querySelector("input, textarea"))?.focus();
      } else if (last) {
        progress.done ??= new Date().toISOString();
        this.#turnTo("");
      } else this.#go(progress, progress.step + 1);
    });
    row.append(back, on);
    const place = make("div", { className: "ways" });
    place.append(row, note);
    if (progress.done) place.append(button("Begin again", () => this.#again(lesson), { kind: "quiet" }));
    return place;
  }

  /** @param {Lesson} lesson whose answers are forgotten */
  #again({ name }) {
    delete this.state.lessons[name];
    this.#turnTo(name);
  }

  /** @param {Progress} progress @param {number} step */
  #go(progress, step) {
    progress.step = step;
    progress.reached = Math.max(progress.reached, step);
    this.#draw();
    this.#focus();
  }

  /** @param {MouseEvent} event of a link to a run, perhaps */
  async #follow(event) {
    const link = /** @type {HTMLAnchorElement | null} */ (
      /** @type {Element} */ (event.target).closest("a.to-run")
    );
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (await this.open(link.href)) {
      link.classList.add("opened");
      toast({ kind: "info", text: "The run is set up: press Start." });
    }
  }
}

/**
 * The way through a lesson.
 * @param {Lesson} lesson
 * @param {Progress} progress
 */
function wayThrough({ steps: all }, { step }) {
  const list = make("ol", { className: "lesson-steps" });
  list.append(
    ...all.map(({ kind }, i) => {
      const item = make("li", { textContent: TITLES[kind] });
      if (i === step) attribute(item, "aria-current", "step");
      return item;
    }),
  );
  return list;
}

/** @param {import("./answers.mjs").Prediction} prediction */
function predicted({ said, right, held }) {
  const place = make("p", { className: "predicted" });
  place.append("You predicted: ", make("q", { innerHTML: said }));
  const then = make("span");
  if (held) then.append("That is what happened.");
  else if (right !== null) then.append("What happened: ", make("q", { innerHTML: right }));
  place.append(then);
  return place;
}

/** @param {string} html of one paragraph @returns {string} what is in it: a legend holds no blocks */
function inline(html) {
  return html.replace(/^<p>/, "").replace(/<\/p>$/, "");
}
