"""The ground truth: the exact optimum of the world, and how far the shown agent is from it.

One thread solves the world, then assesses what the shown agent has learnt, and rests four times
as long as that took: it never takes more than a fifth of a processor from the training, and where
there are many sessions, all of theirs together do not.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

import gridworld as gw
from gridworld.errors import GridworldError, InvalidValueError, SolveStoppedError
from gridworld.live.shown import FIRST_MARK, Mark
from gridworld.mdp import Mdp
from gridworld_dashboard.frames.numbers import finite, pack

__all__ = ["MOST_CELLS", "MOST_POINTS", "Curve", "GroundTruth", "Question", "Report"]

REST: Final = 4.0
"""An assessment is followed by a rest of so many times its duration."""

LOOK_S: Final = 0.2
"""While training runs, the newest table is taken this often at the most."""

MOST_POINTS: Final = 1000
"""Points of the regret curve."""

MOST_CELLS: Final = 2**22
"""Larger worlds are not solved: it would take minutes, and gigabytes."""

State = Literal["solving", "ready", "unavailable"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Question:
    """What is to be solved and assessed.

    Attributes:
        run: The run.
        shown: Row of the agent that is assessed.
        steps: Its steps.
        mdp: The world.
        discount_factor: In force.
        initial_value: Every entry of the agent's table at the start.
        running: Whether training runs.
    """

    run: int
    shown: int
    steps: int
    mdp: Mdp
    discount_factor: float
    initial_value: float
    running: bool

    def has_the_optimum_of(self, other: "Question") -> bool:
        """Whether the same solution answers both."""
        return self.mdp is other.mdp and self.discount_factor == other.discount_factor

    def has_the_curve_of(self, other: "Question") -> bool:
        """Whether points of both belong to one curve."""
        same = (self.run, self.shown) == (other.run, other.shown)
        return same and self.has_the_optimum_of(other)

    def is_about(self, mark: Mark) -> bool:
        """Whether the mark is of the run and the agent in question."""
        return (self.run, self.shown) == (mark.run, mark.shown)


@dataclass(frozen=True, eq=False)
class Report:
    """What is known at one moment.

    Attributes:
        stage: Grows when the state changes, or the run or the agent that it is about.
        run: The run that it is about.
        mdp: The world.
        data: The `truth` of a frame.
        optimal: V*, float64 `[states]`, NaN in walls; None: not known.
        points: The regret curve: episodes and regret.
    """

    stage: int
    run: int
    mdp: Mdp
    data: dict[str, Any]
    optimal: npt.NDArray[np.float64] | None
    points: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]

    @cached_property
    def regrets(self) -> dict[str, str]:
        """The `regrets` of a frame."""
        episodes, regret = self.points
        return {"episodes": pack(episodes, "<f8"), "regret": pack(regret, "<f8")}


class Curve:
    """Points of a run in bounded memory: every second one goes where there are too many."""

    def __init__(self) -> None:
        self._points: list[tuple[float, float]] = []

    def __len__(self) -> int:
        return len(self._points)

    def __iter__(self) -> Iterator[tuple[float, float]]:
        return iter(self._points)

    def add(self, episodes: float, regret: float) -> None:
        """Add a point; one at the same episode replaces the last."""
        if self._points and self._points[-1][0] == episodes:
            self._points.pop()
        elif len(self._points) == MOST_POINTS:
            # the last one, which stays, has an odd number
            self._points = [*self._points[:-1:2], self._points[-1]]
        self._points.append((episodes, regret))

    def arrays(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Episodes and regret, float64 `[n]` each."""
        table = np.array(self._points, np.float64).reshape(-1, 2)
        return table[:, 0].copy(), table[:, 1].copy()


class GroundTruth:
    """Solves the present world and assesses the shown agent, on a thread of its own.

    Args:
        ask: What the question is now; quick, and on any thread.
        tables: Copies of the shown agent's tables since the last call, the newest last.
        changed: Called when something is known that viewers must see at once.
        clock: Seconds, monotonic.
        crowd: Gives how many share what all of them may take of a processor.

    Attributes:
        report: What is known now.
    """

    def __init__(
        self,
        ask: Callable[[], Question],
        tables: Callable[[], list[Mark]],
        changed: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
        crowd: Callable[[], int] = lambda: 1,
    ) -> None:
        self._ask = ask
        self._crowd = crowd
        self._tables = tables
        self._changed = changed
        self._clock = clock
        self._question = ask()
        self._state: State = "solving"
        self._reason: str | None = None
        self._solution: gw.Solution | None = None
        self._optimal: npt.NDArray[np.float64] | None = None
        self._length: float | None = None
        self._stage = 0
        self._pending: deque[Mark] = deque()
        self._assessed = -1  # steps of the table assessed last
        self._look_at = 0.0  # when the newest table is due
        self._report_at = 0.0
        self._assessment: gw.Assessment | None = None
        self._at_episode: int | None = None
        self._optimal_since: int | None = None
        self._optimal_by: int | None = None
        self._curve = Curve()
        self.report = self._make_report()
        self._poked = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._live, name="gridworld-truth", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def poke(self) -> None:
        """The question may be another one, or the agent has learnt. Any thread may call it."""
        self._poked.set()

    def close(self) -> None:
        """End; idempotent. A solution under way is given up."""
        self._closed = True
        self._poked.set()
        if self._thread.is_alive():
            self._thread.join()

    # --- the thread

    def _live(self) -> None:
        while not self._closed:
            try:
                pause = self.turn()
            except Exception:
                if self._closed:  # the trainer has ended meanwhile
                    return
                _log.exception("the ground truth is not known")
                self._give_up("a fault of the server; its log says more")
                pause = None
            self._rest(pause)

    def _rest(self, pause: float | None) -> None:
        """Wait so long, None: until poked. A rest is cut short by another question only."""
        end = None if pause is None else self._clock() + pause
        while not self._closed:
            left = None if end is None else end - self._clock()
            if left is not None and left <= 0:
                return
            poked = self._poked.wait(left)
            self._poked.clear()
            if poked and (end is None or not self._question.has_the_curve_of(self._ask())):
                return

    def turn(self) -> float | None:
        """Do the next piece of work: solve, or assess one table.

        Returns:
            Seconds to rest before the next one; None: there is nothing to do until a poke.
        """
        before, question = self._question, self._ask()
        self._question = question
        if self._state == "solving" or not question.has_the_optimum_of(before):
            return self._solve()
        if not question.has_the_curve_of(before):
            self._begin_curve()
            self._stage += 1
            self.report = self._make_report()
        if self._solution is None:
            return None
        if not self._pending:
            if question.steps == self._assessed:
                return LOOK_S if question.running else None
            now = self._clock()
            if question.running and now < self._look_at:
                return self._look_at - now
            self._look_at = now + LOOK_S
            self._pending.extend(self._tables())
            if not question.is_about(self._pending[-1]):
                return 0.0  # another agent is shown since it was asked, whose tables these are
        return self._assess(self._pending.popleft())

    def _solve(self) -> float | None:
        question = self._question
        self._state, self._reason = "solving", None
        self._solution = self._optimal = self._length = None
        self._begin_curve()
        self._tell()
        mdp = question.mdp
        if mdp.n_states > MOST_CELLS:
            self._give_up(
                f"the world must have at most {MOST_CELLS} cells to be solved, got {mdp.n_states}"
            )
            return None

        def should_stop() -> bool:
            return self._closed or not question.has_the_optimum_of(self._ask())

        try:
            solution = gw.solve(mdp, question.discount_factor, should_stop=should_stop)
            self._length = gw.optimal_length(mdp, solution, should_stop=should_stop)
        except SolveStoppedError:
            return 0.0  # another question came
        except (GridworldError, MemoryError) as error:
            self._give_up(str(error) or "the world must fit into the free memory to be solved")
            return None
        assert mdp.world is not None
        optimal = solution.v.copy()
        optimal[mdp.world.walls] = np.nan
        self._solution, self._optimal, self._state = solution, optimal, "ready"
        self._tell()
        return 0.0

    def _assess(self, mark: Mark) -> float | None:
        question, solution = self._question, self._solution
        assert solution is not None
        if not question.is_about(mark) or mark.steps < self._assessed:
            return 0.0  # of before
        begin = self._clock()
        try:
            found: gw.Assessment | None = gw.assess(
                question.mdp,
                mark.q,
                solution,
                initial_value=question.initial_value,
                should_stop=lambda: self._closed or not question.has_the_curve_of(self._ask()),
            )
        except SolveStoppedError:
            return 0.0
        except InvalidValueError:  # numbers that have grown beyond float32
            found = None
        first = self._assessed < 0
        self._assessed, self._at_episode, self._assessment = mark.steps, mark.episodes, found
        if found is None or found.regret > 0:
            self._optimal_since = self._optimal_by = None
        elif first and mark.steps > FIRST_MARK:  # nobody looked at it before
            self._optimal_by = mark.episodes
        elif self._optimal_since is None and self._optimal_by is None:
            self._optimal_since = mark.episodes
        if found is not None:
            self._curve.add(mark.episodes, found.regret)
        now = self._clock()
        if not self._pending or now >= self._report_at:
            self.report, self._report_at = self._make_report(), now + LOOK_S
        if not self._pending and not question.running:  # else the next frame is on its way
            self._changed()
        return REST * self._crowd() * (now - begin)

    # --- what is known

    def _begin_curve(self) -> None:
        self._curve = Curve()
        self._pending = deque(mark for mark in self._pending if self._question.is_about(mark))
        self._assessed = -1
        self._look_at = self._report_at = 0.0
        self._assessment = self._at_episode = self._optimal_since = self._optimal_by = None

    def _give_up(self, reason: str) -> None:
        self._state, self._reason = "unavailable", reason
        self._solution = self._optimal = self._length = None
        self._begin_curve()
        self._tell()

    def _tell(self) -> None:
        """The state is another one."""
        self._stage += 1
        self.report = self._make_report()
        self._changed()

    def _make_report(self) -> Report:
        found, solution = self._assessment, self._solution
        data = {
            "state": self._state,
            "reason": self._reason,
            "optimal_return": None if solution is None else finite(solution.expected_return),
            "expected_return": None if found is None else finite(found.expected_return),
            "regret": None if found is None else finite(found.regret),
            "arrives": None if found is None else found.arrives,
            "agreement": None if found is None else found.agreement,
            "optimal_since": self._optimal_since,
            "optimal_by": self._optimal_by,
            "at_episode": self._at_episode,
            "optimal_length": self._length,
        }
        question = self._question
        return Report(
            self._stage, question.run, question.mdp, data, self._optimal, self._curve.arrays()
        )
