"""The trainer: a background thread that learns while others watch and steer."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from gridworld.algorithms import Algorithm, QLearning
from gridworld.batch import UNLIMITED, Batch, have_budget
from gridworld.engine import Engine
from gridworld.errors import InvalidValueError, TrainerBusyError
from gridworld.history import History, read_history
from gridworld.kernels.codes import TRAIL_LENGTH
from gridworld.mdp import Mdp, compile_world
from gridworld.records import FRAME, VISIT
from gridworld.ring import RingBuffer
from gridworld.world import GridWorld

__all__ = ["Mark", "Snapshot", "Trainer", "check_speed"]

T = TypeVar("T")

CHUNK_S = 0.05
"""A chunk at full speed. Winning the interpreter's lock back costs up to 5 ms a chunk beside a
busy Python thread, so short chunks would be slow; stopping does not wait for a chunk's end."""

TICK_S = 0.02
"""Steps of a limited speed are taken together where more than one falls into this time."""

BACKLOG_S = 0.25
"""A speed that the machine cannot reach runs this far behind before the debt is forgiven."""

MOST_CHUNK = 1 << 32
"""No machine takes so many steps of an agent in a chunk."""

RATE_WINDOW_S = 1.0

MAX_SPEED = 1e9

STEP_EPISODE_LIMIT = 10_000_000
"""`step_episode` gives up after so many steps, where an episode has no limit of its own."""

STEP_CHUNK = 1 << 16

FIRST_MARK = 32
MARK_FACTOR = 1.12
"""Marks are made after `FIRST_MARK` steps and then at steps that grow by this factor: a curve over
a logarithmic axis is resolved alike everywhere."""

MOST_MARKS = 128

LARGEST_MARK = 256 * 1024
"""Bytes of a Q-table that is copied for a mark."""

_KEEP: Final = object()


@dataclass(frozen=True)
class Snapshot:
    """One agent at one moment.

    Attributes:
        frame: `FRAME[1]`: counters, position, trail.
        q: float32 `[states, actions]`.
        history: Its episodes so far.
        visits: int64 `[states]`, updates made in each state, arrivals where episodes terminate;
            None where the trainer does not watch, or shows another agent.
        td_error: float32 `[states]`, of the last update in each state, NaN where there was none.
        visits_since: The episode from which both are counted, from 1; 0 where they are None.
    """

    frame: npt.NDArray[np.void]
    q: npt.NDArray[np.float32]
    history: History
    visits: npt.NDArray[np.int64] | None = None
    td_error: npt.NDArray[np.float32] | None = None
    visits_since: int = 0


@dataclass(frozen=True)
class Mark:
    """What the shown agent knew at a certain step.

    Attributes:
        run: As in `FRAME`.
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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        mdp = world if isinstance(world, Mdp) else compile_world(world)
        self._batch = Batch.create(mdp, algorithm or QLearning(), agents=agents, seed=seed)
        self._engine = Engine(threads)
        self._watch = watch
        self._visits: npt.NDArray[np.void] | None = None
        self._visits_since = 0
        self._marks: deque[Mark] = deque(maxlen=MOST_MARKS)
        self._next_mark: int | None = None
        self._on_complete = on_complete
        self._clock = clock
        self._ring = RingBuffer(FRAME)
        self._frame = np.zeros(1, FRAME)
        self._pace = Pace(None, clock())
        self._rate = Rate()
        self._chunk = 4096
        self._running = False
        self._closed = False
        self._tasks: deque[tuple[Callable[[Batch], Any], Future[Any]]] = deque()
        self._wake = threading.Condition()
        self._begin_run()
        self._thread = threading.Thread(target=self._live, name="gridworld-trainer", daemon=True)
        self._thread.start()

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
            self._rate = Rate()
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
            self._chunk = 4096
            self._begin_run()

        self.call(swap)

    def set_speed(self, speed: float | None) -> None:
        """Steps a second of each agent, in (0, 1e9]; None: as fast as it goes."""
        checked = check_speed(speed)

        def change(_: Batch) -> None:
            self._pace = Pace(checked, self._clock())

        self.call(change)

    def step(self, n: int = 1) -> None:
        """Take `n` single steps while stopped, whatever is left of the budget.

        Raises:
            TrainerBusyError: Training runs.
        """
        self.call(lambda batch: self._take(batch, steps=n))

    def step_episode(self) -> None:
        """Finish the episode under way while stopped (at most `STEP_EPISODE_LIMIT` steps)."""
        self.call(lambda batch: self._take(batch, episodes=1, steps=STEP_EPISODE_LIMIT))

    def show(self, row: int) -> None:
        """Let the frames describe another agent, whose visits are counted from now on."""

        def turn(batch: Batch) -> None:
            if not 0 <= row < len(batch.agents):
                raise InvalidValueError(f"the agent must be in [0, {len(batch.agents)}), got {row}")
            self._shown = row
            self._place()
            self._clear_visits()

        self.call(turn)

    def warm_up(self) -> None:
        """Compile what this batch needs, so that the first start does not wait for it."""
        self.call(lambda batch: self._engine.warm_up(batch, watch=self._watch))

    def call(self, function: Callable[[Batch], T]) -> T:
        """Run `function(batch)` on the trainer's thread between two chunks; give its result.

        The way to copy or save what training changes. It must be quick: training waits.
        """
        if threading.current_thread() is self._thread:
            return function(self._batch)
        future: Future[T] = Future()
        with self._wake:
            if self._closed:
                raise TrainerBusyError("the trainer must be open, it was closed")
            self._tasks.append((function, future))
            self._engine.interrupt()
            self._wake.notify()
        return future.result()

    def close(self) -> None:
        """Stop and end the thread; idempotent."""
        with self._wake:
            self._closed = True
            self._engine.interrupt()
            self._wake.notify()
        self._thread.join()
        self._engine.close()

    # --- looking, from any thread

    @property
    def running(self) -> bool:
        """Whether training runs."""
        return self._running

    @property
    def speed(self) -> float | None:
        """Steps a second; None: as fast as it goes."""
        return self._pace.speed

    def frame(self) -> npt.NDArray[np.void]:
        """The newest published state, `FRAME[1]`: without a lock, never torn."""
        return self._ring.read()[1]

    def snapshot(self, row: int = 0) -> Snapshot:
        """One agent with its Q-table and history, copied between two chunks."""

        def copy(batch: Batch) -> tuple[Snapshot, npt.NDArray[np.void] | None]:
            history = read_history(batch.agents[row], batch.bins[row])
            snapshot = Snapshot(self._frame.copy(), batch.row_q(row).copy(), history)
            if self._visits is None or row != self._shown:
                return snapshot, None
            return replace(snapshot, visits_since=self._visits_since), self._visits.copy()

        snapshot, visits = self.call(copy)
        if visits is None:
            return snapshot
        return replace(snapshot, visits=visits["visits"].copy(), td_error=visits["td_error"].copy())

    def take_marks(self) -> list[Mark]:
        """The marks made since the last call, oldest first, at most 128: for a learning curve.

        The shown agent's Q-table is copied after 32 steps and then at steps that grow by an
        eighth, so that even a run that is over in a moment can be looked at afterwards. Without
        `watch`, and where the table has more than 256 KiB, there are none.
        """

        def take(_: Batch) -> list[Mark]:
            marks = list(self._marks)
            self._marks.clear()
            return marks

        return self.call(take)

    # --- the thread

    def _live(self) -> None:
        try:
            self._loop()
        finally:  # nobody may wait for a thread that has ended, least of all after a fault
            with self._wake:
                self._closed, self._running = True, False
                for _, future in self._tasks:
                    future.set_exception(TrainerBusyError("the trainer must be open, it has ended"))
                self._tasks.clear()

    def _loop(self) -> None:
        while True:
            delay = self._pace.delay(self._clock()) if self._running else None
            with self._wake:
                if not self._tasks and not self._closed and delay != 0.0:
                    self._wake.wait(delay)
                tasks = list(self._tasks)
                self._tasks.clear()
                closed = self._closed
                if not closed:
                    self._engine.clear()
            for function, future in tasks:
                self._carry_out(function, future)
            if closed:
                return
            if self._running:
                self._turn()

    def _carry_out(self, function: Callable[[Batch], Any], future: "Future[Any]") -> None:
        try:
            result = function(self._batch)
        except BaseException as error:  # the caller gets it; the trainer goes on
            future.set_exception(error)
        else:
            self._publish()  # before the caller hears of it, so that it finds the new state
            future.set_result(result)

    def _turn(self) -> None:
        """Take the steps that are due now, at most a chunk, and publish what came of them."""
        begin = self._clock()
        n_steps = self._pace.due(begin, self._chunk)
        if n_steps:
            self._advance(n_steps)
            self._adapt(n_steps, self._clock() - begin)
            self._publish()
        if not self._batch.active.any():
            self._running = False
            self._publish()
            if self._on_complete is not None:
                self._on_complete()

    def _adapt(self, n_steps: int, took: float) -> None:
        # a chunk that was cut short, or that ended a budget, says nothing about the speed
        whole = n_steps == self._chunk and not self._engine.interrupted
        if whole and self._batch.active.all():
            grown = int(n_steps * min(CHUNK_S / max(took, 1e-6), 8.0))
            self._chunk = min(max(grown, TRAIL_LENGTH), MOST_CHUNK)

    def _advance(self, n_steps: int) -> None:
        """Advance all agents, with a stop at every mark of the shown one."""
        shown = self._batch.agents[self._shown : self._shown + 1]
        while n_steps > 0 and not self._engine.interrupted:
            part = n_steps
            if self._next_mark is not None and have_budget(shown)[0]:
                part = min(part, self._next_mark - int(shown["steps"][0]))
            self._advance_part(part)
            n_steps -= part
            if self._next_mark is not None and shown["steps"][0] >= self._next_mark:
                self._make_mark()

    def _make_mark(self) -> None:
        agent = self._batch.agents[self._shown]
        steps = int(agent["steps"])
        self._marks.append(
            Mark(
                run=int(self._frame["run"][0]),
                shown=self._shown,
                episodes=int(agent["episodes"]),
                steps=steps,
                q=self._batch.row_q(self._shown).copy(),
                epsilon=float(agent["epsilon"]),
            )
        )
        self._next_mark = next_mark(steps)

    def _advance_part(self, n_steps: int) -> None:
        """Advance all agents; the shown one takes its last steps with a record of them.

        So the fast kernels never pay for the trail. The end of the shown agent's budget is
        recorded as well: its last episode is left to the recording kernel.
        """
        agent = self._batch.agents[self._shown]
        episode_limit, step_limit = int(agent["episode_limit"]), int(agent["step_limit"])
        goal = int(agent["steps"]) + n_steps
        if n_steps > TRAIL_LENGTH or len(self._batch.agents) > 1:
            agent["step_limit"] = min(step_limit, goal - TRAIL_LENGTH)
            agent["episode_limit"] = episode_limit - (episode_limit != UNLIMITED)
            self._engine.advance(self._batch, n_steps, self._shown, self._visits)
            agent["step_limit"], agent["episode_limit"] = step_limit, episode_limit
        left = goal - int(agent["steps"])
        self._engine.trace(self._batch, self._shown, left, self._frame, self._visits)

    def _take(self, batch: Batch, *, steps: int, episodes: int | None = None) -> None:
        if self._running:
            raise TrainerBusyError("training must be stopped before single steps are taken")
        limits = batch.agents[["episode_limit", "step_limit"]].copy()
        batch.set_budget(episodes, steps)
        while batch.active.any():
            self._engine.clear()  # further commands wait until the steps are taken
            self._advance(min(steps, STEP_CHUNK))
        batch.agents[["episode_limit", "step_limit"]] = limits

    # --- what watchers see

    def _begin_run(self) -> None:
        run = int(self._frame["run"][0]) + 1
        self._frame = np.zeros(1, FRAME)
        self._frame["run"] = run
        self._shown = 0
        self._marks.clear()
        self._place()
        self._clear_visits()
        self._rate = Rate()
        self._publish()

    def _place(self) -> None:
        """Begin a new trail where the shown agent stands."""
        frame = self._frame[0]
        state = self._batch.agents["state"][self._shown]
        frame["trail"][frame["trail_count"] % TRAIL_LENGTH] = ~state
        frame["trail_count"] += 1
        frame["update_action"] = -1
        frame["last_state"] = -1

    def _clear_visits(self) -> None:
        """Count the shown agent's visits from now on, and mark its way from here."""
        self._visits, self._visits_since, self._next_mark = None, 0, None
        if not self._watch:
            return
        mdp, agent = self._batch.mdp, self._batch.agents[self._shown]
        self._visits = np.zeros(mdp.n_states, VISIT)
        self._visits["td_error"] = np.nan
        self._visits_since = int(agent["episodes"]) + 1
        if mdp.n_states * mdp.n_actions * 4 <= LARGEST_MARK:
            self._next_mark = next_mark(int(agent["steps"]))

    def _publish(self) -> None:
        frame = self._frame[0]
        agents = self._batch.agents
        agent = agents[self._shown]
        # An agent is placed at a start as soon as its episode ends. Watchers see the end itself,
        # until the next step.
        ended = agent["length"] == 0 and frame["last_state"] >= 0
        frame["running"] = self._running
        frame["shown"] = self._shown
        frame["episode"] = agent["episodes"] + (0 if ended else 1)
        frame["step"] = frame["last_length"] if ended else agent["length"]
        frame["state"] = frame["last_state"] if ended else agent["state"]
        frame["episode_return"] = frame["last_return"] if ended else agent["episode_return"]
        frame["epsilon"] = agent["epsilon"]
        frame["total_episodes"] = agent["episodes"]
        frame["total_steps"] = agent["steps"]
        frame["all_steps"] = agents["steps"].sum()
        frame["agents_done"] = len(agents) - np.count_nonzero(have_budget(agents))
        frame["visits_since"] = self._visits_since
        frame["steps_per_second"] = (
            self._rate.update(self._clock(), int(frame["all_steps"])) if self._running else 0.0
        )
        self._ring.write(self._frame)


def next_mark(steps: int) -> int:
    """The first step after `steps` at which a mark is made."""
    k = max(0, int(math.log(max(steps, 1) / FIRST_MARK) / math.log(MARK_FACTOR)) - 1)
    while (mark := round(FIRST_MARK * MARK_FACTOR**k)) <= steps:
        k += 1
    return mark


def check_speed(speed: object) -> float | None:
    """Validate a speed in steps a second.

    Raises:
        InvalidValueError: It is neither None nor a number in (0, 1e9].
    """
    if speed is None:
        return None
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 < speed <= MAX_SPEED:
        raise InvalidValueError(f"speed must be in (0, 1e9] or null, got {speed!r}")
    return float(speed)


class Pace:
    """Which steps are due, by the clock."""

    def __init__(self, speed: float | None, now: float, *, at_once: bool = False) -> None:
        self.speed = speed
        self._taken = 0
        self._origin = now - 1.0 / speed if at_once and speed is not None else now

    def due(self, now: float, most: int) -> int:
        """Steps to take now; counts them as taken."""
        if self.speed is None:
            return most
        owed = int((now - self._origin) * self.speed + 1e-9) - self._taken
        if owed > most and (owed - most) / self.speed > BACKLOG_S:
            self._origin, self._taken = now, 0
            return most
        steps = min(owed, most)
        self._taken += steps
        return steps

    def delay(self, now: float) -> float:
        """Seconds until steps are due: one step, or at high speeds those of a tick."""
        if self.speed is None:
            return 0.0
        steps = max(1, int(self.speed * TICK_S))
        return max(0.0, self._origin + (self._taken + steps) / self.speed - now)


class Rate:
    """Steps a second over the last second or so."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def update(self, now: float, steps: int) -> float:
        """Add a mark and give the rate since the oldest one kept."""
        self._marks.append((now, steps))
        while len(self._marks) > 2 and now - self._marks[1][0] > RATE_WINDOW_S:
            self._marks.popleft()
        since, first = self._marks[0]
        return (steps - first) / (now - since) if now > since else 0.0
