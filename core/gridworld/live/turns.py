"""Trainers that share the processors: so many work at a time, and each in its turn.

Thirty threads that compute all the time would leave it to the system when a thirty-first, which
answers somebody, gets a processor, and the one that holds the interpreter's lock might be the one
that waits for longest. Here no more of them compute than there are processors, and the more wait,
the shorter is a turn.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from gridworld.engine import default_threads
from gridworld.live.pace import CHUNK_S

__all__ = ["Place", "Turns"]

ROUND_S: Final = 0.1
"""Everybody who waits has had a turn after so long, as far as turns can be as short as that."""

SHORTEST_S: Final = 0.004
"""Of a turn: what it costs to begin and to end one takes a tenth of this."""


class Turns:
    """Says whose turn it is; first come, first served.

    Args:
        at_once: So many may work at a time; None: one for each processor.
    """

    def __init__(self, at_once: int | None = None) -> None:
        self._at_once = self._free = default_threads() if at_once is None else at_once
        self._waiting: deque[Place] = deque()
        self._lock = threading.Lock()

    @property
    def seconds(self) -> float:
        """How long a turn may take, as many as want one now."""
        wanting = self._at_once - self._free + len(self._waiting)
        return min(CHUNK_S, max(SHORTEST_S, ROUND_S * self._at_once / max(1, wanting)))

    def place(self, wake: Callable[[], None]) -> "Place":
        """A place for one who wants turns now and then.

        Args:
            wake: Called when its turn has come that it waited for; on any thread.
        """
        return Place(self, wake)

    def _ask(self, place: "Place") -> bool:
        with self._lock:
            if not place.asked:
                place.asked = True
                if self._free > 0:
                    self._free -= 1
                    place.granted = True
                else:
                    self._waiting.append(place)
            return place.granted

    def _leave(self, place: "Place") -> None:
        with self._lock:
            if not place.asked:
                return
            place.asked = False
            if not place.granted:
                self._waiting.remove(place)
                return
            place.granted = False
            if not self._waiting:
                self._free += 1
                return
            following = self._waiting.popleft()
            following.granted = True
        following.wake()


class Place:
    """Of one worker among those who take turns.

    Attributes:
        wake: See `Turns.place`.
        asked: Whether it waits, or has its turn.
        granted: Whether it has it.
    """

    def __init__(self, turns: Turns, wake: Callable[[], None]) -> None:
        self._turns = turns
        self.wake = wake
        self.asked = False
        self.granted = False

    @property
    def seconds(self) -> float:
        """How long a turn may take now."""
        return self._turns.seconds

    def ask(self) -> bool:
        """Whether it is its turn; where it is not, it waits from now on, and is woken."""
        return self._turns._ask(self)

    def leave(self) -> None:
        """The turn is over, or is wanted no more; idempotent."""
        self._turns._leave(self)
