/** The lines of Python that make the same run. Pure. */

import { ALGORITHMS, LINK, PARAMETERS } from "../page/tables.mjs";

/** @typedef {import("../share/share.mjs").Settings} Settings */

/**
 * How far the run is trained: what is absent is no limit.
 * @typedef {object} Budget
 * @property {number} [episodes]
 * @property {number} [steps]
 * @property {number} [row] the one agent that has come so far; absent: all have
 */

/**
 * @param {Settings} settings
 * @param {Budget} budget
 * @param {{slip: number, max_steps: number | null} | undefined} own what the named world has by
 *   itself; undefined: it is not known, or the world has no name
 * @returns {string}
 */
export function pythonLines(settings, budget, own) {
  const { world, slip, max_steps: limit } = settings;
  const named = typeof world === "string";
  const made = named ? `gw.make(${literal(world)})` : `gw.GridWorld.from_json(${literal(world)})`;
  const has = named ? (world === LINK.defaults.world ? LINK.defaults : own) : world;
  const other = [];
  if (!has || (has.slip ?? 0) !== slip) other.push(`slip=${literal(slip)}`);
  if (!has || has.max_steps !== limit) other.push(`max_steps=${literal(limit)}`);
  const changed = other.length > 0;
  const run = ["world", `gw.${ALGORITHMS[settings.algorithm].python}(${learning(settings)})`];
  for (const [key, usual] of /** @type {[keyof Settings, number][]} */ ([
    ["agents", 1],
    ["seed", 0],
    ["first_agent", 0],
  ])) {
    if (settings[key] !== usual) run.push(`${key}=${settings[key]}`);
  }
  const { row, ...limits } = budget;
  for (const [key, value] of Object.entries(limits)) run.push(`${key}=${value}`);
  return [
    ...(changed ? ["from dataclasses import replace", ""] : []),
    "import gridworld as gw",
    "",
    changed ? `world = replace(${[made, ...other].join(", ")})` : `world = ${made}`,
    `run = gw.train(${run.join(", ")})`,
    row === undefined
      ? "print(run.q)"
      : `print(run.q[${row}])  # the others have taken other numbers of steps`,
  ].join("\n");
}

/**
 * How far to train for what the server has now, or will have.
 * @param {Record<string, any>} frame
 * @param {Record<string, any>} settings of the next start
 * @returns {Budget}
 */
export function budgetOf(frame, settings) {
  const { total_steps: steps, total_episodes: episodes, finished, target_episodes: target } = frame;
  if (!frame.all_steps) {
    /** @type {Budget} */
    const planned = {};
    if (settings.num_episodes !== null) planned.episodes = settings.num_episodes;
    if (settings.num_steps !== null) planned.steps = settings.num_steps;
    return planned;
  }
  // Many agents come to the end of their episodes after different numbers of steps.
  if (finished && target === episodes) return { episodes };
  return frame.all_steps === steps * (frame.agents ?? 1) ? { steps } : { steps, row: frame.shown };
}

/** @param {Settings} settings @returns {string} the numbers of learning that are not the usual ones */
function learning(settings) {
  const { takes } = ALGORITHMS[settings.algorithm];
  return Object.values(PARAMETERS)
    .filter(({ key, scope, default: usual }) => {
      const value = /** @type {any} */ (settings)[key];
      return scope === "learning" && takes.includes(key) && value !== usual && value !== undefined;
    })
    .map(({ key }) => `${key}=${literal(/** @type {any} */ (settings)[key])}`)
    .join(", ");
}

/** @param {any} value of JSON @returns {string} as Python writes it */
export function literal(value) {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object") {
    return `{${Object.entries(value).map(([key, each]) => `${literal(key)}: ${literal(each)}`).join(", ")}}`;
  }
  return JSON.stringify(value);
}
