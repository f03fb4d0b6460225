"""A thread that works in turns, and does in between what other threads ask for."""

import contextlib
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from gridworld.engine import Engine
from gridworld.errors import TrainerBusyError

__all__ = ["Worker"]

T = TypeVar("T")


class Worker:
    """The trainer's thread.

    Args:
        engine: Works in the turns; interrupted, so that a request waits for no turn's end.
        turn: Takes what is due.
        delay: Gives the seconds until a turn is due; None: none is, until a request changes that.
        done: Called after every request that succeeded, before its caller hears of it.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        turn: Callable[[], None],
        delay: Callable[[], float | None],
        done: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._turn = turn
        self._delay = delay
        self._done = done
        self._tasks: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._wake = threading.Condition()
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

    # --- the thread

    def _live(self) -> None:
        try:
            while self._round():
                pass
        finally:  # nobody may wait for a thread that has ended, least of all after a fault
            with self._wake:
                self.closed = True
                for _, future in self._tasks:
                    future.set_exception(TrainerBusyError("the trainer must be open, it has ended"))
                self._tasks.clear()
            with contextlib.suppress(Exception):  # watchers see that nothing goes on any more
                self._done()

    def _round(self) -> bool:
        """Whether to go on after it."""
        delay = self._delay()
        with self._wake:
            if not self._tasks and not self.closed and delay != 0.0:
                self._wake.wait(delay)
            tasks = list(self._tasks)
            self._tasks.clear()
            closed = self.closed
            if not closed:
                self._engine.clear()
        for function, future in tasks:
            self._carry_out(function, future)
        if not closed and self._delay() is not None:
            self._turn()
        return not closed

    def _carry_out(self, function: Callable[[], Any], future: "Future[Any]") -> None:
        try:
            result = function()
        except BaseException as error:  # the caller gets it; the thread goes on
            future.set_exception(error)
        else:
            self._done()
            future.set_result(result)
