"""Settings: what a plan varies, as one configuration after the other."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from gridworld.algorithms import Algorithm
from gridworld.batch import check_ends
from gridworld.errors import ExperimentError, InvalidValueError
from gridworld.experiments.plans.axes import Axis
from gridworld.experiments.plans.parts import OF_WORLD, changed, check_shape
from gridworld.mdp import Mdp
from gridworld.world import GridWorld

__all__ = ["Axes", "Setting", "check_runnable", "described"]

World = GridWorld | Mdp


@dataclass(frozen=True)
class Setting:
    """The world, the algorithm and the numbers of one configuration.

    Attributes:
        index: Its place in the plan.
        world: The grid, or the process.
        algorithm: With its numbers.
        varied: What the plan varies, by axis: the values of this setting. Where it names an
            algorithm or a world several times, the numbers in which those differ as well.
        mdp: The world as arrays, shared by all settings on it.
        world_name: What the world goes by in this plan: of several of one name each has its own.
        changes: In which worlds runs go on, and after how many steps.
    """

    index: int
    world: World
    algorithm: Algorithm
    varied: dict[str, Any]
    mdp: Mdp = field(repr=False)
    world_name: str
    changes: tuple[tuple[int, Mdp], ...] = field(default=(), repr=False)

    @property
    def label(self) -> str:
        """What tells it from the others of its plan."""
        name = f"{self.algorithm.title} on {self.world_name}"
        return f"{name}, {described(self.varied)}" if self.varied else name

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it has these values of axes, `world` and `algorithm`."""
        own = {"world": self.world_name, "algorithm": self.algorithm.name, **self.varied}
        # an algorithm without a parameter has no value on its axis
        return all(key in own and _same(own[key], value) for key, value in values.items())


@dataclass(frozen=True)
class Axes:
    """What is varied.

    Attributes:
        vary: Axis to its values.
        together: Names of axes that go along with each other.
    """

    vary: Mapping[str, Axis]
    together: Sequence[tuple[str, ...]]

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

    def count(self, algorithm: Algorithm) -> int:
        """How many settings an algorithm has on one world, without making them."""
        names = self._names(algorithm)
        bound = {name: group for group in self.together for name in group}
        lengths = {bound.get(name, (name,)): len(self.vary[name]) for name in names}
        return math.prod(lengths.values())

    def settings(
        self,
        worlds: Sequence[World],
        algorithms: Sequence[Algorithm],
        fixed: Mapping[str, Any],
        change: Sequence[tuple[int, World]],
    ) -> tuple[Setting, ...]:
        """All settings, as of `Plan.settings`.

        Raises:
            ExperimentError: A world cannot be with these numbers.
        """
        found: list[Setting] = []
        grids: dict[tuple[Any, ...], tuple[World, Mdp, tuple[tuple[int, Mdp], ...]]] = {}
        said = {*self.vary, *fixed}
        apart = _apart([(a.name, _numbers(a, said)) for a in algorithms])
        worlds_apart = _apart([(w.name, _numbers_of_world(w, said)) for w in worlds])
        names = _names(worlds, worlds_apart)
        for place, base in enumerate(worlds):
            for algorithm, own_numbers in zip(algorithms, apart, strict=True):
                takes = {each.key for each in algorithm.parameters()}
                for point in self._points(self._names(algorithm)):
                    numbers = {**fixed, **point}
                    of_world = {key: numbers[key] for key in OF_WORLD if key in numbers}
                    key = (place, *(of_world.get(name, "own") for name in OF_WORLD))
                    if key not in grids:
                        world, mdp = changed(base, of_world)
                        grids[key] = world, mdp, _changes(mdp, change, of_world)
                    own = {name: value for name, value in numbers.items() if name in takes}
                    made = algorithm.with_parameters(**own)
                    world, mdp, changes = grids[key]
                    varied = {**worlds_apart[place], **own_numbers, **point}
                    found.append(
                        Setting(len(found), world, made, varied, mdp, names[place], changes)
                    )
        return tuple(found)


def _changes(
    mdp: Mdp, change: Sequence[tuple[int, World]], of_world: Mapping[str, Any]
) -> tuple[tuple[int, Mdp], ...]:
    """The worlds in which runs that begin in `mdp` go on, with these numbers of worlds."""
    found = tuple((step, changed(world, of_world)[1]) for step, world in change)
    for _, other in found:
        check_shape(mdp, other)
    return found


def check_runnable(settings: Sequence[Setting], episodes: int | None, steps: int | None) -> None:
    """Refuse settings that cannot run, or may never come to the end of their budget.

    Raises:
        ExperimentError: There is one.
    """
    seen: set[tuple[int, str]] = set()
    for setting in settings:
        algorithm, mdp = setting.algorithm, setting.mdp
        kind = id(mdp), algorithm.name
        if kind in seen:
            continue
        seen.add(kind)
        try:
            if episodes is not None and steps is None:
                check_ends(mdp)
            memory = algorithm.memory(mdp.extent)
            for _, other in setting.changes:
                if algorithm.memory(other.extent) != memory:
                    raise ExperimentError(
                        f"a world of change must have the max_steps {mdp.max_steps} of {mdp.name}"
                        f" where {algorithm.title} learns, got {other.max_steps}"
                    )
        except InvalidValueError as error:
            raise ExperimentError(f"{setting.label} cannot run: {error}") from None


def _apart(things: Sequence[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Of each thing, given its name and its numbers, those that tell it from its namesakes."""
    found = []
    for name, numbers in things:
        others = [other for named, other in things if named == name]
        found.append(
            {k: v for k, v in numbers.items() if any(other.get(k) != v for other in others)}
        )
    return found


def _numbers(algorithm: Algorithm, said: Collection[str]) -> dict[str, Any]:
    """Those that are the algorithm's own, and not the plan's."""
    keys = [each.key for each in algorithm.parameters() if each.key not in said]
    return {key: getattr(algorithm, key) for key in keys}


def _numbers_of_world(world: World, said: Collection[str]) -> dict[str, Any]:
    """The same of a grid."""
    keys = [key for key in OF_WORLD if key not in said] if isinstance(world, GridWorld) else []
    return {key: getattr(world, key) for key in keys}


def _names(worlds: Sequence[World], apart: Sequence[Mapping[str, Any]]) -> list[str]:
    """A name of its own for each world that its numbers do not tell from its namesakes."""
    names: list[str] = []
    for place, world in enumerate(worlds):
        before = [
            other
            for other, numbers in zip(worlds[:place], apart, strict=False)
            if other.name == world.name and numbers == apart[place] and other != world
        ]
        names.append(f"{world.name} ({len(before) + 1})" if before else world.name)
    return names


def described(values: Mapping[str, Any]) -> str:
    """What names a setting, in words."""
    return ", ".join(f"{key} {_text(value)}" for key, value in values.items())


def _same(own: Any, value: Any) -> bool:
    if isinstance(own, float) and isinstance(value, int | float):
        return bool(np.float32(own) == np.float32(value))
    return bool(own == value)


def _text(value: Any) -> str:
    if value is None:
        return "never"
    return f"{value:g}" if isinstance(value, float) else str(value)
