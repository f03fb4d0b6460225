"""Measures: what is kept of a run, one number each."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from gridworld.errors import ExperimentError
from gridworld.experiments.outcome import Cut, Mark, Numbers, Outcome

__all__ = ["FAILURES", "Cut", "Mark", "Measure", "Outcome", "measure", "measure_names"]

MARKS: Final = 24
"""Moments at which a run is looked at on its way, for what changes on the way."""


Compute = Callable[[Outcome], npt.ArrayLike]


@dataclass(frozen=True)
class Measure:
    """One number of a run.

    A measure of your own is a function of an `Outcome`, which gives one number for each run:

        gw.Measure("q_start", lambda outcome: outcome.q[:, 0].max(axis=1), "max Q at the start")

    A plan is known by the names of its measures: give another name to another function.

    Attributes:
        name: A column of the table: letters, digits and underscores.
        compute: Gives float64 `[runs]`; NaN where a run has no such number.
        sentence: What it is.
        unit: Of the number.
        better: Which direction is better.
        cuts: The moments that it needs to be told of, in episodes; counts below 0 from the last
            episode.
        step_cuts: The same in steps.
        errors_until: It needs the error of the values after each episode up to this one.
        state: It needs a state of this number; None: of none.
        on_the_way: Whether it needs the regret at some moments spread over the run.
        built_in: Whether its name says all about it.
    """

    name: str
    compute: Compute
    sentence: str = ""
    unit: str = ""
    better: Literal["higher", "lower"] = "higher"
    cuts: tuple[int, ...] = ()
    step_cuts: tuple[int, ...] = ()
    errors_until: int = 0
    state: int | None = None
    on_the_way: bool = False
    built_in: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", self.name):
            raise ExperimentError(
                "a measure's name must be up to 64 letters, digits and underscores,"
                f" got {self.name!r:.80}"
            )

    def __reduce__(self) -> Any:
        if self.built_in:  # its function may have no name; this one has
            return measure, (self.name,)
        return super().__reduce__()

    def __call__(self, outcome: Outcome) -> Numbers:
        """The numbers of all runs.

        Raises:
            ExperimentError: The function gave something else than one number for each run.
        """
        got = np.asarray(self.compute(outcome))
        if got.shape != outcome.episodes.shape or got.dtype.kind not in "fiub":
            raise ExperimentError(
                f"the measure {self.name} must give one number for each run, an array of"
                f" {len(outcome.episodes)}, got {got.dtype} of the shape {got.shape}"
            )
        numbers: Numbers = got.astype(np.float64)
        return numbers


def _mean(total: npt.ArrayLike, count: npt.ArrayLike) -> Numbers:
    total, count = np.asarray(total, np.float64), np.asarray(count, np.float64)
    mean: Numbers = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean


def _over(of: str, mark: Mark) -> npt.NDArray[np.float64]:
    return np.asarray(mark.return_sum if of == "return" else mark.length_sum, np.float64)


def _whole_run(of: str) -> Compute:
    return lambda outcome: _mean(_over(of, outcome.end), outcome.episodes)


def _first(of: str, k: int) -> Compute:
    def compute(outcome: Outcome) -> Numbers:
        mark = outcome.marks[Cut("episodes", k)]
        return _mean(_over(of, mark), mark.episodes)

    return compute


def _last(of: str, k: int) -> Compute:
    def compute(outcome: Outcome) -> Numbers:
        budget = outcome.episode_budget or 0
        if budget <= k:
            return _whole_run(of)(outcome)  # type: ignore[return-value]
        mark = outcome.marks[Cut("episodes", budget - k)]
        total = _over(of, outcome.end) - _over(of, mark)
        return _mean(total, outcome.episodes - mark.episodes)

    return compute


def _reward_per_step(outcome: Outcome) -> Numbers:
    return _mean(outcome.end.return_sum + outcome.open_return, outcome.steps)


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


def _steps_to_goal(k: int) -> Compute:
    def compute(outcome: Outcome) -> Numbers:
        mark = outcome.marks[Cut("episodes", k)]
        return np.where(mark.episodes >= k, mark.length_sum.astype(np.float64), np.nan)

    return compute


def _episode(of: str, k: int) -> Compute:
    """Of episode k alone; NaN where it did not come to its end."""

    def compute(outcome: Outcome) -> Numbers:
        after = outcome.marks[Cut("episodes", k)]
        before = _over(of, outcome.marks[Cut("episodes", k - 1)]) if k > 1 else 0.0
        return np.where(after.episodes >= k, _over(of, after) - before, np.nan)

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


_PLAIN: Final = {
    made.name: replace(made, built_in=True)
    for made in (
        Measure(
            "return_mean",
            _whole_run("return"),
            "Mean undiscounted return over all episodes.",
            "reward",
        ),
        Measure(
            "length_mean", _whole_run("length"), "Mean steps over all episodes.", "steps", "lower"
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
}


@dataclass(frozen=True)
class _Family:
    """Measures whose names hold a number K.

    Attributes:
        name: With K in it.
        make: Gives the measure of a name and its K.
        least: The smallest K.
    """

    name: str
    make: Callable[[str, int], Measure]
    least: int = 1

    def find(self, name: str) -> Measure | None:
        """The measure of that name; None: it is none of this family."""
        stem, _, rest = self.name.partition("K")
        number = name.removeprefix(stem).removesuffix(rest)
        known = f"{stem}{number}{rest}" == name
        if not known or not re.fullmatch(r"0|[1-9]\d{0,8}", number, re.ASCII):
            return None
        k = int(number)
        return replace(self.make(name, k), built_in=True) if k >= self.least else None


def _unit(of: str) -> tuple[str, str, Literal["higher", "lower"]]:
    """What a return or a length is, its unit, and which direction is better."""
    if of == "return":
        return "undiscounted return", "reward", "higher"
    return "steps", "steps", "lower"


def _part_of_run(of: str, part: str) -> _Family:
    what, unit, better = _unit(of)
    compute, sign = (_first, 1) if part == "first" else (_last, -1)

    def make(name: str, k: int) -> Measure:
        sentence = f"Mean {what} over the {part} {k} episodes."
        return Measure(name, compute(of, k), sentence, unit, better, cuts=(sign * k,))

    return _Family(f"{of}_mean_{part}_K", make)


def _one_episode(of: str) -> _Family:
    what, unit, better = _unit(of)

    def make(name: str, k: int) -> Measure:
        sentence = f"{what.capitalize()} of episode {k}."
        cuts = (k - 1, k) if k > 1 else (k,)
        return Measure(name, _episode(of, k), sentence, unit, better, cuts=cuts)

    return _Family(f"{of}_of_episode_K", make)


_FAMILIES: Final = (
    *(_part_of_run(of, part) for of in ("return", "length") for part in ("first", "last")),
    *map(_one_episode, ("return", "length")),
    _Family(
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
    _Family(
        "episodes_in_K_steps",
        lambda name, k: Measure(
            name,
            _until_step("episodes", k),
            f"Complete episodes in the first {k} steps.",
            "episodes",
            step_cuts=(k,),
        ),
    ),
    _Family(
        "reward_in_K_steps",
        lambda name, k: Measure(
            name,
            _until_step("reward", k),
            f"Reward of the first {k} steps together.",
            "reward",
            step_cuts=(k,),
        ),
    ),
    _Family(
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
    _Family(
        "value_error_first_K",
        lambda name, k: Measure(
            name,
            _value_error(k),
            f"How far the values of the states are off (root of the mean square) after each of the"
            f" first {k} episodes, on the average; for processes with one action.",
            "reward",
            "lower",
            cuts=(k,),
            errors_until=k,
        ),
    ),
)


def measure_names() -> tuple[str, ...]:
    """The names of the measures that there are; K stands for a number."""
    return (*_PLAIN, *(family.name for family in _FAMILIES))


def measure(name: str | Measure) -> Measure:
    """A measure by its name; a measure itself is given back.

    Raises:
        ExperimentError: There is none of that name.
    """
    if isinstance(name, Measure):
        if _known(name.name) and not name.built_in:
            raise ExperimentError(f"a measure of your own needs another name than {name.name}")
        return name
    text: object = name
    found = _known(text) if isinstance(text, str) else None
    if found is None:
        raise ExperimentError(
            f"a measure must be one of {', '.join(measure_names())} or a Measure, got {name!r:.80}"
        )
    return found


def _known(name: str) -> Measure | None:
    """The measure that there is of that name."""
    if name in _PLAIN:
        return _PLAIN[name]
    return next((found for family in _FAMILIES if (found := family.find(name))), None)


FAILURES: Final[Mapping[str, str]] = {
    "diverged": "A value of the table is not finite, or above what the rewards allow.",
    "never_arrived": "No episode came to an end of its own.",
    "cut_off": "The budget of steps ended before that of episodes.",
}
"""What a run must be counted as, with its sentence."""


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
    lowest = outcome.q.min(axis=(1, 2)).astype(np.float64)
    bound = _largest_value(outcome)
    diverged: npt.NDArray[np.bool_] = ~((highest <= bound) & (lowest >= -bound))
    return diverged


def _largest_value(outcome: Outcome) -> Numbers:
    """A bound on what any return of each run could be, with room for rounding; inf: none."""
    mdp = outcome.mdp
    reward = float(np.abs(mdp.outcomes["reward"]).max(initial=0.0))
    gamma = outcome.discount_factor.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = np.where(gamma < 1, 1 / (1 - gamma), np.inf)
    initial: npt.NDArray[np.float64] = np.abs(
        outcome.algorithm.column("initial_value", len(gamma))
    ).astype(np.float64)
    bound = 1.001 * (reward * sums if reward else np.zeros(len(gamma))) + initial
    return np.maximum(bound, 1e-6)


def cuts_of(measures: Sequence[Measure], episodes: int | None, steps: int | None) -> list[Cut]:
    """The moments at which a run must be looked at, in order; the end is none of them."""
    counts = {(k if k > 0 else (episodes or 0) + k) for measure in measures for k in measure.cuts}
    counts |= {k for measure in measures for k in range(1, measure.errors_until + 1)}
    found = {Cut("episodes", k) for k in counts if k > 0 and (episodes is None or k <= episodes)}
    found |= {Cut("steps", k) for measure in measures for k in measure.step_cuts}
    if any(measure.on_the_way for measure in measures):
        found |= set(way(episodes, steps))
    return sorted(found)


def way(episodes: int | None, steps: int | None) -> list[Cut]:
    """Moments spread over a run, closer at its beginning; the last one is its end."""
    unit: Literal["episodes", "steps"] = "steps" if episodes is None else "episodes"
    budget = (steps if episodes is None else episodes) or 1
    counts = np.unique(np.round(np.geomspace(1, budget, MARKS)).astype(np.int64))
    return [Cut(unit, int(count)) for count in counts]
