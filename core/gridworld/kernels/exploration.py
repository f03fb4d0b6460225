"""Jitted: how much an agent explores: epsilon, or with softmax the temperature.

Either changes after every episode. Where that depends on more than the present value, it counts
from the episode in which the value was given: `schedule_first` and `schedule_since` of the record.
"""

from typing import Any

import numpy as np

from gridworld.kernels.codes import CONSTANT, FACTOR, LINEAR, SOFTMAX
from gridworld.kernels.elementary import power
from gridworld.kernels.jit import inlined

__all__ = ["amount", "decayed", "next_amount", "store_amount"]


@inlined
def decayed(epsilon: Any, decay: Any, lowest: Any) -> Any:
    """Epsilon after an episode: lower by a factor, never below `lowest`, never higher."""
    floor = min(lowest, epsilon)
    return max(floor, epsilon * decay)


@inlined
def amount(variant: Any, agent: Any) -> Any:
    """What an agent explores by: its epsilon or its temperature, float32."""
    return agent["temperature"] if variant.exploration == SOFTMAX else agent["epsilon"]


@inlined
def store_amount(variant: Any, agent: Any, value: Any) -> None:
    """Write it back into the record."""
    if variant.exploration == SOFTMAX:
        agent["temperature"] = value
    else:
        agent["epsilon"] = value


@inlined
def next_amount(variant: Any, agent: Any, value: Any, episodes: Any) -> Any:
    """What it explores by in the episode that begins.

    Args:
        variant: Which schedule, of what.
        agent: Its record.
        value: In the episode that ended, float32.
        episodes: Complete ones, that one included.
    """
    if variant.schedule == CONSTANT:
        return value
    if variant.exploration == SOFTMAX:
        decay, lowest = agent["temperature_decay"], agent["temperature_min"]
    else:
        decay, lowest = agent["epsilon_decay"], agent["epsilon_min"]
    if variant.schedule == FACTOR:
        return decayed(value, decay, lowest)
    first = agent["schedule_first"]
    k = episodes - agent["schedule_since"]
    if variant.schedule == LINEAR:
        floor = min(lowest, first)
        n = agent["exploration_episodes"]
        if k >= n:
            return floor
        return max(floor, first + (floor - first) * (np.float32(k) / np.float32(n)))
    return np.float32(np.float64(first) / power(k + 1, np.float64(agent["exploration_power"])))
