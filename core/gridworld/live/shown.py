"""The shown agent: what is recorded of one agent of a batch, beside what it learns.

Only the thread that advances the batch may touch it.
"""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from gridworld.batch import UNLIMITED, Batch, have_budget
from gridworld.engine import Engine
from gridworld.errors import InvalidValueError
from gridworld.history import History, read_history
from gridworld.kernels.codes import TRAIL_LENGTH
from gridworld.mdp import Mdp
from gridworld.records import STATUS, VISIT

__all__ = ["Mark", "Shown", "Snapshot", "check_row"]

FIRST_MARK = 32
MARK_FACTOR = 1.12
"""Marks are made after `FIRST_MARK` steps and then at steps that grow by this factor: a curve over
a logarithmic axis is resolved alike everywhere."""

MOST_MARKS = 128

LARGEST_MARK = 256 * 1024
"""Bytes of a Q-table that is copied for a mark."""

MOST_RETRACED = 1 << 20
"""Steps that an agent goes through again: at most some 40 ms, in which training waits."""

LARGEST_RETRACED = 1 << 22
"""Bytes of the Q-tables of an agent that does."""


@dataclass(frozen=True)
class Snapshot:
    """One agent at one moment.

    Attributes:
        status: `STATUS[1]`: counters, position, trail.
        q: float32 `[states, actions]`.
        history: Its episodes so far.
        visits: int64 `[states]`, updates made in each state, arrivals where episodes terminate;
            None where the trainer does not watch, or shows another agent.
        td_error: float32 `[states]`, of the last update in each state, NaN where there was none.
        visits_since: The episode from which both are counted, from 1; 0 where they are None.
        carried: What the agent carries beside its Q-table, by the keys of `Algorithm.memory`.
    """

    status: npt.NDArray[np.void]
    q: npt.NDArray[np.float32]
    history: History
    visits: npt.NDArray[np.int64] | None = None
    td_error: npt.NDArray[np.float32] | None = None
    visits_since: int = 0
    carried: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    @property
    def frame(self) -> npt.NDArray[np.void]:
        """The earlier name of `status`."""
        return self.status


@dataclass(frozen=True)
class Mark:
    """What the shown agent knew at a certain step.

    Attributes:
        run: As in `STATUS`.
        shown: Its row.
        episodes: Its finished episodes.
        steps: Its steps.
        q: float32 `[states, actions]`.
        epsilon: Probability of a random action.
    """

    run: int
    shown: int
    episodes: int
    steps: int
    q: npt.NDArray[np.float32]
    epsilon: float


STEP_CHUNK: Final = 1 << 16
"""Single steps that are taken at once."""


class Shown:
    """One agent of a batch, and what is recorded of it.

    Args:
        batch: Where it learns.
        row: Its row.
        run: The run, as watchers see it.
        record: Whether to record visits, TD errors, and marks on its way.

    Attributes:
        status: `STATUS[1]`, as last refreshed.
        visits: `VISIT[states]`, changed in place by every step; None: not recorded.
        visits_since: The episode from which visits are counted, from 1; 0: they are not.
    """

    def __init__(self, batch: Batch, row: int, *, run: int, record: bool) -> None:
        self.batch = batch
        self.row = row
        self.status = np.zeros(1, STATUS)
        self.visits: npt.NDArray[np.void] | None = None
        self.visits_since = 0
        self._marks: deque[Mark] = deque(maxlen=MOST_MARKS)
        self._next_mark: int | None = None
        status, agent, mdp = self.status[0], self.agent, batch.mdp
        status["run"], status["shown"] = run, row
        status["update_action"] = status["last_state"] = -1
        status["trail"][0], status["trail_count"] = ~agent["state"], 1
        if record:
            self.visits = np.zeros(mdp.n_states, VISIT)
            self.visits["td_error"] = np.nan
            self.visits_since = int(agent["episodes"]) + 1
            if mdp.n_states * mdp.n_actions * 4 <= LARGEST_MARK:
                self._next_mark = next_mark(int(agent["steps"]))
        self.refresh()

    @property
    def agent(self) -> np.void:
        """Its record in the batch, of `AGENT`."""
        record: np.void = self.batch.agents[self.row]
        return record

    # --- learning

    def advance(self, engine: Engine, n_steps: int) -> None:
        """Advance all agents of the batch, with a stop at every mark of this one.

        It ends early where the engine is interrupted.
        """
        shown = self.batch.agents[self.row : self.row + 1]
        while n_steps > 0 and not engine.interrupted:
            part = n_steps
            if self._next_mark is not None and have_budget(shown)[0]:
                part = min(part, self._next_mark - int(shown["steps"][0]))
            self._advance_part(engine, part)
            n_steps -= part
            if self._next_mark is not None and shown["steps"][0] >= self._next_mark:
                self._marks.append(self.mark())
                self._next_mark = next_mark(int(shown["steps"][0]))

    def take(self, engine: Engine, steps: int, episodes: int | None = None) -> None:
        """Take single steps, whatever is left of the budget, which stays."""
        agents = self.batch.agents
        limits = agents[["episode_limit", "step_limit"]].copy()
        self.batch.set_budget(episodes, steps)
        while self.batch.active.any():
            engine.clear()  # further commands wait until the steps are taken
            self.advance(engine, min(steps, STEP_CHUNK))
        agents[["episode_limit", "step_limit"]] = limits

    def _advance_part(self, engine: Engine, n_steps: int) -> None:
        """Advance all agents; this one takes its last steps with a record of them.

        So the fast kernels never pay for the trail. The end of its budget is recorded as well:
        its last episode is left to the recording kernel.
        """
        batch, agent = self.batch, self.agent
        episode_limit, step_limit = int(agent["episode_limit"]), int(agent["step_limit"])
        goal = int(agent["steps"]) + n_steps
        if n_steps > TRAIL_LENGTH or len(batch.agents) > 1:
            agent["step_limit"] = min(step_limit, goal - TRAIL_LENGTH)
            agent["episode_limit"] = episode_limit - (episode_limit != UNLIMITED)
            try:
                engine.advance(batch, n_steps, self.row, self.visits)
            finally:
                agent["step_limit"], agent["episode_limit"] = step_limit, episode_limit
        left = goal - int(agent["steps"])
        engine.trace(batch, self.row, left, self.status, self.visits)

    def retrace(self, engine: Engine) -> None:
        """Find out what it went through before it was shown, where that takes a moment.

        What an agent does is a function of its number, the seed, the world and the parameters:
        so it goes through its past again, with a record. That counts only where it leads to the
        same bits; where parameters were changed on the way, or a table came from elsewhere, it
        does not, and the past stays unknown. So does a long one.
        """
        batch, agent = self.batch, self.agent
        steps = int(agent["steps"])
        quick = steps <= MOST_RETRACED and batch.q[self.row].nbytes <= LARGEST_RETRACED
        if self.visits is None or steps == 0 or not quick:
            return
        algorithm = batch.algorithm.of_agent(self.row)
        number = int(batch.numbers[self.row])
        try:
            twin = Batch.create(batch.mdp, algorithm, seed=batch.seed, first_agent=number)
        except MemoryError:
            return
        past = Shown(twin, 0, run=int(self.status["run"][0]), record=True)
        past.status["shown"] = self.row
        while (left := steps - int(past.agent["steps"])) > 0:
            engine.clear()  # commands wait until it is done
            past.advance(engine, left)
        if not _same_bits(past, self):
            return
        self.status, self.visits, self.visits_since = past.status, past.visits, 1
        self._marks, self._next_mark = past._marks, past._next_mark
        self.refresh()

    def set_world(self, mdp: Mdp, run: int) -> None:
        """Let all agents go on in another world, which watchers see as another run.

        What was counted stays where the map does. Marks go: they are of the world before.

        Args:
            mdp: The other world.
            run: As watchers see it from now on.

        Raises:
            WorldError: As `Batch.set_world`.
        """
        before, after = self.batch.mdp.world, mdp.world
        self.batch.set_world(mdp)
        self.status["run"] = run
        self._marks.clear()
        if self.visits is None or before is None or after is None:
            return
        other = np.array(before.array != after.array if before.width == after.width else True)
        self.visits["visits"] = np.where(other.ravel(), 0, self.visits["visits"])
        self.visits["td_error"] = np.where(other.ravel(), np.nan, self.visits["td_error"])

    # --- looking

    def refresh(self) -> None:
        """Bring the status up to date with the agent."""
        status, agent = self.status[0], self.agent
        # An agent is placed at a start as soon as its episode ends. Watchers see the end itself,
        # until the next step.
        ended = agent["length"] == 0 and status["last_state"] >= 0
        status["episode"] = agent["episodes"] + (0 if ended else 1)
        status["step"] = status["last_length"] if ended else agent["length"]
        status["state"] = status["last_state"] if ended else agent["state"]
        status["episode_return"] = status["last_return"] if ended else agent["episode_return"]
        status["epsilon"], status["temperature"] = agent["epsilon"], agent["temperature"]
        status["total_episodes"] = agent["episodes"]
        status["total_steps"] = agent["steps"]
        status["visits_since"] = self.visits_since

    def snapshot(self) -> Snapshot:
        """A copy of what is known of it."""
        known = Snapshot(
            self.status.copy(),
            self.batch.row_q(self.row).copy(),
            read_history(self.batch.agents[self.row], self.batch.bins[self.row]),
            carried={key: each.copy() for key, each in self.batch.carried(self.row).items()},
        )
        if self.visits is None:
            return known
        return replace(
            known,
            visits=self.visits["visits"].copy(),
            td_error=self.visits["td_error"].copy(),
            visits_since=self.visits_since,
        )

    def copy(self) -> "Shown":
        """The same with a batch of its own, which goes on by itself."""
        twin = Shown(self.batch.copy(), self.row, run=0, record=False)
        twin.status = self.status.copy()
        twin.visits = None if self.visits is None else self.visits.copy()
        twin.visits_since, twin._next_mark = self.visits_since, self._next_mark
        return twin

    def mark(self) -> Mark:
        """What it knows now."""
        agent = self.agent
        return Mark(
            run=int(self.status["run"][0]),
            shown=int(self.status["shown"][0]),
            episodes=int(agent["episodes"]),
            steps=int(agent["steps"]),
            q=self.batch.row_q(self.row).copy(),
            epsilon=float(agent["epsilon"]),
        )

    def take_marks(self) -> list[Mark]:
        """The marks made since the last call, oldest first, at most 128."""
        marks = list(self._marks)
        self._marks.clear()
        return marks


def check_row(row: int, batch: Batch) -> None:
    """Refuse an agent that is not there.

    Raises:
        InvalidValueError: There is no such row.
    """
    if not 0 <= row < len(batch.agents):
        raise InvalidValueError(f"the agent must be in [0, {len(batch.agents)}), got {row}")


def _same_bits(one: Shown, other: Shown) -> bool:
    """Whether two agents are in the same condition, but for their budgets."""
    before, after = one.agent.copy(), other.agent
    for limit in ("episode_limit", "step_limit"):
        before[limit] = after[limit]
    same_numbers = all(
        getattr(one.batch, name)[one.row].tobytes()
        == getattr(other.batch, name)[other.row].tobytes()
        for name in ("q", "floats", "ints")
    )
    return bool(before.tobytes() == after.tobytes()) and same_numbers


def next_mark(steps: int) -> int:
    """The first step after `steps` at which a mark is made."""
    k = max(0, int(math.log(max(steps, 1) / FIRST_MARK) / math.log(MARK_FACTOR)) - 1)
    while (mark := round(FIRST_MARK * MARK_FACTOR**k)) <= steps:
        k += 1
    return mark
