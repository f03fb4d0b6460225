"""Dask: a local cluster of processes, or one that runs already. It is the extra `[cluster]`."""

import contextlib
import hashlib
import logging
import os
import platform
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from gridworld.engine import Engine
from gridworld.errors import ExperimentError, require
from gridworld.experiments.blocks import Block, compute
from gridworld.experiments.experiment import Experiment
from gridworld.experiments.plans.axes import linspace

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["checked", "golden", "local_cluster", "remote_cluster"]

WAIT_S: Final = 30
"""For a scheduler to answer."""

TALKATIVE: Final = ("distributed", "tornado", "asyncio")
"""Loggers, with those below them, that write tracebacks of what our messages say."""

ALLOWED_FAILURES: Final = 20
"""Workers that may die over one block before it is blamed: a block that has done nothing wrong is
in the hands of many workers that die for reasons of their own."""


@cache
def golden() -> str:
    """What this process makes of a small plan: a hash that all processes must agree on.

    Versions of packages, processors and compilers may differ silently; the bits may not.
    """
    plan = Experiment(
        worlds=["default", "frozen-lake-4x4", "cliff-walking"],
        algorithms=["q_learning", "sarsa", "expected_sarsa", "double_q_learning"],
        vary={"learning_rate": linspace(0.1, 1.0, 4)},
        runs=16,
        episodes=20,
        steps=2000,
        measures=["return_mean", "length_mean", "regret"],
    )
    digest = hashlib.sha256(plan.identity.encode())
    with Engine(1) as engine:
        for begin in range(0, len(plan.settings), 4):
            block = Block(tuple(range(begin, begin + 4)), 0, plan.runs, "golden")
            rows = compute(plan, block, engine)
            for values in rows.columns.values():
                digest.update(values.tobytes())
    return digest.hexdigest()


@contextlib.contextmanager
def local_cluster(workers: int) -> Iterator[tuple[Executor, int]]:
    """Processes on this machine, one kernel thread each.

    Raises:
        MissingExtraError: Dask is not installed.
        ExperimentError: `workers` is below 1, or a process computes other bits.
    """
    if workers < 1:
        raise ExperimentError(f"workers must be a whole number from 1, got {workers}")
    distributed = _distributed()
    golden()  # this process compiles first: several that compile at once have crashed (numba #4807)
    with (
        _quiet(),
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",
            silence_logs=logging.ERROR,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield checked(client), workers


@contextlib.contextmanager
def remote_cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """The workers of a scheduler that runs already, such as `tcp://host:8786`.

    Raises:
        MissingExtraError: Dask is not installed.
        ExperimentError: It does not answer, has no workers, or one of them computes other bits.
    """
    distributed = _distributed()
    try:
        client = distributed.Client(address, timeout=WAIT_S)
    except (OSError, ValueError, TimeoutError) as error:
        raise ExperimentError(f"a Dask scheduler must answer at {address}, got {error}") from None
    with _quiet(), client:
        count = sum(client.nthreads().values())
        if not count:
            raise ExperimentError(f"the scheduler at {address} must have workers, got none")
        yield checked(client), count


def checked(client: "Client", compute_golden: Callable[..., str] = golden) -> Executor:
    """The executor of a client, all of whose workers compute our bits.

    Args:
        client: Of Dask.
        compute_golden: What each of them is asked.

    Raises:
        ExperimentError: One does not; it is named.
    """
    _refuse(client, compute_golden)
    unknown: Any = client  # it has no types
    return _Guarded(unknown.get_executor(pure=False, retries=0))


class _Guarded(Executor):
    """Lets workers that join later, too, do nothing before they have shown their bits."""

    def __init__(self, inner: Executor) -> None:
        self._inner = inner

    def submit(self, function: Callable[..., Any], /, *args: Any, **keys: Any) -> Future[Any]:
        """Call the function on a worker."""
        return self._inner.submit(_guarded, golden(), function, *args, **keys)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the executor."""
        self._inner.shutdown(wait=wait, cancel_futures=cancel_futures)


def _guarded(theirs: str, function: Callable[..., Any], *args: Any, **keys: Any) -> Any:
    """On a worker: what the function gives, if its bits are those of who asks."""
    _refuse_other(theirs, golden(), f"{platform.node()}, process {os.getpid()}")
    return function(*args, **keys)


def _refuse_other(ours: str, theirs: str, worker: str) -> None:
    if theirs != ours:
        raise ExperimentError(
            f"every worker must compute the bits of this process ({ours[:12]}),"
            f" got {theirs[:12]} from {worker}: its versions or its processor differ"
        )


def _refuse(client: "Client", compute_golden: Callable[..., str]) -> None:
    ours = golden()
    # One process of each host compiles before the others look into its cache.
    hosts: dict[str, str] = {}
    for worker, info in client.scheduler_info(n_workers=-1)["workers"].items():
        hosts.setdefault(info["host"], worker)
    run: Any = client.run  # to a type checker it may be asynchronous
    found: dict[str, str] = run(compute_golden, workers=list(hosts.values()))
    found |= run(compute_golden)
    for worker, theirs in found.items():
        _refuse_other(ours, theirs, worker)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Let Dask's own threads keep to themselves how they saw workers and schedulers go.

    What it means for the plan is said by `WorkersLostError`.
    """
    names = [n for n in logging.root.manager.loggerDict if n.partition(".")[0] in TALKATIVE]
    levels = {name: logging.getLogger(name).level for name in names}
    for name in levels:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _distributed() -> Any:
    require("workers", "cluster", "dask", "distributed")
    import distributed
    from dask.config import set as configure

    configure(
        {
            "distributed.scheduler.allowed-failures": ALLOWED_FAILURES,
            "distributed.comm.timeouts.connect": WAIT_S,
        }
    )
    return distributed
