"""The records that kernels, files and the live view share.

An agent is one row of an array of `AGENT`: all that it carries from step to step beside its
Q-table. Everything of an episode lives here, because a value kept local to a chunk of steps
would give false returns at every border between two chunks.
"""

import numpy as np

from gridworld.kernels.codes import MOST_PLANNED, TRAIL_LENGTH
from gridworld.tables import COLUMNS

__all__ = ["AGENT", "BIN", "FRAME", "SCHEDULED", "STATUS", "VISIT"]

SCHEDULED = ("epsilon", "temperature")
"""Columns that begin as the parameter of their name, and change from episode to episode."""

AGENT = np.dtype(
    [
        # where it is
        ("rng", "<u4", (4,)),  # xoshiro128++
        ("state", "<i4"),
        ("action", "<i4"),  # the action already chosen in `state` (SARSA), else -1
        ("length", "<i4"),  # steps of the episode under way
        ("episode_return", "<f4"),  # undiscounted, of the episode under way
        ("epsilon", "<f4"),  # at present: it starts as the parameter, and decays
        # how it learns
        *((each.key, each.column) for each in COLUMNS if each.key != "epsilon"),
        ("schedule_first", "<f4"),  # epsilon or temperature as last given
        ("schedule_since", "<i8"),  # `episodes` when that was
        # how far it has come, and how far it may go (absolute counts)
        ("episodes", "<i8"),
        ("steps", "<i8"),
        ("episode_limit", "<i8"),
        ("step_limit", "<i8"),
        # the fold: episodes since the last one, at most FOLD
        ("fold_count", "<i4"),
        ("fold_return_sum", "<f4"),
        ("fold_start_step", "<i8"),  # `steps` when the fold began
        # the open bin; minima and maxima include the episodes of the fold
        ("bin_count", "<i8"),
        ("bin_return_sum", "<f8"),
        ("bin_length_sum", "<i8"),
        ("bin_return_min", "<f4"),
        ("bin_return_max", "<f4"),
        ("bin_length_min", "<i4"),
        ("bin_length_max", "<i4"),
        ("bins", "<i8"),  # closed bins in the history
        ("bin_width", "<i8"),  # episodes in each closed bin
    ]
)
"""One agent. float32 where the arithmetic of learning is float32."""

BIN = np.dtype(
    [
        ("return_mean", "<f4"),
        ("return_min", "<f4"),
        ("return_max", "<f4"),
        ("length_mean", "<f4"),
        ("length_min", "<f4"),
        ("length_max", "<f4"),
        ("epsilon", "<f4"),  # after the last episode of the bin; with softmax the temperature
    ]
)
"""`bin_width` consecutive episodes of one agent."""

STATUS = np.dtype(
    [
        ("run", "<i8"),  # grows with every fresh beginning (reset, load, another world)
        ("running", "<i8"),
        ("shown", "<i8"),  # row of the agent that it describes
        ("episode", "<i8"),  # counts from 1
        ("step", "<i8"),  # within the episode
        ("state", "<i8"),
        ("total_episodes", "<i8"),
        ("total_steps", "<i8"),
        ("all_steps", "<i8"),  # of all agents together
        ("agents_done", "<i8"),  # agents that have used up their budget
        ("visits_since", "<i8"),  # episode from which visits are counted; 0: they are not
        ("episode_return", "<f8"),
        ("epsilon", "<f8"),
        ("steps_per_second", "<f8"),  # of all agents together
        ("trail_count", "<i8"),  # entries ever written; the newest is at (trail_count - 1) % 64
        ("trail", "<i4", (TRAIL_LENGTH,)),  # entered state, or ~state when placed at a start
        # the last update of the shown agent
        ("update_state", "<i4"),
        ("update_action", "<i4"),
        ("update_next_state", "<i4"),  # ~state where the episode terminated
        ("update_reward", "<f4"),
        ("update_q_before", "<f4"),
        ("update_target", "<f4"),
        ("update_q_after", "<f4"),
        ("last_length", "<i4"),  # of the last traced episode end
        ("last_return", "<f4"),
        ("last_state", "<i4"),
        ("update_bootstrap", "<f4"),  # what gamma multiplied; 0 where the episode terminated
        ("update_table", "<i4"),  # which of Double Q-learning's two was updated; else 0
        ("update_factor", "<f4"),  # what the bootstrap was multiplied by
        ("update_weight", "<f4"),  # eligibility; 1 without traces
        ("update_correction", "<f4"),  # what true online learning adds
        ("update_steps", "<i4"),  # after how many steps it was bootstrapped
        ("update_rate", "<f4"),  # the learning rate
        ("temperature", "<f4"),  # of softmax
        ("planned_count", "<i8"),  # pairs that planning updated after the last step, and which
        ("planned", "<i4", (MOST_PLANNED,)),
    ]
)
"""How far a run has come, and where its shown agent is: one slot of the ring buffer."""

FRAME = STATUS
"""The earlier name."""

VISIT = np.dtype([("visits", "<i8"), ("td_error", "<f4")], align=True)
"""What is recorded of one state, so that a step touches one cache line.

`visits` counts the updates made in it, and the arrivals where episodes terminate; `td_error` is the
last update's, target - Q, NaN before the first.
"""
