"""What is compiled ahead, and beside what."""

import dataclasses

import psutil
import pytest

import gridworld as gw
from gridworld.engine import scalar_kernel
from gridworld.kernels.codes import DETERMINISTIC, SLIP
from gridworld.kernels.vector import make_advance_vector, vector_supports
from gridworld_dashboard.warmup import compile_all, compile_beside


@pytest.mark.timeout(400)  # dozens of kernels, for many seconds of the compiler each
def test_every_kernel_that_a_viewer_can_choose_is_compiled_ahead() -> None:
    some = (gw.QLearning, gw.Sarsa, gw.ExpectedSarsa, gw.DoubleQLearning, gw.SarsaLambda)
    compile_all(some)  # the others take the same way
    for algorithm in some:
        for dynamics in (DETERMINISTIC, SLIP):
            mdp = gw.compile_world(dataclasses.replace(gw.make("default"), slip=0.1 * dynamics))
            variant = gw.Batch.create(mdp, algorithm()).variant
            kinds = [(trace, large) for trace in (False, True) for large in (False, True)]
            kernels = [
                scalar_kernel(variant._replace(trace=trace, large=large, watch=True))
                for trace, large in kinds
            ]
            kernels += [make_advance_vector(variant)] if vector_supports(variant) else []
            for kernel in kernels:
                assert len(kernel.signatures) == 1, (algorithm.name, dynamics)  # type: ignore[attr-defined]


def test_a_slippery_world_takes_the_kernels_for_slip() -> None:
    slippery = dataclasses.replace(gw.make("default"), slip=0.1)
    assert gw.compile_world(slippery).dynamics == SLIP


def test_the_process_beside_ends_with_the_server() -> None:
    before = {child.pid for child in psutil.Process().children()}
    with compile_beside():
        mine = {child.pid for child in psutil.Process().children()} - before
        assert len(mine) == 1
    assert not psutil.pid_exists(mine.pop())
