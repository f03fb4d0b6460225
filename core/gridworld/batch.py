"""A batch: the Q-tables, records and histories of agents that learn on one world."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.algorithms import Algorithm
from gridworld.algorithms.base import Extent, memory_sizes
from gridworld.errors import InvalidValueError, WorldError
from gridworld.history import bin_capacity, history_bytes
from gridworld.kernels.scalar import SMALL_WORLD, make_initialise
from gridworld.kernels.variant import Variant
from gridworld.mdp import Mdp
from gridworld.memory import require_memory
from gridworld.parameter import Parameter
from gridworld.records import AGENT, BIN, SCHEDULED
from gridworld.tables import parameter
from gridworld.validation import array_of

__all__ = [
    "UNLIMITED",
    "Batch",
    "check_alike",
    "check_ends",
    "check_memory",
    "have_budget",
    "in_a_row",
]

_ARRAYS = ("numbers", "agents", "q", "bins", "floats", "ints")
"""What training changes, and the numbers of the agents."""

_SCHEDULE = ("exploration", "exploration_schedule")
"""Another one of these begins it anew."""

UNLIMITED = int(np.iinfo(np.int64).max)
"""A budget that no run uses up."""


@dataclass
class Batch:
    """Agents on one world, and all that training changes.

    Attributes:
        mdp: The world as arrays.
        algorithm: Parameters, as last set.
        seed: Together with an agent's number the source of its random stream.
        numbers: int64 `[n]`, the numbers of the agents; row i does what agent `numbers[i]` does
            in any batch.
        agents: `AGENT[n]`.
        q: float32 `[n, states, tables, actions]`.
        bins: `BIN[n, capacity]`.
        floats: float32 `[n, F]`, what each agent carries beside its Q-table, in the sections that
            `algorithm.memory` names; F = 0 for one-step methods.
        ints: int32 `[n, I]`, the same.
    """

    mdp: Mdp
    algorithm: Algorithm
    seed: int
    numbers: npt.NDArray[np.int64]
    agents: npt.NDArray[np.void]
    q: npt.NDArray[np.float32]
    bins: npt.NDArray[np.void]
    floats: npt.NDArray[np.float32]
    ints: npt.NDArray[np.int32]

    @classmethod
    def create(
        cls,
        mdp: Mdp,
        algorithm: Algorithm,
        *,
        agents: int | None = None,
        seed: int = 0,
        first_agent: int = 0,
        numbers: npt.ArrayLike | None = None,
        initial_q: npt.ArrayLike | None = None,
        bins: int | None = None,
    ) -> "Batch":
        """A batch that has not learnt anything yet.

        Args:
            mdp: The world.
            algorithm: Parameters of all agents, or of each.
            agents: How many; by default as many as there are numbers, else 1.
            seed: Of all random streams, in [0, 2^63).
            first_agent: The number of the first, in [0, 2^63); the others follow.
            numbers: Instead, the number of each agent, in [0, 2^63). Agents of one number are
                met by the same luck, so that those of different parameters can be compared.
            initial_q: What the Q-tables hold at the start, `[states, actions]` or
                `[agents, states, actions]`, instead of `initial_value`; a `reset` does not know it.
            bins: Episodes of an agent that have a bin of their own in its history (see
                `bin_capacity`).

        Raises:
            InvalidValueError: A number is outside its range.
            MemoryLimitError: The machine has not enough free memory; nothing was allocated.
        """
        _check_count("seed", seed, 0)
        given = None if numbers is None else _numbers(numbers, agents, first_agent)
        agents = (1 if agents is None else agents) if given is None else len(given)
        _check_rows(agents, first_agent)
        check_memory(agents, mdp.extent, algorithm, bins)
        n_floats, n_ints = memory_sizes(algorithm.memory(mdp.extent))
        batch = cls(
            mdp,
            algorithm,
            seed,
            in_a_row(first_agent, agents) if given is None else given,
            agents=np.zeros(agents, AGENT),
            q=np.zeros((agents, mdp.n_states, algorithm.tables, mdp.n_actions), np.float32),
            bins=np.zeros((agents, bin_capacity(agents, bins)), BIN),
            floats=np.zeros((agents, n_floats), np.float32),
            ints=np.zeros((agents, n_ints), np.int32),
        )
        batch._begin(None if initial_q is None else initial_tables(initial_q, batch))
        return batch

    @property
    def first_agent(self) -> int:
        """The number of row 0."""
        return int(self.numbers[0])

    @property
    def consecutive(self) -> bool:
        """Whether the numbers of the agents follow each other."""
        return bool((np.diff(self.numbers) == 1).all())

    @property
    def variant(self) -> Variant:
        """By what the kernels that advance it are specialised."""
        mdp = self.mdp
        return Variant(
            self.algorithm.code,
            mdp.dynamics,
            mdp.n_actions,
            several_starts=len(mdp.starts) > 1,
            large=mdp.n_states > SMALL_WORLD,
            traces=_choice(self.algorithm, "traces"),
            ties=_choice(self.algorithm, "ties"),
            exploration=_choice(self.algorithm, "exploration"),
            schedule=_choice(self.algorithm, "exploration_schedule"),
            rate=_choice(self.algorithm, "learning_rate_schedule"),
            noisy=len(mdp.reward_sd) > 0,
            uneven=len(mdp.available) > 0,
        )

    def reset(self) -> None:
        """Go back to before the first step, in place."""
        self._check_open()
        for array in (self.q, self.floats, self.ints):
            array.fill(0)
        self.agents[:] = np.zeros(1, AGENT)
        self.bins[:] = np.zeros(1, BIN)
        self._begin()

    def _begin(self, initial_q: npt.NDArray[np.float32] | None = None) -> None:
        """From zeros to the initial condition."""
        agents = self.agents
        for each in _columns(self.algorithm):
            agents[each.key] = self.algorithm.column(each.key, len(agents))
        agents["schedule_first"] = agents[_explores_by(self.algorithm)]
        initial = self.algorithm.column("initial_value", len(agents))
        if initial_q is not None:
            self.q[:] = initial_q[:, :, None]
        elif initial.any():
            self.q += initial[:, None, None, None]
        if len(self.mdp.available):
            self.q[:, self.mdp.missing.nonzero()[0], :, self.mdp.missing.nonzero()[1]] = -np.inf
        agents["episode_limit"] = agents["step_limit"] = UNLIMITED
        root = np.random.SeedSequence(self.seed).generate_state(4, np.uint32)
        initialise = make_initialise(self.variant)
        initialise(self.mdp.tables(), agents, self.q, root, self.numbers)

    @property
    def carries(self) -> bool:
        """Whether agents carry anything beside their Q-tables."""
        return bool(self.floats.shape[1] or self.ints.shape[1])

    def carried(self, row: int | slice) -> dict[str, npt.NDArray[Any]]:
        """What an agent carries beside its Q-table, by the keys of `algorithm.memory`: views."""
        begin = {"float": 0, "int": 0}
        found: dict[str, npt.NDArray[Any]] = {}
        for each in self.algorithm.memory(self.mdp.extent):
            array: npt.NDArray[Any] = self.floats if each.kind == "float" else self.ints
            found[each.key] = array[row, begin[each.kind] : begin[each.kind] + each.size]
            begin[each.kind] += each.size
        return found

    def copy(self) -> "Batch":
        """A batch of its own, in the same condition.

        Raises:
            MemoryLimitError: The machine has not enough free memory.
        """
        bins = max(self.bins.shape[1] - 1, 0)
        check_memory(len(self.agents), self.mdp.extent, self.algorithm, bins)
        return replace(self, **{name: getattr(self, name).copy() for name in _ARRAYS})

    def sealed(self) -> "Batch":
        """This batch for reading: its arrays are views that refuse to be written to."""
        views = {name: getattr(self, name).view() for name in _ARRAYS}
        for view in views.values():
            view.flags.writeable = False
        return replace(self, **views)

    @property
    def is_sealed(self) -> bool:
        """Whether it may be read alone."""
        return not self.q.flags.writeable

    def _check_open(self) -> None:
        if self.is_sealed:
            raise InvalidValueError(
                "a batch must be one's own to be changed (batch.copy() is), got that of a run"
            )

    # --- budgets and parameters, changed only between two kernel calls

    def set_budget(self, episodes: int | None = None, steps: int | None = None) -> None:
        """Let every agent go on for so many episodes, and so many steps, from where it is.

        The episode under way is the first of the episodes. None: without a limit.

        Raises:
            InvalidValueError: A number is outside its range, or there are only episodes to count
                and the world has some that can never end.
        """
        self._check_open()
        if episodes is not None and steps is None:
            check_ends(self.mdp)
        for limit, count, more in (
            ("episode_limit", "episodes", episodes),
            ("step_limit", "steps", steps),
        ):
            if more is not None:
                _check_count(limit.replace("_limit", "s"), more, 1)
            # as far as 64 bits go: that is without a limit, too
            room = UNLIMITED - self.agents[count]
            most = UNLIMITED if more is None else more
            self.agents[limit] = self.agents[count] + np.minimum(room, most)

    def set_parameters(self, algorithm: Algorithm, *, restart_epsilon: bool = False) -> None:
        """Go on with other parameters; the Q-tables stay as they are.

        An agent's own epsilon or temperature, which changes by its schedule, goes on where the one
        given is the one last given; another one takes effect. With it, and with another schedule,
        the schedule begins anew.

        Args:
            algorithm: The same algorithm.
            restart_epsilon: Let every agent go back to the epsilon and temperature that are given.

        Raises:
            InvalidValueError: It is another algorithm, has not one number for each agent, or
                another `initial_value`, which would come too late.
        """
        self._check_open()
        if type(algorithm) is not type(self.algorithm):
            raise InvalidValueError(
                f"algorithm must stay {self.algorithm.name} to go on, got {algorithm.name}"
            )
        count = len(self.agents)
        for each in self.algorithm.parameters():
            if each.effect == "afresh":
                _check_same(each.key, self.algorithm, algorithm, count)
        before, agents = self.algorithm, self.agents
        self.algorithm = algorithm
        another = any(getattr(algorithm, key) != getattr(before, key) for key in _SCHEDULE)
        for each in _columns(self.algorithm):
            given = algorithm.column(each.key, count)
            if each.key in SCHEDULED:
                renewed = restart_epsilon | (given != before.column(each.key, count))
                agents[each.key] = np.where(renewed, given, agents[each.key])
                if each.key == _explores_by(self.algorithm):
                    self._begin_schedule(renewed | another)
            else:
                agents[each.key] = given

    def _begin_schedule(self, which: npt.NDArray[np.bool_] | slice) -> None:
        """Let the schedule of some agents count from here."""
        agents = self.agents
        agents["schedule_first"][which] = agents[_explores_by(self.algorithm)][which]
        agents["schedule_since"][which] = agents["episodes"][which]

    def set_world(self, mdp: Mdp) -> None:
        """Go on in another world; places, Q-tables and all that was learnt stay as they are.

        Whoever stands where nobody acts in that world (in a wall, at a goal) ends the episode with
        the next step, which pays nothing; an episode that is longer than that world's limit is
        truncated with it.

        Raises:
            WorldError: It has other numbers of states or actions, or another limit on the steps
                where that is how much agents carry.
        """
        self._check_open()
        check_alike(self.mdp, mdp, self.algorithm)
        if mdp.max_steps:
            lengths = self.agents["length"]
            np.minimum(lengths, mdp.max_steps - 1, out=lengths)
        self.mdp = mdp

    def set_epsilon(self, epsilon: float) -> None:
        """Give every agent this epsilon, in [0, 1]."""
        self._check_open()
        self.agents["epsilon"] = self.algorithm.with_parameters(epsilon=epsilon).epsilon
        if _explores_by(self.algorithm) == "epsilon":
            self._begin_schedule(slice(None))

    @property
    def active(self) -> npt.NDArray[np.bool_]:
        """Which agents have budget left: bool `[n]`."""
        return have_budget(self.agents)

    # --- what was learnt

    @property
    def mean_q(self) -> npt.NDArray[np.float32]:
        """float32 `[n, states, actions]`: the mean of an agent's tables (a view of a single)."""
        if self.q.shape[2] == 1:
            return self.q[:, :, 0]
        return self.row_q(slice(None))

    def row_q(self, row: int | slice) -> npt.NDArray[np.float32]:
        """`mean_q[row]` without computing the other rows."""
        tables = self.q[row]
        if tables.shape[-2] == 1:
            return tables[..., 0, :]
        mean: npt.NDArray[np.float32] = (tables[..., 0, :] + tables[..., 1, :]) * np.float32(0.5)
        return mean

    def initial_values(self, row: int) -> float:
        """What every entry of the row's Q-table was at the start."""
        return float(self.algorithm.column("initial_value", len(self.agents))[row])


def _explores_by(algorithm: Algorithm) -> str:
    """The number that its schedule is about."""
    return "temperature" if algorithm.exploration == "softmax" else "epsilon"


def _columns(algorithm: Algorithm) -> list[Parameter]:
    """Parameters of which every agent carries a value of its own."""
    return [each for each in algorithm.parameters() if each.column]


def _choice(algorithm: Algorithm, key: str) -> int:
    """The place of what was chosen among the choices; 0 where an algorithm has none."""
    keys = [choice.key for choice in parameter(key).choices]
    return keys.index(getattr(algorithm, key, keys[0]))


def check_alike(present: Mdp, given: Mdp, algorithm: Algorithm) -> None:
    """Refuse a world that agents cannot go on in.

    Raises:
        WorldError: As `Batch.set_world`.
    """
    mine, other = ((each.n_states, each.n_actions) for each in (present, given))
    if mine != other:
        raise WorldError(
            f"a world to go on in must have {mine[0]} states of {mine[1]} actions as before,"
            f" got {other[0]} of {other[1]}"
        )
    if not np.array_equal(present.available, given.available):
        raise WorldError(
            "a world to go on in must have the same actions in every state as before, got others"
        )
    if algorithm.memory(given.extent) != algorithm.memory(present.extent):
        raise WorldError(
            f"a world to go on in must have the max_steps {present.max_steps} as before where"
            f" {algorithm.title} learns, got {given.max_steps}"
        )


def _check_same(key: str, present: Algorithm, given: Algorithm, agents: int) -> None:
    """Refuse another value of what only agents that know nothing yet can begin with."""
    old, new = present.column(key, agents), given.column(key, agents)
    if (other := np.flatnonzero(old != new)).size:
        stays, came = (
            each if isinstance(each, str) else f"{each:g}"
            for each in (old[other[0]], new[other[0]])
        )
        raise InvalidValueError(
            f"{key} must stay {stays} to go on, got {came}; only a fresh start can change it"
        )


def initial_tables(given: npt.ArrayLike, batch: Batch) -> npt.NDArray[np.float32]:
    """Q-tables to begin with, float32 `[agents, states, actions]` (or one for all).

    Raises:
        InvalidValueError: They do not fit the batch, or are not finite.
    """
    table = array_of("initial_q", given)
    agents, n_states, _, n_actions = batch.q.shape
    if table.ndim == 2:
        table = table[None]
    if table.shape not in ((1, n_states, n_actions), (agents, n_states, n_actions)):
        raise InvalidValueError(
            f"initial_q must be of the shape {(n_states, n_actions)}"
            f" or {(agents, n_states, n_actions)}, got {np.shape(given)}"
        )
    if table.dtype.kind in "fiub":
        with np.errstate(over="ignore"):
            table = table.astype(np.float32)
    if table.dtype.kind != "f" or not np.isfinite(table).all():
        raise InvalidValueError("initial_q must be finite float32 numbers, got something else")
    return table


def check_ends(mdp: Mdp) -> None:
    """Refuse to wait for the end of episodes where one may have none.

    An end that a policy may never find is an end.

    Raises:
        InvalidValueError: There is no limit on the steps, and a state that episodes can enter from
            which no actions lead to an end.
    """
    if mdp.max_steps or (state := mdp.endless_state) is None:
        return
    where = f"state {state}" if mdp.world is None else str(mdp.world.cell(state))
    raise InvalidValueError(
        "episodes must be able to end where they are the budget,"
        f" got the world {mdp.name!r} in which none can from {where} on;"
        " give it max_steps, or steps as the budget"
    )


def in_a_row(first_agent: int, agents: int) -> npt.NDArray[np.int64]:
    """Numbers that follow each other, int64 `[agents]`."""
    return first_agent + np.arange(agents, dtype=np.int64)  # the end may be 2^63, which is no int64


def have_budget(agents: npt.NDArray[np.void]) -> npt.NDArray[np.bool_]:
    """Which of `AGENT[n]` have budget left: bool `[n]`."""
    active: npt.NDArray[np.bool_] = (agents["episodes"] < agents["episode_limit"]) & (
        agents["steps"] < agents["step_limit"]
    )
    return active


def needed_memory(
    agents: int, extent: Extent, algorithm: Algorithm, bins: int | None = None
) -> int:
    """Bytes of a batch: tables, what agents carry, records and histories (see `check_memory`)."""
    carried = sum(memory_sizes(algorithm.memory(extent)))
    numbers = extent.n_states * extent.n_actions * algorithm.tables + carried
    return agents * (4 * numbers + AGENT.itemsize + 8) + history_bytes(agents, bins)


def check_memory(
    agents: int, extent: Extent, algorithm: Algorithm, bins: int | None = None
) -> None:
    """Refuse Q-tables that the machine cannot hold, before anything is allocated.

    Args:
        agents: How many learn.
        extent: Of their world.
        algorithm: How they learn: it may keep several tables, and carry more beside them.
        bins: As of `Batch.create`.

    Raises:
        InvalidValueError: The algorithm cannot learn on such a world.
        MemoryLimitError: With the agents' records and histories they need more than nine tenths of
            what this process may still take.
    """
    need = needed_memory(agents, extent, algorithm, bins)
    carried = any(memory_sizes(algorithm.memory(extent)))
    what = f"the Q-tables and what {algorithm.title} carries" if carried else "the Q-tables"
    require_memory(what, f"{agents:,} agents x {extent.n_states:,} states", need)


def _check_count(name: str, value: int, lowest: int) -> None:
    number: object = value  # what came need not be what the annotation says
    whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
    if not (whole and lowest <= value <= UNLIMITED):
        most = f" to {UNLIMITED}" if whole and value > UNLIMITED else ""
        raise InvalidValueError(
            f"{name} must be a whole number from {lowest}{most}, got {value!r:.80}"
        )


def _check_rows(agents: int, first_agent: int) -> None:
    _check_count("agents", agents, 1)
    _check_count("first_agent", first_agent, 0)
    _check_count("first_agent + agents - 1", first_agent + agents - 1, 0)


def _numbers(given: npt.ArrayLike, agents: int | None, first_agent: int) -> npt.NDArray[np.int64]:
    """The numbers of agents as int64 of our own."""
    array = array_of("numbers", given)
    if array.ndim != 1 or not array.size or array.dtype.kind not in "iu":
        raise InvalidValueError(
            f"numbers must be a list of whole numbers from 0, one for each agent, got {given!r:.80}"
        )
    if first_agent != 0 or agents not in (None, len(array)):
        raise InvalidValueError(
            f"agents and first_agent must be left out with numbers, got {agents} and {first_agent} "
            f"beside {len(array)} numbers"
        )
    for value in (array.min(), array.max()):
        _check_count("numbers", int(value), 0)
    return np.array(array, np.int64)
