"""What a run must be counted as: failures are shown, and never dropped silently from a mean."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from gridworld.experiments.outcome import Numbers, Outcome

__all__ = ["FAILURES", "failures", "has_diverged", "said"]

FAILURES: Final[Mapping[str, str]] = {
    "diverged": "A value of the table is not finite, or above what the rewards allow.",
    "never_arrived": "No episode came to an end of its own.",
    "cut_off": "The budget of steps ended before that of episodes.",
}
"""What a run must be counted as, with its sentence."""


def said(counts: Mapping[str, int]) -> str:
    """How many runs failed, in words, by what they must be counted as; "" where none did."""
    parts = [f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if count]
    return f"of all runs {', '.join(parts)}" if parts else ""


def failures(outcome: Outcome) -> dict[str, npt.NDArray[np.bool_]]:
    """Each of `FAILURES`, bool `[runs]`."""
    mdp = outcome.mdp
    arrived = outcome.episodes > 0
    if mdp.max_steps:
        arrived &= outcome.shortest < mdp.max_steps
    budget = outcome.episode_budget
    return {
        "diverged": has_diverged(outcome),
        "never_arrived": ~arrived,
        "cut_off": outcome.episodes < budget if budget else np.zeros(len(arrived), np.bool_),
    }


def has_diverged(outcome: Outcome) -> npt.NDArray[np.bool_]:
    """Which tables are not finite, or above what the rewards allow: bool `[runs]`."""
    highest = outcome.q.max(axis=(1, 2)).astype(np.float64)
    there = outcome.q > -np.inf if len(outcome.mdp.available) else True
    lowest = outcome.q.min(axis=(1, 2), initial=np.inf, where=there).astype(np.float64)
    bound = _largest_value(outcome)
    diverged: npt.NDArray[np.bool_] = ~((highest <= bound) & (lowest >= -bound))
    return diverged


def _largest_value(outcome: Outcome) -> Numbers:
    """A bound on what any return of each run could be, with room for rounding; inf: none."""
    mdp = outcome.mdp
    reward = float(np.abs(mdp.outcomes["reward"]).max(initial=0.0))
    reward += 6.34 * float(mdp.reward_sd.max(initial=0.0))  # no normal number of 32 bits is above
    gamma = outcome.discount_factor.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = np.where(gamma < 1, 1 / (1 - gamma), np.inf)
    initial: npt.NDArray[np.float64] = np.abs(
        outcome.algorithm.column("initial_value", len(gamma))
    ).astype(np.float64)
    bound = 1.001 * (reward * sums if reward else np.zeros(len(gamma))) + initial
    return np.maximum(bound, 1e-6)
