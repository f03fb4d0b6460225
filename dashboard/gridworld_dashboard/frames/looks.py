"""A look at what was learnt: one copy, and the pieces of frames that viewers want of it.

Every piece is made once, for all viewers who see the same; what nobody wants is never made.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from gridworld_dashboard.frames.cells import Window, cells_data, clip, is_small
from gridworld_dashboard.frames.histories import history_data
from gridworld_dashboard.frames.learnt import Learnt, goals_data, moment_data
from gridworld_dashboard.frames.overview import overview_data
from gridworld_dashboard.truth import Report
from gridworld_dashboard.wire import protocol

__all__ = ["Look", "View", "inside"]


@dataclass(frozen=True)
class View:
    """What one viewer sees of the grid.

    Attributes:
        layer: A key of `tables.LAYERS`, for worlds that do not travel whole; None: none.
        window: The cells whose exact numbers it gets; None: all, where the world is small.
    """

    layer: str | None = "value"
    window: Window | None = None


class Beside(Protocol):
    """Something that a run is compared with."""

    def say_the_same_as(self, other: Any) -> bool:
        """Whether frames say the same of both."""
        ...

    def data(self, learnt: Learnt) -> dict[str, Any]:
        """What a frame says of it."""
        ...


class Look:
    """What was learnt up to one moment, as pieces of frames.

    Args:
        number: Grows with every look.
        learnt: The copy.
        truth: What was known then of its world.
        beside: What it is compared with.
    """

    def __init__(
        self, number: int, learnt: Learnt, truth: Report, beside: Beside | None = None
    ) -> None:
        self.number = number
        self.learnt = learnt
        self._optimal = truth.optimal if truth.mdp.world is learnt.world else None
        self._stage = truth.stage
        self._beside = beside
        self._making = threading.Lock()
        self._common: str | None = None
        self._cells: dict[Window | None, str] = {}
        self._overviews: dict[str | None, str] = {}

    def shows(self, counters: Mapping[str, Any]) -> bool:
        """Whether it is of the run and the agent that the counters are of."""
        return (self.learnt.run, self.learnt.shown) == (counters["run"], counters["shown"])

    def is_at(self, counters: Mapping[str, Any]) -> bool:
        """Whether no agent has learnt anything since."""
        return self.shows(counters) and self.learnt.all_steps == counters["all_steps"]

    def knows(self, truth: Report) -> bool:
        """Whether nothing more is known about the optimum."""
        return self._stage == truth.stage

    def compares_with(self, beside: Beside) -> bool:
        """Whether it is compared with just that."""
        return self._beside is not None and beside.say_the_same_as(self._beside)

    def reduced(self, view: View) -> View:
        """What the view comes to in this world: equal ones get the same bytes."""
        world = self.learnt.world
        return View(None if is_small(world) else view.layer, clip(view.window, world))

    def has(self, view: View) -> bool:
        """Whether all pieces of a reduced view have been made."""
        return (
            self._common is not None
            and view.window in self._cells
            and view.layer in self._overviews
        )

    def prepare(self, views: Iterable[View]) -> None:
        """Make what these views need, and forget the cells that none of them needs."""
        wanted = [self.reduced(view) for view in views]
        for view in wanted:
            self.pieces(view)
        with self._making:
            windows = {view.window for view in wanted}
            self._cells = {key: text for key, text in self._cells.items() if key in windows}

    def pieces(self, view: View) -> str:
        """JSON of a reduced view, without braces: cells, overview, moment, goals, history, pins."""
        cells = self._cells.get(view.window)
        overview = self._overviews.get(view.layer)
        common = self._common
        if cells is None or overview is None or common is None:
            with self._making:  # else nobody waits for what others want made
                cells, overview, common = self._make(view)
        return f"{cells},{overview},{common}"

    def _make(self, view: View) -> tuple[str, str, str]:
        if self._common is None:
            agents, bins = self.learnt.agents, self.learnt.bins
            self._common = inside(
                {
                    "learnt_at": moment_data(self.learnt),
                    "goals": goals_data(self.learnt),
                    "history": history_data(agents, bins),
                    **(self._beside.data(self.learnt) if self._beside else {}),
                }
            )
        if view.window not in self._cells:
            cells = cells_data(self.learnt, self._optimal, view.window)
            self._cells[view.window] = inside({"cells": cells})
        if view.layer not in self._overviews:
            sampled = None
            if view.layer is not None:
                sampled = overview_data(self.learnt, self._optimal, view.layer)
            self._overviews[view.layer] = inside({"overview": sampled})
        return self._cells[view.window], self._overviews[view.layer], self._common


def inside(data: dict[str, Any]) -> str:
    """The object as JSON without its braces."""
    return protocol.encode(data)[1:-1]
