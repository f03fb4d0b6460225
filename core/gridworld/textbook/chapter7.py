"""Chapter 7 of Sutton & Barto 2018: returns of n steps."""

from typing import Final

from gridworld.textbook.runner import Runner
from gridworld.textbook.sources import by_axis, readings
from gridworld.textbook.verdict import Drawn, Figure, Row, read

__all__ = ["FIGURES"]


def _n_steps(runner: Runner) -> Drawn:
    results = runner.run("figure-7.2")
    lines = by_axis(results, "learning_rate", lambda setting: f"n={setting.varied['n_steps']}")
    published = readings("figure-7.2")
    rows = []
    for name, points in published.items():
        least = min(y for _, y in points)
        found = min((lines[name].at(x) for x, _ in points), key=lambda found: found.estimate)
        rows.append(Row(f"{name}: least error of these alpha", least, found, 0.006))
    rows += read(lines, published, 0.01, slack=0.01, axis="alpha")
    return Drawn(lines, published, tuple(rows), f"{results.plan.runs:,} runs a point, the book 100")


FIGURES: Final = (
    Figure(
        "figure-7.2",
        "n-step TD on the random walk of 19 states",
        "Sutton & Barto 2018, Figure 7.2",
        "learning rate alpha",
        "RMS error over the first 10 episodes",
        "0.006 for the minima: the book's 100 runs have a standard error of 0.003. 0.01 for single"
        " readings, and more where a curve is steep, for 0.01 by which alpha may be misread.",
        _n_steps,
        low=0.25,
        high=0.55,
    ),
)
