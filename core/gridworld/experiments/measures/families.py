"""The measures whose names hold a number."""

from typing import Literal

import numpy as np

from gridworld.experiments.measures.record import FAMILIES, Compute, Family, Measure
from gridworld.experiments.measures.sums import mean_of, over, whole_run
from gridworld.experiments.outcome import Cut, Numbers, Outcome

__all__: list[str] = []


def _first(of: str, k: int) -> Compute:
    def compute(outcome: Outcome) -> Numbers:
        mark = outcome.marks[Cut("episodes", k)]
        return mean_of(over(of, mark), mark.episodes)

    return compute


def _last(of: str, k: int) -> Compute:
    def compute(outcome: Outcome) -> Numbers:
        budget = outcome.episode_budget or 0
        if budget <= k:
            return whole_run(of)(outcome)  # type: ignore[return-value]
        mark = outcome.marks[Cut("episodes", budget - k)]
        total = over(of, outcome.end) - over(of, mark)
        return mean_of(total, outcome.episodes - mark.episodes)

    return compute


def _steps_to_goal(k: int) -> Compute:
    def compute(outcome: Outcome) -> Numbers:
        mark = outcome.marks[Cut("episodes", k)]
        return np.where(mark.episodes >= k, mark.length_sum.astype(np.float64), np.nan)

    return compute


def _episode(of: str, k: int) -> Compute:
    """Of episode k alone; NaN where it did not come to its end."""

    def compute(outcome: Outcome) -> Numbers:
        after = outcome.marks[Cut("episodes", k)]
        before = over(of, outcome.marks[Cut("episodes", k - 1)]) if k > 1 else 0.0
        return np.where(after.episodes >= k, over(of, after) - before, np.nan)

    return compute


def _until_step(of: str, k: int) -> Compute:
    def compute(outcome: Outcome) -> Numbers:
        mark = outcome.marks[Cut("steps", k)]
        counted = mark.return_sum + mark.open_return if of == "reward" else mark.episodes
        return np.asarray(counted, np.float64)

    return compute


def _value_error(k: int) -> Compute:
    def compute(outcome: Outcome) -> Numbers:
        errors = [outcome.errors[Cut("episodes", i)] for i in range(1, k + 1)]
        return np.asarray(np.mean(errors, axis=0), np.float64)

    return compute


def _unit(of: str) -> tuple[str, str, Literal["higher", "lower"]]:
    """What a return or a length is, its unit, and which direction is better."""
    if of == "return":
        return "undiscounted return", "reward", "higher"
    return "steps", "steps", "lower"


def _part_of_run(of: str, part: str) -> Family:
    what, unit, better = _unit(of)
    compute, sign = (_first, 1) if part == "first" else (_last, -1)

    def make(name: str, k: int) -> Measure:
        sentence = f"Mean {what} over the {part} {k} episodes."
        return Measure(name, compute(of, k), sentence, unit, better, cuts=(sign * k,))

    return Family(f"{of}_mean_{part}_K", make)


def _one_episode(of: str) -> Family:
    what, unit, better = _unit(of)

    def make(name: str, k: int) -> Measure:
        sentence = f"{what.capitalize()} of episode {k}."
        cuts = (k - 1, k) if k > 1 else (k,)
        return Measure(name, _episode(of, k), sentence, unit, better, cuts=cuts)

    return Family(f"{of}_of_episode_K", make)


FAMILIES.extend(
    (
        *(_part_of_run(of, part) for of in ("return", "length") for part in ("first", "last")),
        *map(_one_episode, ("return", "length")),
        Family(
            "steps_to_goal_K",
            lambda name, k: Measure(
                name,
                _steps_to_goal(k),
                f"Steps until {k} episodes reached a goal.",
                "steps",
                "lower",
                cuts=(k,),
            ),
        ),
        Family(
            "episodes_in_K_steps",
            lambda name, k: Measure(
                name,
                _until_step("episodes", k),
                f"Complete episodes in the first {k} steps.",
                "episodes",
                step_cuts=(k,),
            ),
        ),
        Family(
            "reward_in_K_steps",
            lambda name, k: Measure(
                name,
                _until_step("reward", k),
                f"Reward of the first {k} steps together.",
                "reward",
                step_cuts=(k,),
            ),
        ),
        Family(
            "value_of_state_K",
            lambda name, k: Measure(
                name,
                lambda outcome: outcome.q[:, k].max(axis=1),
                f"The highest of the final values of state {k}.",
                "reward",
                state=k,
            ),
            least=0,
        ),
        Family(
            "value_error_first_K",
            lambda name, k: Measure(
                name,
                _value_error(k),
                f"How far the values of the states are off (root of the mean square) after each of"
                f" the first {k} episodes, on the average; for processes with one action.",
                "reward",
                "lower",
                cuts=(k,),
                errors_until=k,
            ),
        ),
    )
)
