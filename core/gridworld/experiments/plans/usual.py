"""The values that an axis takes where nobody names them."""

from dataclasses import dataclass
from typing import Any, Final

from gridworld.experiments.plans.axes import Axis, linspace, logspace
from gridworld.parameter import Parameter

__all__ = ["Span", "spread", "usual_span"]

UNITS: Final = 100
"""Of a share, so many of the units of its arrow keys below its upper end."""

REACH: Final = 10
"""Of a number without such ends, so many times smaller and larger than it is."""


@dataclass(frozen=True)
class Span:
    """The ends of an axis, and how it goes from one to the other.

    Attributes:
        low: The first value.
        high: The last one.
        count: How many values.
        log: Whether at equal ratios instead of at equal distances.
    """

    low: float
    high: float
    count: int
    log: bool


def usual_span(each: Parameter, value: float | None) -> Span:
    """Where a number of learning or of a world is worth trying, by its range.

    Args:
        each: A parameter of the kind "number" or "whole".
        value: What it is now; None: nothing in particular.
    """
    assert each.range is not None
    low, high = each.range.low, each.range.high
    if high <= 1:
        low = max(low, high - UNITS * each.unit)
        if each.range.above and low == each.range.low:
            return Span(high / 10, high, 10, log=False)
        return Span(low, high, 11, log=False)
    if low < 0:
        reach = max(REACH * each.unit, 2 * abs(value or 0))
        return Span(max(low, -reach), min(high, reach), 11, log=False)
    middle = value or each.default or REACH * each.unit
    least = 1 if each.kind == "whole" else 0
    first, last = max(low, least, middle / REACH), min(high, middle * REACH)
    if each.kind == "whole":
        first, last = round(first), round(last)
    return Span(first, last, 10, log=True)


def spread(each: Parameter, span: Span) -> Axis:
    """The values of an axis; those of a whole number are rounded, each once.

    Raises:
        ExperimentError: The ends or the count cannot be.
    """
    make = logspace if span.log else linspace
    axis = make(span.low, span.high, span.count)
    if each.kind != "whole":
        return axis
    numbers: list[Any] = [round(float(value)) for value in axis if value is not None]
    values = tuple(dict.fromkeys(numbers))
    return Axis(values, list(values))
