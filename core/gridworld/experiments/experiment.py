"""An experiment: a plan that runs."""

import os
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

from gridworld.experiments.plans.plan import Plan
from gridworld.experiments.results import Results
from gridworld.experiments.running import Estimate, Watch, estimate, fill
from gridworld.experiments.stopping import Until
from gridworld.experiments.store import Store

__all__ = ["Experiment"]


class Experiment(Plan):
    """A question asked of many runs; its attributes are those of the plan."""

    def run(
        self,
        store: str | os.PathLike[str] | None = None,
        *,
        threads: int | None = None,
        executor: Executor | None = None,
        workers: int | None = None,
        until: str | Until | None = None,
        progress: Watch | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Results:
        """Run what the store lacks.

        What is finished is in the store: after Ctrl-C, a kill or a full disk the same call goes on
        where it was broken off, and the final table is the same to the last byte.

        Args:
            store: A folder; None: the results are kept in memory alone.
            threads: Kernels at the same time, without an executor; None: one for each processor.
            executor: Runs the blocks instead: anything with `submit`, such as Dask's
                `client.get_executor()`. Its workers send their results back: they need no disk of
                ours.
            workers: How many workers the executor has, where it does not say so.
            until: Goes on doubling the runs until every interval is narrow enough, for example
                `"half-width 0.1"` (see `Until`).
            progress: Called after every block on the calling thread.
            should_stop: Asked a few times a second on the calling thread; where it says so, the
                run ends as by Ctrl-C.

        Returns:
            The results; of what is asked for, all is there.

        Raises:
            ExperimentError: The store belongs to another plan, or another process runs it.
            ExperimentInterrupted: Ctrl-C (a KeyboardInterrupt), or `should_stop`; it says what is
                kept.
            MemoryLimitError: A block does not fit into the free memory.
            OSError: The store cannot be written; what was there is kept.
        """
        plan, rule, looks = self, None if until is None else Until.parse(until), 0
        if rule is not None and rule.measure is not None:
            self.measure(rule.measure)  # one that it lacks is refused before anything runs
        while True:
            looks += 1
            filled = fill(
                plan,
                store,
                threads=threads,
                executor=executor,
                workers=workers,
                progress=progress,
                should_stop=should_stop,
            )
            results = Results(plan, *filled)
            if rule is None:
                return results.as_looked_at()
            level = rule.level(looks)
            if rule.narrow_enough(results, level) or plan.runs >= rule.most_runs:
                if store is not None:
                    Store(store, plan).note_looks(looks, level)
                return results.at_look(looks, level)
            plan = replace(plan, runs=min(plan.runs * 2, rule.most_runs))

    def estimate(self) -> Estimate:
        """What running would take, by a short trial of each group of settings."""
        return estimate(self)
