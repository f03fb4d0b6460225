"""The plan of an experiment: everything that determines its results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

from gridworld.algorithms import Algorithm
from gridworld.errors import ExperimentError
from gridworld.experiments.extras import require_extra
from gridworld.experiments.measures import Measure, measure
from gridworld.experiments.plans.axes import Axis, Random
from gridworld.experiments.plans.identity import FORMAT, identity_of
from gridworld.experiments.plans.parts import (
    as_world,
    axes_of,
    check_goals,
    check_one_action,
    fixed_of,
    one_algorithm,
    several,
    table,
    together_of,
    unique,
)
from gridworld.experiments.plans.plantext import plan_in, plan_out
from gridworld.experiments.plans.settings import Axes, Setting, check_runnable, described
from gridworld.mdp import Mdp
from gridworld.validation import changes_of, whole
from gridworld.world import GridWorld

__all__ = ["FORMAT", "MOST_POINTS", "MOST_ROWS", "Plan", "Setting"]

MOST_ROWS: Final = 2_000_000_000
"""Runs of one plan: more are surely a mistake, and no table holds them."""

MOST_SETTINGS: Final = 1_000_000

MOST_KEPT: Final = 50_000_000
"""Points of all curves together that are kept."""

USUAL_POINTS: Final = 100

MOST_POINTS: Final = 10_000
"""Of a curve."""


@dataclass(frozen=True, eq=False, init=False)
class Plan:
    """What determines the results of an experiment.

    Run j of every setting is agent number j of `seed`: settings are compared run by run, on the
    same luck, and run j alone is `train(world, algorithm, first_agent=j, seed=seed, …)`, bit for
    bit.

    Attributes:
        worlds: Names, `GridWorld` or `Mdp`.
        algorithms: Classes, records with numbers set, or names.
        vary: Axis to values: a parameter of the algorithms, or `slip` or `max_steps` of grid
            worlds; a list, `linspace`, `logspace` or `random`. Several axes are crossed.
        together: Names of axes of one length that go along with each other instead.
        fixed: Numbers of all settings.
        runs: Of each setting.
        episodes: Budget of each run; with `steps`, the first reached ends it.
        steps: Budget of each run.
        change: Pairs of a number of steps and a world of the same shape: runs go on in that world
            after so many steps (see `gridworld.train`). The budget is then one of steps
            alone.
        seed: In [0, 2**63).
        measures: What is kept of a run (see `gridworld.measure_names`).
        keep_curves: Points of a learning curve that is kept with each run, at most 10,000; True:
            100, False or 0: none. For long runs: those of short ones are computed again in
            milliseconds (see `Results.curves`).
        name: What it is called.

    Raises:
        ExperimentError: Something cannot be; the axis is named.
    """

    worlds: tuple[GridWorld | Mdp, ...]
    algorithms: tuple[Algorithm, ...]
    vary: Mapping[str, Axis]
    fixed: Mapping[str, Any]
    together: tuple[tuple[str, ...], ...]
    runs: int
    episodes: int | None
    steps: int | None
    change: tuple[tuple[int, GridWorld | Mdp], ...]
    seed: int
    measures: tuple[Measure, ...]
    keep_curves: int
    name: str

    def __init__(
        self,
        worlds: Sequence[str | GridWorld | Mdp] = ("default",),
        algorithms: Sequence[str | Algorithm | type[Algorithm]] = ("q_learning",),
        vary: Mapping[str, Axis | Random | Sequence[Any]] = {},
        fixed: Mapping[str, Any] = {},
        together: Sequence[Sequence[str]] = (),
        runs: int = 100,
        episodes: int | None = None,
        steps: int | None = None,
        seed: int = 0,
        measures: Sequence[str | Measure] = ("return_mean",),
        name: str = "",
        change: Sequence[tuple[int, str | GridWorld | Mdp]] = (),
        keep_curves: int = False,
    ) -> None:
        def put(**values: Any) -> None:
            for key, value in values.items():
                object.__setattr__(self, key, value)

        put(
            worlds=tuple(as_world(w) for w in several("worlds", worlds)),
            algorithms=tuple(one_algorithm(a) for a in several("algorithms", algorithms)),
            runs=whole("runs", runs, 1, MOST_ROWS, ExperimentError),
            episodes=_budget("episodes", episodes),
            steps=_budget("steps", steps),
            change=changes_of(change, episodes, steps, as_world, ExperimentError),
            seed=whole("seed", seed, 0, 2**63 - 1, ExperimentError),
            measures=tuple(measure(m) for m in several("measures", measures)),
            keep_curves=_points(keep_curves),
            name=name,
        )
        if episodes is None and steps is None:
            raise ExperimentError("a plan must have a budget, episodes or steps, got neither")
        if not isinstance(name, str):
            raise ExperimentError(f"the name of a plan must be a text, got {name!r:.80}")
        unique("measures", [m.name for m in self.measures])
        put(vary=axes_of(table("vary", vary), self.seed, self.algorithms))
        put(fixed=fixed_of(table("fixed", fixed), self.vary, self.algorithms))
        put(together=together_of(together, self.vary))
        self._check_measures()
        count = len(self.worlds) * sum(self._axes.count(each) for each in self.algorithms)
        if count > MOST_SETTINGS or count * runs > MOST_ROWS:
            raise ExperimentError(
                f"a plan must have at most {MOST_SETTINGS:,} settings and {MOST_ROWS:,} runs,"
                f" got {count:,} settings of {runs:,} runs"
            )
        if (values := count * runs * self.keep_curves) > MOST_KEPT:
            raise ExperimentError(
                f"the curves that are kept must have at most {MOST_KEPT:,} points together,"
                f" got {values:,}: results.curves computes those of short runs again"
            )
        check_runnable(self.settings, self.episodes, self.steps)

    # --- what it is made of

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """All settings: the worlds outermost, the last axis innermost.

        An algorithm that does not take a parameter does not go along its axis.
        """
        return self._axes.settings(self.worlds, self.algorithms, self.fixed, self.change)

    @property
    def _axes(self) -> Axes:
        return Axes(self.vary, self.together)

    def __getstate__(self) -> dict[str, Any]:
        """What a worker needs: it makes the settings of its own, which may be a million."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def __len__(self) -> int:
        """Runs, of all settings together."""
        return len(self.settings) * self.runs

    def setting(self, which: "int | Mapping[str, Any] | Setting") -> Setting:
        """A setting by its place, or the one for which these values hold.

        Args:
            which: A place in `settings`, or values of axes, `world` (a name) and `algorithm` (a
                name), as many as it takes.

        Raises:
            ExperimentError: No setting, or more than one.
        """
        if isinstance(which, Setting):
            which = which.index
        if not isinstance(which, Mapping):
            place = whole("a setting", which, 0, len(self.settings) - 1, ExperimentError)
            return self.settings[place]
        found = self.find(which)
        if len(found) != 1:
            raise ExperimentError(
                f"{described(which)} must name one setting of the plan, got {len(found)}"
            )
        return found[0]

    def find(self, values: Mapping[str, Any]) -> list[Setting]:
        """All settings for which these values hold (see `setting`).

        Raises:
            ExperimentError: A key is none of the plan's.
        """
        known = {"world", "algorithm", *self.vary}
        known.update(key for setting in self.settings for key in setting.varied)
        for key in values:
            if key not in known:
                raise ExperimentError(
                    f"a setting is known by {', '.join(sorted(known))}, got {key!r:.80}"
                )

        return [setting for setting in self.settings if setting.holds(values)]

    def measure(self, name: str | None = None) -> Measure:
        """A measure by its name; None: the first.

        Raises:
            ExperimentError: The plan has none of that name.
        """
        for one in self.measures:
            if name is None or one.name == name:
                return one
        names = ", ".join(m.name for m in self.measures)
        raise ExperimentError(f"a measure of this plan must be one of {names}, got {name!r:.80}")

    @cached_property
    def identity(self) -> str:
        """A hash of all that determines a row: not of names, comments, threads, blocks or runs."""
        determines: dict[str, Any] = {
            "episodes": self.episodes,
            "steps": self.steps,
            "seed": self.seed,
            "measures": [m.name for m in self.measures],
        }
        if self.keep_curves:
            determines["keep_curves"] = self.keep_curves
        return identity_of(self.settings, determines)

    # --- as a text

    def to_toml(self) -> str:
        """The plan as TOML, which `from_toml` reads.

        Raises:
            ExperimentError: It holds a process that has no grid, or a measure of your own, which no
                text holds.
        """
        require_extra()
        import tomli_w

        return tomli_w.dumps(plan_out(self.__getstate__()))

    @classmethod
    def from_toml(cls, text: str | Path) -> Self:
        """The plan that a TOML text holds, or a file, where a `Path` is given.

        Raises:
            ExperimentError: It is no TOML, or no plan.
            OSError: The file cannot be read.
        """
        import tomllib

        try:
            data = tomllib.loads(text.read_text("utf-8") if isinstance(text, Path) else text)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ExperimentError(f"a plan must be TOML, got {error}") from None
        return cls.from_dict(data)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The plan that the keys of its TOML say.

        Raises:
            ExperimentError: A key is unknown, or a value cannot be.
        """
        return cls(**plan_in(data, [f.name for f in fields(cls)]))

    def _check_measures(self) -> None:
        for one in self.measures:
            if any(k < 0 for k in one.cuts) and self.episodes is None:
                raise ExperimentError(
                    f"the measure {one.name} needs a budget of episodes, got one of steps alone"
                )
            if self.episodes is not None and any(abs(k) > self.episodes for k in one.cuts):
                raise ExperimentError(
                    f"the measure {one.name} needs as many episodes, got a budget of"
                    f" {self.episodes}"
                )
            if self.steps is not None and any(k > self.steps for k in one.step_cuts):
                raise ExperimentError(
                    f"the measure {one.name} needs as many steps, got a budget of {self.steps}"
                )
            for setting in self.settings if one.state is not None else ():
                whole(
                    f"the state of {one.name}",
                    one.state,
                    0,
                    setting.mdp.n_states - 1,
                    ExperimentError,
                )
            if one.errors_until:
                for world in self.worlds:
                    check_one_action(one.name, world)
            if one.name.startswith("steps_to_goal_"):
                for world in self.worlds:
                    check_goals(one.name, world)


def _points(given: object) -> int:
    """How many points `keep_curves` asks for."""
    if isinstance(given, bool):
        return USUAL_POINTS if given else 0
    return whole("keep_curves", given, 0, MOST_POINTS, ExperimentError)


def _budget(name: str, value: int | None) -> int | None:
    return None if value is None else whole(name, value, 1, 2**62, ExperimentError)
