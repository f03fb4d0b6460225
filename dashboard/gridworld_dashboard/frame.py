"""What a viewer sees of a run: the trainer's records as the `data` of frames.

Pure functions from arrays to JSON values. Anything that grows with the world is sampled down to
at most `MAX_SIDE` x `MAX_SIDE` and packed as base64: lists of numbers would be ten times as long.
"""

import base64
import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from gridworld.agents import TRAIL_LENGTH
from gridworld.history import History
from gridworld.world import GOAL, PIT, WALL, GridWorld

__all__ = [
    "Learnt",
    "counters",
    "decimal",
    "history_data",
    "learnt_data",
    "policy_data",
    "values_data",
    "world_data",
]

MAX_SIDE: Final = 256
"""Samples of the heat map in each direction."""

POLICY_SIDE: Final = 64
"""Larger worlds show no arrows: they would be a pixel or two."""

EXACT_CELLS: Final = 32 * 32
"""Up to here the values come as numbers too, for the page to write into the cells."""


@dataclass(frozen=True)
class Learnt:
    """What one agent has learnt, copied between two chunks of steps.

    Attributes:
        q: float32 `[states, actions]`.
        initial_value: Every entry of `q` at the start.
        history: Its episodes.
    """

    q: npt.NDArray[np.float32]
    initial_value: float
    history: History


def decimal(value: np.float32) -> float:
    """The shortest decimal that is this float32: 0.995, not 0.9950000047683716."""
    return float(str(np.float32(value)))


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
        "max_steps": world.max_steps,
        "trail": _trail(record, count, world),
        "trail_count": count,
        "update": _update(record, world),
    }


def learnt_data(learnt: Learnt, world: GridWorld) -> dict[str, Any]:
    """The parts that come twice a second: values, policy and history."""
    return {
        "values": values_data(learnt.q, learnt.initial_value, world),
        "policy": policy_data(learnt.q, learnt.initial_value, world),
        "history": history_data(learnt.history),
    }


def world_data(world: GridWorld) -> dict[str, Any]:
    """The world itself, which stays the same for a run."""
    return {
        "name": world.name,
        "rows": list(world.rows),
        "width": world.width,
        "height": world.height,
        "slip": world.slip,
        "wind": list(world.wind) or None,
        "portals": [[list(entry), list(exit_)] for entry, exit_ in world.portals],
        "max_steps": world.max_steps,
    }


def values_data(
    q: npt.NDArray[np.float32], initial_value: float, world: GridWorld
) -> dict[str, Any]:
    """max_a Q(s, a) as one byte a sample: 0 is no value, 1 to 255 are `lo` to `hi`.

    A sample covers `scale` x `scale` cells and shows the largest value among them.
    """
    cells = np.where(_shown(q, initial_value, world), q.max(axis=1), np.float32(-np.inf))
    grid = cells.reshape(world.height, world.width)
    scale = math.ceil(max(grid.shape) / MAX_SIDE)
    samples = _largest(grid, scale)
    there = np.isfinite(samples)
    known = samples[there].astype(np.float64)
    lo, hi = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    data = np.zeros(samples.shape, np.uint8)
    data[there] = 255 if hi == lo else np.rint(1 + (known - lo) * (254 / (hi - lo)))
    height, width = samples.shape
    found = {
        "width": width,
        "height": height,
        "scale": scale,
        "lo": _number(np.float32(lo)),
        "hi": _number(np.float32(hi)),
        "data": _base64(data),
    }
    if grid.size <= EXACT_CELLS:
        exact = np.where(np.isfinite(grid), grid, np.float32(np.nan))
        found["exact"] = _base64(exact.astype("<f4"))
    return found


def policy_data(
    q: npt.NDArray[np.float32], initial_value: float, world: GridWorld
) -> dict[str, Any] | None:
    """The greedy actions of each cell, all tied ones, as bits of one byte; 0 is none."""
    if max(world.width, world.height) > POLICY_SIDE:
        return None
    greedy = q == q.max(axis=1, keepdims=True)
    bits = (greedy << np.arange(q.shape[1])).sum(axis=1)
    data = np.where(_shown(q, initial_value, world), bits, 0).astype(np.uint8)
    return {"width": world.width, "height": world.height, "data": _base64(data)}


def history_data(history: History) -> dict[str, Any]:
    """The episodes so far, for the charts: little-endian float32, one for each bin."""
    bins = history.bins

    def pack(values: npt.NDArray[Any]) -> str:
        return _base64(values.astype("<f4"))

    def spread(name: str) -> dict[str, str]:
        return {part: pack(bins[f"{name}_{part}"]) for part in ("mean", "min", "max")}

    return {
        "width": history.width,
        "episodes": len(bins) * history.width,
        "return": spread("return"),
        "length": spread("length"),
        "epsilon": pack(bins["epsilon"]),
        "rolling_return": pack(history.rolling_mean("return_mean")),
        "rolling_length": pack(history.rolling_mean("length_mean")),
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
        "td_error": _number(target - before),
        "q_after": _number(record["update_q_after"]),
    }


def _shown(
    q: npt.NDArray[np.float32], initial_value: float, world: GridWorld
) -> npt.NDArray[np.bool_]:
    """Cells whose row says something: bool `[states]`.

    A file of another program may have numbers in walls and in cells where episodes end; nobody
    ever acts there.
    """
    learnt = (q != np.float32(initial_value)).any(axis=1)
    idle = np.isin(world.array.reshape(-1), [ord(kind) for kind in (GOAL, PIT, WALL)])
    shown: npt.NDArray[np.bool_] = learnt & ~idle
    return shown


def _largest(grid: npt.NDArray[np.float32], scale: int) -> npt.NDArray[np.float32]:
    """The largest value of each `scale` x `scale` block; blocks at the far edges may be cut."""
    if scale == 1:
        return grid
    height, width = grid.shape
    down, across = math.ceil(height / scale), math.ceil(width / scale)
    padded = np.full((down * scale, across * scale), -np.inf, np.float32)
    padded[:height, :width] = grid
    largest: npt.NDArray[np.float32] = padded.reshape(down, scale, across, scale).max(axis=(1, 3))
    return largest


def _cell(state: int, world: GridWorld) -> list[int]:
    return [state % world.width, state // world.width]


def _number(value: np.float32) -> float | None:
    """The value for JSON; None where JSON has no word for it."""
    return decimal(value) if np.isfinite(value) else None


def _base64(array: npt.NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).data).decode("ascii")
