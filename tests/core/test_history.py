"""Statistics in bounded memory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridworld as gw
from gridworld.history import (
    BUDGET_BYTES,
    DEFAULT_BINS,
    History,
    average_over_agents,
    bin_capacity,
    common_bins,
    history_bytes,
    read_history,
    spread_over_agents,
)
from gridworld.records import AGENT, BIN


def test_all_histories_of_a_batch_share_one_budget() -> None:
    for agents in (1, 7, 1024, 4096, 100_000, 10_000_000):
        capacity = bin_capacity(agents)
        assert capacity % 2 == 0
        assert capacity <= DEFAULT_BINS + 1
        assert capacity * agents * BIN.itemsize <= BUDGET_BYTES
        assert history_bytes(agents) == capacity * agents * BIN.itemsize
    assert {bin_capacity(agents) for agents in (1, 2, 512, 513, 1024, 4096, 9142)} == {1000}
    assert bin_capacity(9143) == 998
    assert bin_capacity(10**9) == 0


@pytest.mark.compiled
@pytest.mark.parametrize("bins", [1, 2, 3, 7, 8, 499, 500])
def test_as_many_episodes_as_asked_for_have_bins_of_their_own(bins: int) -> None:
    world = gw.make("default")
    for agents in (1, 33, 513):
        run = gw.train(world, agents=agents, episodes=bins, bins=bins)
        assert run.bin_width == 1
        assert run.returns.shape == (agents, bins)
    run = gw.train(world, agents=33, episodes=3 * bins + 7, bins=bins)
    assert run.bin_width > 1
    assert bins / 2 - 1 <= run.returns.shape[1] <= bins + 1


@pytest.mark.compiled
def test_what_is_recorded_does_not_depend_on_the_size_of_the_batch() -> None:
    world, seed = gw.make("default"), 4
    few = gw.train(world, agents=7, episodes=500, seed=seed)
    many = gw.train(world, agents=513, episodes=500, seed=seed)
    assert few.bin_width == many.bin_width == 1
    for name in ("returns", "lengths"):
        assert getattr(few, name).shape[1] == getattr(many, name).shape[1] == 500
        assert getattr(many, name)[:7].tobytes() == getattr(few, name).tobytes()
    fine = gw.train(world, agents=7, episodes=500, seed=seed, bins=500)
    assert fine.returns.tobytes() == few.returns.tobytes()


def test_nothing_is_recorded_where_nobody_wants_it() -> None:
    world = gw.make("default")
    run = gw.train(world, agents=40, episodes=20, bins=0)
    assert run.returns.shape == (40, 0)
    assert run.q.tobytes() == gw.train(world, agents=40, episodes=20).q.tobytes()
    assert gw.train(resume=run, episodes=5).returns.shape == (40, 0)
    with pytest.raises(gw.InvalidValueError, match="bins must be a whole number from 0"):
        gw.train(world, bins=-1)
    with pytest.raises(gw.InvalidValueError, match="bins must be left out with resume"):
        gw.train(resume=run, bins=7)
    with pytest.raises(gw.MemoryLimitError, match="must fit into the free memory"):
        gw.train(world, agents=10**6, bins=10**6)


def test_rolling_mean_covers_a_hundred_episodes_whatever_the_width() -> None:
    bins = np.zeros(300, BIN)
    bins["return_mean"] = np.arange(300)
    rolling = History(1, bins).rolling_mean("return_mean")
    assert rolling[0] == 0
    assert rolling[9] == np.arange(10).mean()
    assert rolling[299] == np.arange(200, 300).mean()
    assert History(50, bins).rolling_mean("return_mean")[10] == pytest.approx(9.5)
    assert np.array_equal(History(256, bins).rolling_mean("return_mean"), np.arange(300))


def test_rolling_mean_of_nothing_is_nothing() -> None:
    assert History(1, np.zeros(0, BIN)).rolling_mean("return_mean").size == 0


def test_history_lists_complete_bins_only_and_is_a_copy() -> None:
    agent = np.zeros((), AGENT)
    agent["bins"], agent["bin_width"] = 2, 4
    bins = np.zeros(6, BIN)
    history = read_history(agent, bins)
    assert history.episodes.tolist() == [4, 8]
    bins["return_mean"] = 1
    assert not history.bins["return_mean"].any()


def test_agents_of_different_widths_meet_on_the_widest() -> None:
    agents = np.zeros(3, AGENT)
    agents["bins"] = 5, 2, 0
    agents["bin_width"] = 1, 2, 1
    bins = np.zeros((3, 6), BIN)
    bins["return_mean"][0, :5] = 1, 3, 5, 7, 100
    bins["return_mean"][1, :2] = 10, 20
    width, means = common_bins(agents, bins, "return_mean")
    assert width == 2
    np.testing.assert_array_equal(means, [[2, 6], [10, 20], [np.nan, np.nan]])


def spread_slowly(values: list[list[float]]) -> list[tuple[float, float, float]]:
    """For each bin that half of the agents have: interquartile mean and quartiles."""
    found = []
    for column in range(max(map(len, values))):
        there = sorted(row[column] for row in values if len(row) > column)
        if 2 * len(there) < len(values):
            break
        cut = len(there) // 4
        middle = there[cut : len(there) - cut]
        found.append((sum(middle) / len(middle), *np.percentile(there, [25, 75])))
    return found


@given(st.lists(st.lists(st.floats(-100, 100, width=32), max_size=6), min_size=1, max_size=12))
def test_agents_are_summed_up_by_quartiles(values: list[list[float]]) -> None:
    agents, bins = np.zeros(len(values), AGENT), np.zeros((len(values), 6), BIN)
    agents["bin_width"] = 1
    for row, returns in enumerate(values):
        agents["bins"][row] = len(returns)
        bins["return_mean"][row, : len(returns)] = returns
        bins["length_mean"][row] = 2 * bins["return_mean"][row] + 7
        bins["epsilon"][row] = row
    expected = spread_slowly(values)
    before = bins.copy()
    spread = spread_over_agents(agents, bins)
    assert bins.tobytes() == before.tobytes()
    assert (spread.agents, spread.width) == (len(values), 1)
    assert spread.episodes.tolist() == list(range(1, len(expected) + 1))
    found = np.array([spread.return_mean, spread.return_low, spread.return_high]).T
    assert found == pytest.approx(np.array(expected).reshape(-1, 3), abs=1e-4)
    lengths = np.array([spread.length_mean, spread.length_low, spread.length_high]).T
    assert lengths == pytest.approx(2 * found + 7, abs=1e-3)
    for column, epsilon in enumerate(spread.epsilon):
        there = [row for row, returns in enumerate(values) if len(returns) > column]
        assert epsilon == pytest.approx(np.mean(there))


def test_the_spread_meets_on_the_widest_bins() -> None:
    agents = np.zeros(2, AGENT)
    agents["bins"], agents["bin_width"] = (5, 2), (1, 2)
    bins = np.zeros((2, 6), BIN)
    bins["return_mean"][0, :5] = 1, 3, 5, 7, 100
    bins["return_mean"][1, :2] = 10, 20
    bins["epsilon"][0, :5] = 1.0, 0.5, 0.4, 0.2, 0.1
    bins["epsilon"][1, :2] = 0.7, 0.4
    spread = spread_over_agents(agents, bins)
    assert spread.episodes.tolist() == [2, 4]
    assert spread.return_mean.tolist() == [6, 13]
    assert spread.return_low.tolist() == [4, 9.5]
    assert spread.epsilon == pytest.approx([0.6, 0.3])


def test_one_agent_and_no_bins_have_a_spread() -> None:
    agents = np.zeros(3, AGENT)
    agents["bin_width"] = 1
    assert spread_over_agents(agents, np.zeros((3, 4), BIN)).return_mean.shape == (0,)
    assert spread_over_agents(agents, np.zeros((3, 0), BIN)).episodes.shape == (0,)


def test_the_average_of_agents_is_their_mean_in_its_interval() -> None:
    rng = np.random.default_rng(1)
    agents, bins = np.zeros(400, AGENT), np.zeros((400, 6), BIN)
    agents["bin_width"], agents["bins"] = 1, 6
    successes = rng.random((400, 6)) < 0.3  # returns with two peaks: 0 and 1
    bins["return_mean"], bins["length_mean"] = successes, 7
    average = average_over_agents(agents, bins)
    assert average.mean["return_mean"] == pytest.approx(successes.mean(axis=0))
    expected = 1.96 * successes.std(axis=0, ddof=1) / 20
    assert average.margin["return_mean"] == pytest.approx(expected, rel=1e-3)
    assert not average.margin["length_mean"].any()
    rare = bins.copy()
    rare["return_mean"] = rng.random((400, 6)) < 0.2  # the middle half never succeeds
    assert not spread_over_agents(agents, rare).return_mean.any()
    assert average_over_agents(agents, rare).mean["return_mean"].min() > 0.1


def test_the_average_counts_the_agents_that_have_come_so_far() -> None:
    agents, bins = np.zeros(3, AGENT), np.zeros((3, 4), BIN)
    agents["bin_width"], agents["bins"] = 1, [4, 4, 1]
    bins["return_mean"] = [[1, 2, 3, 4], [3, 4, 5, 6], [8, 0, 0, 0]]
    average = average_over_agents(agents, bins, ("return_mean",))
    assert list(average.mean["return_mean"]) == [4, 3, 4, 5]
    one = average_over_agents(agents[:1], bins[:1], ("return_mean",))
    assert np.isinf(one.margin["return_mean"]).all()
