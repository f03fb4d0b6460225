"""The part of a frame that is new every time: how far the run has come, and where the agent is."""

from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.kernels.actions import N_ACTIONS
from gridworld.kernels.codes import TRAIL_LENGTH
from gridworld.world import GridWorld
from gridworld_dashboard.frames.numbers import number

__all__ = ["counters"]


def counters(status: npt.NDArray[np.void], world: GridWorld) -> dict[str, Any]:
    """The part of a frame that is new every 100 ms.

    Args:
        status: `STATUS[1]`.
        world: Where it was taken.
    """
    record = status[0]
    count = _trail_count(record)
    return {
        "run": int(record["run"]),
        "episode": int(record["episode"]),
        "step": int(record["step"]),
        "agent_pos": _cell(int(record["state"]), world),
        "epsilon": number(np.float32(record["epsilon"])),
        "temperature": number(np.float32(record["temperature"])),
        "total_steps": int(record["total_steps"]),
        "total_episodes": int(record["total_episodes"]),
        "episode_return": number(np.float32(record["episode_return"])),
        "steps_per_second": round(float(record["steps_per_second"]), 1),
        "shown": int(record["shown"]),
        "all_steps": int(record["all_steps"]),
        "agents_done": int(record["agents_done"]),
        "visits_since": int(record["visits_since"]),
        "max_steps": world.max_steps,
        "trail": _trail(record, count, world),
        "trail_count": count,
        "update": _update(record, world),
        "planned": _planned(record, world),
    }


def _trail_count(record: np.void) -> int:
    """Entries of the trail, up to where the agent is shown.

    At the end of an episode the agent is shown where it ended, although it stands at a start
    already: that entry belongs to the frame that shows it there.
    """
    count = int(record["trail_count"])
    placed = count > 0 and record["trail"][(count - 1) % TRAIL_LENGTH] < 0
    return count - 1 if placed and record["step"] > 0 else count


def _trail(record: np.void, count: int, world: GridWorld) -> list[list[int]]:
    """Up to 64 entries, the newest last; [x, y, 1] is where the agent was placed at a start."""
    first = max(0, int(record["trail_count"]) - TRAIL_LENGTH)
    entries = [int(record["trail"][i % TRAIL_LENGTH]) for i in range(first, count)]
    return [_cell(entry, world) if entry >= 0 else [*_cell(~entry, world), 1] for entry in entries]


def _update(record: np.void, world: GridWorld) -> dict[str, Any] | None:
    if record["update_action"] < 0 or record["total_steps"] == 0:
        return None
    arrived = int(record["update_next_state"])
    before, target = record["update_q_before"], record["update_target"]
    return {
        "state": _cell(int(record["update_state"]), world),
        "action": int(record["update_action"]),
        "reward": number(record["update_reward"]),
        "next_state": _cell(arrived if arrived >= 0 else ~arrived, world),
        "terminated": arrived < 0,
        "q_before": number(before),
        "target": number(target),
        "bootstrap": number(record["update_bootstrap"]),
        "table": int(record["update_table"]),
        "steps": int(record["update_steps"]),
        "factor": number(record["update_factor"]),
        "weight": number(record["update_weight"]),
        "rate": number(record["update_rate"]),
        "correction": number(record["update_correction"]),
        "td_error": number(target - before),
        "q_after": number(record["update_q_after"]),
    }


def _planned(record: np.void, world: GridWorld) -> list[list[int]]:
    """Pairs that planning updated after the last step, `[x, y, action]`, in their order."""
    pairs = record["planned"][: int(record["planned_count"])].tolist()
    return [[*_cell(pair // N_ACTIONS, world), pair % N_ACTIONS] for pair in pairs]


def _cell(state: int, world: GridWorld) -> list[int]:
    return [state % world.width, state // world.width]
