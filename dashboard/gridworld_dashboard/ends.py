"""When the end of a training is told."""

import contextlib
import threading
from collections.abc import Callable, Iterator

from gridworld_dashboard.wire.protocol import Message

__all__ = ["Ends"]


class Ends:
    """Tells that a training has ended, and never before its start was answered.

    A short budget is used up earlier than that.

    Args:
        announce: Gets the message for all viewers.
    """

    def __init__(self, announce: Callable[[Message], None]) -> None:
        self._announce = announce
        self._lock = threading.Lock()
        self._holding = False
        self._held: Message | None = None

    def tell(self, message: Message) -> None:
        """It has ended. On the trainer's thread."""
        with self._lock:
            if self._holding:
                self._held = message
                return
        self._announce(message)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Ends within the block are told after it."""
        with self._lock:
            self._holding, self._held = True, None
        try:
            yield
        finally:
            with self._lock:
                self._holding = False
                message, self._held = self._held, None
            if message is not None:
                self._announce(message)
