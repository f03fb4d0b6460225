"""A batch on its way through the budget of a plan, looked at where the measures ask for it."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from gridworld.batch import UNLIMITED, Batch, have_budget
from gridworld.engine import Engine
from gridworld.experiments.kept import kept_cuts
from gridworld.experiments.measures import cuts_of, way
from gridworld.experiments.outcome import Cut, Mark, Outcome
from gridworld.experiments.plans.plan import Plan
from gridworld.experiments.policies import judge, value_error
from gridworld.mdp import Mdp
from gridworld.records import BIN

__all__ = ["Track", "keep_sums"]

WIDE = 2**62
"""Episodes of a bin that never closes: sums alone are kept."""


def keep_sums(batch: Batch) -> None:
    """Let a batch that has not begun keep the sums of its episodes, and no history."""
    batch.bins = np.zeros((len(batch.agents), 2), BIN)
    batch.agents["bin_width"] = WIDE


class Track:
    """Runs a batch to the end of a plan's budget.

    A cut changes no bit of a run, and none of its sums: they run on.

    Args:
        plan: Its budget and its measures.
        batch: Has not begun, and keeps sums (see `keep_sums`).
        engine: Whose threads it runs on.
        changes: In which worlds the runs go on, and after how many steps.
        look: Called a few times a second on the calling thread; what it raises ends the runs.
    """

    def __init__(
        self,
        plan: Plan,
        batch: Batch,
        engine: Engine,
        changes: Sequence[tuple[int, Mdp]] = (),
        look: Callable[[], None] = lambda: None,
    ) -> None:
        self._plan, self._batch, self._engine, self._look = plan, batch, engine, look
        self._changes = dict(changes)
        cuts = {*cuts_of(plan.measures, plan.episodes, plan.steps), *kept_cuts(plan)}
        self._episodes = sorted(cut.count for cut in cuts if cut.unit == "episodes")
        self._steps = sorted(cut.count for cut in cuts if cut.unit == "steps")
        looks = any(measure.on_the_way for measure in plan.measures)
        self._looks = set(way(plan.episodes, plan.steps)) if looks else set()
        self._marks: dict[Cut, Mark] = {}
        self._regrets: dict[Cut, npt.NDArray[np.float64]] = {}
        errors_until = max((measure.errors_until for measure in plan.measures), default=0)
        self._wanted = {Cut("episodes", k) for k in range(1, errors_until + 1)}
        self._errors: dict[Cut, npt.NDArray[np.float64]] = {}

    def run(self) -> Outcome:
        """Advance all agents to the end of the budget."""
        plan, batch = self._plan, self._batch
        agents = batch.agents
        due = {k: np.ones(len(agents), np.bool_) for k in self._episodes}
        for steps in (*sorted({*self._steps, *self._changes}), plan.steps or UNLIMITED):
            agents["step_limit"] = steps
            for episodes in (*self._episodes, plan.episodes or UNLIMITED):
                agents["episode_limit"] = episodes
                if have_budget(agents).any():
                    self._engine.run(batch, self._look)
                if episodes in due:
                    self._mark(Cut("episodes", episodes), due[episodes])
                    due[episodes] &= agents["episodes"] < episodes
            if steps in self._steps:
                self._mark(Cut("steps", steps), np.ones(len(agents), np.bool_))
            if steps in self._changes:
                batch.set_world(self._changes[steps])
        return Outcome(
            mdp=batch.mdp,
            algorithm=batch.algorithm,
            discount_factor=agents["discount_factor"],
            q=batch.mean_q,
            epsilon=agents["epsilon"],
            end=_counts(agents),
            open_return=agents["episode_return"],
            shortest=agents["bin_length_min"].astype(np.int64),
            episode_budget=plan.episodes,
            marks=self._marks,
            regrets=self._regrets,
            errors=self._errors,
        )

    def _mark(self, cut: Cut, rows: npt.NDArray[np.bool_]) -> None:
        """Note the counts of those agents that came to the cut just now, or stand before it."""
        now = _counts(self._batch.agents)
        before = self._marks.get(cut)
        if before is not None:
            for name in ("episodes", "steps", "return_sum", "open_return", "length_sum"):
                kept = getattr(before, name)
                kept[rows] = getattr(now, name)[rows]
            now = before
        self._marks[cut] = now
        if cut in self._looks:
            agents = self._batch.agents
            self._regrets[cut] = judge(
                self._batch.mdp, self._batch.mean_q, agents["discount_factor"]
            )[0]
        if cut in self._wanted:
            self._errors[cut] = value_error(
                self._batch.mdp, self._batch.mean_q, self._batch.agents["discount_factor"]
            )


def _counts(agents: npt.NDArray[np.void]) -> Mark:
    closed = agents["steps"] - agents["length"]
    return Mark(
        episodes=agents["episodes"].copy(),
        steps=agents["steps"].copy(),
        return_sum=agents["bin_return_sum"] + agents["fold_return_sum"].astype(np.float64),
        open_return=agents["episode_return"].astype(np.float64),
        length_sum=agents["bin_length_sum"] + closed - agents["fold_start_step"],
    )
