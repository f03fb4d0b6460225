"""What any thread may ask of a trainer: nothing of it changes anything."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from gridworld.live.pace import Pace
from gridworld.live.published import Published
from gridworld.live.shown import Mark, Shown, Snapshot, check_row
from gridworld.live.worker import Worker

__all__ = ["Watched"]

T = TypeVar("T")


class Watched:
    """The looking half of a trainer, which has these parts."""

    _worker: Worker
    _published: Published
    _shown: Shown
    _pace: Pace
    _running: bool

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
            check_row(row, shown.batch)
            return self._published.snapshot(shown, row, running=self.running)

        return self.look(copy)

    def take_marks(self) -> list[Mark]:
        """The marks made since the last call, oldest first, at most 128: for a learning curve.

        The shown agent's Q-table is copied after 32 steps and then at steps that grow by an
        eighth, so that even a run that is over in a moment can be looked at afterwards. Without
        `watch`, and where the table has more than 256 KiB, there are none.
        """
        return self.look(Shown.take_marks)
