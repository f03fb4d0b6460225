"""The measures of one name each."""

from dataclasses import replace

import numpy as np

from gridworld.experiments.measures.record import PLAIN, Measure
from gridworld.experiments.measures.sums import mean_of, whole_run
from gridworld.experiments.outcome import Numbers, Outcome

__all__: list[str] = []


def _reward_per_step(outcome: Outcome) -> Numbers:
    return mean_of(outcome.end.return_sum + outcome.open_return, outcome.steps)


def _regret_mean(outcome: Outcome) -> Numbers:
    """The mean over the budget, each regret counting until the next is known."""
    cuts = sorted(outcome.regrets)
    widths = np.diff([0, *(cut.count for cut in cuts)])
    total = sum(w * outcome.regrets[cut] for w, cut in zip(widths, cuts, strict=True))
    return np.asarray(total / widths.sum(), np.float64)


def _optimal_since(outcome: Outcome) -> Numbers:
    since = np.full(len(outcome.episodes), np.nan)
    still = np.ones(len(since), np.bool_)
    for cut in sorted(outcome.regrets, reverse=True):
        still &= outcome.regrets[cut] == 0
        since[still] = cut.count
    return since


PLAIN.update(
    (made.name, replace(made, built_in=True))
    for made in (
        Measure(
            "return_mean",
            whole_run("return"),
            "Mean undiscounted return over all episodes.",
            "reward",
        ),
        Measure(
            "length_mean", whole_run("length"), "Mean steps over all episodes.", "steps", "lower"
        ),
        Measure(
            "reward_per_step",
            _reward_per_step,
            "Reward of all steps, by their number.",
            "reward a step",
        ),
        Measure(
            "regret",
            lambda outcome: outcome.judged[0],
            "How much less than the optimum the final greedy policy is worth, exactly.",
            "reward",
            "lower",
        ),
        Measure(
            "regret_mean",
            _regret_mean,
            "Mean regret of the greedy policy on the way.",
            "reward",
            "lower",
            on_the_way=True,
        ),
        Measure(
            "optimal_since",
            _optimal_since,
            "The moment, in units of the budget, from which the greedy policy was optimal to the"
            " end; none where it is not.",
            "episodes",
            "lower",
            on_the_way=True,
        ),
        Measure(
            "arrives",
            lambda outcome: outcome.judged[1],
            "Whether the final greedy policy is sure to end its episodes.",
            "0 or 1",
        ),
        Measure("episodes", lambda outcome: outcome.episodes, "Complete episodes.", "episodes"),
        Measure("steps", lambda outcome: outcome.steps, "Steps.", "steps", "lower"),
    )
)
