"""The parts of a plan, each checked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from gridworld import tables
from gridworld.algorithms import Algorithm, as_algorithm
from gridworld.errors import ExperimentError, GridworldError
from gridworld.experiments.plans.axes import Axis, Random, as_axis
from gridworld.experiments.plans.spelling import NEVER
from gridworld.mdp import Mdp, compile_world
from gridworld.world import GridWorld
from gridworld.worlds import make

__all__ = [
    "OF_WORLD",
    "as_world",
    "axes_of",
    "changed",
    "check_goals",
    "check_one_action",
    "check_shape",
    "fixed_of",
    "one_algorithm",
    "several",
    "table",
    "together_of",
    "unique",
]

OF_WORLD: Final = tuple(each.key for each in tables.of("world") if each.kind != "world")
"""What may be varied or fixed of a grid world."""


def several(what: str, given: object) -> tuple[Any, ...]:
    """The members of a list that must not be empty.

    Raises:
        ExperimentError: It is no list, or empty.
    """
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Sequence):
        raise ExperimentError(f"{what} must be a list, got {given!r:.80}")
    if not given:
        raise ExperimentError(f"{what} must name at least one, got none")
    return tuple(given)


def table(what: str, given: object) -> Mapping[str, Any]:
    """What must say something by name.

    Raises:
        ExperimentError: It does not.
    """
    if not isinstance(given, Mapping):
        raise ExperimentError(f"{what} must be a table of names and values, got {given!r:.80}")
    return given


def unique(what: str, names: Sequence[str]) -> None:
    """Refuse a name that stands twice.

    Raises:
        ExperimentError: One does.
    """
    for name in names:
        if names.count(name) > 1:
            raise ExperimentError(f"{what} must name each once, got {name} twice")


def as_world(given: object) -> GridWorld | Mdp:
    """A world from its name, or as it is.

    Raises:
        ExperimentError: There is none.
    """
    if isinstance(given, GridWorld | Mdp):
        return given
    try:
        return make(given)  # type: ignore[arg-type]
    except GridworldError as error:
        raise ExperimentError(f"worlds cannot be: {error}") from None


def one_algorithm(given: object) -> Algorithm:
    """An algorithm from its name, its class, or a record of it with one value of each number.

    Raises:
        ExperimentError: It is none.
    """
    try:
        algorithm = as_algorithm(given)
    except GridworldError as error:
        raise ExperimentError(f"algorithms cannot be: {error}") from None
    for each in algorithm.parameters():
        if isinstance(getattr(algorithm, each.key), tuple):
            raise ExperimentError(
                f"{each.key} of an algorithm must be one number in a plan (vary it instead),"
                " got several"
            )
    return algorithm


def axes_of(
    given: Mapping[str, Any], seed: int, algorithms: Sequence[Algorithm]
) -> dict[str, Axis]:
    """The axes with their values, each checked.

    Raises:
        ExperimentError: An axis is unknown, empty, or has a value that cannot be.
    """
    axes = {}
    for name, values in given.items():
        _check_key("an axis", name, algorithms)
        axis: Axis | Random = as_axis(name, values)
        resolved = axis.resolve(name, seed)
        where = f"the axis {name}"
        checked = tuple(_checked(where, name, value, algorithms) for value in resolved.values)
        axes[name] = replace(resolved, values=checked)
    return axes


def fixed_of(
    given: Mapping[str, Any], axes: Mapping[str, Axis], algorithms: Sequence[Algorithm]
) -> dict[str, Any]:
    """The fixed numbers, each checked.

    Raises:
        ExperimentError: A number is unknown, varied as well, or cannot be.
    """
    found = {}
    for name, value in given.items():
        _check_key("a fixed number", name, algorithms)
        if name in axes:
            raise ExperimentError(f"{name} must be fixed or varied, got both")
        found[name] = _checked("fixed", name, value, algorithms)
    return found


def _check_key(what: str, name: object, algorithms: Sequence[Algorithm]) -> None:
    known = [each.key for one in algorithms for each in one.parameters()]
    known = [*dict.fromkeys(known), *OF_WORLD]
    if name not in known:
        raise ExperimentError(f"{what} must be one of {', '.join(known)}, got {name!r:.80}")


def _checked(where: str, name: str, value: Any, algorithms: Sequence[Algorithm]) -> Any:
    """A value of one parameter, as the library takes it."""
    if isinstance(value, Sequence | np.ndarray) and not isinstance(value, str):
        raise ExperimentError(f"{where} must hold single values, got {value!r:.80}")
    try:
        if name in OF_WORLD:
            return tables.parameter(name).check(None if value == NEVER else value)
        for one in algorithms:
            if any(each.key == name for each in one.parameters()):
                value = getattr(one.with_parameters(**{name: value}), name)
        return value
    except GridworldError as error:
        raise ExperimentError(f"{where} cannot be: {error}") from None


def together_of(
    given: Sequence[Sequence[str]], axes: Mapping[str, Axis]
) -> tuple[tuple[str, ...], ...]:
    """The groups of axes that go along with each other.

    Raises:
        ExperimentError: A name is no axis, or stands twice, or lengths differ.
    """
    groups = []
    for group in given:
        names = several("together", group)
        for name in names:
            if name not in axes:
                raise ExperimentError(f"together must name axes that vary, got {name!r:.80}")
        lengths = {name: len(axes[name]) for name in names}
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise ExperimentError(f"axes that go together must have one length, got {said}")
        groups.append(names)
    unique("together", [name for group in groups for name in group])
    return tuple(groups)


def changed(base: Any, of_world: Mapping[str, Any]) -> tuple[GridWorld | Mdp, Mdp]:
    """A world with other numbers, and its arrays.

    Raises:
        ExperimentError: It is no grid, and has no such numbers.
    """
    if isinstance(base, Mdp):
        if of_world:
            raise ExperimentError(
                f"{next(iter(of_world))} can be varied or fixed on grid worlds only,"
                f" got the process {base.name}"
            )
        return base, base
    world = replace(base, **of_world) if of_world else base
    return world, compile_world(world)


def check_shape(mdp: Mdp, other: Mdp) -> None:
    """Refuse to go on in a world that has other states or actions.

    Raises:
        ExperimentError: It has.
    """
    mine, theirs = ((each.n_states, each.n_actions) for each in (mdp, other))
    if mine != theirs:
        raise ExperimentError(
            f"a world of change must have the {mine[0]} states and {mine[1]} actions of {mdp.name},"
            f" got {other.name} with {theirs[0]} and {theirs[1]}"
        )


def check_one_action(name: str, world: GridWorld | Mdp) -> None:
    """Refuse a world in which values depend on what is done.

    Raises:
        ExperimentError: It is one.
    """
    if isinstance(world, GridWorld) or world.n_actions > 1:
        raise ExperimentError(
            f"the measure {name} needs processes with one action, such as random-walk-19,"
            f" got {world.name}"
        )


def check_goals(name: str, world: GridWorld | Mdp) -> None:
    """Refuse a world whose episodes may end elsewhere than at a goal.

    Raises:
        ExperimentError: They may.
    """
    limited = world.max_steps
    pits = isinstance(world, GridWorld) and len(world.pits) > 0
    if limited or pits:
        raise ExperimentError(
            f"the measure {name} needs worlds whose episodes end at goals alone, got {world.name}"
            f" with {'a limit on the steps' if limited else 'pits'}"
        )
