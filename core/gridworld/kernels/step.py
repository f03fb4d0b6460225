"""Jitted: one step of the environment, as training, evaluation and the solver's model see it.

`gridworld.kernels.lanes.step` is the same in the lanes of vectors, under the same names.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gridworld.kernels.codes import SLIP, TABLE
from gridworld.kernels.elementary import normal
from gridworld.kernels.jit import inlined, pasted, shared
from gridworld.kernels.random import categorical, next_u32, unit

__all__ = ["MdpTables", "across", "around", "draw_start", "find_outcome", "outcome", "place"]


class MdpTables(NamedTuple):
    """The arrays of a Markov decision process, as the kernels take them.

    Attributes:
        outcomes: Records (`next_state` int32, `reward` float32) `[S * A * K]`, of action a in
            state s at `(s * A + a) * K` and on. A negative next_state says that the episode
            terminates in state `~next_state`.
        threshold: uint32 `[S * A * K]`, Walker's alias tables over the K outcomes (`TABLE`).
        alias: int32 `[S * A * K]`, values in [0, K).
        starts: int32 `[n]`, the states in which episodes begin.
        start_threshold: uint32 `[n]`, the alias table over `starts`.
        start_alias: int32 `[n]`.
        max_steps: An episode is truncated after so many steps; 0: never.
        slip: float32, probability of a perpendicular move (`SLIP`).
        reward_sd: float64 `[S * A * K]`, standard deviations of the rewards of the outcomes; `[0]`:
            none varies.
        available: int32 `[S]`, how many of the actions, the first ones, there are in a state;
            `[0]`: all are, everywhere.
    """

    outcomes: npt.NDArray[np.void]
    threshold: npt.NDArray[np.uint32]
    alias: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int32]
    start_threshold: npt.NDArray[np.uint32]
    start_alias: npt.NDArray[np.int32]
    max_steps: int
    slip: np.float32
    reward_sd: npt.NDArray[np.float64] = np.zeros(0)
    available: npt.NDArray[np.int32] = np.zeros(0, np.int32)


@shared
def across(action: Any, side: Any) -> Any:
    """A move perpendicular to a grid's move; side 0 or 1. Vectors and arrays pass as well."""
    return ((action ^ 2) & 2) | side


@pasted
def find_outcome(
    dynamics: Any, n_actions: Any, n_outcomes: Any, tables: Any, state: Any, action: Any, rng: Any
) -> Any:
    """Where the outcome of an action in a state stands: (index, random state).

    Args:
        dynamics: How the world answers; by it is decided what is drawn.
        n_actions: A.
        n_outcomes: K.
        tables: `MdpTables`.
        state: Where the agent is.
        action: What it wants to do.
        rng: The random state.
    """
    executed = action
    if dynamics == SLIP:
        bits, rng = next_u32(rng)
        if unit(bits) < tables.slip:
            executed = across(action, np.int64(bits & np.uint32(1)))
    index = state * n_actions + executed
    if dynamics == TABLE:
        bits, rng = next_u32(rng)
        index *= n_outcomes
        index += categorical(bits, tables.threshold, tables.alias, index, n_outcomes)
    return index, rng


@pasted
def outcome(outcomes: Any, index: Any) -> Any:
    """One outcome: (next state, reward)."""
    # Unsigned: else each access first asks whether the index counts from the end.
    record = outcomes[np.uint64(index)]
    return np.int64(record["next_state"]), record["reward"]


@inlined
def around(tables: Any, index: Any, mean: Any, rng: Any) -> Any:
    """A reward that varies around that of an outcome, by one draw: (float64, random state)."""
    bits, rng = next_u32(rng)
    return np.float64(mean) + tables.reward_sd[np.uint64(index)] * normal(bits), rng


@inlined
def draw_start(tables: Any, rng: Any) -> Any:
    """A start state: (state, random state)."""
    bits, rng = next_u32(rng)
    k = categorical(
        bits, tables.start_threshold, tables.start_alias, np.int64(0), tables.starts.size
    )
    return np.int64(tables.starts[k]), rng


@inlined
def place(tables: Any, rng: Any) -> Any:
    """Where an episode begins, drawn if there are several starts: (state, random state)."""
    state = np.int64(tables.starts[0])
    if tables.starts.size > 1:
        state, rng = draw_start(tables, rng)
    return state, rng
