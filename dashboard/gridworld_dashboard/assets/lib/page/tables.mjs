/**
 * What may be set, which algorithms and layers there are, what a link holds.
 *
 * Written from the library's tables by `make generate`: change `core/gridworld/tables.py`.
 */

/**
 * @typedef {object} Parameter
 * @property {string} key name on the wire
 * @property {string} id of its field
 * @property {string} title
 * @property {string} kind number, whole, choice, flag, algorithm or world
 * @property {string} scope learning, run, world or pacing
 * @property {string} effect at once, next start or afresh
 * @property {any} default
 * @property {string} must what must hold of a value, in words
 * @property {number} low
 * @property {number} high
 * @property {boolean} above whether `low` itself is left out
 * @property {string | null} null what null, an empty field, means; null: it must not be empty
 * @property {string} scale linear or logarithmic
 * @property {number} unit of an arrow key
 * @property {[number, number] | null} slider its ends
 * @property {string[]} choices
 * @property {string | null} flag on the command line
 */

/**
 * @typedef {object} Algorithm
 * @property {string} title
 * @property {number} tables Q-tables of one agent
 * @property {string} bootstrap what gamma multiplies
 * @property {string} symbol the same as books write it
 * @property {string} python its class in the library
 * @property {string[]} takes parameters of learning that it goes by
 */

/** @typedef {"value" | "optimal" | "difference" | "visits" | "td_error" | "eligibility" | "model"} LayerName */

/**
 * @typedef {object} Layer
 * @property {string} title in words
 * @property {string} symbol
 * @property {import("../board/colormap.mjs").Ramp} ramp
 * @property {"acts" | "learnt"} where cells that show it: those in which agents act, or of them
 *   those of which the Q-table says something
 * @property {boolean} log the scale is that of log10(1 + v)
 * @property {boolean} whole its numbers are
 * @property {string} nothing what is said where there is nothing to show
 * @property {readonly string[] | null} algorithms that have it; null: all have
 */

/** @type {Readonly<Record<string, Parameter>>} */
export const PARAMETERS = {
  "learning_rate": {
    "key": "learning_rate",
    "id": "learning-rate",
    "title": "Learning rate",
    "kind": "number",
    "scope": "learning",
    "effect": "next start",
    "default": 0.1,
    "must": "must be above 0 and at most 1",
    "low": 0,
    "high": 1,
    "above": true,
    "null": null,
    "scale": "linear",
    "unit": 0.01,
    "slider": [
      0.01,
      1
    ],
    "choices": [],
    "flag": "learning-rate"
  },
  "epsilon": {
    "key": "epsilon",
    "id": "epsilon",
    "title": "Epsilon",
    "kind": "number",
    "scope": "learning",
    "effect": "next start",
    "default": 1.0,
    "must": "must be from 0 to 1",
    "low": 0,
    "high": 1,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.01,
    "slider": [
      0,
      1
    ],
    "choices": [],
    "flag": "epsilon"
  },
  "discount_factor": {
    "key": "discount_factor",
    "id": "discount-factor",
    "title": "Discount factor",
    "kind": "number",
    "scope": "learning",
    "effect": "next start",
    "default": 0.99,
    "must": "must be from 0 to 1",
    "low": 0,
    "high": 1,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.01,
    "slider": [
      0,
      1
    ],
    "choices": [],
    "flag": "discount-factor"
  },
  "epsilon_decay": {
    "key": "epsilon_decay",
    "id": "epsilon-decay",
    "title": "Epsilon decay",
    "kind": "number",
    "scope": "learning",
    "effect": "next start",
    "default": 0.995,
    "must": "must be above 0 and at most 1",
    "low": 0,
    "high": 1,
    "above": true,
    "null": null,
    "scale": "linear",
    "unit": 0.001,
    "slider": null,
    "choices": [],
    "flag": "epsilon-decay"
  },
  "epsilon_min": {
    "key": "epsilon_min",
    "id": "epsilon-min",
    "title": "Lowest epsilon",
    "kind": "number",
    "scope": "learning",
    "effect": "next start",
    "default": 0.01,
    "must": "must be from 0 to 1",
    "low": 0,
    "high": 1,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.01,
    "slider": null,
    "choices": [],
    "flag": "epsilon-min"
  },
  "initial_value": {
    "key": "initial_value",
    "id": "initial-value",
    "title": "Initial value",
    "kind": "number",
    "scope": "learning",
    "effect": "afresh",
    "default": 0.0,
    "must": "must be from -1e30 to 1e30",
    "low": -1e+30,
    "high": 1e+30,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 1,
    "slider": null,
    "choices": [],
    "flag": "initial-value"
  },
  "ties": {
    "key": "ties",
    "id": "ties",
    "title": "Ties",
    "kind": "choice",
    "scope": "learning",
    "effect": "next start",
    "default": "lowest",
    "must": "",
    "low": 0,
    "high": 0,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.01,
    "slider": null,
    "choices": [
      "lowest",
      "random"
    ],
    "flag": "ties"
  },
  "exploration": {
    "key": "exploration",
    "id": "exploration",
    "title": "Exploration",
    "kind": "choice",
    "scope": "learning",
    "effect": "next start",
    "default": "epsilon_greedy",
    "must": "",
    "low": 0,
    "high": 0,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.01,
    "slider": null,
    "choices": [
      "epsilon_greedy",
      "softmax"
    ],
    "flag": "exploration"
  },
  "temperature": {
    "key": "temperature",
    "id": "temperature",
    "title": "Temperature",
    "kind": "number",
    "scope": "learning",
    "effect": "next start",
    "default": 1.0,
    "must": "must be above 0 and at most 1e30",
    "low": 0,
    "high": 1e+30,
    "above": true,
    "null": null,
    "scale": "linear",
    "unit": 0.1,
    "slider": null,
    "choices": [],
    "flag": "temperature"
  },
  "temperature_decay": {
    "key": "temperature_decay",
    "id": "temperature-decay",
    "title": "Temperature decay",
    "kind": "number",
    "scope": "learning",
    "effect": "next start",
    "default": 0.995,
    "must": "must be above 0 and at most 1",
    "low": 0,
    "high": 1,
    "above": true,
    "null": null,
    "scale": "linear",
    "unit": 0.001,
    "slider": null,
    "choices": [],
    "flag": "temperature-decay"
  },
  "temperature_min": {
    "key": "temperature_min",
    "id": "temperature-min",
    "title": "Lowest temperature",
    "kind": "number",
    "scope": "learning",
    "effect": "next start",
    "default": 0.01,
    "must": "must be from 0 to 1e30",
    "low": 0,
    "high": 1e+30,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.01,
    "slider": null,
    "choices": [],
    "flag": "temperature-min"
  },
  "exploration_schedule": {
    "key": "exploration_schedule",
    "id": "exploration-schedule",
    "title": "Schedule",
    "kind": "choice",
    "scope": "learning",
    "effect": "next start",
    "default": "factor",
    "must": "",
    "low": 0,
    "high": 0,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.01,
    "slider": null,
    "choices": [
      "factor",
      "linear",
      "inverse",
      "constant"
    ],
    "flag": "exploration-schedule"
  },
  "exploration_episodes": {
    "key": "exploration_episodes",
    "id": "exploration-episodes",
    "title": "Episodes to the lowest",
    "kind": "whole",
    "scope": "learning",
    "effect": "next start",
    "default": 500,
    "must": "must be a whole number from 1 to 2147483647",
    "low": 1,
    "high": 2147483647,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 100,
    "slider": null,
    "choices": [],
    "flag": "exploration-episodes"
  },
  "exploration_power": {
    "key": "exploration_power",
    "id": "exploration-power",
    "title": "Power",
    "kind": "number",
    "scope": "learning",
    "effect": "next start",
    "default": 1.0,
    "must": "must be from 0 to 10",
    "low": 0,
    "high": 10,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.1,
    "slider": null,
    "choices": [],
    "flag": "exploration-power"
  },
  "learning_rate_schedule": {
    "key": "learning_rate_schedule",
    "id": "learning-rate-schedule",
    "title": "Learning rate schedule",
    "kind": "choice",
    "scope": "learning",
    "effect": "afresh",
    "default": "constant",
    "must": "",
    "low": 0,
    "high": 0,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.01,
    "slider": null,
    "choices": [
      "constant",
      "count"
    ],
    "flag": "learning-rate-schedule"
  },
  "learning_rate_power": {
    "key": "learning_rate_power",
    "id": "learning-rate-power",
    "title": "Power of the count",
    "kind": "number",
    "scope": "learning",
    "effect": "next start",
    "default": 1.0,
    "must": "must be from 0 to 1",
    "low": 0,
    "high": 1,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.1,
    "slider": null,
    "choices": [],
    "flag": "learning-rate-power"
  },
  "trace_decay": {
    "key": "trace_decay",
    "id": "trace-decay",
    "title": "Trace decay",
    "kind": "number",
    "scope": "learning",
    "effect": "next start",
    "default": 0.9,
    "must": "must be from 0 to 1",
    "low": 0,
    "high": 1,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.01,
    "slider": null,
    "choices": [],
    "flag": "trace-decay"
  },
  "traces": {
    "key": "traces",
    "id": "traces",
    "title": "Traces",
    "kind": "choice",
    "scope": "learning",
    "effect": "afresh",
    "default": "replacing",
    "must": "",
    "low": 0,
    "high": 0,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.01,
    "slider": null,
    "choices": [
      "accumulating",
      "replacing",
      "dutch"
    ],
    "flag": "traces"
  },
  "n_steps": {
    "key": "n_steps",
    "id": "n-steps",
    "title": "Steps of a return",
    "kind": "whole",
    "scope": "learning",
    "effect": "afresh",
    "default": 4,
    "must": "must be a whole number from 1 to 1000000",
    "low": 1,
    "high": 1000000,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 1,
    "slider": null,
    "choices": [],
    "flag": "n-steps"
  },
  "planning_steps": {
    "key": "planning_steps",
    "id": "planning-steps",
    "title": "Planning steps",
    "kind": "whole",
    "scope": "learning",
    "effect": "next start",
    "default": 5,
    "must": "must be a whole number from 0 to 1000000",
    "low": 0,
    "high": 1000000,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 1,
    "slider": null,
    "choices": [],
    "flag": "planning-steps"
  },
  "exploration_bonus": {
    "key": "exploration_bonus",
    "id": "exploration-bonus",
    "title": "Exploration bonus",
    "kind": "number",
    "scope": "learning",
    "effect": "next start",
    "default": 0.001,
    "must": "must be from 0 to 1000000",
    "low": 0,
    "high": 1000000,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.001,
    "slider": null,
    "choices": [],
    "flag": "exploration-bonus"
  },
  "priority_threshold": {
    "key": "priority_threshold",
    "id": "priority-threshold",
    "title": "Priority threshold",
    "kind": "number",
    "scope": "learning",
    "effect": "next start",
    "default": 0.0001,
    "must": "must be from 0 to 1e30",
    "low": 0,
    "high": 1e+30,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.0001,
    "slider": null,
    "choices": [],
    "flag": "priority-threshold"
  },
  "num_episodes": {
    "key": "num_episodes",
    "id": "num-episodes",
    "title": "Episodes",
    "kind": "whole",
    "scope": "run",
    "effect": "next start",
    "default": 500,
    "must": "must be a whole number from 1 to 1e12, or empty",
    "low": 1,
    "high": 1000000000000,
    "above": false,
    "null": "until stopped",
    "scale": "linear",
    "unit": 100,
    "slider": null,
    "choices": [],
    "flag": "episodes"
  },
  "num_steps": {
    "key": "num_steps",
    "id": "num-steps",
    "title": "Most steps",
    "kind": "whole",
    "scope": "run",
    "effect": "next start",
    "default": null,
    "must": "must be a whole number from 1 to 1e15, or empty",
    "low": 1,
    "high": 1000000000000000,
    "above": false,
    "null": "no limit",
    "scale": "linear",
    "unit": 100,
    "slider": null,
    "choices": [],
    "flag": "steps"
  },
  "speed": {
    "key": "speed",
    "id": "speed",
    "title": "Steps per second",
    "kind": "number",
    "scope": "pacing",
    "effect": "at once",
    "default": 30.0,
    "must": "must be above 0 and at most 1e9, or empty",
    "low": 0,
    "high": 1000000000,
    "above": true,
    "null": "full speed",
    "scale": "logarithmic",
    "unit": 0.01,
    "slider": [
      1,
      10000000
    ],
    "choices": [],
    "flag": null
  },
  "world": {
    "key": "world",
    "id": "world",
    "title": "World",
    "kind": "world",
    "scope": "world",
    "effect": "afresh",
    "default": "default",
    "must": "",
    "low": 0,
    "high": 0,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.01,
    "slider": null,
    "choices": [],
    "flag": "world"
  },
  "slip": {
    "key": "slip",
    "id": "slip",
    "title": "Slip",
    "kind": "number",
    "scope": "world",
    "effect": "afresh",
    "default": 0.0,
    "must": "must be from 0 to 1",
    "low": 0,
    "high": 1,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.01,
    "slider": null,
    "choices": [],
    "flag": "slip"
  },
  "max_steps": {
    "key": "max_steps",
    "id": "max-steps",
    "title": "Steps per episode",
    "kind": "whole",
    "scope": "world",
    "effect": "afresh",
    "default": 100,
    "must": "must be a whole number from 1 to 2147483647, or empty",
    "low": 1,
    "high": 2147483647,
    "above": false,
    "null": "no limit",
    "scale": "linear",
    "unit": 100,
    "slider": null,
    "choices": [],
    "flag": "max-steps"
  },
  "algorithm": {
    "key": "algorithm",
    "id": "algorithm",
    "title": "Algorithm",
    "kind": "algorithm",
    "scope": "run",
    "effect": "afresh",
    "default": "q_learning",
    "must": "",
    "low": 0,
    "high": 0,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 0.01,
    "slider": null,
    "choices": [],
    "flag": "algorithm"
  },
  "first_agent": {
    "key": "first_agent",
    "id": "first-agent",
    "title": "First agent",
    "kind": "whole",
    "scope": "run",
    "effect": "afresh",
    "default": 0,
    "must": "must be a whole number from 0 to 9007199254740991",
    "low": 0,
    "high": 9007199254740991,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 1,
    "slider": null,
    "choices": [],
    "flag": "first-agent"
  },
  "seed": {
    "key": "seed",
    "id": "seed",
    "title": "Seed",
    "kind": "whole",
    "scope": "run",
    "effect": "afresh",
    "default": 0,
    "must": "must be a whole number from 0 to 9007199254740991",
    "low": 0,
    "high": 9007199254740991,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 1,
    "slider": null,
    "choices": [],
    "flag": "seed"
  },
  "agents": {
    "key": "agents",
    "id": "agents",
    "title": "Agents",
    "kind": "whole",
    "scope": "run",
    "effect": "afresh",
    "default": 1,
    "must": "must be a whole number from 1 to 4096",
    "low": 1,
    "high": 4096,
    "above": false,
    "null": null,
    "scale": "linear",
    "unit": 1,
    "slider": null,
    "choices": [],
    "flag": "agents"
  }
};

/** @type {Readonly<Record<string, Algorithm>>} */
export const ALGORITHMS = {
  "q_learning": {
    "title": "Q-learning",
    "tables": 1,
    "bootstrap": "best next value",
    "symbol": "max Q(s′, a′)",
    "python": "QLearning",
    "takes": [
      "learning_rate",
      "discount_factor",
      "epsilon",
      "epsilon_decay",
      "epsilon_min",
      "initial_value",
      "ties",
      "exploration",
      "temperature",
      "temperature_decay",
      "temperature_min",
      "exploration_schedule",
      "exploration_episodes",
      "exploration_power",
      "learning_rate_schedule",
      "learning_rate_power"
    ]
  },
  "sarsa": {
    "title": "SARSA",
    "tables": 1,
    "bootstrap": "value of the next action",
    "symbol": "Q(s′, a′)",
    "python": "Sarsa",
    "takes": [
      "learning_rate",
      "discount_factor",
      "epsilon",
      "epsilon_decay",
      "epsilon_min",
      "initial_value",
      "ties",
      "exploration",
      "temperature",
      "temperature_decay",
      "temperature_min",
      "exploration_schedule",
      "exploration_episodes",
      "exploration_power",
      "learning_rate_schedule",
      "learning_rate_power"
    ]
  },
  "expected_sarsa": {
    "title": "Expected SARSA",
    "tables": 1,
    "bootstrap": "average next value",
    "symbol": "E Q(s′, a′)",
    "python": "ExpectedSarsa",
    "takes": [
      "learning_rate",
      "discount_factor",
      "epsilon",
      "epsilon_decay",
      "epsilon_min",
      "initial_value",
      "ties",
      "exploration",
      "temperature",
      "temperature_decay",
      "temperature_min",
      "exploration_schedule",
      "exploration_episodes",
      "exploration_power",
      "learning_rate_schedule",
      "learning_rate_power"
    ]
  },
  "double_q_learning": {
    "title": "Double Q-learning",
    "tables": 2,
    "bootstrap": "the other table's value",
    "symbol": "Q′(s′, a*)",
    "python": "DoubleQLearning",
    "takes": [
      "learning_rate",
      "discount_factor",
      "epsilon",
      "epsilon_decay",
      "epsilon_min",
      "initial_value",
      "ties",
      "exploration",
      "temperature",
      "temperature_decay",
      "temperature_min",
      "exploration_schedule",
      "exploration_episodes",
      "exploration_power",
      "learning_rate_schedule",
      "learning_rate_power"
    ]
  },
  "sarsa_lambda": {
    "title": "SARSA(λ)",
    "tables": 1,
    "bootstrap": "value of the next action",
    "symbol": "Q(s′, a′)",
    "python": "SarsaLambda",
    "takes": [
      "learning_rate",
      "discount_factor",
      "epsilon",
      "epsilon_decay",
      "epsilon_min",
      "initial_value",
      "ties",
      "exploration",
      "temperature",
      "temperature_decay",
      "temperature_min",
      "exploration_schedule",
      "exploration_episodes",
      "exploration_power",
      "learning_rate_schedule",
      "learning_rate_power",
      "trace_decay",
      "traces"
    ]
  },
  "q_lambda": {
    "title": "Q(λ)",
    "tables": 1,
    "bootstrap": "best next value",
    "symbol": "max Q(s′, a′)",
    "python": "QLambda",
    "takes": [
      "learning_rate",
      "discount_factor",
      "epsilon",
      "epsilon_decay",
      "epsilon_min",
      "initial_value",
      "ties",
      "exploration",
      "temperature",
      "temperature_decay",
      "temperature_min",
      "exploration_schedule",
      "exploration_episodes",
      "exploration_power",
      "learning_rate_schedule",
      "learning_rate_power",
      "trace_decay"
    ]
  },
  "n_step_sarsa": {
    "title": "n-step SARSA",
    "tables": 1,
    "bootstrap": "value of the action then",
    "symbol": "Q(sₙ, aₙ)",
    "python": "NStepSarsa",
    "takes": [
      "learning_rate",
      "discount_factor",
      "epsilon",
      "epsilon_decay",
      "epsilon_min",
      "initial_value",
      "ties",
      "exploration",
      "temperature",
      "temperature_decay",
      "temperature_min",
      "exploration_schedule",
      "exploration_episodes",
      "exploration_power",
      "learning_rate_schedule",
      "learning_rate_power",
      "n_steps"
    ]
  },
  "n_step_tree_backup": {
    "title": "n-step tree backup",
    "tables": 1,
    "bootstrap": "value of the tree from there",
    "symbol": "G(s′)",
    "python": "NStepTreeBackup",
    "takes": [
      "learning_rate",
      "discount_factor",
      "epsilon",
      "epsilon_decay",
      "epsilon_min",
      "initial_value",
      "ties",
      "exploration",
      "temperature",
      "temperature_decay",
      "temperature_min",
      "exploration_schedule",
      "exploration_episodes",
      "exploration_power",
      "learning_rate_schedule",
      "learning_rate_power",
      "n_steps"
    ]
  },
  "monte_carlo": {
    "title": "Monte Carlo",
    "tables": 1,
    "bootstrap": "nothing: the episode is over",
    "symbol": "0",
    "python": "MonteCarlo",
    "takes": [
      "learning_rate",
      "discount_factor",
      "epsilon",
      "epsilon_decay",
      "epsilon_min",
      "initial_value",
      "ties",
      "exploration",
      "temperature",
      "temperature_decay",
      "temperature_min",
      "exploration_schedule",
      "exploration_episodes",
      "exploration_power",
      "learning_rate_schedule",
      "learning_rate_power"
    ]
  },
  "dyna_q": {
    "title": "Dyna-Q",
    "tables": 1,
    "bootstrap": "best next value",
    "symbol": "max Q(s′, a′)",
    "python": "DynaQ",
    "takes": [
      "learning_rate",
      "discount_factor",
      "epsilon",
      "epsilon_decay",
      "epsilon_min",
      "initial_value",
      "ties",
      "exploration",
      "temperature",
      "temperature_decay",
      "temperature_min",
      "exploration_schedule",
      "exploration_episodes",
      "exploration_power",
      "learning_rate_schedule",
      "learning_rate_power",
      "planning_steps"
    ]
  },
  "dyna_q_plus": {
    "title": "Dyna-Q+",
    "tables": 1,
    "bootstrap": "best next value",
    "symbol": "max Q(s′, a′)",
    "python": "DynaQPlus",
    "takes": [
      "learning_rate",
      "discount_factor",
      "epsilon",
      "epsilon_decay",
      "epsilon_min",
      "initial_value",
      "ties",
      "exploration",
      "temperature",
      "temperature_decay",
      "temperature_min",
      "exploration_schedule",
      "exploration_episodes",
      "exploration_power",
      "learning_rate_schedule",
      "learning_rate_power",
      "planning_steps",
      "exploration_bonus"
    ]
  },
  "prioritized_sweeping": {
    "title": "Prioritized sweeping",
    "tables": 1,
    "bootstrap": "best next value",
    "symbol": "max Q(s′, a′)",
    "python": "PrioritizedSweeping",
    "takes": [
      "learning_rate",
      "discount_factor",
      "epsilon",
      "epsilon_decay",
      "epsilon_min",
      "initial_value",
      "ties",
      "exploration",
      "temperature",
      "temperature_decay",
      "temperature_min",
      "exploration_schedule",
      "exploration_episodes",
      "exploration_power",
      "learning_rate_schedule",
      "learning_rate_power",
      "planning_steps",
      "priority_threshold"
    ]
  }
};

/** @type {Readonly<Record<LayerName, Layer>>} */
export const LAYERS = {
  "value": {
    "title": "Value",
    "symbol": "max Q(s, a)",
    "ramp": "value",
    "where": "learnt",
    "log": false,
    "whole": false,
    "nothing": "Nothing learnt yet.",
    "algorithms": null
  },
  "optimal": {
    "title": "Optimal value",
    "symbol": "V*(s)",
    "ramp": "value",
    "where": "acts",
    "log": false,
    "whole": false,
    "nothing": "Nothing learnt yet.",
    "algorithms": null
  },
  "difference": {
    "title": "Difference",
    "symbol": "V*(s) − max Q(s, a)",
    "ramp": "diverging",
    "where": "learnt",
    "log": false,
    "whole": false,
    "nothing": "Nothing learnt yet.",
    "algorithms": null
  },
  "visits": {
    "title": "Visits (log)",
    "symbol": "N(s)",
    "ramp": "cool",
    "where": "acts",
    "log": true,
    "whole": false,
    "nothing": "Nothing learnt yet.",
    "algorithms": null
  },
  "td_error": {
    "title": "Last TD error",
    "symbol": "δ",
    "ramp": "diverging",
    "where": "acts",
    "log": false,
    "whole": false,
    "nothing": "Nothing learnt yet.",
    "algorithms": null
  },
  "eligibility": {
    "title": "Eligibility",
    "symbol": "max e(s, a)",
    "ramp": "cool",
    "where": "acts",
    "log": false,
    "whole": false,
    "nothing": "No traces: the episode has just begun.",
    "algorithms": [
      "sarsa_lambda",
      "q_lambda"
    ]
  },
  "model": {
    "title": "Model",
    "symbol": "a known of s",
    "ramp": "cool",
    "where": "acts",
    "log": false,
    "whole": true,
    "nothing": "Nothing remembered yet.",
    "algorithms": [
      "dyna_q",
      "dyna_q_plus",
      "prioritized_sweeping"
    ]
  }
};

/** @type {Readonly<Record<string, Record<string, number>>>} */
export const PRESETS = {
  "conservative": {
    "learning-rate": 0.05,
    "epsilon": 1.0,
    "epsilon-decay": 0.999,
    "epsilon-min": 0.05
  },
  "balanced": {
    "learning-rate": 0.1,
    "epsilon": 1.0,
    "epsilon-decay": 0.995,
    "epsilon-min": 0.01
  },
  "aggressive": {
    "learning-rate": 0.5,
    "epsilon": 1.0,
    "epsilon-decay": 0.97,
    "epsilon-min": 0.01
  }
};

export const MAZE = {
  "smallest": 4,
  "largest": 2000,
  "numbers": {
    "num-episodes": 2000,
    "epsilon-decay": 0.999
  },
  "choices": {
    "ties": "lowest"
  }
};

export const LINK = {
  "mark": "#run=",
  "format": 1,
  "stream": 1,
  "bytes": 4194304,
  "world": [
    "name",
    "map",
    "rewards",
    "slip",
    "wind",
    "portals",
    "max_steps"
  ],
  "processes": [
    "random-walk-N",
    "van-hasselt-3x3",
    "maximization-bias",
    "king-windy",
    "king-windy-stochastic"
  ],
  "change": "change",
  "defaults": {
    "world": "default",
    "slip": 0.0,
    "max_steps": 100,
    "algorithm": "q_learning",
    "learning_rate": 0.1,
    "epsilon": 1.0,
    "discount_factor": 0.99,
    "epsilon_decay": 0.995,
    "epsilon_min": 0.01,
    "initial_value": 0.0,
    "num_episodes": 500,
    "seed": 0,
    "agents": 1,
    "speed": 30.0,
    "ties": "lowest",
    "exploration": "epsilon_greedy",
    "temperature": 1.0,
    "temperature_decay": 0.995,
    "temperature_min": 0.01,
    "exploration_schedule": "factor",
    "exploration_episodes": 500,
    "exploration_power": 1.0,
    "learning_rate_schedule": "constant",
    "learning_rate_power": 1.0,
    "trace_decay": 0.9,
    "traces": "replacing",
    "n_steps": 4,
    "planning_steps": 5,
    "exploration_bonus": 0.001,
    "priority_threshold": 0.0001,
    "num_steps": null,
    "first_agent": 0,
    "view": {
      "layer": null,
      "arrows": false,
      "q_values": false,
      "agent": 0
    }
  }
};

export const EDITOR = {
  "cells": 10000
};
