"""The results of an experiment, and what they say."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from gridworld.errors import ExperimentError
from gridworld.experiments import statistics
from gridworld.experiments.answers import Best, Candidate, Comparison, Sensitivity
from gridworld.experiments.arrow import summary_of, table_of
from gridworld.experiments.blocks import Rows
from gridworld.experiments.curves import Curves, check_asked, recompute
from gridworld.experiments.kept import KEPT, kept_curves
from gridworld.experiments.measures import FAILURES, Measure
from gridworld.experiments.plans.plan import Plan, Setting
from gridworld.experiments.running import fill
from gridworld.experiments.selection import select
from gridworld.experiments.sensitivity import sensitivity_of
from gridworld.experiments.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Best", "Candidate", "Comparison", "Results", "Sensitivity"]

LEVEL: Final = 0.95

Which = int | Setting | Mapping[str, Any]


class Results:
    """All that is known of the runs of a plan.

    Attributes:
        plan: What was asked.
        folder: The store; None: in memory.
        level: Of the intervals.
        looks: How often the runs were looked at before they were enough (see `until`).
    """

    def __init__(
        self,
        plan: Plan,
        arrays: Mapping[str, npt.NDArray[Any]],
        there: npt.NDArray[np.bool_],
        folder: Path | None = None,
        *,
        level: float = LEVEL,
        looks: int = 1,
    ) -> None:
        self.plan = plan
        self.folder = folder
        self.level = level
        self.looks = looks
        self._arrays = dict(arrays)
        self._there = there

    @classmethod
    def load(cls, folder: str | Path, plan: Plan | None = None) -> "Results":
        """What is in a store, finished or not.

        Args:
            folder: The store.
            plan: Its plan, where no text holds that (a process of your own, a measure of your own).

        Raises:
            FileError: It is no store, or a file is damaged; or its plan has to be given.
            ExperimentError: It is the store of another plan.
        """
        store = Store.open(folder) if plan is None else Store.of(folder, plan)
        return cls(store.plan, *store.read(), store.folder).as_looked_at()

    def at_look(self, looks: int, level: float) -> "Results":
        """The same with intervals of the level that a look has (see `Until`)."""
        return Results(self.plan, self._arrays, self._there, self.folder, level=level, looks=looks)

    def as_looked_at(self) -> "Results":
        """The same with intervals of the level that the last look at these runs had.

        Raises:
            FileError: What the store notes of that is damaged.
        """
        noted = None if self.folder is None else Store(self.folder, self.plan).looks()
        return self if noted is None else self.at_look(*noted)

    @property
    def failures(self) -> dict[str, int]:
        """How many of all runs must be counted as what."""
        return {name: int(self._arrays[name][self._there].sum()) for name in FAILURES}

    def __repr__(self) -> str:
        where = f", folder={str(self.folder)!r}" if self.folder else ""
        return (
            f"Results({len(self.plan.settings)} settings, {self.runs:,} of {len(self.plan):,}"
            f" runs{where})"
        )

    @property
    def runs(self) -> int:
        """Runs that there are, of all settings together."""
        return int(self._there.sum())

    @property
    def complete(self) -> bool:
        """Whether all runs of the plan are there."""
        return bool(self._there.all())

    def values(self, measure: str | None = None) -> npt.NDArray[np.float64]:
        """A measure, or a failure, float64 `[settings, runs]`; NaN where there is none.

        Args:
            measure: Its name; None: the plan's first.

        Raises:
            ExperimentError: The plan has no such measure.
        """
        name = self.plan.measures[0].name if measure is None else measure
        known = [*(m.name for m in self.plan.measures), *FAILURES]
        if name not in known:
            raise ExperimentError(
                f"a measure of this plan must be one of {', '.join(known)}, got {name!r:.80}"
            )
        array = self._arrays[name].astype(np.float64)
        return np.where(self._there, array, np.nan)

    def table(self) -> "pa.Table":
        """Every run as a row: its setting's numbers, agent number, measures and failures."""
        setting, agent = np.nonzero(self._there)
        columns = {
            name: array[setting, agent] for name, array in self._arrays.items() if name not in KEPT
        }
        return table_of(self.plan, Rows(setting.astype(np.int32), agent, columns, 0))

    def summary(self, measure: str | None = None) -> "pa.Table":
        """One row for each setting: centre, interval, and how many runs failed.

        Columns: those that tell the settings apart; `n` (runs with a finite value) and `runs`;
        `mean`, `median` and `iqm` (the interquartile mean), each with `_low` and `_high`;
        `one_more_low` and `one_more_high` (where one more run will lie); the failures, counted;
        and `mean_method` and so on, how each interval was made. The metadata of the schema says
        what holds of all rows.
        """
        name = self.measure(measure).name
        owns = [_own(self.plan, setting) for setting in self.plan.settings]
        failures = {key: self._arrays[key] for key in FAILURES}
        found = summary_of(name, owns, self.values(name), self._there, failures, self.level)
        if self.looks == 1:
            return found
        return found.replace_schema_metadata({**found.schema.metadata, "looks": str(self.looks)})

    def compare(
        self, a: Which, b: Which | Sequence[Which], measure: str | None = None
    ) -> "Comparison | list[Comparison]":
        """Two settings, or one and several others, run by run on the same luck.

        Several are corrected for their number: p-values by Holm's method, intervals by
        Bonferroni's.

        Args:
            a: A setting (see `Plan.setting`).
            b: Another one, or a list.
            measure: Its name; None: the plan's first.
        """
        one = self.measure(measure)
        others = [b] if isinstance(b, int | Setting | Mapping) else list(b)
        first = self.plan.setting(a)
        seconds = [self.plan.setting(other) for other in others]
        level = 1 - (1 - self.level) / max(1, len(seconds))
        values, higher = self.values(one.name), one.better == "higher"
        pairs = [statistics.paired(values[first.index], values[s.index], level) for s in seconds]
        corrected = statistics.holm([p for _, p in pairs])
        both = [np.isfinite(values[first.index]) & np.isfinite(values[s.index]) for s in seconds]
        found = [
            Comparison(
                first,
                second,
                one.name,
                one.better,
                difference,
                float(p),
                statistics.probability_better(
                    values[first.index], values[second.index], level, higher=higher
                ),
                len(seconds),
                int(len(there) - there.sum()),
            )
            for second, (difference, _), p, there in zip(
                seconds, pairs, corrected, both, strict=True
            )
        ]
        return found[0] if isinstance(b, int | Setting | Mapping) else found

    def best(
        self,
        measure: str | None = None,
        *,
        by: Mapping[str, Any] | None = None,
        report_runs: int | None = None,
        **options: Any,
    ) -> Best:
        """The best setting by its mean, honestly.

        Runs that choose never report: runs of even number choose, those of odd number report; or,
        with `report_runs`, all runs choose and as many fresh ones report.

        Args:
            measure: Its name; None: the plan's first.
            by: Values of axes, `world` and `algorithm`: only among settings for which they hold.
            report_runs: Fresh runs, which are run now.
            options: For those, as of `Experiment.run`.

        Raises:
            ExperimentError: No setting has a finite mean, or there are fewer than 2 runs.
        """
        one = self.measure(measure)
        chosen_from = self.plan.find(by or {})
        if not chosen_from:
            raise ExperimentError("no setting of the plan is as by says")
        places = np.array([s.index for s in chosen_from])
        values = self.values(one.name)[places]
        finite = np.isfinite(values)
        enough = np.asarray(finite.all(axis=1))
        if not enough.any() or values.shape[1] < 2:
            raise ExperimentError(
                f"the best by {one.name} needs settings all of whose runs have it, and at least 2"
                f" runs, got {int(enough.sum())} such settings and {values.shape[1]} runs"
            )
        places, values = places[enough], values[enough]
        if report_runs is None:
            choosing, reporting = values[:, ::2], values[:, 1::2]
        else:
            choosing = values
            reporting = self._fresh(report_runs, one, options)[places]
        return select(
            one,
            [self.plan.settings[i] for i in places],
            choosing,
            reporting,
            self.level,
            naive=values,
            left_out=[s for s, whole in zip(chosen_from, enough, strict=True) if not whole],
        )

    def _fresh(
        self, runs: int, one: Measure, options: Mapping[str, Any]
    ) -> npt.NDArray[np.float64]:
        """The measure on runs behind those of the plan."""
        from dataclasses import replace

        more = replace(self.plan, runs=self.plan.runs + runs)
        values = Results(more, *fill(more, self.folder, **options)).values(one.name)
        return values[:, self.plan.runs :]

    def sensitivity(
        self, axis: str, measure: str | None = None, *, within: float = 0.1
    ) -> Sensitivity:
        """The U-curve of an axis, with bands; one line for each combination of the rest.

        Args:
            axis: One of the plan's.
            measure: Its name; None: the plan's first.
            within: Share of the range between a line's best and worst that counts as near.

        Raises:
            ExperimentError: The plan does not vary it.
        """
        if axis not in self.plan.vary:
            raise ExperimentError(
                f"an axis must be one of {', '.join(self.plan.vary) or 'none'}, got {axis!r:.80}"
            )
        one = self.measure(measure)
        owns = [_own(self.plan, setting) for setting in self.plan.settings]
        return sensitivity_of(self.plan, axis, one, self.values(one.name), owns, self.level, within)

    def curves(
        self,
        setting: Which,
        *,
        points: int = 100,
        by: Literal["episode", "step"] = "episode",
        runs: int | None = None,
        threads: int | None = None,
    ) -> Curves:
        """Learning curves of a setting: those that were kept, or computed again (see `Curves`).

        What is computed again is so bit for bit. What was kept (`keep_curves`) counts in the unit
        of the budget, and is the same but for the rounding of float32.

        Args:
            setting: A setting (see `Experiment.setting`).
            points: At most.
            by: What to count along the axis.
            runs: The first so many; None: all.
            threads: Kernels at the same time; None: one for each processor.

        Raises:
            ExperimentError: A number cannot be.
        """
        plan, found = self.plan, self.plan.setting(setting)
        count = plan.runs if runs is None else runs
        check_asked(plan, count, points, by)
        if plan.keep_curves and by == ("step" if plan.episodes is None else "episode"):
            if self.folder is not None:
                columns = Store(self.folder, plan).read_curves(found.index, count)
            else:
                columns = {name: self._arrays[name][found.index, :count] for name in KEPT}
            if columns is not None:
                return kept_curves(plan, found, columns, points)
        return recompute(plan, found, count, points, by, threads)

    def link(self, setting: Which, run: int, page: str = "http://127.0.0.1:8000/") -> str:
        """A link to one run, which `gridworld-bench train --config` repeats bit for bit.

        The page does as well, or says why not: it knows no processes, no worlds that change, and
        no seeds above 2^53.

        Raises:
            ExperimentError: There is no such run, or no link holds it: a world of it is a process
                that no name makes, or is too large. The message says how to repeat it in Python.
        """
        from gridworld.experiments.links import link_of

        return link_of(self.plan, self.plan.setting(setting), run, page)

    def measure(self, name: str | None = None) -> Measure:
        """A measure of the plan by its name; None: the first."""
        return self.plan.measure(name)


def _own(plan: Plan, setting: Setting) -> dict[str, Any]:
    """What tells a setting from the others."""
    own: dict[str, Any] = {}
    if len(plan.worlds) > 1:
        own["world"] = setting.world_name
    if len(plan.algorithms) > 1:
        own["algorithm"] = setting.algorithm.name
    return own | setting.varied
