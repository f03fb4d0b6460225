"""Trainers that share the processors."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

import gridworld as gw
from gridworld.live.pace import CHUNK_S
from gridworld.live.turns import SHORTEST_S, Turns

PATIENCE_S = 60.0


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.002)


def test_turns_are_taken_in_the_order_of_asking() -> None:
    turns, woken = Turns(2), list[str]()
    a, b, c, d = (turns.place(lambda name=name: woken.append(name)) for name in "abcd")  # type: ignore[misc]
    assert (a.ask(), b.ask(), c.ask(), d.ask()) == (True, True, False, False)
    assert (a.ask(), c.ask()) == (True, False)  # asking again changes nothing
    b.leave()
    assert woken == ["c"]
    assert c.ask()
    assert not b.ask()  # behind d
    a.leave()
    c.leave()
    assert woken == ["c", "d", "b"]


def test_who_goes_while_waiting_is_passed_over() -> None:
    turns, woken = Turns(1), list[str]()
    a, b, c = (turns.place(lambda name=name: woken.append(name)) for name in "abc")  # type: ignore[misc]
    assert a.ask()
    assert not b.ask()
    assert not c.ask()
    b.leave()
    b.leave()
    a.leave()
    assert woken == ["c"]
    c.leave()
    assert b.ask()


def test_a_turn_is_the_shorter_the_more_wait() -> None:
    turns = Turns(2)
    places = [turns.place(lambda: None) for _ in range(200)]
    seconds = [turns.seconds]
    for place in places:
        place.ask()
        seconds.append(turns.seconds)
    assert seconds[:4] == [CHUNK_S] * 4
    assert seconds[10] == pytest.approx(0.02)
    assert seconds == sorted(seconds, reverse=True)
    assert seconds[-1] == SHORTEST_S
    for place in places:
        place.leave()
    assert turns.seconds == CHUNK_S


@pytest.fixture
def crowd() -> Iterator[list[gw.Trainer]]:
    """More trainers at full speed than may work at a time."""
    turns = Turns(1)
    with ExitStack() as stack:
        made = []
        for seed in range(4):
            made.append(gw.Trainer(gw.make("default"), seed=seed, threads=1, turns=turns))
            stack.callback(made[-1].close)
        for trainer in made:
            trainer.start(speed=None)
        yield made


def steps(trainer: gw.Trainer) -> int:
    return int(trainer.status()["all_steps"][0])


def test_everybody_comes_on_and_answers(crowd: list[gw.Trainer]) -> None:
    for _ in range(3):
        before = [steps(trainer) for trainer in crowd]
        wait(lambda before=before: all(steps(t) > n for t, n in zip(crowd, before, strict=True)))  # type: ignore[misc]
        for trainer in crowd:
            assert trainer.call(lambda batch: len(batch.agents)) == 1
    crowd[0].stop()
    crowd[1].close()
    before = [steps(trainer) for trainer in crowd]
    wait(lambda: all(steps(t) > n for t, n in zip(crowd[2:], before[2:], strict=True)))
    assert steps(crowd[0]) == before[0]


def test_turns_change_no_bit(crowd: list[gw.Trainer]) -> None:
    for trainer in crowd:
        trainer.stop()
        trainer.reset()
        trainer.start(steps=200_000)
    for seed, trainer in enumerate(crowd):
        wait(lambda trainer=trainer: not trainer.running)  # type: ignore[misc]
        alone = gw.train(gw.make("default"), steps=200_000, seed=seed)
        assert trainer.snapshot().q.tobytes() == alone.q[0].tobytes()


def test_a_slow_one_waits_for_nobody(crowd: list[gw.Trainer]) -> None:
    slow = crowd[0]
    slow.stop()
    slow.start(steps=20, speed=200.0)
    wait(lambda: not slow.running)
    assert all(trainer.running for trainer in crowd[1:])


def test_one_whose_turn_breaks_off_leaves_it_to_the_others() -> None:
    turns, faults = Turns(1), list[Exception]()
    told = threading.Event()

    def on_fault(error: Exception) -> None:
        faults.append(error)
        told.set()

    broken = gw.Trainer(gw.make("default"), threads=1, turns=turns, on_fault=on_fault)
    other = gw.Trainer(gw.make("default"), threads=1, turns=turns)
    try:

        def fail(*_: object) -> None:
            raise RuntimeError("no more")

        broken.call(lambda batch: setattr(broken._engine, "advance", fail))
        broken.start(speed=None)
        assert told.wait(PATIENCE_S)
        other.start(speed=None)
        wait(lambda: steps(other) > 0)
        assert [str(error) for error in faults] == ["no more"]
    finally:
        broken.close()
        other.close()
