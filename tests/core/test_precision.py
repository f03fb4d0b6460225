"""Where float32 is too coarse, that is said before the training begins."""

import warnings

import numpy as np
import pytest

import gridworld as gw
from gridworld.exact.precision import doubt


def lasting(reward: float = 1.0) -> gw.Mdp:
    """One state that is never left, and pays the same each step."""
    return gw.from_gymnasium([[[(1.0, 0, reward, False)]]], start=0, name="lasting")


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("reward", "rate", "discount", "reaches"),
    [(1.0, 0.1, 0.999999, 700_000), (1.0, 1e-6, 0.99, 17), (-3e4, 1e-6, 0.99, 6e5)],
)
def test_what_stalls_is_told_and_does_stall(
    reward: float, rate: float, discount: float, reaches: float
) -> None:
    mdp = lasting(reward)
    algorithm = gw.QLearning(learning_rate=rate, discount_factor=discount)
    with pytest.warns(gw.PrecisionWarning, match="updates may be lost in float32"):
        run = gw.train(mdp, algorithm, steps=30_000_000)
    with pytest.warns(gw.PrecisionWarning):
        more = gw.train(resume=run, steps=1_000_000)
    true = reward / (1 - float(np.float32(discount)))
    assert more.q[0, 0, 0] == run.q[0, 0, 0]
    assert 0.01 * abs(true) < abs(true - run.q[0, 0, 0])
    assert abs(run.q[0, 0, 0]) < reaches


@pytest.mark.compiled
@pytest.mark.parametrize(("rate", "discount"), [(0.1, 0.999), (0.01, 0.99), (1.0, 0.9999)])
def test_where_nothing_is_told_one_per_cent_is_reached(rate: float, discount: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run = gw.train(
            lasting(),
            gw.QLearning(learning_rate=rate, discount_factor=discount),
            steps=int(8 / (rate * (1 - discount))),
        )
    assert run.q[0, 0, 0] == pytest.approx(1 / (1 - float(np.float32(discount))), rel=0.01)


def test_a_discount_that_float32_takes_for_1_is_told() -> None:
    algorithm = gw.QLearning(discount_factor=[0.9, 0.99999999])
    with pytest.warns(
        gw.PrecisionWarning, match="discount_factor 0.99999999 acts as 1: float32, .* 0.99999994 "
    ):
        gw.train(gw.make("default"), algorithm, agents=2, steps=1)
    assert not doubt(gw.compile_world(gw.make("default")), gw.QLearning(discount_factor=1.0))


@pytest.mark.parametrize("name", gw.world_names())
def test_named_worlds_are_learnt_without_a_word(name: str) -> None:
    mdp = gw.compile_world(gw.make(name.replace("-N", "-101")))
    for rate in (0.01, 1.0):
        for discount in (0.0, 0.9, 0.99, 1.0):
            assert not doubt(mdp, gw.Sarsa(learning_rate=rate, discount_factor=discount))


def test_without_rewards_there_is_nothing_to_lose() -> None:
    assert not doubt(lasting(0.0), gw.QLearning(learning_rate=1e-9))
