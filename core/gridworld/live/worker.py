"""A thread that works in turns, and does in between what other threads ask for."""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from gridworld.engine import Engine
from gridworld.errors import TrainerBusyError
from gridworld.live.pace import CHUNK_S
from gridworld.live.turns import Turns

__all__ = ["Worker"]

T = TypeVar("T")

LIGHT_S: Final = 0.001
"""Turns that take no longer, a few steps by the clock, wait for no other worker's."""


class Worker:
    """The trainer's thread.

    Args:
        engine: Works in the turns; interrupted, so that a request waits for no turn's end.
        turn: Takes what is due.
        delay: Gives the seconds until a turn is due; None: none is, until a request changes that.
        done: Called after every request that succeeded, before its caller hears of it.
        turns: Whom it shares the processors with; None: nobody.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        turn: Callable[[], None],
        delay: Callable[[], float | None],
        done: Callable[[], None],
        turns: Turns | None = None,
    ) -> None:
        self._engine = engine
        self._turn = turn
        self._delay = delay
        self._done = done
        self._tasks: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._wake = threading.Condition()
        self._place = None if turns is None else turns.place(self._poke)
        self._poked = False
        self._turn_s = 0.0  # what turns take of a processor of late
        self.closed = False
        self.thread = threading.Thread(target=self._live, name="gridworld-trainer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self.thread.start()

    def call(self, function: Callable[[], T]) -> T:
        """Run a function on the thread between two turns, and give its result."""
        if threading.current_thread() is self.thread:
            return function()
        future: Future[T] = Future()
        with self._wake:
            if self.closed:
                raise TrainerBusyError("the trainer must be open, it was closed")
            self._tasks.append((function, future))
            self._engine.interrupt()
            self._wake.notify()
        return future.result()

    def close(self) -> None:
        """Do what was asked for, and end; idempotent."""
        with self._wake:
            self.closed = True
            self._engine.interrupt()
            self._wake.notify()
        self.thread.join()

    @property
    def seconds(self) -> float:
        """How long a turn may take."""
        return CHUNK_S if self._place is None else self._place.seconds

    def _poke(self) -> None:
        """It is its turn, for which it waited."""
        with self._wake:
            self._poked = True
            self._wake.notify()

    # --- the thread

    def _live(self) -> None:
        try:
            while self._round():
                pass
        finally:  # nobody may wait for a thread that has ended, least of all after a fault
            if self._place is not None:
                self._place.leave()
            with self._wake:
                self.closed = True
                for _, future in self._tasks:
                    future.set_exception(TrainerBusyError("the trainer must be open, it has ended"))
                self._tasks.clear()
            with contextlib.suppress(Exception):  # watchers see that nothing goes on any more
                self._done()

    def _round(self) -> bool:
        """Whether to go on after it."""
        delay = self._due()
        with self._wake:
            if not self._tasks and not self.closed and not self._poked and delay != 0.0:
                self._wake.wait(delay)
            self._poked = False
            tasks = list(self._tasks)
            self._tasks.clear()
            closed = self.closed
            if not closed:
                self._engine.clear()
        for function, future in tasks:
            self._carry_out(function, future)
        if not closed and self._due() is not None:
            begin = time.thread_time()
            self._turn()
            if self._place is not None:
                # one that was interrupted says little
                self._turn_s = max(time.thread_time() - begin, self._turn_s / 2)
                self._place.leave()
        return not closed

    def _due(self) -> float | None:
        """Seconds until a turn is due; None: none is, until a request or others change that."""
        delay = self._delay()
        if self._place is None:
            return delay
        if delay is None or delay > 0.0 or self._turn_s <= LIGHT_S:
            self._place.leave()
            return delay
        return delay if self._place.ask() else None

    def _carry_out(self, function: Callable[[], Any], future: "Future[Any]") -> None:
        try:
            result = function()
        except BaseException as error:  # the caller gets it; the thread goes on
            future.set_exception(error)
        else:
            self._done()
            future.set_result(result)
