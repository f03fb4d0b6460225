"""Statistics in bounded memory."""

import numpy as np
import pytest

from gridworld.agents import AGENT, BIN
from gridworld.history import (
    BUDGET_BYTES,
    LARGE_BATCH_BINS,
    MAX_BINS,
    History,
    bin_capacity,
    common_bins,
    read_history,
)


def test_all_histories_of_a_batch_share_one_budget() -> None:
    for agents in (1, 7, 1024, 4096, 100_000, 10_000_000):
        capacity = bin_capacity(agents)
        assert capacity % 2 == 0
        assert capacity <= MAX_BINS
        assert capacity * agents * BIN.itemsize <= BUDGET_BYTES
    assert bin_capacity(1) == MAX_BINS
    assert bin_capacity(500) >= 500  # the default budget is kept episode by episode
    assert bin_capacity(1024) == LARGE_BATCH_BINS


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
