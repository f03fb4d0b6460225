"""Atomic words: seen by a loop that polls, ordered, and the same in plain Python."""

import threading
import time
from typing import Any

import numpy as np
import pytest

from gridworld.kernels.atomics import fence, load_atomic, store_atomic
from gridworld.kernels.jit import jit


@jit
def copy_through(words: Any, value: int) -> int:
    store_atomic(words, 1, value)
    fence()
    return load_atomic(words, 1)


@jit
def poll(words: Any) -> int:
    polls = 0
    while load_atomic(words, 0) == 0:
        polls += 1
    return polls


@jit
def publish(words: Any, n: int) -> None:
    for k in range(1, n):
        store_atomic(words, 0, k)
        store_atomic(words, 1, k)


@jit
def count_disorder(words: Any, n: int) -> int:
    wrong = 0
    last = 0
    while last < n - 1:
        last = load_atomic(words, 1)
        if load_atomic(words, 0) < last:
            wrong += 1
    return wrong


def test_a_stored_word_is_loaded() -> None:
    words = np.zeros(3, np.int64)
    assert copy_through(words, -7) == -7
    assert words.tolist() == [0, -7, 0]


def test_plain_python_does_the_same() -> None:
    words = np.zeros(3, np.int64)
    store_atomic(words, 2, 5)
    fence()
    assert load_atomic(words, 2) == 5
    assert words.tolist() == [0, 0, 5]


def test_a_loop_that_polls_sees_the_word() -> None:
    words = np.zeros(2, np.int64)
    poll(words + 1)  # compile
    polls: list[int] = []
    thread = threading.Thread(target=lambda: polls.append(poll(words)))
    thread.start()
    time.sleep(0.02)
    words[0] = 1
    thread.join(5.0)
    assert polls
    assert polls[0] > 0


@pytest.mark.compiled
def test_a_later_word_is_never_seen_before_an_earlier_one() -> None:
    words, n = np.zeros(2, np.int64), 2_000_000
    publish(words, 1)
    writer = threading.Thread(target=publish, args=(words, n))
    writer.start()
    wrong = count_disorder(words, n)
    writer.join()
    assert wrong == 0
