"""Other processes: the same bytes, whatever becomes of them."""

import os
import pickle
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from distributed import Client, LocalCluster, Worker

import gridworld as gw
from gridworld.experiments import blocks, cluster, running, store
from gridworld.experiments.running import ExperimentProgress

pytestmark = pytest.mark.compiled


PLAN = gw.Experiment(
    worlds=["default", "cliff-walking"],
    vary={"learning_rate": [0.1, 0.5, 1.0]},
    fixed={"epsilon": 0.1},
    runs=60,
    episodes=30,
    measures=["return_mean", "regret"],
)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MOST_BLOCK_ROWS", 30)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("here") / "s"
    PLAN.run(folder)
    return (folder / store.TABLE).read_bytes()


@pytest.fixture(scope="module")
def dask() -> Iterator[Client]:
    cluster.golden()
    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
        ) as made,
        Client(made) as client,  # type: ignore[no-untyped-call]
    ):
        yield client


def test_dask_gives_the_same_bytes(here: bytes, tmp_path: Path) -> None:
    with cluster.local_cluster(2) as (executor, workers):
        results = PLAN.run(tmp_path / "s", executor=executor, workers=workers)
    assert results.complete
    assert (tmp_path / "s" / store.TABLE).read_bytes() == here


def test_any_executor_gives_the_same_bytes(here: bytes, tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        PLAN.run(tmp_path / "s", executor=executor)
    assert (tmp_path / "s" / store.TABLE).read_bytes() == here


def test_a_lost_worker_costs_its_blocks_only(here: bytes, dask: Client, tmp_path: Path) -> None:
    killed: list[int] = []

    def kill(progress: ExperimentProgress) -> None:
        if progress.new_runs and not killed:
            pids = dask.run(os.getpid)
            killed.append(next(iter(pids.values())))
            os.kill(killed[0], signal.SIGKILL)

    PLAN.run(tmp_path / "s", executor=cluster.checked(dask), workers=2, progress=kill)
    assert killed
    assert (tmp_path / "s" / store.TABLE).read_bytes() == here


def test_a_worker_that_computes_other_bits_is_refused_by_name(dask: Client) -> None:
    dask.wait_for_workers(2, timeout=60)
    names = sorted(dask.scheduler_info(n_workers=-1)["workers"])

    def falsified(dask_worker: Worker) -> str:
        return "other" if dask_worker.address == names[0] else cluster.golden()

    with pytest.raises(gw.ExperimentError, match=f"got other from {names[0]}"):
        cluster.checked(dask, falsified)


def test_a_worker_that_comes_later_is_asked_as_well(
    dask: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = cluster.checked(dask)
    monkeypatch.setattr(cluster, "golden", lambda: "of another machine")
    with pytest.raises(gw.ExperimentError, match=r"bits of this process .of another .* process"):
        PLAN.run(tmp_path / "s", executor=executor, workers=2)


class Recorder(ThreadPoolExecutor):
    """Notes the bytes of the plan that go along with each block."""

    def __init__(self) -> None:
        super().__init__(1)
        self.sent: list[int] = []

    def submit(self, function: Any, /, *args: Any, **keys: Any) -> Any:
        self.sent.append(len(args[1] or b""))
        return super().submit(function, *args, **keys)


def test_a_large_plan_goes_once_to_each_worker() -> None:
    plan = gw.Experiment(worlds=["maze-151"], runs=90, steps=10)
    assert len(pickle.dumps(plan)) > running.SMALL_PLAN
    with Recorder() as executor:
        results = plan.run(executor=executor)
    np.testing.assert_array_equal(results.values(), plan.run().values())
    assert sum(size > 0 for size in executor.sent) <= running.IN_FLIGHT
    assert len(executor.sent) > 3
    many = gw.Experiment(vary={"learning_rate": gw.linspace(0.1, 1, 1000)}, runs=9, episodes=1)
    assert len(many.settings) == 1000
    assert len(pickle.dumps(many)) < running.SMALL_PLAN  # each worker makes them of its own


class KilledWorker(Exception):
    """As Dask's, which has no base that says what it is."""

    __module__ = "distributed.scheduler"


def test_blame_for_dead_workers_says_how_to_go_on(tmp_path: Path) -> None:
    class Dying(ThreadPoolExecutor):
        def submit(self, function: Any, /, *args: Any, **keys: Any) -> Any:
            def die() -> None:
                raise KilledWorker("attempted to run task on 4 different workers")

            return super().submit(die)

    with (
        Dying(1) as executor,
        pytest.raises(gw.WorkersLostError, match=r"were lost .attempted .* the same call goes on"),
    ):
        PLAN.run(tmp_path / "s", executor=executor)


def test_a_dead_scheduler_loses_nothing_that_was_finished(here: bytes, tmp_path: Path) -> None:
    def close(progress: ExperimentProgress) -> None:
        if progress.new_runs and not closing:
            closing.append(threading.Thread(target=made.close, args=(10,)))
            closing[0].start()
            time.sleep(0.2)

    closing: list[threading.Thread] = []
    made = LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    )
    with Client(made) as client:  # type: ignore[no-untyped-call]
        executor: Executor = cluster.checked(client)
        with pytest.raises(gw.ExperimentError, match="the same call goes on from there"):
            PLAN.run(tmp_path / "s", executor=executor, workers=1, progress=close)
        closing[0].join()
    partial = gw.Results.load(tmp_path / "s")
    assert 0 < partial.runs < len(PLAN)
    PLAN.run(tmp_path / "s")
    assert (tmp_path / "s" / store.TABLE).read_bytes() == here


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "WAIT_S", 0.5)
    with (
        pytest.raises(gw.ExperimentError, match="a Dask scheduler must answer at tcp"),
        cluster.remote_cluster("tcp://127.0.0.1:9"),
    ):
        pass
    with pytest.raises(gw.ExperimentError, match="workers must be"), cluster.local_cluster(0):
        pass
