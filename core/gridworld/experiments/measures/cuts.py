"""The moments at which a run must be looked at for its measures."""

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np

from gridworld.experiments.measures.record import Measure
from gridworld.experiments.outcome import Cut

__all__ = ["cuts_of", "way"]

MARKS: Final = 24
"""Moments at which a run is looked at on its way, for what changes on the way."""


def cuts_of(measures: Sequence[Measure], episodes: int | None, steps: int | None) -> list[Cut]:
    """The moments at which a run must be looked at, in order; the end is none of them."""
    counts = {(k if k > 0 else (episodes or 0) + k) for measure in measures for k in measure.cuts}
    counts |= {k for measure in measures for k in range(1, measure.errors_until + 1)}
    found = {Cut("episodes", k) for k in counts if k > 0 and (episodes is None or k <= episodes)}
    found |= {Cut("steps", k) for measure in measures for k in measure.step_cuts}
    if any(measure.on_the_way for measure in measures):
        found |= set(way(episodes, steps))
    return sorted(found)


def way(episodes: int | None, steps: int | None) -> list[Cut]:
    """Moments spread over a run, closer at its beginning; the last one is its end."""
    unit: Literal["episodes", "steps"] = "steps" if episodes is None else "episodes"
    budget = (steps if episodes is None else episodes) or 1
    counts = np.unique(np.round(np.geomspace(1, budget, MARKS)).astype(np.int64))
    return [Cut(unit, int(count)) for count in counts]
