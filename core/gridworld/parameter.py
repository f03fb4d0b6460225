"""What a parameter is, and what may hold of its values.

It needs the standard library alone, as `tables`, which lists them.
"""

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Final, Literal, TypeAlias

from gridworld.errors import InvalidValueError

__all__ = ["Choice", "Parameter", "Range", "Scope"]

Kind: TypeAlias = Literal["number", "whole", "choice", "flag", "algorithm", "world"]
Scope: TypeAlias = Literal["learning", "run", "world", "pacing", "view"]
Effect: TypeAlias = Literal["at once", "next start", "afresh"]

EXACT: Final = 2**53
"""JSON knows no whole numbers: up to here a float that is one means it."""


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`.

    Attributes:
        low: The least.
        high: The largest.
        above: Whether `low` itself is left out.
    """

    low: float
    high: float
    above: bool = False

    def __str__(self) -> str:
        """As a range is written: `(0, 1]`, `[1, 2**31)`."""
        end = f"{_written(self.high)}]"
        if isinstance(self.high, int) and self.high >= 2**31 - 1:
            bits = (self.high + 1).bit_length() - 1
            end = f"2**{bits})" if self.high + 1 == 1 << bits else end
        return f"{'(' if self.above else '['}{_written(self.low)}, {end}"

    @property
    def words(self) -> str:
        """As a sentence says it: `above 0 and at most 1`, `from 0 to 1`."""
        low, high = _written(self.low), _written(self.high)
        return f"above {low} and at most {high}" if self.above else f"from {low} to {high}"

    def hold(self, value: float) -> float | None:
        """The value, or the bound where it is beyond it by one float32 step at most; else None.

        What adds up to a bound in float64 (the last of `numpy.arange`) misses it by less than the
        kernels can tell apart.
        """
        if self.above and not value > self.low + _step(self.low) / 2:
            return None  # as float32 it would be `low`
        # A whole number may be too long for a float, so that it is compared before it is converted.
        if not self.low - _step(self.low) <= value <= self.high + _step(self.high):
            return None
        return float(min(max(value, self.low), self.high))


@dataclass(frozen=True)
class Choice:
    """One of the values that a parameter of the kind "choice" may have."""

    key: str
    title: str
    says: str


@dataclass(frozen=True)
class Parameter:
    """One thing that may be set.

    Attributes:
        key: Its name in the library, on the wire, in links and files.
        title: As the page calls it.
        says: What it does, in one sentence.
        scope: Whose it is: of learning (a field of an algorithm), of a run, of the world, of the
            pace of the live view, or of what the grid shows.
        kind: What its values are. An algorithm and a world go by names that are listed elsewhere.
        default: Where nobody says anything; of a named world, its own comes first.
        range: Of a number, or of a whole number.
        null: What None means (null in JSON, an empty field); "": it must not be None.
        effect: When another value counts. "afresh": it needs agents that know nothing yet.
        column: dtype of its column in `records.AGENT`, one value for each agent; "": it has none.
        symbol: As books write it.
        scale: Of a slider and of arrow keys.
        unit: By which arrow keys change it.
        slider: The ends of its slider; None: it has none.
        choices: Of a choice.
        flag: Its option on the command line, without dashes in front; None: it has none.
        where: A choice and its key: what is set counts where that is chosen, else for nothing.
        later: Whether files are older than it: at its default it is left out of them, so that they
            are what they were.
    """

    key: str
    title: str
    says: str
    scope: Scope
    kind: Kind
    default: Any
    range: Range | None = None
    null: str = ""
    effect: Effect = "next start"
    column: str = ""
    symbol: str = ""
    scale: Literal["linear", "logarithmic"] = "linear"
    unit: float = 0.01
    slider: tuple[float, float] | None = None
    choices: tuple[Choice, ...] = ()
    flag: str | None = ""
    where: tuple[str, str] | None = None
    later: bool = False

    def __post_init__(self) -> None:
        if self.flag == "":
            object.__setattr__(self, "flag", self.key.replace("_", "-"))

    @property
    def must(self) -> str:
        """What must hold of a value: `in (0, 1]`, `a whole number in [1, 1e12] or null`."""
        return self._or_null({
            "number": f"in {self.range}",
            "whole": f"a whole number in {self.range}",
            "choice": f"one of {', '.join(choice.key for choice in self.choices)}",
            "flag": "true or false",
        }[self.kind])  # fmt: skip

    def _or_null(self, text: str) -> str:
        comma = "," if self.kind == "choice" else ""
        return f"{text}{comma} or null" if self.null else text

    def check(self, value: Any, name: str | None = None) -> Any:
        """The value as JSON has it, made what it must be: a float, an int, a name, a bool, None.

        Args:
            value: Whatever came; 500.0 is a whole number, true is no number.
            name: What to call the parameter in the sentence.

        Raises:
            InvalidValueError: It is of another kind, or outside the range.
        """
        if value is None and self.null:
            return None
        return self._checked(value, name or self.key)

    def _checked(self, value: Any, name: str) -> Any:
        must = self.must
        if self.kind == "number":
            if _is_a(Real, value):
                held = self._range.hold(value)
                if held is not None:
                    return held
            else:
                must = f"a number {must}"
        elif self.kind == "whole":
            if isinstance(value, float) and value.is_integer() and abs(value) <= EXACT:
                value = int(value)
            if _is_a(Integral, value) and self._range.low <= value <= self._range.high:
                return int(value)
        elif self.kind == "flag":
            if isinstance(value, bool):
                return value
        elif isinstance(value, str) and value in (choice.key for choice in self.choices):
            return value
        raise InvalidValueError(f"{name} must be {must}, got {value!r:.80}")

    @property
    def _range(self) -> Range:
        assert self.range is not None
        return self.range


def _step(bound: float) -> float:
    """From `bound` to the next float32 away from 0."""
    return 2.0 ** max(math.frexp(abs(bound))[1] - 24, -149) if bound else 2.0**-149


def _written(bound: float) -> str:
    """As people write it: 1, 4096, 1e12, -1e30."""
    if isinstance(bound, int) and abs(bound) > 10**15:
        return str(bound)  # a limit of so many digits is told by its last one
    text = f"{bound:.15g}".replace("e+", "e")
    zeros = len(text) - len(text.rstrip("0"))
    return f"{text[:-zeros]}e{zeros}" if zeros >= 9 and text.lstrip("-").isdigit() else text


def _is_a(kind: type, value: object) -> bool:
    """Whether it is a number of that kind; to Python a bool is one, as well as NumPy's."""
    return isinstance(value, kind) and type(value).__name__ not in ("bool", "bool_")
