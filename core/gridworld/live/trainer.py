"""The trainer: a background thread that learns while others watch and steer."""

import contextlib
import time
from collections.abc import Callable
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from gridworld.algorithms import Algorithm, QLearning
from gridworld.batch import Batch
from gridworld.engine import Engine
from gridworld.errors import InvalidValueError, TrainerBusyError
from gridworld.live.pace import Chunk, Pace, check_speed
from gridworld.live.published import Published
from gridworld.live.shown import Mark, Shown, Snapshot
from gridworld.live.worker import Worker
from gridworld.mdp import Mdp, compile_world
from gridworld.world import GridWorld

__all__ = ["Mark", "Snapshot", "Trainer", "check_speed"]

T = TypeVar("T")

STEP_EPISODE_LIMIT = 10_000_000
"""`step_episode` gives up after so many steps, where an episode has no limit of its own."""

_KEEP: Final = object()


class Trainer:
    """Trains a batch in a thread of its own.

    Only that thread touches the batch. Commands from other threads are carried out between two
    chunks of steps; a stop word cuts the chunk short, so they wait for less than a millisecond.
    What watchers need is published to a ring buffer, which they read without a lock.

    Args:
        world: A world, or an MDP.
        algorithm: Default `QLearning()`.
        agents: Learners at once.
        seed: In [0, 2**63).
        threads: Kernels at the same time; None: one for each processor.
        watch: Record the visits and TD errors of the shown agent, and marks on its way.
        on_complete: Called on the trainer's thread when all agents have used up their budget.
        on_fault: Called on it with an error that broke a training off, which can go on from what
            is there; None: such an error ends the thread.
        clock: Seconds, monotonic.

    Raises:
        InvalidValueError: A parameter is outside its range.
        MemoryLimitError: The Q-tables do not fit into the free memory.
    """

    def __init__(
        self,
        world: GridWorld | Mdp,
        algorithm: Algorithm | None = None,
        *,
        agents: int = 1,
        seed: int = 0,
        threads: int | None = None,
        watch: bool = False,
        on_complete: Callable[[], None] | None = None,
        on_fault: Callable[[Exception], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        mdp = world if isinstance(world, Mdp) else compile_world(world)
        self._batch = Batch.create(mdp, algorithm or QLearning(), agents=agents, seed=seed)
        self._engine = Engine(threads)
        self._watch = watch
        self._runs = 0
        self._on_complete = on_complete
        self._on_fault = on_fault
        self._clock = clock
        self._published = Published(clock)
        self._pace = Pace(None, clock())
        self._chunk = Chunk()
        self._running = False
        self._worker = Worker(self._engine, turn=self._turn, delay=self._delay, done=self._publish)
        self._begin_run()
        self._worker.start()

    # --- commands, from any thread

    def start(
        self,
        episodes: int | None = None,
        steps: int | None = None,
        *,
        speed: float | object | None = _KEEP,
        algorithm: Algorithm | None = None,
        epsilon: float | None = None,
    ) -> None:
        """Train on from where the agents are.

        Args:
            episodes: So many more for each agent, the one under way included; None: no limit.
            steps: So many more for each agent; None: no limit.
            speed: Steps a second of each agent, None: as fast as it goes; absent: as before.
            algorithm: The same algorithm with other parameters, in force from now on.
            epsilon: Given to all agents; absent: each goes on with its own.

        Raises:
            TrainerBusyError: Training runs already.
            InvalidValueError: A number is outside its range, or episodes that can never end are
                the only budget.
        """

        def begin(batch: Batch) -> None:
            if self._running:
                raise TrainerBusyError("training must be stopped before it is started again")
            pace = self._pace.speed if speed is _KEEP else check_speed(speed)
            batch.set_budget(episodes, steps)
            if algorithm is not None:
                batch.set_parameters(algorithm)
            if epsilon is not None:
                batch.set_epsilon(epsilon)
            self._pace = Pace(pace, self._clock(), at_once=True)
            # the step that is taken at once is the end of a whole one
            self._published.pace(batch, pace, ahead=True)
            self._running = True

        self.call(begin)

    def stop(self) -> bool:
        """Stop at once; False where nothing ran."""

        def end(_: Batch) -> bool:
            ran, self._running = self._running, False
            return ran

        return self.call(end)

    def reset(self) -> None:
        """Stop, and begin afresh: tables, counters, statistics and random streams."""

        def again(batch: Batch) -> None:
            self._running = False
            batch.reset()
            self._begin_run()

        self.call(again)

    def replace(self, batch: Batch) -> None:
        """Stop, and go on with another batch; the trainer owns it from now on.

        Of a run, which stays what it is, it takes a copy.

        Raises:
            MemoryLimitError: The machine has not enough free memory for that.
        """
        batch = batch.copy() if batch.is_sealed else batch

        def swap(_: Batch) -> None:
            self._running = False
            self._batch = batch
            self._chunk = Chunk()
            self._begin_run()

        self.call(swap)

    def set_speed(self, speed: float | None) -> None:
        """Steps a second of each agent, in (0, 1e9]; None: as fast as it goes."""
        checked = check_speed(speed)

        def change(batch: Batch) -> None:
            self._pace = Pace(checked, self._clock())
            self._published.pace(batch, checked)

        self.call(change)

    def step(self, n: int = 1) -> None:
        """Take `n` single steps while stopped, whatever is left of the budget.

        Raises:
            TrainerBusyError: Training runs.
        """
        self.call(lambda _: self._take(steps=n))

    def step_episode(self) -> None:
        """Finish the episode under way while stopped (at most `STEP_EPISODE_LIMIT` steps)."""
        self.call(lambda _: self._take(episodes=1, steps=STEP_EPISODE_LIMIT))

    def show(self, row: int) -> None:
        """Let the status describe another agent.

        Where the trainer watches, the agent goes through its past again, so that its trail, its
        visits and its marks are known as if it had always been shown. Where that would take
        long, or parameters were changed on the way, they are known from now on alone:
        `visits_since` says which.

        Raises:
            InvalidValueError: There is no such agent.
        """

        def turn(batch: Batch) -> None:
            _check_row(row, batch)
            if row != self._shown.row:
                self._turn_to(row)

        self.call(turn)

    def warm_up(self) -> None:
        """Compile what this batch needs, so that the first start does not wait for it."""
        self.call(lambda batch: self._engine.warm_up(batch, watch=self._watch))

    def call(self, function: Callable[[Batch], T]) -> T:
        """Run `function(batch)` on the trainer's thread between two chunks; give its result.

        The way to copy or save what training changes. It must be quick: training waits.
        """
        return self._worker.call(lambda: function(self._batch))

    def close(self) -> None:
        """Stop and end the thread; idempotent."""
        self._worker.close()
        self._engine.close()

    # --- looking, from any thread

    @property
    def running(self) -> bool:
        """Whether training runs."""
        return self._running and not self._worker.closed

    @property
    def closed(self) -> bool:
        """Whether its thread has ended, so that nothing is carried out any more."""
        return self._worker.closed

    @property
    def speed(self) -> float | None:
        """Steps a second; None: as fast as it goes."""
        return self._pace.speed

    def status(self) -> npt.NDArray[np.void]:
        """The newest published state, `STATUS[1]`: without a lock, never torn."""
        return self._published.newest()

    def frame(self) -> npt.NDArray[np.void]:
        """The earlier name of `status`."""
        return self.status()

    def look(self, copy: Callable[[Shown], T]) -> T:
        """Copy whatever is wanted of one moment, in one trip to the trainer's thread.

        Args:
            copy: Gets the shown agent, the batch in it, and what is recorded. It may change
                nothing, must keep nothing that is not a copy, and be quick: training waits.
        """
        return self._worker.call(lambda: copy(self._shown))

    def snapshot(self, row: int = 0) -> Snapshot:
        """One agent with its Q-table and history, copied between two chunks.

        Raises:
            InvalidValueError: There is no such agent.
        """

        def copy(shown: Shown) -> Snapshot:
            _check_row(row, shown.batch)
            if row == shown.row:
                return shown.snapshot()
            other = Shown(shown.batch, row, run=self._runs, record=False)
            self._published.describe(other, running=self.running)
            return other.snapshot()

        return self.look(copy)

    def take_marks(self) -> list[Mark]:
        """The marks made since the last call, oldest first, at most 128: for a learning curve.

        The shown agent's Q-table is copied after 32 steps and then at steps that grow by an
        eighth, so that even a run that is over in a moment can be looked at afterwards. Without
        `watch`, and where the table has more than 256 KiB, there are none.
        """
        return self.look(Shown.take_marks)

    # --- the thread

    def _delay(self) -> float | None:
        return self._pace.delay(self._clock()) if self._running else None

    def _turn(self) -> None:
        """A turn, of which an error is no end where somebody is to hear of it."""
        try:
            self._advance()
        except Exception as error:
            if self._on_fault is None:
                raise
            self._running = False
            with contextlib.suppress(Exception):  # of too little memory once more
                self._publish()
            with contextlib.suppress(Exception):
                self._on_fault(error)

    def _advance(self) -> None:
        """Take the steps that are due now, at most a chunk, and publish what came of them."""
        begin = self._clock()
        n_steps = self._pace.due(begin, self._chunk.steps)
        if n_steps:
            self._shown.advance(self._engine, n_steps)
            # one that was cut short, or that ended a budget, says nothing about the speed
            if not self._engine.interrupted and self._batch.active.all():
                self._chunk.took(n_steps, self._clock() - begin)
            self._publish()
        if not self._batch.active.any():
            self._running = False
            self._publish()
            if self._on_complete is not None:
                self._on_complete()

    def _take(self, *, steps: int, episodes: int | None = None) -> None:
        if self._running:
            raise TrainerBusyError("training must be stopped before single steps are taken")
        self._shown.take(self._engine, steps, episodes)

    def _begin_run(self) -> None:
        self._runs += 1
        self._published.begin()
        self._turn_to(0)
        self._publish()

    def _turn_to(self, row: int) -> None:
        self._shown = Shown(self._batch, row, run=self._runs, record=self._watch)
        self._shown.retrace(self._engine)

    def _publish(self) -> None:
        self._published.put(self._shown, running=self.running)


def _check_row(row: int, batch: Batch) -> None:
    if not 0 <= row < len(batch.agents):
        raise InvalidValueError(f"the agent must be in [0, {len(batch.agents)}), got {row}")
