"""Axes: the values that one number of an experiment takes."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from gridworld.errors import ExperimentError
from gridworld.validation import number, whole

__all__ = ["MOST_VALUES", "Axis", "Random", "axis_from_toml", "linspace", "logspace", "random"]

MOST_VALUES: Final = 100_000
"""Of one axis."""

LARGEST: Final = 1e30

Value: TypeAlias = int | float | str | bool | None


@dataclass(frozen=True)
class Axis:
    """The values of an axis, in order.

    Attributes:
        values: At least one.
        spelt: How a plan's TOML spells them: a list, or a table such as
            `{linspace = [0.1, 1.0, 19]}`.
    """

    values: tuple[Value, ...]
    spelt: Any

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.values)

    def resolve(self, name: str, seed: int) -> "Axis":
        """The axis itself: its values are known already (see `Random`)."""
        return self


@dataclass(frozen=True)
class Random:
    """Values drawn at random, by the plan's seed and the axis' name.

    Attributes:
        low: The lowest value possible.
        high: The highest.
        n: How many.
        log: Whether their logarithms are uniform.
    """

    low: float
    high: float
    n: int
    log: bool

    def __len__(self) -> int:
        return self.n

    def resolve(self, name: str, seed: int) -> Axis:
        """The values, the same for the same name and seed in every release."""
        words = [seed & 0xFFFFFFFF, seed >> 32, *name.encode()]
        # Raw bits of PCG64 are promised to stay the same in every release of NumPy;
        # the methods of a Generator are not.
        raw = np.random.PCG64(np.random.SeedSequence(words)).random_raw(self.n)
        unit = (np.atleast_1d(raw) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        if self.log:
            low, high = math.log(self.low), math.log(self.high)
            values = np.exp(low + unit * (high - low))
        else:
            values = self.low + unit * (self.high - self.low)
        spelt: dict[str, Any] = {"random": [self.low, self.high, self.n]}
        if self.log:
            spelt["log"] = True
        clipped = np.clip(values, self.low, self.high)
        return Axis(tuple(float(v) for v in clipped), spelt)


def linspace(first: float, last: float, n: int) -> Axis:
    """`n` values from `first` to `last`, both included, at equal distances.

    Raises:
        ExperimentError: A number is not finite, or `n` is not in [1, 100000].
    """
    first, last, n = _ends("linspace", first, last, n)
    values = tuple(float(v) for v in np.linspace(first, last, n))
    return Axis(values, {"linspace": [first, last, n]})


def logspace(first: float, last: float, n: int) -> Axis:
    """`n` values from `first` to `last`, both above 0 and included, at equal ratios.

    Raises:
        ExperimentError: A number is not above 0 or not finite, or `n` is not in [1, 100000].
    """
    first, last, n = _ends("logspace", first, last, n)
    if min(first, last) <= 0:
        raise ExperimentError(f"the ends of logspace must be above 0, got {first:g} and {last:g}")
    values = tuple(float(v) for v in np.geomspace(first, last, n))
    return Axis(values, {"logspace": [first, last, n]})


def random(low: float, high: float, n: int, *, log: bool = False) -> Random:
    """`n` values drawn uniformly from [low, high] (of their logarithms, with `log`).

    They depend on the plan's seed and on the axis' name: another plan of the same seed draws the
    same ones.

    Raises:
        ExperimentError: A number is not finite, `low` is above `high`, or `n` is not in
            [1, 100000]; with `log`, `low` is not above 0.
    """
    low, high, n = _ends("random", low, high, n)
    if low > high:
        raise ExperimentError(f"low must be at most high in random, got {low:g} and {high:g}")
    if log and low <= 0:
        raise ExperimentError(f"low must be above 0 in random with log, got {low:g}")
    return Random(low, high, n, bool(log))


_MAKERS: Final[dict[str, Callable[..., Axis | Random]]] = {
    "linspace": linspace,
    "logspace": logspace,
    "random": random,
}


def as_axis(name: str, given: object) -> Axis | Random:
    """What a plan says of one axis, as an axis.

    Raises:
        ExperimentError: It is no list of values, or an empty one.
    """
    if isinstance(given, Axis | Random):
        return given
    if isinstance(given, np.ndarray):
        given = given.tolist()
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise ExperimentError(
            f"the axis {name} must be a list of values, linspace, logspace or random,"
            f" got {given!r:.80}"
        )
    values = [value.item() if isinstance(value, np.generic) else value for value in given]
    if not 1 <= len(values) <= MOST_VALUES:
        raise ExperimentError(
            f"the axis {name} must have 1 to {MOST_VALUES} values, got {len(values)}"
        )
    return Axis(tuple(values), values)


def axis_from_toml(name: str, given: object) -> Axis | Random:
    """The axis that a plan's TOML spells: a list, or a table such as `{linspace = [0, 1, 5]}`.

    Raises:
        ExperimentError: It is neither.
    """
    if not isinstance(given, dict):
        return as_axis(name, given)
    table = dict(given)
    if list(table) == ["values"]:
        return as_axis(name, table["values"])
    log = table.pop("log", False)
    maker, arguments = next(iter(table.items())) if len(table) == 1 else ("", None)
    if maker not in _MAKERS or not isinstance(arguments, list) or len(arguments) != 3:
        raise ExperimentError(
            f"the axis {name} must be a list, or one of {{linspace = [first, last, n]}},"
            " {logspace = [first, last, n]} and {random = [low, high, n], log = true},"
            f" got {given!r:.80}"
        )
    try:
        if maker == "random":
            return random(*arguments, log=log)
        return _MAKERS[maker](*arguments)
    except ExperimentError as error:
        raise ExperimentError(f"the axis {name} cannot be: {error}") from None


def _ends(what: str, first: object, last: object, n: object) -> tuple[float, float, int]:
    return (
        number(f"the first number of {what}", first, -LARGEST, LARGEST, ExperimentError),
        number(f"the second number of {what}", last, -LARGEST, LARGEST, ExperimentError),
        whole(f"the count of {what}", n, 1, MOST_VALUES, ExperimentError),
    )
