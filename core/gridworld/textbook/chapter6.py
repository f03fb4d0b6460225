"""Chapter 6 of Sutton & Barto 2018: temporal-difference learning."""

from typing import Final

import numpy as np

from gridworld.exact.evaluation import policy_value
from gridworld.exact.solver import solve
from gridworld.experiments import statistics
from gridworld.processes import make_process
from gridworld.textbook.batch_walk import STATES, batch_errors
from gridworld.textbook.runner import Runner
from gridworld.textbook.sources import by_axis, by_moment, readings
from gridworld.textbook.verdict import Drawn, Figure, Line, Row, exactly, read
from gridworld.world import GridWorld
from gridworld.worlds import make_grid

__all__ = ["FIGURES"]

TITLE: Final = "Sutton & Barto 2018"

EPSILON: Final = 0.1


def _values_of_the_walk(runner: Runner) -> Drawn:
    results = runner.run("example-6.2")
    exact = solve(make_process("random-walk-5"), discount_factor=1)
    published = [(s + 1) / (STATES + 1) for s in range(STATES)]
    rows = []
    for s, value in enumerate(published):
        name, found = "ABCDE"[s], exactly(float(exact.v[s]), exact.error)
        rows.append(Row(f"exact value of {name}", value, found, 1e-9))
    learnt = [statistics.mean(results.values(f"value_of_state_{s}")[0]) for s in range(STATES)]
    for s, value in enumerate(published):
        rows.append(Row(f"TD(0), mean value of {'ABCDE'[s]}", value, learnt[s], 0.006))
    x = np.arange(1.0, STATES + 1)
    return Drawn(
        {"td": Line(x, tuple(learnt))},
        {"td": [[i, value] for i, value in zip(x.tolist(), published, strict=True)]},
        tuple(rows),
        f"{results.plan.runs:,} runs of {results.plan.episodes} episodes",
    )


def _batch(runner: Runner) -> Drawn:
    runs, episodes = runner.runs(10_000), 100
    errors = batch_errors(runs, episodes, seed=0)
    x = np.arange(1.0, episodes + 1)
    lines = {
        name: Line(x, tuple(statistics.mean(column) for column in found.T))
        for name, found in errors.items()
    }
    published = readings("figure-6.2")
    rows = list(read(lines, published, 0.012, slack=1.0, axis="episode"))
    for k in (10, 50, 100):
        gap = statistics.mean(errors["monte_carlo"][:, k - 1] - errors["td"][:, k - 1])
        rows.append(Row(f"MC above TD after {k} episodes", 0.0, gap, 0.0, "above"))
    return Drawn(lines, published, tuple(rows), f"{runs:,} runs")


def _interim(runner: Runner) -> Drawn:
    results = runner.run("figure-6.3")
    lines = by_axis(results, "learning_rate")
    published = readings("figure-6.3")
    rows = read(lines, published, 1.5, on_points=True, axis="alpha")
    return Drawn(lines, published, rows, f"{results.plan.runs:,} runs a point, 100 episodes each")


def _with_ties(world: GridWorld) -> float:
    """Exact return of the optimal policy, ties broken at random, with exploration."""
    best = np.asarray(solve(world, discount_factor=1).policy)
    values = policy_value(world, best, discount_factor=1, epsilon=EPSILON, ties="random")
    return float(values[world.starts[0]])


def _asymptotic(runner: Runner) -> Drawn:
    results = runner.run("figure-6.3-asymptotic")
    lines = by_axis(results, "learning_rate")
    world = make_grid("cliff-walking")
    along = _with_ties(world)
    safe = -20.71
    rows = [
        Row(f"Expected SARSA, alpha {x:.1f}", safe, y, 0.15)
        for x, y in zip(lines["expected_sarsa"].x, lines["expected_sarsa"].y, strict=True)
    ]
    learnt = lines["q_learning"]
    rows += [
        Row(f"Q-learning, alpha {x:.1f}: along the cliff", along, y, 0.6)
        for x, y in zip(learnt.x, learnt.y, strict=True)
    ]
    ends = [y.estimate for y in learnt.y]
    flat = exactly(max(ends) - min(ends))
    rows.append(Row("Q-learning, largest less smallest over alpha", 1.5, flat, 0.0, "below"))
    exact = {
        "expected_sarsa": [[x, safe] for x in (0.1, 0.4, 0.7, 1.0)],
        "q_learning": [[x, along] for x in (0.1, 0.4, 0.7, 1.0)],
    }
    note = f"{results.plan.runs} runs of 100,000 episodes, the later half; dots: exact limits"
    return Drawn(lines, exact, tuple(rows), note)


def _windy(runner: Runner) -> Drawn:
    results = runner.run("example-6.5")
    moments = [(float(k), f"episodes_in_{k}_steps") for k in range(250, 8001, 250)]
    lines = by_moment(results, moments)
    band = tuple(statistics.one_more(results.values(name)[0], 0.99) for _, name in moments)
    lines = {"sarsa": lines["sarsa"], "one more run (99 %)": Line(lines["sarsa"].x, band)}
    published = readings("example-6.5")
    rows = []
    for x, y in published["sarsa"]:
        if x < moments[0][0]:
            continue
        found = lines["one more run (99 %)"].at(x)
        width = max(found.high - found.estimate, found.estimate - found.low)
        rows.append(Row(f"episodes by step {x:.0f}", y, found, width, where=x))
    return Drawn(lines, published, tuple(rows), f"{results.plan.runs:,} runs; the book: one")


_LEFT: Final = (*range(1, 31), *range(35, 301, 5))
"""Episodes in which it is looked at which way the agents went."""


def _bias(runner: Runner) -> Drawn:
    results = runner.run("figure-6.5")
    moments = [(float(k), f"length_of_episode_{k}") for k in _LEFT]
    lines = by_moment(results, moments, shift=-1.0, scale=100.0)  # left takes a step more
    published = readings("figure-6.5")
    rows = read(lines, published, 2.5, slack=1.0, axis="episode")
    return Drawn(lines, published, rows, f"{results.plan.runs:,} runs, as in the book")


_MOMENTS: Final = (
    *(1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90, 100),
    *range(125, 501, 25),
)


def _cliff(runner: Runner) -> Drawn:
    results = runner.run("example-6.6")
    lines = by_moment(results, [(float(k), f"return_of_episode_{k}") for k in _MOMENTS])
    published = readings("example-6.6")
    rows = []
    for place, name in enumerate(("q_learning", "sarsa")):
        late = [y for x, y in published[name] if x > 100]
        ours = statistics.mean(results.values("return_mean_last_400")[place])
        rows.append(Row(f"{name}, mean after episode 100", float(np.mean(late)), ours, 2.5))
    late_ones = {name: [[x, y] for x, y in points if x > 100] for name, points in published.items()}
    rows += read(lines, late_ones, 12.0, axis="episode")
    return Drawn(lines, published, tuple(rows), f"{results.plan.runs:,} runs; the book smooths")


FIGURES: Final = (
    Figure(
        "example-6.2",
        "TD(0) on the random walk: the values 1/6 to 5/6",
        f"{TITLE}, Example 6.2",
        "state (A to E)",
        "value",
        "1e-9 for the exact values; 0.006 for the mean of what TD(0) has learnt, since we look at"
        " the end of an episode, just behind a step out of A or E (the bias is 0.27 alpha).",
        _values_of_the_walk,
    ),
    Figure(
        "figure-6.2",
        "Batch TD(0) and batch MC on the random walk",
        f"{TITLE}, Figure 6.2",
        "episodes seen",
        "RMS error over the states",
        "0.012: the book averages 100 runs (standard error 0.005), read to about 0.003; more where"
        " the curve is steep, for 1 episode by which x may be misread.",
        _batch,
        low=0.0,
        high=0.25,
    ),
    Figure(
        "figure-6.3",
        "Interim performance of TD control on the cliff",
        f"{TITLE}, Figure 6.3 (the mean of the first 100 episodes)",
        "learning rate alpha",
        "reward an episode",
        "1.5: readings are good to 1 % of an axis of 160, and the steep ends to less.",
        _interim,
        low=-160.0,
        high=0.0,
    ),
    Figure(
        "figure-6.3-asymptotic",
        "Asymptotic performance of TD control on the cliff",
        f"{TITLE}, Figure 6.3 (100,000 episodes)",
        "learning rate alpha",
        "reward an episode",
        "0.15 around the exact value of the best epsilon-soft policy, to which Expected SARSA goes;"
        " 0.6 around the exact value of going along the cliff, for Q-learning: twice the standard"
        " error of 10 runs.",
        _asymptotic,
        low=-160.0,
        high=0.0,
    ),
    Figure(
        "figure-6.5",
        "The lure of the maximum: Q-learning and Double Q-learning",
        f"{TITLE}, Figure 6.5 (Example 6.7)",
        "episode",
        "% of actions left from A",
        "2.5 points: readings are good to 1 % of an axis of 100, and 10,000 runs to 1 point; more"
        " where the curve is steep, for 1 episode (a third of a per cent of the axis) by which x"
        " may be misread.",
        _bias,
        low=0.0,
        high=100.0,
    ),
    Figure(
        "example-6.5",
        "SARSA on the windy grid",
        f"{TITLE}, Example 6.5",
        "time step",
        "episodes finished",
        "The book shows one run: it must lie where 99 of 100 of ours do.",
        _windy,
        "The book's run took some 2,000 steps for its first episode, where 99 of 100 of ours have"
        " finished five and more by then, at this and at every smaller epsilon; at a learning rate"
        " of 0.1, that of the first edition, the beginning fits and the end does not (24 episodes)."
        " From step 5,300 on it lies within the band. We take it for an unusual run.",
    ),
    Figure(
        "example-6.6",
        "Q-learning and SARSA on the cliff, online",
        f"{TITLE}, Example 6.6",
        "episode",
        "reward in the episode",
        "2.5 for the mean after episode 100; 12 for single readings, since the book's curve is"
        " smoothed of few runs and scatters itself (standard deviation 3.5). The book does not say"
        " alpha: 0.5.",
        _cliff,
        "Q-learning's greedy policy, with epsilon 0.1 and all learnt, is worth -50.9 an episode,"
        " exactly, and no learning rate from 0.1 to 0.9 gives a mean above -49; the book's curve is"
        " at -46.7. It is of few runs, and smoothed in a way that is not told.",
        low=-100.0,
        high=-10.0,
    ),
)
