"""Checks of single values: what must hold, then what came."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from gridworld.errors import InvalidValueError, WorldError
from gridworld.parameter import Range
from gridworld.tables import parameter

__all__ = [
    "MAX_REWARD",
    "array_of",
    "changes_of",
    "json_object",
    "listed",
    "number",
    "step_limit",
    "whole",
]

World = TypeVar("World")

MAX_REWARD = 1e20
"""Bound on a reward's size: sums of it over any episode stay finite in float32."""


def whole(
    what: str,
    value: Any,
    least: int,
    most: int,
    error: type[InvalidValueError] = InvalidValueError,
) -> int:
    """An int in [least, most]; JSON's true is none.

    Raises:
        InvalidValueError: It is not (or the error given).
    """
    if not _is_a(Integral, value) or not least <= value <= most:
        raise error(f"{what} must be a whole number from {least} to {most}, got {value!r:.80}")
    return int(value)


def number(
    what: str,
    value: Any,
    least: float,
    most: float,
    error: type[InvalidValueError] = InvalidValueError,
) -> float:
    """A float in [least, most]; JSON's true is none, and neither is NaN.

    Within one float32 step of a bound, it is the bound.

    Raises:
        InvalidValueError: It is not (or the error given).
    """
    found = Range(least, most).hold(value) if _is_a(Real, value) else None
    if found is None:
        raise error(f"{what} must be a number from {least:g} to {most:g}, got {value!r:.80}")
    return found


def step_limit(value: Any, error: type[InvalidValueError] = InvalidValueError) -> int | None:
    """A `max_steps`: an int in [1, 2^31 - 1], or None for "never".

    Raises:
        InvalidValueError: It is neither (or the error given).
    """
    if value is None:
        return None
    limits = parameter("max_steps").range
    assert limits is not None
    if not _is_a(Integral, value) or not limits.low <= value <= limits.high:
        raise error(
            f"max_steps must be a whole number from {limits.low} to {limits.high} or None,"
            f" got {value!r:.80}"
        )
    return int(value)


def changes_of(
    given: object,
    episodes: int | None,
    steps: int | None,
    read: Callable[[Any], World],
    error: type[InvalidValueError] = InvalidValueError,
) -> tuple[tuple[int, World], ...]:
    """In which worlds runs go on, each with the number of steps after which they do.

    Args:
        given: Pairs of a number of steps and a world.
        episodes: Of the budget; None: without a limit.
        steps: Of the budget.
        read: Gives the world that a pair names.
        error: What is raised.

    Raises:
        InvalidValueError: It is no list of pairs; steps do not rise, or are not within the budget
            (or the error given).
    """
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Sequence):
        raise error(f"change must be a list, got {given!r:.80}")
    found: list[tuple[int, World]] = []
    for pair in given:
        if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
            raise error(
                f"change must list pairs of a number of steps and a world, got {pair!r:.80}"
            )
        least = found[-1][0] + 1 if found else 1
        found.append((whole("a number of steps in change", pair[0], least, 2**62, error),
                      read(pair[1])))  # fmt: skip
    if found and (episodes is not None or steps is None):
        raise error("runs whose world changes must have a budget of steps alone")
    if found and steps is not None and found[-1][0] >= steps:
        raise error(f"a change must come before the last of the {steps} steps, got {found[-1][0]}")
    return tuple(found)


def array_of(what: str, value: Any) -> npt.NDArray[Any]:
    """A value as an array, of whatever shape and type.

    Raises:
        InvalidValueError: It is nested unevenly.
    """
    try:
        return np.asarray(value)
    except ValueError:  # NumPy speaks of inhomogeneous shapes
        raise InvalidValueError(
            f"{what} must have equally many entries in every row, got {_uneven(value)}"
        ) from None


def _uneven(value: Any) -> str:
    """What is uneven about a nested list."""
    rows = [value]
    while all(hasattr(row, "__len__") for row in rows):
        lengths = sorted({len(row) for row in rows})
        if len(lengths) > 1:
            return f"rows of {' and '.join(map(str, lengths[:3]))}"
        rows = [entry for row in rows for entry in row]
    return "single entries beside rows"


def listed(what: str, value: object) -> tuple[Any, ...]:
    """The elements of a list, or of anything like one, but not of a text or a mapping.

    Raises:
        WorldError: It is no list.
    """
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise WorldError(f"{what} must be a list, got {value!r:.80}")
    return tuple(value)


def json_object(what: str, data: object, keys: Sequence[str]) -> dict[str, Any]:
    """A copy of a JSON object that has no other keys than these.

    Raises:
        WorldError: It is no such object.
    """
    if not isinstance(data, Mapping):
        raise WorldError(f"{what} must be an object, got {data!r:.80}")
    for key in data:
        if key not in keys:
            raise WorldError(
                f"{what} must have no other keys than {', '.join(keys)}, got {key!r:.80}"
            )
    return dict(data)


def _is_a(kind: type, value: object) -> bool:
    # To Python a bool is a whole number.
    return isinstance(value, kind) and not isinstance(value, bool | np.bool_)
