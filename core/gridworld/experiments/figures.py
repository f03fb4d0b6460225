"""Figures for files: one call each. They need matplotlib, the extra `[plot]`.

Each gives matplotlib's `Figure`, which `save` writes (vector formats by the file's suffix), and
says its method and its number of runs below. `numbers_of` gives what it shows as a tidy table.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from gridworld.errors import ExperimentError
from gridworld.experiments import statistics
from gridworld.experiments.measures.failures import said
from gridworld.experiments.results import Results, Which
from gridworld.experiments.selection import better
from gridworld.experiments.style import (
    Tidy,
    band,
    colour,
    dash,
    done,
    ends_of,
    numbers,
    numbers_of,
    plain_figure,
    scale,
    short,
    words,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FIGURES",
    "better_matrix",
    "heat_map",
    "learning_curves",
    "numbers_of",
    "profile",
    "runs_needed",
    "save",
    "sensitivity",
]

MOST_LINES: Final = 8


def learning_curves(
    results: Results,
    settings: Sequence[Which] | None = None,
    *,
    by: Literal["episode", "step"] = "episode",
    points: int = 100,
    runs: int = 1000,
) -> "Figure":
    """Mean return along the way.

    The dark band says what runs do on average, the light one what one more run will do.

    Args:
        results: Of an experiment.
        settings: Which, at most 8; None: all, if there are so few.
        by: What the axis counts.
        points: Of each curve.
        runs: Of each setting, at most; curves are computed again.
    """
    figure, axes = plain_figure()
    tidy = Tidy()
    chosen = [results.plan.setting(s) for s in (settings or range(len(results.plan.settings)))]
    _few("lines", len(chosen))
    count = min(runs, results.plan.runs)
    for i, setting in enumerate(chosen):
        curves = results.curves(setting, by=by, points=points, runs=count)
        middle = [statistics.mean(column, results.level) for column in curves.returns.T]
        more = [statistics.one_more(column, results.level) for column in curves.returns.T]
        band(axes, i, curves.x, middle, setting.label)
        low, high = np.array([m.low for m in more]), np.array([m.high for m in more])
        tidy.add(
            **{"setting": setting.label, by: curves.x, "n": [m.n for m in middle]},
            **ends_of(middle),
            one_more_low=low,
            one_more_high=high,
        )
        axes.fill_between(curves.x, low, high, color=colour(i), alpha=0.08, linewidth=0)
    axes.set_xlabel("episode" if by == "episode" else "step")
    axes.set_ylabel("return of an episode (reward)")
    note = (
        f"mean of {count:,} runs, {100 * results.level:.4g} % t interval;"
        f" light: where one more run lies ({100 * results.level:.4g} %)"
    )
    return done(figure, axes, _noted(results, note), tidy)


def sensitivity(results: Results, axis: str, measure: str | None = None) -> "Figure":
    """The U-curve of an axis, one line for each combination of the rest (at most 8)."""
    found = results.sensitivity(axis, measure)
    _few("lines", len(found.lines))
    figure, axes = plain_figure()
    tidy = Tidy()
    for i, (label, intervals) in enumerate(found.lines.items()):
        n = [one.n for one in intervals]
        tidy.add(
            **{"line": label or found.measure, axis: found.values, "n": n},
            **ends_of(intervals),
            near_share=found.near[label],
        )
        band(axes, i, numbers(axis, found.values), list(intervals), label or found.measure)
    scale(axes, axis, found.values)
    axes.set_ylabel(_with_unit(results, found.measure))
    near = ", ".join("-" if np.isnan(n) else f"{n:.0%}" for n in found.near.values())
    note = f"{_caption(results, 'mean')}; of the axis near the best ({found.within:.0%}): {near}"
    return done(figure, axes, _noted(results, note), tidy)


def heat_map(results: Results, x: str, y: str, measure: str | None = None) -> "Figure":
    """Two axes; the line is around what cannot be told from the best.

    Raises:
        ExperimentError: The plan does not vary both, or varies more.
    """
    plan = results.plan
    own = [key for key in (x, y) if key not in plan.vary]
    if own or x == y or len(plan.settings) != len(plan.vary[x]) * len(plan.vary[y]):
        raise ExperimentError(
            f"a heat map needs a plan that varies two axes and nothing else, got {x} and {y} of"
            f" {', '.join(plan.vary) or 'none'}"
        )
    best = results.best(measure)
    near = {c.setting.index for c in best.candidates}
    xs, ys = list(dict.fromkeys(plan.vary[x])), list(dict.fromkeys(plan.vary[y]))
    tidy = Tidy()
    values, inside = np.full((len(ys), len(xs)), np.nan), np.zeros((len(ys), len(xs)))
    means = results.values(measure)
    for setting in plan.settings:
        place = ys.index(setting.varied[y]), xs.index(setting.varied[x])
        values[place] = statistics.mean(means[setting.index]).estimate
        inside[place] = setting.index in near
        tidy.add(
            **{x: [setting.varied[x]], y: setting.varied[y], "mean": values[place]},
            told_from_the_best=setting.index not in near,
        )
    figure, axes = plain_figure()
    image = axes.imshow(values, origin="lower", aspect="auto", cmap="viridis")
    for i, j in zip(*np.nonzero(inside), strict=True):
        for di, dj, line in (
            (-1, 0, ([j - 0.5, j + 0.5], [i - 0.5] * 2)),
            (1, 0, ([j - 0.5, j + 0.5], [i + 0.5] * 2)),
            (0, -1, ([j - 0.5] * 2, [i - 0.5, i + 0.5])),
            (0, 1, ([j + 0.5] * 2, [i - 0.5, i + 0.5])),
        ):
            a, b = i + di, j + dj
            beside = 0 <= a < len(ys) and 0 <= b < len(xs) and inside[a, b]
            if not beside:
                axes.plot(*line, color="white", linewidth=2)
    axes.set_xticks(range(len(xs)), [short(v) for v in xs], rotation=45)
    axes.set_yticks(range(len(ys)), [short(v) for v in ys])
    axes.set_xlabel(words(x))
    axes.set_ylabel(words(y))
    figure.colorbar(image, label=_with_unit(results, best.measure))
    return done(
        figure,
        axes,
        _noted(
            results,
            f"means of {plan.runs:,} runs; white: not told from the best at"
            f" {100 * best.level:.4g} %",
        ),
        tidy,
        legend=False,
    )


def profile(results: Results, measure: str | None = None) -> "Figure":
    """Performance profiles: the share of a setting's runs that reach a value (an ECDF)."""
    one = results.measure(measure)
    _few("lines", len(results.plan.settings))
    figure, axes = plain_figure()
    tidy = Tidy()
    values = results.values(one.name)
    for i, setting in enumerate(results.plan.settings):
        ordered = np.sort(values[setting.index][np.isfinite(values[setting.index])])
        share = np.arange(1, len(ordered) + 1) / max(1, len(ordered))
        if one.better == "higher":
            share = 1 - share + 1 / max(1, len(ordered))
        # The band in which the whole profile lies (Dvoretzky, Kiefer & Wolfowitz; Massart 1990).
        half = np.sqrt(np.log(2 / (1 - results.level)) / (2 * max(1, len(ordered))))
        axes.step(ordered, share, where="post", color=colour(i), linestyle=dash(i),
                  label=setting.label)  # fmt: skip
        low, high = np.clip(share - half, 0, 1), np.clip(share + half, 0, 1)
        tidy.add(
            **{"setting": setting.label, one.name: ordered, "share": share}, low=low, high=high
        )
        axes.fill_between(ordered, low, high, step="post", color=colour(i), alpha=0.2, linewidth=0)
    at = "at least" if one.better == "higher" else "at most"
    axes.set_xlabel(_with_unit(results, one.name))
    axes.set_ylabel(f"share of runs with {at} so much")
    note = f"{results.plan.runs:,} runs each, {100 * results.level:.4g} % DKW band"
    return done(figure, axes, _noted(results, note), tidy)


def better_matrix(results: Results, measure: str | None = None) -> "Figure":
    """How often a run of one setting (row) does better than one of another (column)."""
    one = results.measure(measure)
    settings = results.plan.settings
    n = len(settings)
    chance = np.full((n, n), np.nan)
    tidy = Tidy()
    for (i, j), found in better(results.values(one.name), one, results.level).items():
        chance[i, j] = found.estimate
        tidy.add(
            setting=[settings[i].label],
            other=settings[j].label,
            probability_better=found.estimate,
            low=found.low,
            high=found.high,
            n=found.n,
        )
    figure, axes = plain_figure()
    image = axes.imshow(chance, cmap="PuOr", vmin=0, vmax=1)
    for i, j in np.argwhere(np.isfinite(chance)):
        axes.text(j, i, f"{chance[i, j]:.2f}", ha="center", va="center", fontsize=7)
    names = [s.label for s in settings]
    axes.set_xticks(range(n), names, rotation=45, ha="right", fontsize=7)
    axes.set_yticks(range(n), names, fontsize=7)
    figure.colorbar(image, label=f"P(row better than column) by {words(one.name)}")
    note = f"{results.plan.runs:,} runs on common random numbers; ties count half"
    return done(figure, axes, _noted(results, note), tidy, legend=False)


def runs_needed(results: Results, measure: str | None = None) -> "Figure":
    """How many runs an interval of a mean of a given half-width takes."""
    one = results.measure(measure)
    _few("lines", len(results.plan.settings))
    figure, axes = plain_figure()
    from scipy import stats

    tidy = Tidy()
    counts = np.unique(np.geomspace(2, max(results.plan.runs * 10, 100), 60).astype(np.int64))
    for i, setting in enumerate(results.plan.settings):
        row = results.values(one.name)[setting.index]
        known = row[np.isfinite(row)]
        spread = known.std(ddof=1) if len(known) > 1 else np.nan
        half = stats.t.ppf(0.5 + results.level / 2, counts - 1) * spread / np.sqrt(counts)
        tidy.add(setting=setting.label, runs=counts, half_width=half)
        axes.plot(counts, half, color=colour(i), linestyle=dash(i), label=setting.label)
    axes.axvline(results.plan.runs, color="0.6", linewidth=1)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("runs of a setting")
    axes.set_ylabel(f"half-width of the interval, {_with_unit(results, one.name)}")
    note = f"{100 * results.level:.4g} % t interval; grey: the {results.plan.runs:,} runs there are"
    return done(figure, axes, _noted(results, note), tidy)


FIGURES: Final = {
    "curves": learning_curves,
    "sensitivity": sensitivity,
    "heat-map": heat_map,
    "profile": profile,
    "better": better_matrix,
    "runs-needed": runs_needed,
}
"""By the name on the command line."""


def save(figure: "Figure", path: str | Path) -> Path:
    """Write a figure; the suffix names the format (.svg, .pdf, .png).

    Raises:
        ExperimentError: The suffix names none.
        OSError: The file cannot be written.
    """
    from gridworld.store.files import write_atomically

    kind = Path(path).suffix.lower().lstrip(".")
    if kind not in ("svg", "pdf", "png", "eps"):
        raise ExperimentError(f"a figure's file must end in .svg, .pdf, .png or .eps, got {path}")
    # Without a date, the same figure is the same file.
    bare = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
    return write_atomically(
        path, lambda file: figure.savefig(file, format=kind, dpi=160, metadata=bare)
    )


def _few(what: str, count: int) -> None:
    if count > MOST_LINES:
        raise ExperimentError(
            f"a figure must have at most {MOST_LINES} {what}, got {count}: choose some settings"
        )


def _with_unit(results: Results, name: str) -> str:
    unit = results.measure(name).unit
    return f"{words(name)} ({unit})" if unit else words(name)


def _noted(results: Results, note: str) -> str:
    """What stands below a figure, with how many runs failed."""
    failed = said(results.failures)
    return f"{note}\n{failed}" if failed else note


def _caption(results: Results, what: str) -> str:
    few = ", which is few" if results.plan.runs < statistics.FEW else ""
    looks = f", after {results.looks} looks" if results.looks > 1 else ""
    return (
        f"{what} of {results.plan.runs:,} runs{few}, {100 * results.level:.4g} % t interval{looks}"
    )
