"""Values of books and papers that are exact, against the solver."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from gridworld.exact.solver import Solution, solve
from gridworld.textbook.runner import Runner
from gridworld.textbook.verdict import Drawn, Figure, Row, exactly
from gridworld.worlds import make

__all__ = ["FIGURES"]


@dataclass(frozen=True)
class Known:
    """A published optimal value.

    Attributes:
        world: Its name.
        discount: Factor.
        state: Whose value; None: the expected one of where episodes begin.
        value: As published.
        digits: That it is published with.
        source: Where.
        scale: Theirs is so many times ours.
    """

    world: str
    discount: float
    state: int | None
    value: float
    digits: int
    source: str
    scale: float = 1.0


_RUSSELL_NORVIG: Final = (
    *((0, 0.8516), (1, 0.9078), (2, 0.9578), (4, 0.8016), (6, 0.7003)),
    *((8, 0.7453), (9, 0.6953), (10, 0.6514), (11, 0.4279)),
)

KNOWN: Final = (
    Known("random-walk-5", 1, 0, 1 / 6, 9, "Sutton & Barto 2018, Example 6.2"),
    Known("random-walk-5", 1, 4, 5 / 6, 9, "Sutton & Barto 2018, Example 6.2"),
    Known("random-walk-19", 1, 0, -0.9, 9, "Sutton & Barto 2018, Example 7.1"),
    Known("windy", 1, None, -15, 9, "Sutton & Barto 2018, Example 6.5"),
    Known("king-windy", 1, None, -7, 9, "Sutton & Barto 2018, Exercise 6.9"),
    Known("king-windy-stochastic", 1, None, -10.964609, 6, "Exercise 6.10, as solved by others"),
    Known("cliff-walking", 1, None, -13, 9, "Sutton & Barto 2018, Example 6.6"),
    Known("dyna-maze", 0.95, None, 0.95**13, 9, "Sutton & Barto 2018, Example 8.1: 14 steps"),
    Known("blocking-maze", 0.95, None, 0.95**9, 9, "Sutton & Barto 2018, Example 8.2: 10 steps"),
    Known("blocking-maze-2", 0.95, None, 0.95**15, 9, "Sutton & Barto 2018, Example 8.2: 16"),
    Known("van-hasselt-3x3", 0.95, None, 5 * 0.95**4 - 3.709875, 9, "van Hasselt 2010: 0.36"),
    Known("frozen-lake-4x4", 1, None, 14 / 17, 9, "Gymnasium, FrozenLake-v1 without a limit"),
    Known("frozen-lake-4x4", 0.99, None, 0.5420, 4, "Gymnasium, FrozenLake-v1"),
    Known("frozen-lake-8x8", 0.99, None, 0.4146, 4, "Gymnasium, FrozenLake8x8-v1"),
    *(
        Known("russell-norvig-4x3", 1, state, value, 4, "Russell & Norvig 2021, Figure 16.3")
        for state, value in _RUSSELL_NORVIG
    ),
    *(
        Known("book-grid", 0.9, state, value, 2, "DeNero & Klein 2010: an exit takes a step", 0.9)
        for state, value in ((0, 0.64), (1, 0.74), (2, 0.85), (4, 0.57), (8, 0.49), (11, 0.28))
    ),
)


def _draw(runner: Runner) -> Drawn:
    solved: dict[tuple[str, float], Solution] = {}
    rows = []
    for known in KNOWN:
        key = known.world, known.discount
        if key not in solved:
            solved[key] = solve(make(known.world), discount_factor=known.discount)
        found = solved[key]
        where = "the start" if known.state is None else f"state {known.state}"
        value = found.expected_return if known.state is None else float(found.v[known.state])
        value *= known.scale
        what = f"{known.world}, gamma {known.discount:g}, {where} ({known.source})"
        rows.append(Row(what, known.value, exactly(value, found.error), _half(known.digits)))
    return Drawn(rows=tuple(rows), note="exact, with the error that the solver claims")


def _half(digits: int) -> float:
    """Half of the last digit, and what rounding leaves of it."""
    return float(np.float64(0.51) * 10.0**-digits)


FIGURES: Final = (
    Figure(
        "exact-values",
        "Optimal values that books and papers give",
        "Sutton & Barto 2018, Russell & Norvig 2021, van Hasselt 2010, Gymnasium and others",
        "",
        "",
        "Half of the last published digit.",
        _draw,
    ),
)
