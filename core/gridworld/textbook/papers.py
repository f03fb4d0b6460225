"""Figures of papers, beside the books."""

from typing import Final

from gridworld.exact.solver import solve
from gridworld.experiments import statistics
from gridworld.processes import make_process
from gridworld.textbook.runner import Runner
from gridworld.textbook.sources import by_moment
from gridworld.textbook.verdict import Drawn, Figure, Line, Row

__all__ = ["FIGURES"]

_MOMENTS: Final = (100, 200, 500, 1000, 2000, 5000, 10_000)


def _overestimation(runner: Runner) -> Drawn:
    results = runner.run("van-hasselt-3x3")
    world = make_process("van-hasselt-3x3")
    exact = solve(world, discount_factor=0.95)
    start = int(world.starts[0])
    settings = {
        (setting.algorithm.name, float(setting.varied["learning_rate_power"])): setting.index
        for setting in results.plan.settings
    }
    learnt, earned = (
        results.values(f"value_of_state_{start}"),
        results.values(f"reward_in_{_MOMENTS[-1]}_steps"),
    )
    rows = []
    for power in (0.8, 1.0):
        single, double = settings["q_learning", power], settings["double_q_learning", power]
        value = statistics.mean(learnt[single])
        what = f"alpha = 1 / n^{power:g}"
        rows.append(
            Row(f"Q-learning's value above the true one, {what}", 0.36, value, 0.0, "above")
        )
        gap, _ = statistics.paired(
            abs(learnt[single] - exact.v[start]), abs(learnt[double] - exact.v[start])
        )
        rows.append(Row(f"Q-learning further off than Double, {what}", 0.0, gap, 0.0, "above"))
        gap, _ = statistics.paired(earned[double], earned[single])
        rows.append(Row(f"Double earns more in 10,000 steps, {what}", 0.0, gap, 0.0, "above"))
    lines = by_moment(
        results,
        [(float(k), f"reward_in_{k}_steps") for k in _MOMENTS],
        label=lambda setting: (
            f"{setting.algorithm.name}, 1 / n^{setting.varied['learning_rate_power']:g}"
        ),
    )
    per_step = {
        name: Line(
            line.x, tuple(_divided(y, float(x)) for x, y in zip(line.x, line.y, strict=True))
        )
        for name, line in lines.items()
    }
    note = f"{results.plan.runs:,} runs; epsilon falls by the episode, not by visits"
    return Drawn(per_step, {}, tuple(rows), note)


def _divided(value: statistics.Interval, by: float) -> statistics.Interval:
    estimate, low, high = (each / by for each in (value.estimate, value.low, value.high))
    return statistics.Interval(estimate, low, high, value.n, value.level, value.method)


FIGURES: Final = (
    Figure(
        "van-hasselt-3x3",
        "Overestimation on the 3 x 3 grid: Q-learning and Double Q-learning",
        "van Hasselt 2010, section 4.2",
        "steps",
        "reward a step so far",
        "None: of the paper's figure there are no readings, so that its words are checked: that"
        " Q-learning overestimates (the true value of the start is 0.36) and does worse for it. The"
        " paper's epsilon falls with the visits of each state, ours with the episodes.",
        _overestimation,
    ),
)
