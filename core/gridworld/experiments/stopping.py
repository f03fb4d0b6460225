"""When to stop adding runs."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from gridworld.errors import ExperimentError
from gridworld.experiments.bands import by_count, means

if TYPE_CHECKING:
    from gridworld.experiments.results import Results

__all__ = ["Until"]

MOST_RUNS: Final = 1_000_000

_TEXT: Final = re.compile(
    r"half-width (?P<width>[0-9.eE+-]+)(?: of (?P<measure>\w+))?(?:, at most (?P<most>\d+) runs)?"
)


@dataclass(frozen=True)
class Until:
    """Runs are doubled until every setting's interval of a mean is narrow enough.

    Whoever looks at every doubling and stops when it suits has more looks at chance than one.
    Look k spends 6 / (pi k)^2 of the error, so that all looks together spend no more than one
    would: the last interval, at the level that its look had, still holds.

    Attributes:
        half_width: Of each interval, at most; above 0.
        measure: Of which measure; None: the first of the plan.
        most_runs: Of each setting; then it stops all the same.
        error: Of all looks together.
    """

    half_width: float
    measure: str | None = None
    most_runs: int = MOST_RUNS
    error: float = 0.05

    def __post_init__(self) -> None:
        if not 0 < self.half_width < np.inf:
            raise ExperimentError(f"the half-width must be above 0, got {self.half_width}")

    @classmethod
    def parse(cls, given: "str | Until") -> "Until":
        """Read `half-width 0.1`, `half-width 0.1 of regret, at most 5000 runs`.

        Raises:
            ExperimentError: It is not of that form.
        """
        if isinstance(given, Until):
            return given
        text: object = given
        match = _TEXT.fullmatch(text.strip()) if isinstance(text, str) else None
        try:
            if match is None:
                raise ValueError
            most = int(match["most"]) if match["most"] else MOST_RUNS
            return cls(float(match["width"]), match["measure"], most)
        except ValueError:
            raise ExperimentError(
                'until must be like "half-width 0.1 of return_mean, at most 5000 runs",'
                f" got {given!r:.80}"
            ) from None

    def level(self, look: int) -> float:
        """The level of the intervals at look number `look`, from 1."""
        return 1 - self.error * 6 / (np.pi * look) ** 2

    def narrow_enough(self, results: "Results", level: float) -> bool:
        """Whether every interval is; those of settings without a number will never be."""
        found = by_count(lambda rows: means(rows, level), results.values(self.measure))
        known = np.isfinite(found.estimate)
        half_widths = (found.high[known] - found.low[known]) / 2
        return bool((half_widths <= self.half_width).all())
