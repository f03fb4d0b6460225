"""What a measure is, and how those are found that have a name."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from gridworld.errors import ExperimentError
from gridworld.experiments.outcome import Numbers, Outcome

__all__ = ["FAMILIES", "PLAIN", "Compute", "Family", "Measure", "measure", "measure_names"]

Compute = Callable[[Outcome], npt.ArrayLike]


@dataclass(frozen=True)
class Measure:
    """One number of a run.

    A measure of your own is a function of an `Outcome`, which gives one number for each run:

        gw.Measure("q_start", lambda outcome: outcome.q[:, 0].max(axis=1), "max Q at the start")

    A plan is known by the names of its measures: give another name to another function.

    Attributes:
        name: A column of the table: letters, digits and underscores.
        compute: Gives float64 `[runs]`; NaN where a run has no such number.
        sentence: What it is.
        unit: Of the number.
        better: Which direction is better.
        cuts: The moments that it needs to be told of, in episodes; counts below 0 from the last
            episode.
        step_cuts: The same in steps.
        errors_until: It needs the error of the values after each episode up to this one.
        state: It needs a state of this number; None: of none.
        on_the_way: Whether it needs the regret at some moments spread over the run.
        built_in: Whether its name says all about it.
    """

    name: str
    compute: Compute
    sentence: str = ""
    unit: str = ""
    better: Literal["higher", "lower"] = "higher"
    cuts: tuple[int, ...] = ()
    step_cuts: tuple[int, ...] = ()
    errors_until: int = 0
    state: int | None = None
    on_the_way: bool = False
    built_in: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", self.name):
            raise ExperimentError(
                "a measure's name must be up to 64 letters, digits and underscores,"
                f" got {self.name!r:.80}"
            )

    def __reduce__(self) -> Any:
        if self.built_in:  # its function may have no name; this one has
            return measure, (self.name,)
        return super().__reduce__()

    def __call__(self, outcome: Outcome) -> Numbers:
        """The numbers of all runs.

        Raises:
            ExperimentError: The function gave something else than one number for each run.
        """
        got = np.asarray(self.compute(outcome))
        if got.shape != outcome.episodes.shape or got.dtype.kind not in "fiub":
            raise ExperimentError(
                f"the measure {self.name} must give one number for each run, an array of"
                f" {len(outcome.episodes)}, got {got.dtype} of the shape {got.shape}"
            )
        numbers: Numbers = got.astype(np.float64)
        return numbers


@dataclass(frozen=True)
class Family:
    """Measures whose names hold a number K.

    Attributes:
        name: With K in it.
        make: Gives the measure of a name and its K.
        least: The smallest K.
    """

    name: str
    make: Callable[[str, int], Measure]
    least: int = 1

    def find(self, name: str) -> Measure | None:
        """The measure of that name; None: it is none of this family."""
        stem, _, rest = self.name.partition("K")
        number = name.removeprefix(stem).removesuffix(rest)
        known = f"{stem}{number}{rest}" == name
        if not known or not re.fullmatch(r"0|[1-9]\d{0,8}", number, re.ASCII):
            return None
        k = int(number)
        return replace(self.make(name, k), built_in=True) if k >= self.least else None


PLAIN: Final[dict[str, Measure]] = {}
"""Those of one name, in the order in which they are listed; `plain` enters them."""

FAMILIES: Final[list[Family]] = []
"""Those with a number in their name; `families` enters them."""


def measure_names() -> tuple[str, ...]:
    """The names of the measures that there are; K stands for a number."""
    return (*PLAIN, *(family.name for family in FAMILIES))


def measure(name: str | Measure) -> Measure:
    """A measure by its name; a measure itself is given back.

    Raises:
        ExperimentError: There is none of that name.
    """
    if isinstance(name, Measure):
        if _known(name.name) and not name.built_in:
            raise ExperimentError(f"a measure of your own needs another name than {name.name}")
        return name
    text: object = name
    found = _known(text) if isinstance(text, str) else None
    if found is None:
        raise ExperimentError(
            f"a measure must be one of {', '.join(measure_names())} or a Measure, got {name!r:.80}"
        )
    return found


def _known(name: str) -> Measure | None:
    """The measure that there is of that name."""
    if name in PLAIN:
        return PLAIN[name]
    return next((found for family in FAMILIES if (found := family.find(name))), None)
