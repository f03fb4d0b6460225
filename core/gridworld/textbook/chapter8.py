"""Chapter 8 of Sutton & Barto 2018: planning."""

from dataclasses import replace
from typing import Final

import numpy as np

from gridworld.exact.evaluation import policy_value
from gridworld.experiments import statistics
from gridworld.textbook.runner import Runner
from gridworld.textbook.sources import by_moment, readings
from gridworld.textbook.verdict import Drawn, Figure, Line, Relation, Row
from gridworld.world import Rewards
from gridworld.worlds import make_grid

__all__ = ["FIGURES"]

MOMENTS: Final = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 35, 40, 45, 50)

SHORTEST: Final = 14.0
"""Steps from the start of the maze to its goal."""


def _planning(runner: Runner) -> Drawn:
    results = runner.run("figure-8.2")
    lines = by_moment(
        results,
        [(float(k), f"length_of_episode_{k}") for k in MOMENTS],
        label=lambda setting: f"n={setting.varied['planning_steps']}",
    )
    # The book held the seed constant, so that the first episode is the same for all n.
    rows = [Row("steps of the first episode, any n", 1700.0, lines["n=0"].y[0], 340.0)]
    walk = _random_walk()
    rows += [
        Row(f"{name}: steps of the first episode, a random walk (ours)", walk, y[0], 0.06 * walk)
        for name, y in ((name, line.y) for name, line in lines.items())
    ]
    for name, episode in (("n=0", 30), ("n=5", 8), ("n=50", 5)):
        rows.append(
            Row(
                f"{name}: steps of episode {episode}, nearly the shortest, 14",
                2 * SHORTEST,
                lines[name].at(episode),
                0.0,
                "below",
            )
        )
    for k in (3, 5):
        steps = results.values(f"length_of_episode_{k}")
        for more, fewer in ((0, 1), (1, 2)):
            names = list(lines)
            gap, _ = statistics.paired(steps[more], steps[fewer])
            what = f"{names[more]} above {names[fewer]}, episode {k}"
            rows.append(Row(what, 0.0, gap, 0.0, "above"))
    return Drawn(lines, {}, tuple(rows), f"{results.plan.runs:,} runs, the book 30")


def _random_walk() -> float:
    """Mean steps of a random walk from the start of the maze to its goal, exactly."""
    maze = replace(make_grid("dyna-maze"), rewards=Rewards(step=-1, goal=-1), max_steps=None)
    nothing = np.zeros((maze.n_states, 4))
    values = policy_value(maze, nothing, discount_factor=1, epsilon=1)
    return -float(values[maze.starts[0]])


def _changing(runner: Runner, key: str, axis: float) -> Drawn:
    """Cumulative reward in a maze that changes.

    Args:
        runner: Runs the plan.
        key: Of the figure.
        axis: One per cent of the figure's y axis.
    """
    results = runner.run(key)
    steps = results.plan.steps or 0
    change = results.plan.change[0][0]
    moments = [(float(k), f"reward_in_{k}_steps") for k in range(100, steps + 1, 100)]
    lines = by_moment(results, moments)
    start = statistics.mean(np.zeros(2))
    lines = {name: Line(np.append(0.0, line.x), (start, *line.y)) for name, line in lines.items()}
    published = readings(key)
    rows = [
        Row(f"{name}, step {x:.0f}", y, lines[name].at(x), 0.2 * abs(y) + axis, where=x)
        for name, points in published.items()
        for x, y in points
    ]
    end = results.values(f"reward_in_{steps}_steps")
    gap, _ = statistics.paired(end[1], end[0])
    rows.append(Row("Dyna-Q+ above Dyna-Q at the end", 0.0, gap, 0.0, "above"))
    rows += _kink(key, lines, change, steps)
    note = f"{results.plan.runs:,} runs; alpha, n and kappa are ours"
    return Drawn(lines, published, tuple(rows), note)


def _kink(key: str, lines: dict[str, Line], change: int, steps: int) -> list[Row]:
    """Rewards a step before the change, just after it, and at the end, against each other."""

    def rate(name: str, first: float, last: float) -> float:
        y = lines[name].at(last).estimate - lines[name].at(first).estimate
        return y / (last - first)

    plus, plain = "dyna_q_plus", "dyna_q"
    span = 500.0
    rows = []
    if key == "figure-8.4":
        for name in (plain, plus):
            before = rate(name, change - span / 2, change)
            after = rate(name, change, change + span / 2)
            found = statistics.mean(np.full(2, after / before))
            rows.append(Row(f"{name}: reward a step, after by before", 0.5, found, 0.0, "below"))
    else:
        for name in (plain, plus):
            before = rate(name, change - span, change)
            ends = rate(name, steps - span, steps)
            found = statistics.mean(np.full(2, ends / before))
            finds: Relation = "above" if name == plus else "below"
            what = f"{name}: reward a step, at the end by before"
            rows.append(Row(what, 1.2, found, 0.0, finds))
    return rows


_UNSAID: Final = (
    "20 % and 1 % of the axis: the book leaves out alpha, the planning steps and kappa, and"
    " averages few runs (ours: alpha 1 and kappa 0.001, planning steps fitted);"
)

FIGURES: Final = (
    Figure(
        "figure-8.2",
        "Dyna-Q on a maze, by the number of planning steps",
        "Sutton & Barto 2018, Figure 8.2",
        "episode",
        "steps in the episode",
        "20 % around the 1,700 steps of the first episode, given in the book's text (section 8.2:"
        " 'exactly the same (about 1700 steps) for all values of n', with the random seed held"
        " constant) and its figure leaves out; of a random walk 6 % around its exact mean, which is"
        " ours; the others are of the book's words: n = 0 takes about 25 episodes, n = 5 about five"
        " and n = 50 three to be nearly as good as can be with epsilon 0.1 (we look some later:"
        " below twice the shortest way).",
        _planning,
        "Before the first reward nothing is learnt, whatever n: the first episode is a random walk,"
        " which takes 868.7 steps on the average in this maze, exactly, and not 1,700.",
        low=0.0,
        high=800.0,
    ),
    Figure(
        "figure-8.4",
        "Dyna-Q and Dyna-Q+ on the blocking maze",
        "Sutton & Barto 2018, Figure 8.4",
        "time step",
        "cumulative reward",
        f"{_UNSAID} after the change both earn less than half of what they did.",
        lambda runner: _changing(runner, "figure-8.4", 1.5),
    ),
    Figure(
        "figure-8.5",
        "Dyna-Q and Dyna-Q+ on the shortcut maze",
        "Sutton & Barto 2018, Figure 8.5",
        "time step",
        "cumulative reward",
        f"{_UNSAID} Dyna-Q+ finds the shortcut and earns a fifth more at the end, Dyna-Q does not.",
        lambda runner: _changing(runner, "figure-8.5", 4.0),
    ),
)
