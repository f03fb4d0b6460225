"""Running the plans that figures are made of."""

from collections.abc import Callable
from dataclasses import replace
from importlib import resources

from gridworld.experiments.experiment import Experiment
from gridworld.experiments.results import Results
from gridworld.experiments.running import Watch

__all__ = ["Runner", "plan"]


def plan(name: str) -> Experiment:
    """The plan of that name."""
    file = resources.files("gridworld.textbook") / "plans" / f"{name}.toml"
    return Experiment.from_toml(file.read_text("utf-8"))


class Runner:
    """Runs the plans of figures.

    Args:
        threads: Kernels at the same time; None: one for each processor.
        most_runs: Of each setting, to try out; None: as many as the plan says.
        progress: Called after every block.
        should_stop: As of `Experiment.run`.
    """

    def __init__(
        self,
        *,
        threads: int | None = None,
        most_runs: int | None = None,
        progress: Watch | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        self._threads, self._most, self._progress = threads, most_runs, progress
        self._should_stop = should_stop

    def runs(self, wanted: int) -> int:
        """How many runs there are of so many that are wanted."""
        return wanted if self._most is None else min(wanted, self._most)

    def run(self, name: str) -> Results:
        """What comes of the plan of that name."""
        found = plan(name)
        wanted = replace(found, runs=self.runs(found.runs))
        return wanted.run(
            threads=self._threads, progress=self._progress, should_stop=self._should_stop
        )
