"""The plan of an experiment: everything that determines its results."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from gridworld.algorithms import Algorithm
from gridworld.errors import ExperimentError
from gridworld.experiments.axes import Axis, Random, axis_from_toml
from gridworld.experiments.content import content_of
from gridworld.experiments.measures import Measure, measure
from gridworld.experiments.parts import (
    OF_WORLD,
    as_world,
    axes_of,
    changed,
    changes_of,
    check_goals,
    check_one_action,
    check_shape,
    fixed_of,
    one_algorithm,
    several,
    together_of,
    unique,
)
from gridworld.experiments.spelling import (
    algorithm_in,
    algorithm_out,
    axes_out,
    value_in,
    value_out,
    world_in,
    world_out,
)
from gridworld.kernels.random import STREAM_VERSION
from gridworld.mdp import Mdp
from gridworld.validation import whole
from gridworld.world import GridWorld

__all__ = ["FORMAT", "MOST_ROWS", "Plan", "Setting"]

FORMAT: Final = 1
"""Of plans and stores."""

MOST_ROWS: Final = 2_000_000_000
"""Runs of one plan: more are surely a mistake, and no table holds them."""

MOST_SETTINGS: Final = 1_000_000


@dataclass(frozen=True)
class Setting:
    """The world, the algorithm and the numbers of one configuration.

    Attributes:
        index: Its place in the plan.
        world: The grid, or the process.
        algorithm: With its numbers.
        varied: What the plan varies, by axis: the values of this setting.
        mdp: The world as arrays, shared by all settings on it.
        changes: In which worlds runs go on, and after how many steps.
    """

    index: int
    world: GridWorld | Mdp
    algorithm: Algorithm
    varied: dict[str, Any]
    mdp: Mdp = field(repr=False)
    changes: tuple[tuple[int, Mdp], ...] = field(default=(), repr=False)

    @property
    def label(self) -> str:
        """What tells it from the others of its plan."""
        parts = [f"{key} {_text(value)}" for key, value in self.varied.items()]
        return ", ".join([f"{self.algorithm.title} on {self.mdp.name}", *parts])


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
            after so many steps (see `gridworld.Batch.set_world`). The budget is then one of steps
            alone.
        seed: In [0, 2**63).
        measures: What is kept of a run (see `gridworld.measure_names`).
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
            change=changes_of(change, episodes, steps),
            seed=whole("seed", seed, 0, 2**63 - 1, ExperimentError),
            measures=tuple(measure(m) for m in several("measures", measures)),
            name=name,
        )
        if episodes is None and steps is None:
            raise ExperimentError("a plan must have a budget, episodes or steps, got neither")
        if not isinstance(name, str):
            raise ExperimentError(f"the name of a plan must be a text, got {name!r:.80}")
        unique("measures", [m.name for m in self.measures])
        put(vary=axes_of(vary, self.seed, self.algorithms))
        put(fixed=fixed_of(fixed, self.vary, self.algorithms))
        put(together=together_of(together, self.vary))
        self._check_measures()
        count = self._count
        if count > MOST_SETTINGS or count * runs > MOST_ROWS:
            raise ExperimentError(
                f"a plan must have at most {MOST_SETTINGS:,} settings and {MOST_ROWS:,} runs,"
                f" got {count:,} settings of {runs:,} runs"
            )
        _ = self.settings  # a world that cannot be with these numbers is refused now

    # --- what it is made of

    def _points(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """All combinations of the values of these axes; those that go together do."""
        bound = {name: group for group in self.together for name in group}
        groups = list(dict.fromkeys(bound.get(name, (name,)) for name in names))
        columns = [
            [
                dict(zip(group, values, strict=True))
                for values in zip(*(self.vary[name] for name in group), strict=True)
            ]
            for group in groups
        ]
        found = []
        for parts in product(*columns):
            point = {name: value for part in parts for name, value in part.items()}
            found.append({name: point[name] for name in names})
        return found

    def _names(self, algorithm: Algorithm) -> list[str]:
        """The axes that matter to an algorithm."""
        takes = {*OF_WORLD, *(each.key for each in algorithm.parameters())}
        return [name for name in self.vary if name in takes]

    @property
    def _count(self) -> int:
        """Settings, without making them."""
        total = 0
        for algorithm in self.algorithms:
            names = self._names(algorithm)
            bound = {name: group for group in self.together for name in group}
            lengths = {bound.get(name, (name,)): len(self.vary[name]) for name in names}
            count = 1
            for length in lengths.values():
                count *= length
            total += count
        return total * len(self.worlds)

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """All settings: the worlds outermost, the last axis innermost.

        An algorithm that does not take a parameter does not go along its axis.
        """
        found: list[Setting] = []
        grids: dict[tuple[Any, ...], tuple[GridWorld | Mdp, Mdp]] = {}
        changes: dict[tuple[Any, ...], tuple[tuple[int, Mdp], ...]] = {}
        for place, base in enumerate(self.worlds):
            for algorithm in self.algorithms:
                takes = {each.key for each in algorithm.parameters()}
                for point in self._points(self._names(algorithm)):
                    numbers = {**self.fixed, **point}
                    of_world = {key: numbers[key] for key in OF_WORLD if key in numbers}
                    key = (place, *(of_world.get(name, "own") for name in OF_WORLD))
                    if key not in grids:
                        grids[key] = changed(base, of_world)
                        changes[key] = self._changes(grids[key][1], of_world)
                    own = {name: value for name, value in numbers.items() if name in takes}
                    made = algorithm.with_parameters(**own)
                    world, mdp = grids[key]
                    found.append(Setting(len(found), world, made, point, mdp, changes[key]))
        return tuple(found)

    def _changes(self, mdp: Mdp, of_world: Mapping[str, Any]) -> tuple[tuple[int, Mdp], ...]:
        """The worlds in which runs that begin in `mdp` go on, with these numbers of worlds."""
        found = tuple((step, changed(world, of_world)[1]) for step, world in self.change)
        for _, other in found:
            check_shape(mdp, other)
        return found

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
                f"{_described(which)} must name one setting of the plan, got {len(found)}"
            )
        return found[0]

    def find(self, values: Mapping[str, Any]) -> list[Setting]:
        """All settings for which these values hold (see `setting`).

        Raises:
            ExperimentError: A key is none of the plan's.
        """
        known = {"world", "algorithm", *self.vary}
        for key in values:
            if key not in known:
                raise ExperimentError(
                    f"a setting is known by {', '.join(sorted(known))}, got {key!r:.80}"
                )

        def holds(setting: Setting) -> bool:
            own = {"world": setting.mdp.name, "algorithm": setting.algorithm.name, **setting.varied}
            return all(_same(own[key], value) for key, value in values.items())

        return [setting for setting in self.settings if holds(setting)]

    # --- identity

    @cached_property
    def identity(self) -> str:
        """A hash of all that determines a row: not of names, comments, threads, blocks or runs."""
        worlds: dict[int, str] = {}
        settings = []
        for setting in self.settings:
            if id(setting.mdp) not in worlds:
                worlds[id(setting.mdp)] = content_of(setting.mdp)
            settings.append(
                [
                    worlds[id(setting.mdp)],
                    setting.algorithm.name,
                    _numbers(setting.algorithm),
                ]
            )
        whole_plan = {
            "format": FORMAT,
            "stream": STREAM_VERSION,
            "settings": settings,
            "episodes": self.episodes,
            "steps": self.steps,
            "seed": self.seed,
            "measures": [m.name for m in self.measures],
        }
        if self.change:
            whole_plan["change"] = [
                [[step, content_of(mdp)] for step, mdp in setting.changes]
                for setting in self.settings
            ]
        text = json.dumps(whole_plan, separators=(",", ":"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    # --- as a text

    def to_toml(self) -> str:
        """The plan as TOML, which `from_toml` reads.

        Raises:
            ExperimentError: It holds a process that has no grid, or a measure of your own, which no
                text holds.
        """
        import tomli_w

        return tomli_w.dumps(self._to_dict())

    def _to_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {"name": self.name} if self.name else {}
        data["worlds"] = [world_out(world) for world in self.worlds]
        data["algorithms"] = [algorithm_out(a) for a in self.algorithms]
        data["runs"] = self.runs
        for name in ("episodes", "steps"):
            if getattr(self, name) is not None:
                data[name] = getattr(self, name)
        if self.change:
            data["change"] = [[step, world_out(world)] for step, world in self.change]
        data["seed"] = self.seed
        for one in self.measures:
            if not one.built_in:
                raise ExperimentError(f"a plan's text cannot hold the measure {one.name}")
        data["measures"] = [m.name for m in self.measures]
        if self.together:
            data["together"] = [list(group) for group in self.together]
        if self.fixed:
            data["fixed"] = {key: value_out(value) for key, value in self.fixed.items()}
        if self.vary:
            data["vary"] = axes_out(self.vary)
        return data

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
        known = [f.name for f in fields(cls)]
        values = dict(data)
        for key in values:
            if key not in known:
                raise ExperimentError(
                    f"a plan must have no other keys than {', '.join(known)}, got {key!r:.80}"
                )
        for key in ("vary", "fixed"):
            if not isinstance(values.get(key, {}), dict):
                raise ExperimentError(f"{key} must be a table, got {values[key]!r:.80}")
        if "worlds" in values:
            values["worlds"] = [world_in(w) for w in several("worlds", values["worlds"])]
        if "algorithms" in values:
            given = several("algorithms", values["algorithms"])
            values["algorithms"] = [algorithm_in(a) for a in given]
        if "change" in values:
            values["change"] = [
                [pair[0], world_in(pair[1])] if isinstance(pair, list) and len(pair) == 2 else pair
                for pair in several("change", values["change"])
            ]
        values["fixed"] = {k: value_in(k, v) for k, v in values.get("fixed", {}).items()}
        axes = {}
        for key, spelt in values.get("vary", {}).items():
            axis = axis_from_toml(key, spelt)
            if isinstance(axis, Axis) and key == "max_steps":
                axis = replace(axis, values=tuple(value_in(key, v) for v in axis.values))
            axes[key] = axis
        values["vary"] = axes
        return cls(**values)

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


def _budget(name: str, value: int | None) -> int | None:
    return None if value is None else whole(name, value, 1, 2**62, ExperimentError)


def _numbers(algorithm: Algorithm) -> dict[str, Any]:
    """The parameters as the kernels see them."""
    values = {each.key: getattr(algorithm, each.key) for each in algorithm.parameters()}
    return {k: float(np.float32(v)) if isinstance(v, float) else v for k, v in values.items()}


def _same(own: Any, value: Any) -> bool:
    if isinstance(own, float) and isinstance(value, int | float):
        return bool(np.float32(own) == np.float32(value))
    return bool(own == value)


def _text(value: Any) -> str:
    if value is None:
        return "never"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _described(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {_text(value)}" for key, value in values.items())
