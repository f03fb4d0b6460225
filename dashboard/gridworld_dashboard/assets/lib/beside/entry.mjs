/** The page of two sessions beside each other: the same world and seed, and one difference. */

import { grouped } from "../page/format.mjs";
import { Half } from "./half.mjs";
import { Pair } from "./pair.mjs";
import { sameWords, settingsOf, wordsOf } from "./settings.mjs";

/** @typedef {import("./settings.mjs").Usual} Usual */

const get = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const field = (/** @type {string} */ id) =>
  /** @type {HTMLInputElement | HTMLSelectElement} */ (get(id));

/** @type {Usual} */
const usual = JSON.parse(get("usual").textContent ?? "{}");
const halves = /** @type {[Half, Half]} */ (["left", "right"].map((place) => new Half(place, show)));
const pair = new Pair(halves);
/** A command is under way. */
let busy = false;
/** What the address asked for was put in force once. */
let begun = false;

const speed = () => (field("speed").value === "" ? null : Number(field("speed").value));

/** @type {Record<string, () => Promise<void>>} */
const ACTIONS = {
  start: async () => {
    await pair.configure(settingsOf(read(), usual));
    const steps = field("num-steps").value;
    await pair.start({ num_steps: steps === "" ? null : Number(steps), speed: speed() });
  },
  stop: () => pair.stop(speed()),
  step: async () => {
    await pair.configure(settingsOf(read(), usual));
    await pair.step(speed());
  },
  reset: async () => {
    await pair.both("reset");
  },
};

/** @returns {Record<string, string>} what stands in the fields, and what the address brings beside it */
function read() {
  const given = Object.fromEntries(new URLSearchParams(location.search));
  const own = Object.fromEntries(
    ["world", "differs", "left", "right", "seed"].map((id) => [id, field(id).value]),
  );
  return { ...given, ...own };
}

/** @param {() => Promise<void>} work */
async function carryOut(work) {
  if (busy) return;
  busy = true;
  show();
  try {
    await work();
    get("problem").textContent = "";
  } catch (error) {
    get("problem").textContent = /** @type {Error} */ (error).message;
  }
  busy = false;
  show();
}

/** Everything that follows from the two sessions. */
function show() {
  const live = halves.every((half) => half.live);
  const steers = halves.every((half) => half.steers);
  const { running } = pair;
  const words = live ? "Connected" : halves.some((half) => half.failures) ? "Disconnected" : "Connecting";
  if (get("status").textContent !== words) get("status").textContent = words;
  const steps = halves.map((half) => half.frame?.total_steps ?? 0);
  get("steps").textContent = grouped(Math.max(...steps));
  const locked = !live || !steers || busy;
  for (const button of document.querySelectorAll("button")) {
    const needs = { start: !running, stop: running }[button.id] ?? true;
    button.disabled = locked || !needs;
  }
  for (const each of document.querySelectorAll("input, select")) {
    const own = /** @type {HTMLInputElement} */ (each);
    own.disabled = !live || !steers || (running && own.id !== "speed");
  }
  get("watching").hidden = steers;
  if (!live || begun) return;
  begun = true;
  if (steers && !running) carryOut(apply);
}

async function apply() {
  await pair.configure(settingsOf(read(), usual));
}

/** What the fields offer and say follows from what is to differ. */
function offer() {
  const key = field("differs").value;
  const { choices, title } = usual.differing[key];
  for (const side of ["left", "right"]) {
    const old = field(side);
    const made = document.createElement(choices ? "select" : "input");
    made.id = side;
    if (choices) {
      made.append(...Object.entries(choices).map(([value, name]) => new Option(name, value)));
    } else Object.assign(made, { type: "number", step: "any" });
    old.replaceWith(made);
    get(`${side}-label`).textContent = `${side === "left" ? "Left" : "Right"}: ${title.toLowerCase()}`;
  }
}

/** The address says what is compared, so that a link to it does. */
function remember() {
  const { world, differs, left, right, seed, ...others } = read();
  const query = new URLSearchParams({ ...others, world, differs, left, right, seed });
  history.replaceState(null, "", `?${query}`);
  get("same").textContent = sameWords(read(), usual);
  for (const side of ["left", "right"]) {
    const words = wordsOf(differs, field(side).value, usual);
    get(`${side}-name`).textContent = words;
    get(`${side}-frame`).setAttribute("title", words);
  }
}

/** @param {Record<string, string>} given */
function fill(given) {
  for (const id of ["world", "differs", "seed", "speed", "num-steps"]) {
    const value = given[id.replace("-", "_")];
    if (value !== undefined) field(id).value = value;
  }
  if (!field("differs").value) field("differs").value = "algorithm";
  offer();
  const [left, right] = usual.differing[field("differs").value].first;
  field("left").value = given.left ?? left;
  field("right").value = given.right ?? right;
}

fill(Object.fromEntries(new URLSearchParams(location.search)));
remember();
addEventListener("change", ({ target }) => {
  const { id } = /** @type {HTMLElement} */ (target);
  if (id === "differs") fill({ differs: field("differs").value });
  if (id === "speed") carryOut(async () => void (await pair.both("set_speed", { speed: speed() })));
  else if (id !== "num-steps") {
    remember();
    carryOut(apply);
  }
});
addEventListener("click", ({ target }) => {
  const { id } = /** @type {HTMLElement} */ (target);
  if (Object.hasOwn(ACTIONS, id)) carryOut(ACTIONS[id]);
});
for (const half of halves) half.open();
