"""What was learnt and put aside comes back."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.test_session import Desk, wait
from gridworld_dashboard import undo
from gridworld_dashboard.saves import Keeper


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.session.close()


def whole(desk: Desk) -> tuple[dict[str, Any], bytes, bytes]:
    """All that there is to see of a run, but for what is told of it and its number."""
    look = desk.session.observer.look()
    left_out = ("run", "undo", "autosave", "steps_per_second")
    state = {key: value for key, value in desk.state().items() if key not in left_out}
    # of the path what a viewer sees fade: how far back it is known differs
    state["trail"], state["trail_count"] = state["trail"][-1:], None
    return state, look.q.tobytes(), look.bins.tobytes()


def reset(desk: Desk) -> None:
    desk.ok("reset")


def load(desk: Desk) -> None:
    desk.ok("load_qtable", name="other")


def begin(desk: Desk) -> None:
    desk.ok("configure", world="easy", seed=4)


@pytest.mark.parametrize("put_aside", [reset, load, begin])
@pytest.mark.parametrize("episodes", [40, 300])
def test_what_was_put_aside_comes_back_as_it_was(
    desk: Desk, put_aside: Callable[[Desk], None], episodes: int
) -> None:
    desk.train(7, seed=9)
    desk.ok("save_qtable", name="other")
    desk.train(episodes, seed=3)
    desk.ok("step")
    before = whole(desk)
    put_aside(desk)
    assert whole(desk) != before
    offer = desk.state()["undo"]
    assert offer["why"] == put_aside.__name__
    assert offer["episodes"] == episodes
    desk.ok("undo")
    differing = [key for key, value in whole(desk)[0].items() if value != before[0][key]]
    assert differing == []
    assert whole(desk)[1:] == before[1:]
    # and it goes on as if nothing had been
    desk.train(20)
    after = whole(desk)
    desk.ok("reset")
    desk.train(episodes)
    desk.ok("step")
    desk.train(20)
    assert whole(desk)[1:] == after[1:]


def test_undo_of_an_undo_leads_back(desk: Desk) -> None:
    desk.train(30)
    one = desk.q()
    desk.ok("reset")
    desk.train(60, seed=5)
    two = desk.q()
    desk.ok("undo")
    assert np.array_equal(desk.q(), one)
    desk.ok("undo")
    assert np.array_equal(desk.q(), two)


def test_nothing_learnt_is_nothing_kept(desk: Desk) -> None:
    assert desk.state()["undo"] is None
    assert "undo must follow a reset" in desk.error("undo")
    desk.train(30)
    desk.ok("reset")
    desk.ok("reset")  # once more wipes nothing
    desk.ok("configure", seed=8)
    assert desk.state()["undo"]["episodes"] == 30
    desk.ok("undo")
    assert desk.state()["total_episodes"] == 30
    assert desk.state()["undo"] is None


def test_undo_waits_for_a_stop(desk: Desk) -> None:
    desk.train(30)
    desk.ok("reset")
    desk.ok("start_training", speed=5)
    assert "must be stopped before an undo" in desk.error("undo")
    desk.ok("stop_training")
    desk.ok("undo")
    assert "undone" in desk.told


def test_the_speed_in_force_stays(desk: Desk) -> None:
    desk.train(30)
    desk.ok("reset")
    desk.ok("set_speed", speed=77)
    desk.ok("undo")
    assert desk.state()["parameters"]["speed"] == 77


def test_a_load_that_fails_puts_nothing_aside(desk: Desk) -> None:
    desk.train(30)
    assert desk.do("load_qtable", name="nothing")["data"]["success"] is False
    assert desk.state()["undo"] is None


def test_what_is_too_large_to_be_kept_is_not(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo, "MOST_BYTES", 100)
    desk.train(30)
    desk.ok("reset")
    assert desk.state()["undo"] is None


def test_a_crash_loses_a_minute_at_most(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / ".qtables" / "autosave.npz"
    steps, saved = [0], []
    keeper = Keeper(lambda: steps[0], lambda: saved.append(steps[0]), every=0.01)
    keeper.start()
    try:
        wait(lambda: keeper._thread.is_alive())
        steps[0] = 5
        wait(lambda: saved == [5])
        steps[0] = 9
        wait(lambda: saved == [5, 9])
    finally:
        keeper.close()
    desk.train(30)
    desk.session.autosave.on_the_way()
    q = desk.q()
    assert path.exists()
    after = Desk(tmp_path)  # nobody has closed the first
    try:
        assert after.state()["autosave"]["episodes"] == 30
        after.ok("load_qtable", name="autosave")
        assert np.array_equal(after.q(), q)
    finally:
        after.session.close()
