"""Running a plan: here, or on the workers of an executor."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from gridworld.engine import PAUSE_S, Engine, default_threads, hides_interrupt
from gridworld.errors import ExperimentInterrupted, WorkersLostError
from gridworld.experiments.arrow import from_bytes, gather, table_of
from gridworld.experiments.blocks import Block, Cutting, Rows, compute, cut, plan_cutting
from gridworld.experiments.extras import require_extra
from gridworld.experiments.plans.plan import Plan
from gridworld.experiments.store import Store
from gridworld.experiments.working import compute_packed, packed_plan

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["AGAIN", "Estimate", "ExperimentProgress", "Filled", "Watch", "estimate", "fill"]

AGAIN: Final = "the same call goes on from there"
"""How every accident's message ends."""

IN_FLIGHT: Final = 2
"""Blocks that each worker is given ahead."""


@dataclass(frozen=True)
class Estimate:
    """What running a plan takes.

    Attributes:
        settings: How many.
        runs: Of all settings together.
        steps: Of all runs together.
        seconds: On `threads` threads of this machine.
        threads: One for each processor.
        bytes: Of the store.
        blocks: How many.
    """

    settings: int
    runs: int
    steps: float
    seconds: float
    threads: int
    bytes: int
    blocks: int


@dataclass(frozen=True)
class ExperimentProgress:
    """How far an experiment has come.

    Attributes:
        runs: Runs that are finished, those of earlier calls included.
        all_runs: Of the plan.
        new_runs: Finished by this call.
        steps: Of those.
        seconds: Since this call began.
        best: What tells the setting with the best mean of the first measure so far, and that mean;
            "" before there is one. It is no answer: see `Results.best`.
    """

    runs: int
    all_runs: int
    new_runs: int
    steps: int
    seconds: float
    best: str = ""

    @property
    def fraction(self) -> float:
        """Finished, in [0, 1]."""
        return self.runs / self.all_runs

    @property
    def seconds_left(self) -> float:
        """At the present rate; NaN before the first block."""
        if not self.new_runs:
            return float("nan")
        return (self.all_runs - self.runs) * self.seconds / self.new_runs


class Filled(NamedTuple):
    """All that is known of the runs of a plan.

    Attributes:
        arrays: Of each measure, `[settings * runs]`, and the other columns of the table.
        there: bool `[settings, runs]`, which are.
        folder: The store; None: in memory.
    """

    arrays: Mapping[str, npt.NDArray[Any]]
    there: npt.NDArray[np.bool_]
    folder: Path | None


SMALL_PLAN: Final = 16_384
"""Bytes up to which a plan goes along with every block; a larger one, such as that of a large maze,
goes once to each worker, who asks for it."""

Watch = Callable[[ExperimentProgress], None]

ROW_BYTES: Final = 12
"""Of a row of the table beside its measures, compressed."""


def estimate(plan: Plan) -> Estimate:
    """What running a plan takes, by a short trial of each of its groups."""
    cutting = plan_cutting(plan)
    threads = default_threads()
    runs = [len(part.group) * plan.runs for part in cutting]
    steps = sum(n * part.steps for n, part in zip(runs, cutting, strict=True))
    seconds = sum(n * part.seconds for n, part in zip(runs, cutting, strict=True)) / threads
    size = len(plan) * (ROW_BYTES + 8 * (len(plan.measures) + plan.keep_curves))
    blocks = sum(1 for _ in cut(plan, cutting, 0, plan.runs))
    return Estimate(len(plan.settings), len(plan), steps, seconds, threads, size, blocks)


def _is_loss(error: Exception) -> bool:
    """Whether it says that workers are gone, and nothing of what they were to do."""
    # Dask's own are of no common class: KilledWorker, CommClosedError, ...
    of_dask = type(error).__module__.partition(".")[0] == "distributed"
    known = CancelledError, BrokenExecutor, ConnectionError, TimeoutError
    return of_dask or isinstance(error, known)


def fill(
    plan: Plan,
    store: str | os.PathLike[str] | None = None,
    *,
    threads: int | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    progress: Watch | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Filled:
    """Run what the store lacks of a plan; see `Experiment.run`."""
    require_extra()
    return _Runner(plan, store, threads, executor, workers, progress, should_stop).run()


class _Runner:
    """One pass over the blocks that are missing."""

    def __init__(
        self,
        plan: Plan,
        store: str | os.PathLike[str] | None,
        threads: int | None,
        executor: Executor | None,
        workers: int | None,
        progress: Watch | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self.plan = plan
        self.store = None if store is None else Store(store, plan)
        self.threads, self.executor, self.progress = threads, executor, progress
        self.should_stop = should_stop
        self.workers = workers or getattr(executor, "_max_workers", None) or default_threads()
        self.kept: list[pa.Table] = []
        self.done = self.new = self.steps = 0
        self.known = False
        self.writing: tuple[Future[None], Block, Rows] | None = None
        self.begin = time.monotonic()
        self.sums = np.zeros(len(plan.settings))
        self.counts = np.zeros(len(plan.settings))

    def run(self) -> Filled:
        plan, store = self.plan, self.store
        with ExitStack() as stack:
            if store is not None:
                store.begin()
                stack.enter_context(store.locked())
            if store is None or store.runs_in_table < plan.runs:
                with self._explained():
                    self._run_missing(plan_cutting(plan, self._look))
                    if store is not None:
                        arrays, _ = store.read(curves=True)
                        store.compact(arrays)
        if store is None:
            arrays, there = gather(plan, iter(self.kept), curves=True)
        else:
            arrays, there = store.read()
        return Filled(arrays, there, None if store is None else store.folder)

    def _run_missing(self, cutting: list[Cutting]) -> None:
        blocks = list(cut(self.plan, cutting, 0, self.plan.runs))
        missing = [b for b in blocks if self.store is None or not self.store.has(b)]
        self.done = len(self.plan) - sum(block.rows for block in missing)
        self.known = True
        self._tell()
        if self.executor is None:
            self._run_here(missing)
        else:
            self._run_there(missing)

    def _look(self) -> None:
        """End the run where that was asked for."""
        if self.should_stop is not None and self.should_stop():
            raise KeyboardInterrupt

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Let what ends the run say what is kept, and how to go on."""
        try:
            yield
        except KeyboardInterrupt:
            raise ExperimentInterrupted(self._left()) from None
        except Exception as error:
            if hides_interrupt(error):
                raise ExperimentInterrupted(self._left()) from None
            if _is_loss(error):
                why = str(error) or type(error).__name__
                raise WorkersLostError(
                    f"the workers were lost ({why:.200}): {self._left()}"
                ) from error
            if isinstance(error, OSError) and error.errno is not None:
                words = f"{error.strerror}; {self._left()}"
                raise OSError(error.errno, words, error.filename) from error
            raise

    def _left(self) -> str:
        if self.store is None:
            return "stopped, and nothing is kept without a store"
        done = f" with {self.done:,} of {len(self.plan):,} runs finished" if self.known else ""
        return f"stopped{done}, kept in {self.store.folder}; {AGAIN}"

    def _run_here(self, missing: list[Block]) -> None:
        """Compute on our threads; a block is written while the next one is computed."""
        with Engine(self.threads) as engine, ThreadPoolExecutor(1, "gridworld-store") as writer:
            try:
                for block in missing:
                    rows = compute(self.plan, block, engine, self._look)
                    self._settle()
                    self.writing = writer.submit(self._keep_rows, block, rows), block, rows
            finally:
                self._settle()

    def _settle(self) -> None:
        """Count the block that is being written as soon as it is: only then is it kept."""
        if self.writing is None:
            return
        (future, block, rows), self.writing = self.writing, None
        future.result()
        self._count(block, rows.steps, rows.columns[self.plan.measures[0].name])

    def _run_there(self, missing: list[Block]) -> None:
        """Hand blocks out as they are taken: thousands at once would drown a scheduler."""
        assert self.executor is not None
        key, packed = packed_plan(self.plan)
        small = packed if len(packed) <= SMALL_PLAN else None
        queue = deque((block, small) for block in missing)
        pending: dict[Future[tuple[bytes, int] | None], Block] = {}
        try:
            while queue or pending:
                while queue and len(pending) < IN_FLIGHT * self.workers:
                    block, plan = queue.popleft()
                    pending[self.executor.submit(compute_packed, key, plan, block)] = block
                done, _ = wait(pending, PAUSE_S, return_when=FIRST_COMPLETED)
                self._look()
                for future in done:
                    block = pending.pop(future)
                    result = future.result()
                    if result is None:  # a worker that has not seen the plan yet
                        queue.appendleft((block, packed))
                        continue
                    data, steps = result
                    table = from_bytes(data)
                    self._keep(block, table)
                    self._count(block, steps, table[self.plan.measures[0].name].to_numpy())
        finally:
            for future in pending:
                future.cancel()

    def _keep_rows(self, block: Block, rows: Rows) -> None:
        self._keep(block, table_of(self.plan, rows))

    def _keep(self, block: Block, table: "pa.Table") -> None:
        if self.store is None:
            self.kept.append(table)
        else:
            self.store.write_block(block, table)

    def _count(self, block: Block, steps: int, values: npt.NDArray[Any]) -> None:
        by_setting = values.reshape(len(block.settings), -1)
        places = list(block.settings)
        self.sums[places] += by_setting.sum(axis=1)
        self.counts[places] += by_setting.shape[1]
        self.done += block.rows
        self.new += block.rows
        self.steps += steps
        self._tell()

    def _tell(self) -> None:
        if self.progress is not None:
            seconds = time.monotonic() - self.begin
            self.progress(
                ExperimentProgress(
                    self.done, len(self.plan), self.new, self.steps, seconds, self._best()
                )
            )

    def _best(self) -> str:
        if not self.counts.any():
            return ""
        with np.errstate(invalid="ignore"):
            means = self.sums / self.counts
        sign = 1.0 if self.plan.measures[0].better == "higher" else -1.0
        if not np.isfinite(means).any():
            return ""
        place = int(np.nanargmax(np.where(np.isfinite(means), sign * means, np.nan)))
        return f"{self.plan.settings[place].label} ({means[place]:.4g})"
