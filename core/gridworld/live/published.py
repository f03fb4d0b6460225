"""What watchers read of a training, without a lock: its newest status."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from gridworld.batch import Batch, have_budget
from gridworld.live.pace import Rate
from gridworld.live.ring import RingBuffer
from gridworld.live.shown import Shown, Snapshot
from gridworld.records import STATUS

__all__ = ["Published"]


class Published:
    """The status that watchers read; the trainer's thread alone writes it.

    Args:
        clock: Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ring = RingBuffer(STATUS)
        self._rate = Rate()

    def begin(self) -> None:
        """Forget how fast another run was."""
        self._rate = Rate()

    def pace(self, batch: Batch, speed: float | None, *, ahead: bool = False) -> None:
        """Measure afresh from now on how fast the agents are.

        Args:
            batch: They.
            speed: Steps a second; None: as fast as it goes.
            ahead: Whether a step is taken at once, as the end of one that began before.
        """
        if speed is None:
            self._rate = Rate()
            return
        since = self._clock() - (1.0 / speed if ahead else 0.0)
        self._rate = Rate(1.0 / speed, (since, int(batch.agents["steps"].sum())))

    def describe(self, shown: Shown, *, running: bool) -> None:
        """Bring an agent's status up to date, with what is true of all."""
        shown.refresh()
        status, agents = shown.status[0], shown.batch.agents
        status["running"] = running
        status["all_steps"] = agents["steps"].sum()
        status["agents_done"] = len(agents) - np.count_nonzero(have_budget(agents))
        status["steps_per_second"] = (
            self._rate.update(self._clock(), int(status["all_steps"])) if running else 0.0
        )

    def snapshot(self, shown: Shown, row: int, *, running: bool) -> Snapshot:
        """One agent, which need not be the one that is shown."""
        if row == shown.row:
            return shown.snapshot()
        other = Shown(shown.batch, row, run=int(shown.status["run"][0]), record=False)
        self.describe(other, running=running)
        return other.snapshot()

    def put(self, shown: Shown, *, running: bool) -> None:
        """Let watchers see an agent as it is now."""
        self.describe(shown, running=running)
        self._ring.write(shown.status)

    def newest(self) -> npt.NDArray[np.void]:
        """`STATUS[1]`, never torn."""
        return self._ring.read()[1]
