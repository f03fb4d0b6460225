"""A world, or Gymnasium's `P`, compiled to the flat arrays that kernels read."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.algorithms.base import Extent
from gridworld.errors import WorldError
from gridworld.kernels.actions import N_ACTIONS
from gridworld.kernels.codes import ALWAYS, DETERMINISTIC, SLIP, TABLE
from gridworld.kernels.exact.model import Model
from gridworld.kernels.grid import compile_grid
from gridworld.kernels.step import MdpTables
from gridworld.matrices import Layout, arrays_of, rows_of, table_of
from gridworld.outcomes import (
    EXACT_OUTCOME,
    MOST_OUTCOMES,
    OUTCOME,
    Table,
    alias_table,
    compiled,
    read_start,
    read_table,
)
from gridworld.reach import endless_state
from gridworld.validation import step_limit
from gridworld.world import GOAL, MAX_STATES, PIT, WALL, GridWorld

__all__ = ["Mdp", "compile_exact", "compile_world", "model_of", "process_of_table"]


@dataclass(frozen=True, eq=False, repr=False)
class Mdp:
    """A Markov decision process as flat arrays; the kernels change none of them.

    With `slip` the executed action, not the outcome, is drawn, so that a grid needs one outcome
    for each state and action. Terminal states and walls have rows, too, which are never visited.

    Attributes:
        n_states: States S.
        n_actions: Actions A of every state.
        max_steps: Steps after which an episode is truncated; 0: never.
        dynamics: `DETERMINISTIC`, `SLIP` or `TABLE` (K > 1 outcomes).
        slip: Probability that one of the two perpendicular directions is executed (`SLIP`).
        outcomes: `OUTCOME[S * A * K]`, of action a in state s at `(s * A + a) * K` and on.
        threshold: uint32 `[S * A * K]` (`TABLE`, else `[1]`), Walker's alias tables.
        alias: int32 of the same shape, the other outcome of the bucket, in [0, K).
        starts: int32 `[n]`, the states in which episodes begin.
        start_threshold: uint32 `[n]`, the alias table over `starts`.
        start_alias: int32 `[n]`.
        world: The grid, or None.
        name: What it is called.
        probability: float64 `[S * A * K]` (`TABLE`, else `[1]`): exactly what was declared.
        exact_reward: float64 `[S * A * K]`, or `[0]`: for a grid it comes from the world.
        exact_start: float64 `[n]`, or `[0]`: the probabilities of `starts` as declared.
        reward_sd: float64 `[S * A * K]`, the standard deviation of the reward of each outcome,
            which is normally distributed around that; `[0]`: none varies.
        available: int32 `[S]`, how many of the actions, the first ones, there are in a state;
            `[0]`: all are, everywhere. An action that there is not has the outcomes of the first.
    """

    n_states: int
    n_actions: int
    max_steps: int
    dynamics: int
    slip: np.float32
    outcomes: npt.NDArray[np.void]
    threshold: npt.NDArray[np.uint32]
    alias: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int32]
    start_threshold: npt.NDArray[np.uint32]
    start_alias: npt.NDArray[np.int32]
    world: GridWorld | None
    name: str
    probability: npt.NDArray[np.float64] = field(default_factory=lambda: np.ones(1), repr=False)
    exact_reward: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0), repr=False)
    exact_start: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0), repr=False)
    reward_sd: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0), repr=False)
    available: npt.NDArray[np.int32] = field(
        default_factory=lambda: np.zeros(0, np.int32), repr=False
    )

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """Which actions there are not, bool `[S, A]`; `[0, A]` where all are, everywhere."""
        return np.arange(self.n_actions) >= self.available[:, None]

    @property
    def extent(self) -> Extent:
        """How large it is."""
        return Extent(self.n_states, self.n_actions, self.max_steps)

    def __repr__(self) -> str:
        how = {DETERMINISTIC: "certain moves", SLIP: f"slip={self.slip:g}"}.get(
            self.dynamics, f"{self.n_outcomes} outcomes"
        )
        return (
            f"Mdp({self.name!r}, {self.n_states} states, {self.n_actions} actions, {how},"
            f" max_steps={self.max_steps or None})"
        )

    @property
    def n_outcomes(self) -> int:
        """Outcomes K of each state and action."""
        return len(self.outcomes) // (self.n_states * self.n_actions)

    @property
    def start_probability(self) -> npt.NDArray[np.float64]:
        """Probability of each of `starts`, float64 `[n]`."""
        if len(self.exact_start):
            return self.exact_start
        return _drawn_probability(self.start_threshold, self.start_alias, len(self.starts))

    @cached_property
    def endless_state(self) -> int | None:
        """A state that can be entered and in which an episode can only go on; None: there is none.

        Limits on the steps are ignored. It is found once, in time and memory that grow with the
        table of outcomes.
        """
        return endless_state(model_of(self), self.starts)

    @cached_property
    def largest_rewards(self) -> tuple[float, float]:
        """The largest absolute reward of a step after which an episode goes on, and of its end."""
        paid = np.abs(self.outcomes["reward"])
        ends = self.outcomes["next_state"] < 0
        goes_on, ended = (np.max(paid, initial=0, where=where) for where in (~ends, ends))
        return float(goes_on), float(ended)

    def tables(self) -> MdpTables:
        """The arrays as the kernels take them."""
        return MdpTables(
            outcomes=self.outcomes,
            threshold=self.threshold,
            alias=self.alias,
            starts=self.starts,
            start_threshold=self.start_threshold,
            start_alias=self.start_alias,
            max_steps=self.max_steps,
            slip=self.slip,
            reward_sd=self.reward_sd,
            available=self.available,
        )

    @property
    def P(self) -> dict[int, dict[int, list[Any]]]:
        """Gymnasium's table: `P[s][a] = [(probability, next state, reward, terminated), ...]`.

        It is made anew each time, with numbers as declared, for every state and action: a kilobyte
        for each state. Outcomes of probability 0 are left out, and so are actions that there are
        not. Where rewards vary, the deviation is behind the four.
        """
        return table_of(model_of(self), self.reward_sd, self.available)

    def to_arrays(
        self, layout: Layout = "actions", *, sparse: bool = False
    ) -> tuple[Any, npt.NDArray[np.float64]]:
        """(P, R) as solvers take them: probabilities of next states, and mean rewards.

        An end is a state in which nothing happens any more. Where an episode ends in a state in
        which others go on, ends have a state of their own behind the others, so that there is
        one more.

        Args:
            layout: `"actions"`: P is float64 `[A, S, S]` (pymdptoolbox); `"states"`: `[S, A, S]`
                (QuantEcon's `DiscreteDP(R, P, beta)`).
            sparse: P as scipy.sparse: a list of A matrices `[S, S]`; with `"states"` one matrix
                `[S * A, S]`, whose row s * A + a is that of action a in state s.

        Returns:
            P, and R, float64 `[S, A]` (`[S * A]` where P is one sparse matrix).

        Raises:
            WorldError: There is no such layout.
            MemoryLimitError: P does not fit into the free memory.
            MissingExtraError: `sparse`, and SciPy is not installed.
        """
        return arrays_of(model_of(self), layout, sparse=sparse)

    @classmethod
    def from_arrays(
        cls,
        p: Any = None,
        r: Any = None,
        *,
        start: Any = None,
        terminal: npt.ArrayLike | None = None,
        max_steps: int | None = None,
        layout: Layout = "actions",
        name: str = "custom",
        **parts: Any,
    ) -> "Mdp":
        """A process from (P, R): what `to_arrays` gives, or anybody's arrays of that form.

        Args:
            p: Probabilities of next states, `[A, S, S]` (with `layout="states"` `[S, A, S]`), or a
                list of A sparse matrices `[S, S]`.
            r: Rewards: `[S]`, `[S, A]`, or one for each next state as `p` has them.
            start: The state in which episodes begin, or the probability of each state, `[S]`.
            terminal: States in which episodes end. None: those that no action ever leaves, and
                that pay nothing.
            max_steps: Steps after which an episode is truncated; None: never.
            layout: As in `to_arrays`.
            name: What it is called.
            **parts: Without `p` and `r`, the arrays of another `Mdp` by the names of its
                attributes, which are checked.

        Raises:
            WorldError: A shape, a type or a value is impossible.
        """
        if parts:
            if p is not None or r is not None:
                raise WorldError(f"P and R must come alone, got {', '.join(parts)} beside them")
            return _from_parts(name=name, max_steps=max_steps, **parts)
        if p is None or r is None or start is None:
            raise WorldError("P, R and start must be given, got fewer")
        table = read_table(rows_of(p, r, layout, terminal))
        limit = step_limit(max_steps, WorldError) or 0
        return process_of_table(table, start, max_steps=limit, name=name)


def compile_world(world: GridWorld) -> Mdp:
    """The arrays of a grid world: 32 bytes a cell.

    Raises:
        WorldError: It is no grid world.
    """
    if not isinstance(world, GridWorld):
        raise WorldError(
            f"world must be a GridWorld or an Mdp (gridworld.make gives one by its name), "
            f"got {world!r:.80}"
        )
    outcomes = np.empty(world.n_states * N_ACTIONS, OUTCOME)
    _compile(world, outcomes)
    starts = world.starts
    threshold, alias = alias_table(np.full(len(starts), 1 / len(starts)))
    return Mdp(
        n_states=world.n_states,
        n_actions=N_ACTIONS,
        max_steps=world.max_steps or 0,
        dynamics=SLIP if world.slip > 0 else DETERMINISTIC,
        slip=np.float32(world.slip),
        outcomes=outcomes,
        threshold=np.full(1, ALWAYS, np.uint32),
        alias=np.zeros(1, np.int32),
        starts=starts,
        start_threshold=threshold,
        start_alias=alias,
        world=world,
        name=world.name,
    )


def process_of_table(table: Table, start: Any, *, max_steps: int, name: str) -> Mdp:
    """The process of a table that was read.

    Args:
        table: Of `outcomes.read_table`.
        start: The state in which episodes begin, or the probability of each, `[S]`.
        max_steps: Steps after which an episode is truncated; 0: never.
        name: What it is called.

    Raises:
        WorldError: `start` is nothing of the kind, or there are too many outcomes.
    """
    starts, exact_start = read_start(start, table.n_states)
    start_threshold, start_alias = alias_table(exact_start)
    return Mdp(
        n_states=table.n_states,
        n_actions=table.n_actions,
        max_steps=max_steps,
        starts=starts,
        start_threshold=start_threshold,
        start_alias=start_alias,
        exact_start=exact_start,
        slip=np.float32(0),
        world=None,
        name=name,
        **compiled(table),
    )


def compile_exact(mdp: Mdp) -> npt.NDArray[np.void]:
    """The outcomes with rewards as declared: `EXACT_OUTCOME[S * A * K]`."""
    outcomes = np.empty(len(mdp.outcomes), EXACT_OUTCOME)
    if mdp.world is not None:
        _compile(mdp.world, outcomes)
    else:
        outcomes["next_state"] = mdp.outcomes["next_state"]
        outcomes["reward"] = mdp.exact_reward
    return outcomes


def model_of(mdp: Mdp) -> Model:
    """The process with rewards, probabilities and slip as declared."""
    return Model(
        outcomes=compile_exact(mdp),
        probability=mdp.probability,
        n_states=mdp.n_states,
        n_actions=mdp.n_actions,
        n_outcomes=mdp.n_outcomes,
        dynamics=mdp.dynamics,
        slip=mdp.world.slip if mdp.world is not None else 0.0,
    )


def _from_parts(
    *,
    name: str,
    n_states: int,
    n_actions: int,
    max_steps: int | None,
    dynamics: int,
    outcomes: npt.NDArray[Any],
    threshold: npt.NDArray[Any],
    alias: npt.NDArray[Any],
    starts: npt.NDArray[Any],
    start_threshold: npt.NDArray[Any],
    start_alias: npt.NDArray[Any],
    probability: npt.NDArray[Any] | None = None,
    exact_reward: npt.NDArray[Any] | None = None,
    reward_sd: npt.NDArray[Any] | None = None,
    available: npt.NDArray[Any] | None = None,
) -> Mdp:
    """Rebuild a process that has no grid, after checking that no kernel can be misled by it.

    Raises:
        WorldError: A shape, a type or a value is impossible.
    """
    max_steps = max_steps or 0
    if not (1 <= n_states <= MAX_STATES and n_actions >= 1 and 0 <= max_steps < 2**31):
        raise WorldError(
            "n_states, n_actions and max_steps must be possible,"
            f" got {n_states}, {n_actions} and {max_steps}"
        )
    if dynamics not in (DETERMINISTIC, TABLE):
        raise WorldError(f"dynamics without a grid must be 0 or 2, got {dynamics}")
    pairs = n_states * n_actions
    k = len(outcomes) // pairs
    if not 1 <= k <= MOST_OUTCOMES // pairs or (k > 1) != (dynamics == TABLE):
        raise WorldError(f"outcomes must fit the states and actions, got {len(outcomes)}")
    entries = pairs * k if dynamics == TABLE else 1
    _check_array("outcomes", outcomes, OUTCOME, pairs * k)
    _check_array("threshold", threshold, np.dtype(np.uint32), entries)
    _check_array("alias", alias, np.dtype(np.int32), entries)
    _check_array("starts", starts, np.dtype(np.int32), max(len(starts), 1))
    _check_array("start_threshold", start_threshold, np.dtype(np.uint32), len(starts))
    _check_array("start_alias", start_alias, np.dtype(np.int32), len(starts))
    next_state = outcomes["next_state"]
    _check_range("next_state", np.where(next_state < 0, ~next_state, next_state), n_states)
    _check_range("alias", alias, k)
    _check_range("starts", starts, n_states)
    _check_range("start_alias", start_alias, len(starts))
    if not np.isfinite(outcomes["reward"]).all():
        raise WorldError("rewards must be finite")
    if probability is None or exact_reward is None:
        probability = _drawn_probability(threshold, alias, k)
        exact_reward = outcomes["reward"].astype(np.float64)
    _check_array("probability", probability, np.dtype(np.float64), entries)
    _check_array("exact_reward", exact_reward, np.dtype(np.float64), pairs * k)
    if not (np.isfinite(exact_reward).all() and (probability >= 0).all()):
        raise WorldError("probabilities and rewards must be finite")
    reward_sd = np.zeros(0) if reward_sd is None else reward_sd
    available = np.zeros(0, np.int32) if available is None else available
    _check_array("reward_sd", reward_sd, np.dtype(np.float64), pairs * k if len(reward_sd) else 0)
    _check_array("available", available, np.dtype(np.int32), n_states if len(available) else 0)
    if not (np.isfinite(reward_sd).all() and (reward_sd >= 0).all()):
        raise WorldError("deviations of rewards must be finite, and from 0")
    if len(available) and not (available.min() >= 1 and available.max() <= n_actions):
        raise WorldError(f"available must be in [1, {n_actions}] of every state, got others")
    if np.abs(probability.reshape(-1, k).sum(1) - 1).max() > 1e-6:
        raise WorldError("probabilities must sum to 1 for every state and action")
    return Mdp(
        n_states=n_states,
        n_actions=n_actions,
        max_steps=max_steps,
        dynamics=dynamics,
        slip=np.float32(0),
        outcomes=outcomes,
        threshold=threshold,
        alias=alias,
        starts=starts,
        start_threshold=start_threshold,
        start_alias=start_alias,
        world=None,
        name=name,
        probability=probability,
        exact_reward=exact_reward,
        reward_sd=reward_sd,
        available=available,
    )


def _compile(world: GridWorld, outcomes: npt.NDArray[np.void]) -> None:
    cells = np.frombuffer(world.cells, np.uint8)
    goal, pit, wall = (cells == ord(kind) for kind in (GOAL, PIT, WALL))
    ends = goal | pit
    arrive = np.arange(world.n_states, dtype=np.int32)
    np.invert(arrive, out=arrive, where=ends)
    entry_reward = np.full(world.n_states, world.rewards.step)
    entry_reward[goal] = world.rewards.goal
    entry_reward[pit] = world.rewards.pit
    for cell, reward in world.rewards.cells:
        entry_reward[world.state(*cell)] = reward
    stay = arrive.copy()  # portals do not chain: who arrives in another one's entrance stays there
    for entry, exit_ in world.portals:
        arrive[world.state(*entry)] = stay[world.state(*exit_)]
    compile_grid(
        wall,
        world.width,
        ends | wall,
        arrive,
        entry_reward,
        world.rewards.step,
        np.array(world.wind, np.int64),
        outcomes,
    )


def _drawn_probability(
    threshold: npt.NDArray[np.uint32], alias: npt.NDArray[np.int32], k: int
) -> npt.NDArray[np.float64]:
    """What alias tables of k buckets each draw, float64 of the same shape."""
    keep = np.where(threshold == ALWAYS, 1.0, threshold / 2.0**32)
    first = np.arange(len(keep)) // k * k
    spill = np.bincount(first + alias, 1.0 - keep, minlength=len(keep))
    share: npt.NDArray[np.float64] = (keep + spill) / k
    return share


def _check_array(name: str, array: npt.NDArray[Any], dtype: np.dtype[Any], length: int) -> None:
    if array.dtype != dtype or array.shape != (length,):
        raise WorldError(
            f"{name} must be {dtype} of shape ({length},), got {array.dtype} {array.shape}"
        )


def _check_range(name: str, array: npt.NDArray[Any], end: int) -> None:
    if array.size and (array.min() < 0 or array.max() >= end):
        raise WorldError(f"{name} must be in [0, {end}), got {array.min()} to {array.max()}")
