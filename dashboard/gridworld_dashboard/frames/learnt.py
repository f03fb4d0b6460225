"""What a viewer sees of a run: the trainer's records as the `data` of frames.

Pure functions from arrays to JSON values. What grows with the world or with the run is packed as
base64: lists of numbers would be ten times as long.
"""

import base64
import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from gridworld.kernels.codes import TRAIL_LENGTH
from gridworld.world import GridWorld

__all__ = [
    "DEFINED_CELLS",
    "Learnt",
    "counters",
    "decimal",
    "finite",
    "goals_data",
    "pack",
    "world_data",
]

DEFINED_CELLS: Final = 10_000
"""Larger worlds without a name do not travel as a definition: no link could hold it."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """What the shown agent has learnt and what all went through, copied between two chunks.

    Attributes:
        run: The run.
        shown: Row of the agent.
        all_steps: Steps of all agents.
        world: Where it learns.
        q: float32 `[states, actions]`.
        initial_value: Every entry of `q` at the start.
        visits: int64 `[states]`, updates made in each, or arrivals where episodes end.
        td_error: float32 `[states]`, the last ones, NaN where none was made.
        agents: `AGENT[n]`.
        bins: `BIN[n, most]`, the closed bins of all agents.
    """

    run: int
    shown: int
    all_steps: int
    world: GridWorld
    q: npt.NDArray[np.float32]
    initial_value: float
    visits: npt.NDArray[np.int64]
    td_error: npt.NDArray[np.float32]
    agents: npt.NDArray[np.void]
    bins: npt.NDArray[np.void]


def decimal(value: np.float32) -> float:
    """The shortest decimal that is this float32: 0.995, not 0.9950000047683716."""
    return float(str(np.float32(value)))


def finite(value: float) -> float | None:
    """The value for JSON; None where JSON has no word for it."""
    return value if math.isfinite(value) else None


def pack(array: npt.NDArray[Any], dtype: str) -> str:
    """The numbers in base64."""
    return base64.b64encode(np.ascontiguousarray(array, dtype).data).decode("ascii")


def counters(frame: npt.NDArray[np.void], world: GridWorld) -> dict[str, Any]:
    """The part of a frame that is new every 100 ms.

    Args:
        frame: `FRAME[1]`.
        world: Where the frame was taken.
    """
    record = frame[0]
    count = _trail_count(record)
    return {
        "run": int(record["run"]),
        "episode": int(record["episode"]),
        "step": int(record["step"]),
        "agent_pos": _cell(int(record["state"]), world),
        "epsilon": _number(np.float32(record["epsilon"])),
        "total_steps": int(record["total_steps"]),
        "total_episodes": int(record["total_episodes"]),
        "episode_return": _number(np.float32(record["episode_return"])),
        "steps_per_second": round(float(record["steps_per_second"]), 1),
        "shown": int(record["shown"]),
        "all_steps": int(record["all_steps"]),
        "agents_done": int(record["agents_done"]),
        "visits_since": int(record["visits_since"]),
        "max_steps": world.max_steps,
        "trail": _trail(record, count, world),
        "trail_count": count,
        "update": _update(record, world),
    }


def goals_data(learnt: Learnt) -> int:
    """Arrivals of the shown agent at goals."""
    return int(learnt.visits[learnt.world.goals].sum())


def world_data(world: GridWorld, *, named: bool) -> dict[str, Any]:
    """The world itself, which stays the same for a run.

    Args:
        world: As it is in force.
        named: Whether its name alone, with slip and the limit on the steps, makes it.
    """
    defined = not named and world.n_states <= DEFINED_CELLS
    return {
        "name": world.name,
        "rows": list(world.rows),
        "width": world.width,
        "height": world.height,
        "slip": world.slip,
        "wind": list(world.wind) or None,
        "portals": [[list(entry), list(exit_)] for entry, exit_ in world.portals],
        "max_steps": world.max_steps,
        "named": named,
        "definition": world.to_json() if defined else None,
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
        "reward": _number(record["update_reward"]),
        "next_state": _cell(arrived if arrived >= 0 else ~arrived, world),
        "terminated": arrived < 0,
        "q_before": _number(before),
        "target": _number(target),
        "bootstrap": _number(record["update_bootstrap"]),
        "table": int(record["update_table"]),
        "td_error": _number(target - before),
        "q_after": _number(record["update_q_after"]),
    }


def _cell(state: int, world: GridWorld) -> list[int]:
    return [state % world.width, state // world.width]


def _number(value: np.float32) -> float | None:
    """The value for JSON; None where JSON has no word for it."""
    return decimal(value) if np.isfinite(value) else None
