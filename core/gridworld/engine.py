"""The engine: advances a batch with the fastest kernel that can, on all its threads."""

import contextlib
import math
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from types import TracebackType
from typing import Self, TypeVar

import numpy as np
import numpy.typing as npt

from gridworld.batch import Batch, have_budget
from gridworld.errors import InvalidValueError
from gridworld.kernels.carried import Carried
from gridworld.kernels.carrying.advance import make_advance_carrying
from gridworld.kernels.codes import ONE_STEP
from gridworld.kernels.scalar import make_advance
from gridworld.kernels.variant import Variant
from gridworld.kernels.vector import LANES, make_advance_vector, vector_supports
from gridworld.mdp import Mdp
from gridworld.records import STATUS, VISIT

__all__ = ["Engine", "default_threads", "hides_interrupt", "warm_up_for"]

T = TypeVar("T")

BLOCK = 32
"""Agents of which one thread takes care at a time."""

PAUSE_S = 0.2
"""Between two looks at the progress of a long run."""


def default_threads() -> int:
    """The processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


def hides_interrupt(error: BaseException) -> bool:
    """Whether Ctrl-C came while Python took a lock, and came out as an error of that lock."""
    return isinstance(error, RuntimeError) and isinstance(error.__context__, KeyboardInterrupt)


class Engine:
    """Threads, a stop word, and the choice of kernels.

    Args:
        threads: Kernels at the same time; None: one for each processor.
    """

    def __init__(self, threads: int | None = None) -> None:
        if threads is not None and (type(threads) is not int or threads < 1):
            raise InvalidValueError(f"threads must be a whole number from 1, got {threads!r:.80}")
        self._threads = default_threads() if threads is None else threads
        self._control = np.zeros(8, np.int64)  # word 0 alone on its cache line
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the kernels and end the threads.

        Raises:
            KeyboardInterrupt: It came meanwhile; the threads have ended all the same.
        """
        self.interrupt()
        late: KeyboardInterrupt | None = None
        while self._pool is not None:
            try:
                self._pool.shutdown()
                self._pool = None
            except KeyboardInterrupt as error:  # no kernel may write to what others read by then
                late = error
        if late is not None:
            raise late

    def interrupt(self) -> None:
        """Make every kernel return within a fraction of a millisecond. Any thread may call it."""
        self._control[0] = 1

    def clear(self) -> None:
        """Let kernels run again."""
        self._control[0] = 0

    @property
    def interrupted(self) -> bool:
        """Whether kernels return at once."""
        return bool(self._control[0])

    def warm_up(self, batch: Batch, *, watch: bool = False) -> None:
        """Compile, or read from the cache, all that will advance this batch.

        Args:
            batch: Not changed.
            watch: Whether visits will be recorded.
        """
        self.clear()
        visits = np.zeros(batch.mdp.n_states, VISIT) if watch else None
        self.advance(batch, 0, 0, visits)
        self.trace(batch, 0, 0, np.zeros(1, STATUS), visits)

    # --- a chunk, for the live view

    def advance(
        self,
        batch: Batch,
        n_steps: int,
        row: int = 0,
        visits: npt.NDArray[np.void] | None = None,
    ) -> None:
        """Advance every agent by `n_steps`, or until it is done or the engine is interrupted.

        Args:
            batch: Advanced in place.
            n_steps: Steps of each agent.
            row: The agent that is watched.
            visits: `VISIT[S]`, where its visits and TD errors are recorded; None: nowhere.
        """
        if visits is None:
            self._advance_all(batch, n_steps)
            return
        watched = batch.agents[row : row + 1]
        if len(batch.agents) == 1:
            self._watch(batch, row, watched, n_steps, visits)
            return
        # The watched agent goes on beside the others, with a record of its own, and is done as
        # far as they can see: no two kernels may write to one Q-table.
        record = watched.copy()
        watched["step_limit"] = watched["steps"]
        try:
            if self._threads == 1:
                self._watch(batch, row, record, n_steps, visits)
                self._advance_all(batch, n_steps)
                return
            future = self._submit(self._watch, batch, row, record, n_steps, visits)
            try:
                self._advance_all(batch, n_steps)
            finally:
                future.result()
        finally:
            watched[:] = record

    def _advance_all(self, batch: Batch, n_steps: int) -> None:
        blocks = list(_blocks(len(batch.agents), self._threads))
        if len(blocks) == 1 or self._threads == 1:
            for rows in blocks:
                self._advance_rows(batch, rows, n_steps)
            return
        futures = [self._submit(self._advance_rows, batch, rows, n_steps) for rows in blocks]
        for future in futures:
            future.result()

    def trace(
        self,
        batch: Batch,
        row: int,
        n_steps: int,
        status: npt.NDArray[np.void],
        visits: npt.NDArray[np.void] | None = None,
    ) -> None:
        """Advance one agent by `n_steps` and record them.

        Args:
            batch: Advanced in place.
            row: The agent.
            n_steps: Where it is done earlier, it stops there.
            status: `STATUS[1]`; its trail, last update and last episode are changed in place.
            visits: As in `advance`.
        """
        rows = slice(row, row + 1)
        advance = _scalar(batch, trace=True, watch=visits is not None)
        self._call(advance, batch, rows, batch.agents[rows], n_steps, status, visits)

    def _call(
        self,
        advance: Callable[..., int],
        batch: Batch,
        rows: slice,
        agents: npt.NDArray[np.void],
        n_steps: int,
        frame: npt.NDArray[np.void] | None = None,
        visits: npt.NDArray[np.void] | None = None,
    ) -> None:
        """Call a kernel on some rows, with what their agents carry where they carry anything.

        What is not there is left out: each kernel is called, and so compiled, in one way alone.
        """
        arguments = batch.mdp.tables(), agents, batch.q[rows], batch.bins[rows]
        more: tuple[object, ...] = (frame, visits)
        if batch.carries:
            more += (Carried(batch.floats[rows], batch.ints[rows]),)
        elif visits is None:
            more = () if frame is None else (frame,)
        advance(*arguments, self._control, n_steps, *more)

    def _watch(
        self,
        batch: Batch,
        row: int,
        record: npt.NDArray[np.void],
        n_steps: int,
        visits: npt.NDArray[np.void],
    ) -> None:
        """Advance one agent, whose record is `AGENT[1]`, and count its visits."""
        rows = slice(row, row + 1)
        self._call(_scalar(batch, watch=True), batch, rows, record, n_steps, None, visits)

    # --- a whole run, headless

    def run(
        self,
        batch: Batch,
        watch: Callable[[], None],
        rest: Callable[[], None] | None = None,
        every: float = math.inf,
    ) -> None:
        """Advance every agent until it is done or the engine is interrupted.

        Blocks of agents go through their whole budget one after the other on each thread, so
        that their Q-tables stay in that processor's cache.

        Args:
            batch: Advanced in place; when this raises, too, no kernel works on it any more.
            watch: Called a few times a second on the calling thread.
            rest: Called on the calling thread while no kernel runs: the batch may be read.
            every: Seconds of training between two rests.
        """
        try:
            while self._run_until_rest(batch, watch, every if rest is not None else math.inf):
                assert rest is not None
                rest()
                self.clear()
        except BaseException as error:
            self.close()
            if hides_interrupt(error):
                raise KeyboardInterrupt from None
            raise

    def _run_until_rest(self, batch: Batch, watch: Callable[[], None], seconds: float) -> bool:
        """Whether the time was over before the budget."""
        pending: set[Future[None]] = {
            self._submit(self._finish_rows, batch, rows)
            for rows in _blocks(len(batch.agents), self._threads)
        }
        end = time.monotonic() + seconds
        over = False
        while pending:
            done, pending = wait(pending, timeout=min(PAUSE_S, seconds))
            for future in done:
                future.result()
            watch()
            if time.monotonic() >= end and not over:
                over = True
                self.interrupt()
        return over and bool(batch.active.any())

    def _finish_rows(self, batch: Batch, rows: slice) -> None:
        # chunks, so that the records show the progress now and then
        n_steps = 1 << 14
        agents = batch.agents[rows]
        while have_budget(agents).any() and not self.interrupted:
            begin = time.perf_counter()
            self._advance_rows(batch, rows, n_steps)
            if time.perf_counter() - begin < PAUSE_S / 2:
                n_steps *= 2

    def _advance_rows(self, batch: Batch, rows: slice, n_steps: int) -> None:
        agents = batch.agents[rows]
        variant = batch.variant
        vector = _in_lanes(len(agents), variant)
        advance = make_advance_vector(variant) if vector else scalar_kernel(variant)
        self._call(advance, batch, rows, agents, n_steps)

    def _submit(self, function: Callable[..., T], *args: object) -> "Future[T]":
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, "gridworld-kernel")
        try:
            return self._pool.submit(function, *args)
        except RuntimeError:
            # There is no further thread to be had, and yet the pool has queued it: no kernel may
            # begin when nobody expects it any more.
            pool, self._pool = self._pool, None
            self.interrupt()
            pool.shutdown(cancel_futures=True)
            raise


def warm_up_for(batch: Batch, mdp: Mdp, *, watch: bool = False) -> None:
    """Compile what will advance such agents in another world, where that is something else.

    Args:
        batch: Not touched: it may be advanced meanwhile.
        mdp: The other world.
        watch: Whether visits will be recorded.
    """
    if replace(batch, mdp=mdp).variant == batch.variant:
        return
    # where memory is scarce, the first steps wait for the compiler instead
    with contextlib.suppress(MemoryError), Engine(1) as engine:
        agents = min(len(batch.agents), LANES)
        few = Batch.create(mdp, batch.algorithm.of_agent(0), agents=agents, bins=1)
        engine.warm_up(few, watch=watch)


def kernel_of(batch: Batch) -> str:
    """`"vector"` or `"scalar"`: the kernel that advances this batch."""
    return "vector" if _in_lanes(len(batch.agents), batch.variant) else "scalar"


def _in_lanes(agents: int, variant: Variant) -> bool:
    """Whether the vector kernel advances so many agents."""
    return agents >= LANES and vector_supports(variant)


def _scalar(batch: Batch, *, trace: bool = False, watch: bool = False) -> Callable[..., int]:
    return scalar_kernel(batch.variant._replace(trace=trace, watch=watch))


def scalar_kernel(variant: Variant) -> Callable[..., int]:
    """The kernel that advances one agent after the other."""
    if variant.algorithm in ONE_STEP:
        return make_advance(variant)
    return make_advance_carrying(variant)


def _blocks(agents: int, threads: int) -> Iterator[slice]:
    """Rows that go to a thread together: whole vectors, and enough blocks for all threads."""
    size = min(BLOCK, -(-agents // (threads * LANES)) * LANES)
    for first in range(0, agents, size):
        yield slice(first, min(first + size, agents))
