"""Compiling ahead: what the first training needs before the port opens, the rest beside it.

`python -m gridworld_dashboard.warmup` fills the cache on disk with every kernel that a viewer can
choose. It is a process of its own, because a compiler holds the interpreter's lock for seconds.
"""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import gridworld as gw
from gridworld.engine import Engine

__all__ = ["compile_all", "compile_beside", "warm_up"]

STEPS: Final = 200
"""Enough that both kernels run, the fast one and the one that records a trail."""

AGENTS: Final = 33
"""They fill the lanes of the vector kernel and leave one for the scalar one."""

WORLDS: Final = ("default", "maze-33")
"""A small one and a large one: their kernels differ."""

SLIP: Final = 0.1

PATIENCE_S: Final = 5.0


def warm_up() -> None:
    """Compile what the first training would otherwise wait for, or load it from the cache."""
    world = gw.make("default")
    trainer = gw.Trainer(world, watch=True)
    try:
        trainer.step(STEPS)
        q = trainer.snapshot().q
    finally:
        trainer.close()
    solution = gw.solve(world)
    gw.optimal_length(world, solution)
    gw.assess(world, q, solution)


def compile_all(algorithms: Iterable[type[gw.Algorithm]] | None = None) -> None:
    """Compile every kernel that a viewer can choose, or load it from the cache.

    Args:
        algorithms: Of these alone; None: of all.
    """
    chosen = tuple(gw.ALGORITHMS.values() if algorithms is None else algorithms)
    for name in WORLDS:
        for world in (gw.make(name), replace(gw.make(name), slip=SLIP)):
            mdp = gw.compile_world(world)
            kinds = [algorithm() for algorithm in chosen]
            if name == WORLDS[0] and gw.QLearning in chosen:
                kinds.append(gw.QLearning(ties="random"))  # with which some worlds come
            for kind in kinds:
                with Engine(1) as engine:
                    for agents in (1, AGENTS):
                        batch = gw.Batch.create(mdp, kind, agents=agents)
                        engine.warm_up(batch, watch=True)
            solution = gw.solve(mdp)
            gw.optimal_length(mdp, solution)
            gw.assess(mdp, solution.q, solution)


@contextlib.contextmanager
def compile_beside() -> Iterator[None]:
    """Run `compile_all` in a process of low priority, which ends with the block at the latest."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C at the terminal is for the server
    )
    # somebody has to wait for it, or it stays in the list of processes when it is done
    waiter = threading.Thread(target=process.wait, name="gridworld-warmup", daemon=True)
    waiter.start()
    try:
        yield
    finally:
        process.terminate()
        waiter.join(PATIENCE_S)
        if waiter.is_alive():
            process.kill()
            waiter.join()


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(19)
    compile_all()
