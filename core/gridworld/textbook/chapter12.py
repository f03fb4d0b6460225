"""Chapter 12 of Sutton & Barto 2018: eligibility traces."""

from typing import Final

import numpy as np

from gridworld.experiments import statistics
from gridworld.experiments.plans.plan import Setting
from gridworld.textbook.runner import Runner
from gridworld.textbook.sources import by_axis
from gridworld.textbook.verdict import Drawn, Figure, Row

__all__ = ["FIGURES"]

LAMBDA: Final = "\N{GREEK SMALL LETTER LAMDA}"


def _label(setting: Setting) -> str:
    return f"{setting.varied['traces']}, {LAMBDA} {setting.varied['trace_decay']:g}"


def _random_walk(runner: Runner) -> Drawn:
    results = runner.run("figure-12.8")
    values = results.values()
    best: dict[str, Setting] = {}
    for setting in results.plan.settings:
        kind = str(setting.varied["traces"])
        known = best.setdefault(kind, setting)
        if values[setting.index].mean() < values[known.index].mean():
            best[kind] = setting
    rows = [
        Row(
            f"{kind}: least error, at {LAMBDA} {setting.varied['trace_decay']:g} and alpha"
            f" {setting.varied['learning_rate']:g}",
            0.25,
            statistics.mean(values[setting.index]),
            0.02,
        )
        for kind, setting in best.items()
    ]
    for worse, better in (("accumulating", "dutch"), ("dutch", "replacing")):
        gap, _ = statistics.paired(values[best[worse].index], values[best[better].index])
        rows.append(Row(f"{worse} above {better}, at best", 0.0, gap, 0.0, "above"))
    for decay in (0.9, 0.95, 1.0):
        least = {}
        for kind in best:
            found = results.plan.find({"traces": kind, "trace_decay": decay})
            means = [np.nan_to_num(values[s.index].mean(), nan=np.inf) for s in found]
            least[kind] = values[found[int(np.argmin(means))].index]
        for worse, better in (("accumulating", "dutch"), ("dutch", "replacing")):
            gap, _ = statistics.paired(least[worse], least[better])
            what = f"{worse} above {better}, {LAMBDA} {decay:g}"
            rows.append(Row(what, 0.0, gap, 0.0, "above"))
    lines = by_axis(results, "learning_rate", _label)
    shown = {name: line for name, line in lines.items() if name.startswith("dutch")}
    note = f"dutch traces, {results.plan.runs:,} runs a point"
    return Drawn(shown, {}, tuple(rows), note)


FIGURES: Final = (
    Figure(
        "figure-12.8",
        "TD(lambda) on the random walk of 19 states, by kind of traces",
        "Sutton & Barto 2018, Figures 12.6 and 12.8",
        "learning rate alpha",
        "RMS error over the first 10 episodes",
        "0.02 around 0.25, where the best lambda of each kind is in the book's figures (by eye);"
        " and the order of the kinds, run by run on the same walks.",
        _random_walk,
        low=0.2,
        high=0.55,
    ),
)
