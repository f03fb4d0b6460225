import assert from "node:assert/strict";
import { test } from "node:test";

import {
  FORMS,
  begun,
  plain,
  predictions,
  rowsOf,
  unanswered,
  unread,
} from "../../dashboard/gridworld_dashboard/assets/lib/lesson/answers.mjs";

const LESSON = {
  name: "cliff",
  title: "Why?",
  says: "Because.",
  steps: [
    {
      kind: "predict",
      parts: [
        { html: "<p>Look.</p>" },
        { question: "<p>Which &amp; <em>when</em>?</p>", choices: ["This", "That &lt; all"], right: 1 },
        { question: "<p>How?</p>", choices: [], right: null },
      ],
    },
    { kind: "run", parts: [{ html: "<p>Run.</p>" }] },
    { kind: "explain", parts: [{ question: "<p>So?</p>", choices: [], right: null }] },
  ],
};

const answered = (answers, more = {}) => ({
  ...unread(),
  ...more,
  answers: Object.fromEntries(Object.entries(answers).map(([key, value]) => [key, { value, at: "T" }])),
});

test("what has no answer yet is found in its order", () => {
  assert.equal(unanswered(LESSON, answered({})), 0);
  assert.equal(unanswered(LESSON, answered({ "0.0": 0 })), 1);
  assert.equal(unanswered(LESSON, answered({ "0.0": 0, "0.1": "  " })), 1);
  assert.equal(unanswered(LESSON, answered({ "0.0": 0, "0.1": "so" })), -1);
  assert.equal(unanswered(LESSON, answered({}, { step: 1 })), -1);
});

test("what was predicted stands beside what happened", () => {
  const [choice, text] = predictions(LESSON, answered({ "0.0": 0, "0.1": "<b>" }, { step: 2 }));
  assert.deepEqual(choice, { said: "This", right: "That &lt; all", held: false });
  assert.deepEqual(text, { said: "&lt;b>".replace(">", "&gt;"), right: null, held: false });
  const [right] = predictions(LESSON, answered({ "0.0": 1 }, { step: 2 }));
  assert.equal(right.held, true);
  assert.deepEqual(predictions(LESSON, answered({}, { step: 2 })), []);
});

test("rows hold every question of what was begun, as text", () => {
  const state = begun();
  assert.deepEqual(rowsOf([LESSON], state), []);
  state.student = "Ada";
  state.lessons.cliff = answered({ "0.0": 1, "2.0": "since" }, { done: "D" });
  state.lessons.gone = answered({ "0.0": 1 });
  const rows = rowsOf([LESSON], state);
  assert.deepEqual(rows.map(({ question }) => question), ["Which & when?", "How?", "So?"]);
  assert.deepEqual(rows[0], {
    student: "Ada",
    lesson: "Why?",
    step: "predict",
    question: "Which & when?",
    answer: "That < all",
    right: "yes",
    answered: "T",
    finished: "D",
  });
  assert.deepEqual([rows[1].answer, rows[1].right, rows[2].answer], ["", "", "since"]);
});

test("JSON, CSV and text say the same", () => {
  const state = { ...begun(), lessons: { cliff: answered({ "0.0": 0, "0.1": 'a "b",\nc' }) } };
  const rows = rowsOf([LESSON], state);
  assert.deepEqual(JSON.parse(FORMS.json.write(rows)), { format: 1, answers: rows });
  const csv = FORMS.csv.write(rows);
  assert.ok(csv.startsWith("\ufeffstudent,lesson,step,question,answer,right,answered,finished\r\n"));
  assert.ok(csv.includes(',How?,"a ""b"",\nc",,T,\r\n'), csv);
  const text = FORMS.txt.write(rows);
  assert.ok(text.includes("Why?\n\n  Which & when?\n    This (not what happened)\n"), text);
  assert.ok(text.includes("  So?\n    no answer\n"));
});

test("no spreadsheet takes an answer for a formula, and numbers stay numbers", () => {
  const cellOf = (value) => {
    const state = { ...begun(), lessons: { cliff: answered({ "0.1": value }) } };
    return FORMS.csv.write(rowsOf([LESSON], state)).split("\r\n")[2].split(",")[4];
  };
  assert.equal(cellOf("=HYPERLINK(1)"), "'=HYPERLINK(1)");
  assert.equal(cellOf("@x"), "'@x");
  assert.equal(cellOf("-x+1"), "'-x+1");
  assert.equal(cellOf("-13.5"), "-13.5");
  assert.equal(cellOf("a=b"), "a=b");
});

test("HTML of a lesson becomes what a reader sees", () => {
  assert.equal(plain("<p>a <em>b</em>\n c &lt;d&gt; &amp;lt; &quot;e&quot;</p>"), 'a b c <d> &lt; "e"');
});
