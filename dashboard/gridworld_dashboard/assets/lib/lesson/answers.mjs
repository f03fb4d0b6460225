/** What somebody answered in lessons, kept in the browser, and as files to hand in. Pure. */

/** @typedef {{html: string}} Prose */
/**
 * @typedef {object} Question
 * @property {string} question HTML
 * @property {string[]} choices HTML; none: the answer is written
 * @property {number | null} right
 */
/** @typedef {{kind: "predict" | "run" | "explain", parts: (Prose | Question)[]}} Step */
/** @typedef {{name: string, title: string, says: string, steps: Step[]}} Lesson */

/** @typedef {{value: number | string, at: string}} Answer a choice or a text, and when */

/**
 * @typedef {object} Progress of one lesson
 * @property {number} step that is open
 * @property {number} reached the last one that was open
 * @property {string | null} done when
 * @property {Record<string, Answer>} answers by `keyOf`
 */

/** @typedef {{open: string | null, student: string, lessons: Record<string, Progress>}} State */

/** @returns {State} of somebody who has done nothing yet */
export function begun() {
  return { open: null, student: "", lessons: {} };
}

/** @returns {Progress} */
export function unread() {
  return { step: 0, reached: 0, done: null, answers: {} };
}

/** @param {number} step @param {number} question @returns {string} */
export function keyOf(step, question) {
  return `${step}.${question}`;
}

/** @param {Step | undefined} step @returns {Question[]} */
export function questionsOf(step) {
  return /** @type {Question[]} */ ((step?.parts ?? []).filter((part) => "question" in part));
}

/**
 * @param {Lesson} lesson
 * @param {Progress} progress
 * @returns {number} the first question of the open step that has no answer; -1: all have
 */
export function unanswered({ steps }, { step, answers }) {
  return questionsOf(steps[step]).findIndex((_, i) => {
    const value = answers[keyOf(step, i)]?.value;
    return value === undefined || (typeof value === "string" && value.trim() === "");
  });
}

/**
 * @typedef {object} Prediction
 * @property {string} said HTML
 * @property {string | null} right HTML; null: none is said to be
 * @property {boolean} held
 */

/**
 * What was predicted before the step that is open, since the last time that something was explained.
 * @param {Lesson} lesson
 * @param {Progress} progress
 * @returns {Prediction[]}
 */
export function predictions({ steps }, { step, answers }) {
  let from = step - 1;
  while (from >= 0 && steps[from].kind !== "predict") from--;
  return questionsOf(steps[from]).flatMap(({ choices, right }, i) => {
    const value = answers[keyOf(from, i)]?.value;
    if (typeof value === "string") return [{ said: escaped(value), right: null, held: false }];
    if (value === undefined || choices[value] === undefined) return [];
    const truth = right === null ? null : choices[right];
    return [{ said: choices[value], right: truth, held: value === right }];
  });
}

/**
 * @typedef {object} Row of what is handed in
 * @property {string} student
 * @property {string} lesson
 * @property {string} step
 * @property {string} question
 * @property {string} answer
 * @property {"yes" | "no" | ""} right
 * @property {string} answered ISO 8601
 * @property {string} finished the lesson, ISO 8601; "" where it is not
 */

/**
 * @param {Lesson[]} lessons
 * @param {State} state
 * @returns {Row[]} one for each question of the lessons that were begun
 */
export function rowsOf(lessons, { student, lessons: known }) {
  return lessons.flatMap((lesson) => {
    const progress = known[lesson.name];
    if (!progress) return [];
    return lesson.steps.flatMap((step, s) =>
      questionsOf(step).map((question, q) => {
        const { value, at = "" } = progress.answers[keyOf(s, q)] ?? {};
        const chosen = typeof value === "number" ? plain(question.choices[value] ?? "") : (value ?? "");
        const judged = typeof value === "number" && question.right !== null;
        return {
          student,
          lesson: lesson.title,
          step: step.kind,
          question: plain(question.question),
          answer: chosen,
          right: judged ? (value === question.right ? "yes" : "no") : "",
          answered: at,
          finished: progress.done ?? "",
        };
      }),
    );
  });
}

const COLUMNS = /** @type {const} */ ([
  "student",
  "lesson",
  "step",
  "question",
  "answer",
  "right",
  "answered",
  "finished",
]);

/** The forms in which answers are handed in: suffix of the file to its type and its content. */
export const FORMS = {
  txt: { name: "Text", type: "text/plain;charset=utf-8", write: asText },
  csv: { name: "CSV", type: "text/csv;charset=utf-8", write: asCsv },
  json: { name: "JSON", type: "application/json", write: asJson },
};

/** @param {Row[]} rows @returns {string} */
function asJson(rows) {
  return `${JSON.stringify({ format: 1, answers: rows }, null, 2)}\n`;
}

/** @param {Row[]} rows @returns {string} as RFC 4180 has it; with a mark by which Excel knows UTF-8 */
function asCsv(rows) {
  const lines = [COLUMNS, ...rows.map((row) => COLUMNS.map((name) => row[name]))];
  return `\ufeff${lines.map((cells) => cells.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** @param {string} text @returns {string} no spreadsheet takes it for a formula */
function cell(text) {
  const safe = /^[=@+-](?![\d.,\s]*$)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param {Row[]} rows @returns {string} */
function asText(rows) {
  /** @type {string[]} */
  const lines = rows[0]?.student ? [rows[0].student, ""] : [];
  let lesson = "";
  for (const row of rows) {
    if (row.lesson !== lesson) {
      lesson = row.lesson;
      lines.push(`${lesson}${row.finished ? ` (finished ${row.finished})` : ""}`, "");
    }
    const verdict = { yes: " (right)", no: " (not what happened)", "": "" }[row.right];
    lines.push(`  ${row.question}`, `    ${row.answer || "no answer"}${verdict}`, "");
  }
  return `${lines.join("\n")}\n`;
}

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&" };

/** @param {string} html of a lesson @returns {string} */
export function plain(html) {
  const text = html.replaceAll(/<[^>]*>/g, "");
  return text
    .replaceAll(/&(?:lt|gt|quot|amp);/g, (found) => /** @type {any} */ (ENTITIES)[found])
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** @param {string} text @returns {string} as HTML */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
