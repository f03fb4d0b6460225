"""The trainer: a background thread that learns while others watch and steer."""

import contextlib
import time
from collections.abc import Callable
from typing import Final, TypeVar

from gridworld.algorithms import Algorithm, QLearning
from gridworld.batch import Batch, check_alike
from gridworld.engine import Engine, warm_up_for
from gridworld.errors import TrainerBusyError
from gridworld.given import as_mdp
from gridworld.live.pace import Chunk, Pace, check_speed
from gridworld.live.published import Published
from gridworld.live.shown import Mark, Shown, Snapshot, check_row
from gridworld.live.turns import Turns
from gridworld.live.watched import Watched
from gridworld.live.worker import Worker
from gridworld.mdp import Mdp
from gridworld.world import GridWorld

__all__ = ["Mark", "Snapshot", "Trainer", "check_speed"]

T = TypeVar("T")

STEP_EPISODE_LIMIT = 10_000_000
"""`step_episode` gives up after so many steps, where an episode has no limit of its own."""

_KEEP: Final = object()


class Trainer(Watched):
    """Trains a batch in a thread of its own.

    Only that thread touches the batch. Commands from other threads are carried out between two
    chunks of steps; a stop word cuts the chunk short, so they wait for less than a millisecond.
    What watchers need is published to a ring buffer, which they read without a lock.

    Args:
        world: A world, its arrays, or its name.
        algorithm: Default `QLearning()`.
        agents: Learners at once.
        seed: In [0, 2**63).
        threads: Kernels at the same time; None: one for each processor.
        turns: Shared with trainers that are to get as much of the processors; None: with nobody.
        watch: Record the visits and TD errors of the shown agent, and marks on its way.
        on_complete: Called on the trainer's thread when all agents have used up their budget.
        on_fault: Called on it with an error that broke a training off; None: it ends the thread.
        clock: Seconds, monotonic.

    Raises:
        InvalidValueError: A parameter is outside its range.
        MemoryLimitError: The Q-tables do not fit into the free memory.
    """

    def __init__(
        self,
        world: GridWorld | Mdp | str,
        algorithm: Algorithm | None = None,
        *,
        agents: int = 1,
        seed: int = 0,
        threads: int | None = None,
        turns: Turns | None = None,
        watch: bool = False,
        on_complete: Callable[[], None] | None = None,
        on_fault: Callable[[Exception], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        mdp = as_mdp(world)
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
        self._worker = Worker(
            self._engine, turn=self._turn, delay=self._delay, done=self._publish, turns=turns
        )
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
        restart_epsilon: bool = False,
    ) -> None:
        """Train on from where the agents are.

        Args:
            episodes: So many more for each agent, the one under way included; None: no limit.
            steps: So many more for each agent; None: no limit.
            speed: Steps a second of each agent, None: as fast as it goes; absent: as before.
            algorithm: The same algorithm with other parameters, in force from now on.
            epsilon: Given to all agents; absent: each goes on with its own.
            restart_epsilon: Let all go back to the epsilon or temperature of `algorithm`.

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
                batch.set_parameters(algorithm, restart_epsilon=restart_epsilon)
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

    def set_world(
        self,
        world: GridWorld | Mdp | str,
        before: Callable[[Batch], object] = lambda batch: None,
    ) -> None:
        """Go on in another world, training or not; watchers see a run of its own.

        Args:
            world: As of `Batch.set_world`.
            before: Gets the batch as it is when its world changes.

        Raises:
            WorldError: Agents cannot go on in it.
        """
        mdp = as_mdp(world)
        warm_up_for(self._batch, mdp, watch=self._watch)  # else training would wait for a compiler

        def change(batch: Batch) -> None:
            check_alike(batch.mdp, mdp, batch.algorithm)
            before(batch)
            self._runs += 1
            self._shown.set_world(mdp, self._runs)

        self.call(change)

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

        Where the trainer watches, the agent goes through its past again, so that trail, visits and
        marks are known as if it had always been shown. Where that would take long, or parameters
        were changed on the way, they are known from now on alone (`visits_since`).

        Raises:
            InvalidValueError: There is no such agent.
        """

        def turn(batch: Batch) -> None:
            check_row(row, batch)
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
                self._chunk.took(n_steps, self._clock() - begin, self._worker.seconds)
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
