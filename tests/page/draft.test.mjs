import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import * as drafts from "../../dashboard/gridworld_dashboard/assets/lib/edit/draft.mjs";
import { noteOf } from "../../dashboard/gridworld_dashboard/assets/lib/edit/note.mjs";
import { Pen } from "../../dashboard/gridworld_dashboard/assets/lib/edit/pen.mjs";
import { fileName, textOf, worldOf } from "../../dashboard/gridworld_dashboard/assets/lib/edit/texts.mjs";
import { TOOLS } from "../../dashboard/gridworld_dashboard/assets/lib/edit/tools.mjs";

const DRAFT = {
  name: "first",
  map: ["S..", ".#.", "..G"],
  rewards: { step: -0.1, goal: 10, pit: -10, cells: { "1,0": -5 } },
  slip: 0,
  wind: [0, 2, 0],
  portals: [[[1, 2], [2, 0]]],
  max_steps: 100,
};

test("what a wall covers goes with it, and what leads into it too", () => {
  let draft = drafts.put(DRAFT, [1, 0], "#");
  assert.deepEqual(draft.map, ["S#.", ".#.", "..G"]);
  assert.deepEqual(draft.rewards.cells, {});
  assert.equal(draft.portals.length, 1);
  draft = drafts.put(draft, [2, 0], "#");
  assert.deepEqual(draft.portals, []);
  assert.deepEqual(DRAFT.map, ["S..", ".#.", "..G"], "the draft before stays");
  assert.deepEqual(drafts.put(DRAFT, [1, 2], "X").portals, [], "no portal leads out of a pit");
});

test("a change that changes nothing gives the same draft", () => {
  assert.equal(drafts.put(DRAFT, [1, 1], "#"), DRAFT);
  assert.equal(drafts.withReward(DRAFT, [1, 0], -5), DRAFT);
  assert.equal(drafts.withReward(DRAFT, [1, 1], 3), DRAFT, "walls pay nothing");
  assert.equal(drafts.withWind(DRAFT, 1, 2), DRAFT);
  assert.equal(drafts.withPortal(DRAFT, [0, 0], [1, 1]), DRAFT, "none leads into a wall");
  assert.equal(drafts.withPortal(DRAFT, [2, 2], [0, 0]), DRAFT, "none begins in a goal");
  assert.equal(drafts.resized(DRAFT, 3, 3), DRAFT);
});

test("a start is carried, and leaves a free cell", () => {
  assert.deepEqual(drafts.moved(DRAFT, [0, 0], [1, 1]).map, ["...", ".S.", "..G"]);
});

test("another size keeps what is inside", () => {
  const small = drafts.resized(DRAFT, 2, 4);
  assert.deepEqual(small.map, ["S.", ".#", "..", ".."]);
  assert.deepEqual(small.wind, [0, 2]);
  assert.deepEqual(small.portals, []);
  assert.deepEqual(small.rewards.cells, { "1,0": -5 });
  assert.equal(drafts.resized(DRAFT, 1, 3).wind, null);
  assert.deepEqual(drafts.resized(DRAFT, 4, 3).wind, [0, 2, 0, 0]);
});

test("cleared, starts and goals stay", () => {
  const { map, wind, portals, rewards } = drafts.cleared(DRAFT);
  assert.deepEqual(map, ["S..", "...", "..G"]);
  assert.deepEqual([wind, portals, rewards.cells], [null, [], {}]);
});

test("worlds that behave alike are one, whatever they are called", () => {
  const other = { ...DRAFT, name: "second", portals: [[[0, 1], [2, 0]], ...DRAFT.portals] };
  assert.notEqual(drafts.identity(other), drafts.identity(DRAFT));
  const turned = { ...other, portals: other.portals.toReversed() };
  assert.equal(drafts.identity(turned), drafts.identity(other));
  assert.equal(drafts.identity({ ...DRAFT, name: "x" }), drafts.identity(DRAFT));
});

test("a quick hand leaves no cell out", () => {
  assert.deepEqual(drafts.line([0, 0], [3, 1]), [[1, 0], [2, 1], [3, 1]]);
  assert.deepEqual(drafts.line([2, 2], [2, 2]), []);
});

test("strokes are taken back and done again", () => {
  const history = new drafts.History(DRAFT);
  const walled = drafts.put(DRAFT, [0, 1], "#");
  assert.equal(history.commit(DRAFT), false);
  assert.ok(history.commit(walled));
  assert.ok(history.undo());
  assert.equal(history.present, DRAFT);
  assert.equal(history.undo(), false);
  assert.ok(history.redo());
  assert.equal(history.present, walled);
  history.undo();
  history.commit(drafts.put(DRAFT, [0, 2], "X"));
  assert.equal(history.redo(), false);
});

// --- the pen

/** A desk with one draft on it. */
class Desk {
  constructor(tool = "wall") {
    this.history = new drafts.History(DRAFT);
    this.shown = DRAFT;
    this.key = tool;
    this.said = [];
  }
  draft = () => this.history.present;
  tool = () => TOOLS.find(({ key }) => key === this.key);
  preview = (draft) => (this.shown = draft);
  commit = (draft) => this.history.commit(draft);
  take = (key) => (this.key = key);
  undo = () => this.history.undo();
  redo = () => this.history.redo();
  waited = () => this.said.push("waited");
}

let desk;
let pen;

beforeEach(() => {
  desk = new Desk();
  pen = new Pen(desk);
});

/** Press in the first cell, drag through the others, let go. */
function drag(...cells) {
  pen.down(cells[0]);
  for (const cell of cells.slice(1)) pen.move(cell);
  pen.up();
}

const key = (name, more = {}) => ({ key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
const rows = () => desk.draft().map;

test("a stroke is one change, and takes no start and no goal along", () => {
  drag([0, 2], [2, 2], [2, 1]);
  assert.deepEqual(rows(), ["S..", ".##", "##G"]);
  assert.equal(desk.history.past.length, 1);
});

test("who begins on a wall takes walls away", () => {
  drag([1, 1], [0, 1]);
  assert.deepEqual(rows(), ["S..", "...", "..G"]);
});

test("a start that is pressed is carried, and painted over where it is only clicked on", () => {
  drag([0, 0], [1, 0], [2, 0]);
  assert.deepEqual(rows(), ["..S", ".#.", "..G"]);
  drag([2, 2], [2, 1]);
  assert.deepEqual(rows(), ["..S", ".#G", "..."]);
  drag([2, 1], [2, 0]);
  assert.deepEqual(rows(), ["..S", ".#G", "..."], "no goal onto a start");
  drag([2, 0]);
  assert.deepEqual(rows(), ["..#", ".#G", "..."]);
});

test("a second finger makes a stroke undone", () => {
  pen.down([0, 2]);
  pen.move([1, 2]);
  assert.deepEqual(desk.shown.map, ["S..", ".#.", "##G"]);
  pen.cancel();
  pen.up();
  assert.equal(desk.shown, DRAFT);
  assert.equal(desk.draft(), DRAFT);
});

test("portals are dragged, or pressed at both ends, and go where they begin", () => {
  desk.key = "portal";
  drag([0, 1], [0, 2], [2, 1]);
  assert.deepEqual(desk.draft().portals.at(-1), [[0, 1], [2, 1]]);
  drag([0, 1]);
  assert.equal(desk.draft().portals.length, 1);
  drag([0, 2]);
  assert.deepEqual(pen.waiting, { what: "portal", from: [0, 2] });
  drag([2, 1]);
  assert.deepEqual(desk.draft().portals.at(-1), [[0, 2], [2, 1]]);
  assert.equal(pen.waiting, null);
  drag([1, 1]);
  assert.equal(pen.waiting, null, "no portal begins in a wall");
});

test("rewards and wind are set and taken away", () => {
  desk.key = "reward";
  drag([0, 1], [0, 2]);
  assert.deepEqual(desk.draft().rewards.cells, { "1,0": -5, "0,1": -1, "0,2": -1 });
  drag([0, 1]);
  assert.deepEqual(desk.draft().rewards.cells, { "1,0": -5, "0,2": -1 });
  drag([2, 2]);
  assert.equal(desk.draft().rewards.cells["2,2"], -1, "a goal may pay its own");
  desk.key = "wind";
  drag([0, 2], [2, 2]);
  assert.deepEqual(desk.draft().wind, [1, 1, 1]);
});

test("letters draw where the cursor is, Space uses the tool, and Ctrl+Z takes back", () => {
  assert.ok(pen.key(key("x"), [1, 0]));
  assert.equal(desk.key, "pit");
  assert.ok(pen.key(key(" "), [2, 0]));
  assert.deepEqual(rows(), ["SXX", ".#.", "..G"]);
  assert.ok(pen.key(key("f"), [1, 0]));
  assert.ok(pen.key(key("#"), [0, 1]));
  assert.deepEqual(rows(), ["S.X", "##.", "..G"]);
  assert.ok(pen.key(key("z", { ctrlKey: true }), null));
  assert.deepEqual(rows(), ["S.X", ".#.", "..G"]);
  assert.ok(pen.key(key("Z", { ctrlKey: true, shiftKey: true }), null));
  assert.deepEqual(rows(), ["S.X", "##.", "..G"]);
  assert.equal(pen.key(key("r"), [0, 0]), false, "other keys are the page's");
  assert.equal(pen.key(key("c", { ctrlKey: true }), [0, 0]), false);
  assert.ok(pen.key(key("w"), null), "without a cursor a letter presses no button either");
});

test("M carries a start, and Escape lets it be", () => {
  pen.key(key("m"), [0, 0]);
  pen.key(key(" "), [2, 1]);
  assert.deepEqual(rows(), ["...", ".#S", "..G"]);
  pen.key(key("m"), [2, 2]);
  assert.ok(pen.key(key("Escape"), [2, 2]));
  assert.equal(pen.waiting, null);
  assert.equal(pen.key(key("Escape"), [2, 2]), false, "nothing waits: it leads back");
});

// --- texts

test("a text is a world's JSON, or a map with the numbers that hold of it as well", () => {
  assert.deepEqual(worldOf('{"map": ["SG"]}', DRAFT), { map: ["SG"] });
  const { map, name, rewards, slip, ...rest } = worldOf("S.\n.G\n", { ...DRAFT, slip: 0.2 });
  assert.deepEqual([map, name, rewards.cells, rewards.step, slip], ["S.\n.G\n", "first", {}, -0.1, 0.2]);
  assert.deepEqual(rest, {});
  assert.equal(worldOf("{broken", DRAFT).map, "{broken");
  assert.deepEqual(worldOf('["SG"]', DRAFT).map, ["SG"]);
});

test("a draft is written as it is read", () => {
  assert.equal(textOf(DRAFT, "map"), "S..\n.#.\n..G\n");
  assert.deepEqual(worldOf(textOf(DRAFT, "json"), DRAFT), DRAFT);
  assert.equal(fileName({ ...DRAFT, name: "../a b:" }, "json"), "a-b.json");
  assert.equal(fileName({ ...DRAFT, name: "…" }, "map"), "world.txt");
});

// --- what is said

test("the strip says how the draft stands", () => {
  const state = { waiting: null, complaint: "", problem: "", kept: false, busy: false, fits: true, repeatable: true, drawn: true };
  assert.deepEqual(noteOf(state), { note: "In force.", wrong: false });
  assert.match(noteOf({ ...state, drawn: false }).note, /In force\. Press or drag/);
  assert.match(noteOf({ ...state, repeatable: false }).note, /no longer repeatable from its start/);
  const wrong = noteOf({ ...state, kept: true, problem: "a map must have a start" });
  assert.deepEqual(wrong, { note: "Not in force: a map must have a start.", wrong: true });
  assert.match(noteOf({ ...state, kept: true, fits: false }).note, /begins a new run/);
  assert.match(noteOf({ ...state, waiting: { what: "portal", from: [1, 2] } }).note, /\(1, 2\)/);
});
