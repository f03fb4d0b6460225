"""What results answer: records that print themselves with all that belongs to a number."""

from dataclasses import dataclass, field
from typing import Any, Final

from gridworld.experiments.plans.settings import Setting
from gridworld.experiments.statistics import Interval

__all__ = ["Best", "Candidate", "Comparison", "Sensitivity"]

FEW_NAMES: Final = 3


@dataclass(frozen=True)
class Comparison:
    """Two settings, run by run on the same luck.

    Attributes:
        a: The one.
        b: The other.
        measure: Its name.
        better: Whether higher or lower is better.
        difference: Mean of a - b.
        p_value: That there is no difference (paired t test), corrected where several were compared.
        probability: How often a run of a does better than that of b.
        corrected: How many comparisons it was corrected for (Holm); 1: for none.
        left_out: Runs of which one setting or both have no such number.
    """

    a: Setting
    b: Setting
    measure: str
    better: str
    difference: Interval
    p_value: float
    probability: Interval
    corrected: int = 1
    left_out: int = 0

    def __str__(self) -> str:
        note = f"; corrected for {self.corrected} comparisons (Holm)" if self.corrected > 1 else ""
        without = f"; {self.left_out:,} runs left out: no such number" if self.left_out else ""
        return (
            f"{self.a.label} - {self.b.label}: {self.measure} {self.difference};"
            f" p = {self.p_value:.3g}{note}; P(better) {self.probability}{without}"
        )


@dataclass(frozen=True)
class Candidate:
    """A setting that cannot be told from the best.

    Attributes:
        setting: It.
        probability: Of being the best one: its share of bootstrap resamples.
        reported: Its mean, over runs that did not choose.
        worse_by: How much worse than the chosen one, over those runs.
    """

    setting: Setting
    probability: float
    reported: Interval
    worse_by: Interval


@dataclass(frozen=True)
class Best:
    """Which setting is best, as far as one can tell.

    Attributes:
        measure: Its name.
        chosen: The setting with the best mean over the runs that choose.
        reported: Its mean over other runs: what one may expect of it.
        naive: The mean over all runs of the one that is best over all runs: too good to be true.
        optimism: How much too good choosing and reporting on the same runs was here, as seen.
        candidates: All that cannot be told from it, most probable first, itself included.
        level: Of what "told" means: one-sided tests on the reporting runs, corrected for the
            number of settings.
        choosing: How many runs chose.
        reporting: How many reported.
        left_out: Settings some of whose runs have no such number, and which no mean would be fair
            to.
    """

    measure: str
    chosen: Setting
    reported: Interval
    naive: float
    optimism: float
    candidates: tuple[Candidate, ...]
    level: float
    choosing: int
    reporting: int
    left_out: tuple[Setting, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"{self.chosen.label}: {self.measure} {self.reported}",
            (
                f"chosen on {self.choosing:,} runs, reported on {self.reporting:,} others;"
                f" the best of all runs by all runs has {self.naive:.6g}"
                f" (optimism of choosing {self.optimism:.3g})"
            ),
            "not told from the best, with the chance of being it:",
        ]
        lines += [
            f"{100 * c.probability:6.1f} %  {c.setting.label}: {c.reported}"
            for c in self.candidates
        ]
        if self.left_out:
            named = "; ".join(s.label for s in self.left_out[:FEW_NAMES])
            more = "; ..." if len(self.left_out) > FEW_NAMES else ""
            lines.append(
                f"left out, since some of their runs have no {self.measure}:"
                f" {len(self.left_out):,} ({named}{more})"
            )
        return "\n".join(lines)


@dataclass(frozen=True)
class Sensitivity:
    """What one axis does to a measure: one line for each combination of everything else.

    Attributes:
        axis: Its name.
        measure: The measure's.
        values: Of the axis.
        lines: Label to one interval for each value.
        near: Label to the share of the axis within `within` of the line's best.
        within: Such a part of the range between the line's best and worst.
        places: Label to the settings' places in the plan, one for each value.
    """

    axis: str
    measure: str
    values: tuple[Any, ...]
    lines: dict[str, tuple[Interval, ...]]
    near: dict[str, float]
    within: float
    places: dict[str, tuple[int, ...]] = field(default_factory=dict)
