"""Pinned runs: what the present one is compared with."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from gridworld.errors import InvalidValueError, LinkError
from gridworld.experiments.statistics import Interval, paired, probability_better
from gridworld.history import common_bins
from gridworld.store.link import DEFAULTS, write_link
from gridworld.tables import parameter
from gridworld.world import GridWorld
from gridworld_dashboard.frames.learnt import Learnt
from gridworld_dashboard.frames.lines import lines_data
from gridworld_dashboard.frames.numbers import finite, pack
from gridworld_dashboard.frames.worlds import DEFINED_CELLS
from gridworld_dashboard.observer import Observer
from gridworld_dashboard.parameters import Parameters, told
from gridworld_dashboard.reply import Reply
from gridworld_dashboard.scene import Scene
from gridworld_dashboard.truth import GroundTruth
from gridworld_dashboard.wire import protocol

__all__ = ["MOST_PINS", "Baselines", "Pin", "Pins"]

MOST_PINS: Final = 4

WINDOW: Final = 100
"""Episodes over which runs are compared: the last ones that both have behind them."""


@dataclass(frozen=True, eq=False)
class Pin:
    """A run as it was when it was pinned.

    Attributes:
        number: Grows with each.
        parameters: In force.
        world: Where it learnt.
        agents: How many.
        episodes: Of the shown agent.
        width: Episodes in a bin of `returns`.
        returns: float32 `[agents, bins]`, NaN where an agent has no such bin.
        data: What frames say of it, whatever it is compared with.
    """

    number: int
    parameters: Parameters
    world: GridWorld
    agents: int
    episodes: int
    width: int
    returns: npt.NDArray[np.float32]
    data: Mapping[str, Any]

    def name(self, scene: Scene) -> str:
        """What differs from the present settings, in words."""
        keys = self.parameters.differing(scene.parameters)
        elsewhere = _place(self.world) != _place(scene.world)
        if elsewhere:  # which brings its own
            keys = [key for key in keys if parameter(key).scope != "world"]
        words = [told(key, getattr(self.parameters, key)) for key in keys]
        if elsewhere:
            another = self.world.name != scene.world.name
            words.insert(0, self.world.name if another else "another map")
        text = ", ".join(words) or f"same settings, {self.episodes} episodes"
        return text[0].upper() + text[1:]

    def against(self, learnt: Learnt) -> dict[str, Any] | None:
        """How much better the present run does, agent by agent; None: nothing can be said yet."""
        width, returns = common_bins(learnt.agents, learnt.bins, "return_mean")
        common = max(width, self.width)
        rows = min(len(returns), self.agents)
        now = _wider(returns[:rows], common // width)
        pinned = _wider(self.returns[:rows], common // self.width)
        bins = min(_whole(now), _whole(pinned))
        if bins == 0:
            return None
        span = min(bins, max(1, round(WINDOW / common)))
        window = slice(bins - span, bins)
        a, b = (each[:, window].mean(axis=1, dtype=np.float64) for each in (now, pinned))
        difference, _ = paired(a, b)
        return {
            "pin": self.number,
            "agents": rows,
            "first": (bins - span) * common + 1,
            "last": bins * common,
            "difference": _ends(difference),
            "better": _ends(probability_better(a, b)),
        }


@dataclass(frozen=True, eq=False)
class Baselines:
    """The pinned runs, and what is in force beside them, at one moment.

    Attributes:
        pins: The pinned runs.
        scene: What is in force.
    """

    pins: tuple[Pin, ...]
    scene: Scene

    def say_the_same_as(self, other: "Baselines") -> bool:
        """Whether frames say the same of both."""
        if not self.pins and not other.pins:
            return True
        here, there = self.scene, other.scene
        same = here.parameters == there.parameters and here.world is there.world
        return self.pins is other.pins and same

    def data(self, learnt: Learnt) -> dict[str, Any]:
        """The `pins` and the `versus` of a frame."""
        found = [pin.against(learnt) for pin in self.pins]
        return {
            "pins": [{**pin.data, "name": pin.name(self.scene)} for pin in self.pins],
            "versus": [each for each in found if each is not None],
        }


class Pins:
    """Pins runs, and takes them away again. What is kept of one is its curves and returns.

    Args:
        observer: Shows the run.
        truth: Knows its regret.
    """

    def __init__(self, observer: Observer, truth: GroundTruth) -> None:
        self._observer, self._truth = observer, truth
        self._pins: tuple[Pin, ...] = ()
        self._number = 0
        self.commands: Final = {"pin": self.pin, "unpin": self.unpin}
        """By type of command: what does it."""

    def now(self) -> Baselines:
        """The pinned runs beside the present one. Any thread may ask."""
        return Baselines(self._pins, self._observer.scene)

    def pin(self, data: Mapping[str, Any], reply: Reply) -> None:
        """Pin the present run.

        Raises:
            InvalidValueError: No episode has ended, or there are as many pins as there may be.
        """
        if len(self._pins) == MOST_PINS:
            raise InvalidValueError(
                f"at most {MOST_PINS} runs can be pinned, got one more: take one away first"
            )
        learnt, scene = self._observer.look(), self._observer.scene
        width, returns = common_bins(learnt.agents, learnt.bins, "return_mean")
        if not returns.size:
            raise InvalidValueError("an episode must have ended before a run is pinned, got none")
        self._number += 1
        report = self._truth.report
        points = report.points if report.run == learnt.run else (np.empty(0), np.empty(0))
        episodes = int(learnt.status["total_episodes"][0])
        shown = {
            "pin": self._number,
            "agents": len(returns),
            "episodes": episodes,
            "link": _link(scene, episodes, finished=self._observer.finished),
            "repeatable": scene.repeatable,
            **lines_data(learnt.agents, learnt.bins),
            "regrets": {"episodes": pack(points[0], "<f8"), "regret": pack(points[1], "<f8")},
        }
        made = Pin(
            self._number,
            scene.parameters,
            learnt.world,
            len(returns),
            episodes,
            width,
            returns,
            shown,
        )
        self._pins = (*self._pins, made)
        reply(protocol.pinned(made.number), tell=True)

    def unpin(self, data: Mapping[str, Any], reply: Reply) -> None:
        """Take a pin away.

        Raises:
            InvalidValueError: There is none of that number.
        """
        number = data["pin"]
        left = tuple(pin for pin in self._pins if pin.number != number)
        if len(left) == len(self._pins):
            known = ", ".join(str(pin.number) for pin in self._pins) or "none"
            raise InvalidValueError(f"pin must be that of a pinned run ({known}), got {number}")
        self._pins = left
        reply(protocol.unpinned(number), tell=True)


def _link(scene: Scene, episodes: int, *, finished: bool) -> str | None:
    """What begins the run anew, so that a start goes as far as it went; None: no link holds it."""
    values = asdict(scene.parameters)
    if not scene.named:
        if scene.world.n_states > DEFINED_CELLS:
            return None
        values["world"] = scene.world.to_json()
    if finished and scene.target_steps is not None:
        values |= {"num_episodes": scene.target_episodes, "num_steps": scene.target_steps}
    else:
        values |= {"num_episodes": max(1, episodes), "num_steps": None}
    try:
        return write_link({key: values[key] for key in DEFAULTS if key in values}, page="")
    except LinkError:
        return None


def _place(world: GridWorld) -> tuple[Any, ...]:
    """The map and its rules, without what parameters say of it."""
    return world.cells, world.width, world.rewards, world.wind, world.portals


def _wider(values: npt.NDArray[np.float32], factor: int) -> npt.NDArray[np.float32]:
    """Bins of so many times the width; what does not fill one is left out."""
    if factor == 1:
        return values
    bins = values.shape[1] // factor
    wider: npt.NDArray[np.float32] = (
        values[:, : bins * factor].reshape(len(values), bins, factor).mean(axis=2)
    )
    return wider


def _whole(values: npt.NDArray[np.float32]) -> int:
    """Bins, from the first one on, that all agents have filled."""
    return int(np.isfinite(values).all(axis=0).cumprod().sum())


def _ends(found: Interval) -> list[float | None]:
    return [finite(found.estimate), finite(found.low), finite(found.high)]
