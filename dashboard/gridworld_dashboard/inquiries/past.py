"""The past of the shown agent: what it knew, and the way it went, at the end of any episode.

A run repeats bit for bit, so its past is not kept but gone through again, by an agent of the same
number, seed, world and parameters: nothing is copied while it trains, however fast, and any
episode can be looked at rather than some. On the way copies are left behind, from the nearest of
which the next look goes on. Why not snapshots: docs/decisions/the-past-is-repeated.md.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gridworld.algorithms import Algorithm
from gridworld.algorithms.base import memory_sizes
from gridworld.batch import Batch
from gridworld.engine import Engine
from gridworld.errors import InvalidValueError, MemoryLimitError, TrainerBusyError
from gridworld.live.pace import Chunk
from gridworld.live.shown import Shown
from gridworld.mdp import Mdp
from gridworld.records import VISIT
from gridworld_dashboard.classroom.allowance import ALONE, Terms
from gridworld_dashboard.frames.cells import cells_data, clip, is_small
from gridworld_dashboard.frames.counters import counters
from gridworld_dashboard.frames.learnt import Learnt, moment_data
from gridworld_dashboard.frames.overview import overview_data
from gridworld_dashboard.observer import Observer
from gridworld_dashboard.truth import Report

__all__ = ["MOST_BYTES", "MOST_STEPS", "Past"]

MOST_STEPS: Final = 1 << 25
"""Steps of an agent that are gone through again: less than a second for a one-step method."""

LOOK_S: Final = 3.0
"""Of a processor's time for one look: a step of those who plan may take milliseconds. The next look
goes on from there."""

MOST_BYTES: Final = 64_000_000
"""Of the agent that goes through its past, and of all copies of it together."""

STATION_STEPS: Final = 1 << 20
"""Steps between two copies."""

STATION_S: Final = 0.3
"""And a processor's time, of which either comes first."""

FIRST_STEPS: Final = 256
"""Steps after which the clock is looked at for the first time."""


@dataclass(frozen=True)
class Origin:
    """What decides all that an agent does.

    Attributes:
        run: The run.
        row: The agent's row in it.
        mdp: The world.
        algorithm: With its parameters.
        seed: Of the run.
        number: The agent's.
    """

    run: int
    row: int
    mdp: Mdp
    algorithm: Algorithm
    seed: int
    number: int


class Past:
    """Looks back. Only one thread may use it.

    Args:
        observer: Looks at the training.
        truth: Gives what is known of the optimum.
        terms: How much it may take.
    """

    def __init__(
        self, observer: Observer, truth: Callable[[], Report], terms: Terms = ALONE
    ) -> None:
        self._terms = terms
        self._observer = observer
        self._truth = truth
        self._engine = Engine(1)
        self._closed = False
        self._origin: Origin | None = None
        self._stations: list[Shown] = []  # in the order of their steps; they advance no more
        self._walker: Shown | None = None
        self._chunk = Chunk()

    def close(self) -> None:
        """Break off what is under way; any thread may call it."""
        self._closed = True
        self._engine.interrupt()

    def look(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The shown agent at the end of an episode, as a frame shows it.

        Args:
            data: Of `protocol.LookBack`.

        Raises:
            GridworldError: It cannot be repeated, or has not come so far.
        """
        origin, episodes = self._observer.copy(_origin_of)
        scene, episode = self._observer.scene, data["episode"]
        if scene.run != origin.run:
            raise TrainerBusyError("a run must have begun to be looked back on, it is beginning")
        if not scene.repeatable:
            raise InvalidValueError(
                "a run must be one that begins here and keeps its numbers to be looked back on,"
                " got one that was loaded or changed on the way"
            )
        if episode > episodes:
            raise InvalidValueError(f"episode must be in [0, {episodes}], got {episode}")
        shown = self._at(origin, episode)
        learnt, report = Learnt.of(shown), self._truth()
        world = learnt.world
        optimal = report.optimal if report.mdp is origin.mdp else None
        layer = None if is_small(world) else data.get("layer", "value")
        reached = int(shown.agent["episodes"])
        return counters(learnt.status, world) | {
            "running": False,
            "all_steps": int(shown.agent["steps"]),
            "learnt_at": moment_data(learnt),
            "cells": cells_data(learnt, optimal, clip(data.get("window"), world)),
            "overview": None if layer is None else overview_data(learnt, optimal, layer),
            "episodes": episodes,
            "most": reached if reached < episode else None,
            "most_steps": self._most_steps,
        }

    @property
    def _most_steps(self) -> int:
        """Steps that are gone through again: the more share the processors, the fewer."""
        return MOST_STEPS // max(1, self._terms.crowd())

    @property
    def _most_bytes(self) -> int:
        return min(MOST_BYTES, self._terms.allowance.run or MOST_BYTES)

    def _at(self, origin: Origin, episode: int) -> Shown:
        """The agent at the end of an episode; of the last one that is near enough."""
        if origin != self._origin:
            self._stations, self._walker, self._origin = [], None, origin
        walker = self._nearest(origin, episode)
        agent, most = walker.agent, self._most_steps
        until = time.thread_time() + LOOK_S
        while (
            agent["episodes"] < episode
            and (left := most - int(agent["steps"])) > 0
            and (agent["steps"] == 0 or time.thread_time() < until)
        ):
            self._go_on(walker, episode - int(agent["episodes"]), min(left, STATION_STEPS))
        if agent["episodes"] < episode and agent["length"] > 0:
            return self._at(origin, int(agent["episodes"]))  # the last one that came to its end
        walker.refresh()
        return walker

    def _nearest(self, origin: Origin, episode: int) -> Shown:
        """Who goes on to there, from the last place before it that is known."""
        places = [each for each in self._stations if _is_before(each, episode)]
        if self._walker is not None and _is_before(self._walker, episode):
            places.append(self._walker)
        if not places:
            self._walker = _begin(origin, self._most_bytes)
        else:
            last = max(places, key=lambda each: int(each.agent["steps"]))
            self._walker = last if last is self._walker else last.copy()
        return self._walker

    def _go_on(self, walker: Shown, episodes: int, steps: int) -> None:
        """So many episodes or steps further, or for a while, and leave a copy there."""
        walker.batch.set_budget(episodes, steps)
        self._chunk.steps = min(self._chunk.steps, FIRST_STEPS)
        until = time.thread_time() + STATION_S
        while walker.batch.active.any():
            self._engine.clear()
            if self._closed:
                raise TrainerBusyError("the server must be open to be asked, it is closing")
            begin, chunk = time.thread_time(), self._chunk.steps
            walker.advance(self._engine, chunk)
            now = time.thread_time()
            self._chunk.took(chunk, now - begin)
            if now >= until:
                break
        walker.take_marks()  # which nobody wants
        kept = len(self._stations)
        beyond = not kept or self._stations[-1].agent["steps"] < walker.agent["steps"]
        if (
            beyond
            and walker.agent["length"]
            and (kept + 2) * _size(walker.batch) <= self._most_bytes
        ):
            self._stations.append(walker.copy())


def _origin_of(shown: Shown) -> tuple[Origin, int]:
    """What decides what the shown agent does, and the episodes that it has finished."""
    batch, row = shown.batch, shown.row
    origin = Origin(
        run=int(shown.status["run"][0]),
        row=row,
        mdp=batch.mdp,
        algorithm=batch.algorithm.of_agent(row),
        seed=batch.seed,
        number=int(batch.numbers[row]),
    )
    return origin, int(shown.agent["episodes"])


def _begin(origin: Origin, most: int) -> Shown:
    """The agent before its first step.

    Args:
        origin: Its own.
        most: Bytes that it may take.

    Raises:
        MemoryLimitError: It is too large.
    """
    mdp, algorithm = origin.mdp, origin.algorithm
    carried = sum(memory_sizes(algorithm.memory(mdp.extent)))
    entries = mdp.n_states * mdp.n_actions * algorithm.tables
    size = 4 * (entries + carried) + mdp.n_states * VISIT.itemsize
    if size > most:
        raise MemoryLimitError(
            f"an agent must take at most {most / 1e6:.0f} MB to be looked back on,"
            f" got {size / 1e6:.0f} MB"
        )
    batch = Batch.create(mdp, algorithm, seed=origin.seed, first_agent=origin.number, bins=0)
    shown = Shown(batch, 0, run=origin.run, record=True)
    shown.status["shown"] = origin.row
    return shown


def _is_before(shown: Shown, episode: int) -> bool:
    """Whether it is not beyond the end of an episode."""
    agent = shown.agent
    return bool(
        agent["episodes"] < episode or (agent["episodes"] == episode and not agent["length"])
    )


def _size(batch: Batch) -> int:
    arrays = (batch.q, batch.floats, batch.ints, batch.bins)
    return sum(each.nbytes for each in arrays) + batch.mdp.n_states * VISIT.itemsize
