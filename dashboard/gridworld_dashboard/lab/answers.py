"""What the stores of a data folder say, as JSON. It runs in a process of its own (`helper`)."""

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from gridworld.errors import ExperimentError, GridworldError, shortened
from gridworld.experiments import statistics
from gridworld.experiments.experiment import Experiment
from gridworld.experiments.links import link_of
from gridworld.experiments.measures import FAILURES
from gridworld.experiments.results import Results
from gridworld.experiments.store import Store
from gridworld.store.link import MARK
from gridworld.validation import whole
from gridworld_dashboard.lab.drafts import folder_name, form_of, plan_of
from gridworld_dashboard.lab.exports import export
from gridworld_dashboard.lab.listing import (
    changed,
    signature,
    stamps,
    steadily,
    told,
    told_plan,
)
from gridworld_dashboard.lab.places import MOST, Places
from gridworld_dashboard.lab.shapes import (
    MOST_LINES,
    best_of,
    better_of,
    curves_of,
    heat_of,
    measured,
    plain,
    rows_of,
    sensitivity_of,
    typical,
)

__all__ = ["Answers"]

MOST_WORDS: Final = 600
"""Letters of what is said to be wrong."""

KEPT: Final = 4
"""Results in memory."""

MOST_READ: Final = 10_000_000
"""Runs of an experiment: of more, the command line answers."""


class Answers:
    """Answers questions, one after the other.

    Args:
        folder: The data folder.
    """

    def __init__(self, folder: Path) -> None:
        self.places = Places(folder)
        self._results: OrderedDict[tuple[Any, ...], Results] = OrderedDict()
        self._known: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._asked = {
            "list": self._list,
            "form": form_of,
            "estimate": self._estimate,
            "begin": self._begin,
            "view": self._view,
            "best": self._best,
            "better": self._better,
            "curves": self._curves,
            "link": self._link,
            "export": self._export,
        }

    def answer(self, question: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """What is asked for.

        Args:
            question: One of those above.
            data: Its own.

        Raises:
            GridworldError: It cannot be answered; the message says why.
            OSError: A file cannot be read or written.
        """
        if question not in self._asked:
            raise ExperimentError(
                f"a question must be one of {', '.join(self._asked)}, got {question!r:.80}"
            )
        return self._asked[question](data)

    # --- what there is

    def _list(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "stores": [self._store(key, path) for key, path in self.places.stores()],
            "plans": [
                found for key, path in self.places.plans() if (found := self._plan(key, path))
            ],
            "bin": [
                {"key": key, "name": path.name} for key, path in self.places.stores(binned=True)
            ],
        }

    def _store(self, key: str, path: Path) -> dict[str, Any]:
        """What a list says of a store."""
        said = {"key": key, "folder": path.name, "changed": changed(path)}
        try:
            return said | steadily(lambda: self._remembered("store", path, signature(path), told))
        except (GridworldError, OSError, ValueError) as error:
            return said | {"name": "", "problem": shortened(error, MOST_WORDS)}

    def _plan(self, key: str, path: Path) -> dict[str, Any] | None:
        """What a list says of a file that may be a plan; None: it is none."""
        said = {"key": key, "changed": changed(path)}
        try:
            found = self._remembered("plan", path, stamps([path]), told_plan)
        except (GridworldError, OSError, ValueError) as error:
            return said | {"name": "", "problem": shortened(error, MOST_WORDS)}
        return said | found if found else None

    def _remembered(self, kind: str, path: Path, state: Any, tell: Any) -> dict[str, Any]:
        key = (kind, path, state)
        if key not in self._known:
            if len(self._known) > 4 * MOST:
                self._known.clear()
            self._known[key] = tell(path)
        return self._known[key]

    # --- new ones

    def _plan_asked(self, data: Mapping[str, Any]) -> Experiment:
        if "plan" in data:
            return Experiment.from_toml(self.places.plan(str(data["plan"])))
        return plan_of(data)

    def _estimate(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What a plan would take, or what is wrong with it: somebody is just writing it."""
        try:
            plan = self._plan_asked(data)
            return vars(plan.estimate()) | {"runs_each": plan.runs}
        except (GridworldError, MemoryError) as error:
            return {"problem": shortened(error, MOST_WORDS) or "too little memory"}

    def _begin(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Make the store of a plan, where it is not there yet."""
        plan = self._plan_asked(data)
        name = Path(str(data["plan"])).stem if "plan" in data else folder_name(plan)
        self.places.free(name)
        folder = self.places.home / name
        Store(folder, plan).begin()
        return {"key": self.places.key(folder)}

    # --- what came of them

    def _load(self, data: Mapping[str, Any]) -> Results:
        folder = self.places.store(str(data.get("store", "")))
        key = (folder, signature(folder))
        found = self._results.pop(key, None)
        if found is None:
            count = len(Store.open(folder).plan)
            if count > MOST_READ:
                raise ExperimentError(
                    f"an experiment must have at most {MOST_READ:,} runs here, got {count:,}:"
                    f" gridworld-bench experiment summary {folder.name} reads it"
                )
            found = steadily(lambda: Results.load(folder))
        self._results[key] = found
        while len(self._results) > KEPT:
            self._results.popitem(last=False)
        return found

    def _view(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """All that a page shows of a store at first, finished or not."""
        results = self._load(data)
        plan, one = results.plan, results.measure(data.get("measure"))
        values = results.values(one.name)
        runs = typical(values)
        axis = data.get("axis") or next(iter(plan.vary), None)
        shown = {
            "store": data.get("store"),
            "name": plan.name,
            "runs": results.runs,
            "all_runs": len(plan),
            "runs_each": plan.runs,
            "settings": len(plan.settings),
            "complete": results.complete,
            "measure": measured(one),
            "measures": [measured(each) for each in plan.measures],
            "axes": list(plan.vary),
            "level": results.level,
            "few": plan.runs < statistics.FEW,
            "failures": [
                {
                    "name": name,
                    "sentence": sentence,
                    "count": int(np.nansum(results.values(name))),
                }
                for name, sentence in FAILURES.items()
            ],
            "rows": rows_of(results, one, runs),
        }
        if axis is not None:
            shown["sensitivity"] = sensitivity_of(results, str(axis), one, values, runs)
        if len(plan.vary) == 2 and len(plan.worlds) == len(plan.algorithms) == 1:
            shown["heat"] = heat_of(results, one, values, runs)
        return plain(shown)

    def _best(self, data: Mapping[str, Any]) -> dict[str, Any]:
        results = self._load(data)
        try:
            found = results.best(data.get("measure"))
        except ExperimentError as error:
            return {"problem": str(error)}
        return plain(best_of(found))

    def _better(self, data: Mapping[str, Any]) -> dict[str, Any]:
        results = self._load(data)
        return plain(better_of(results, results.measure(data.get("measure"))))

    def _curves(self, data: Mapping[str, Any]) -> dict[str, Any]:
        results = self._load(data)
        plan = results.plan
        asked = data.get("settings") or range(min(len(plan.settings), MOST_LINES))
        chosen = [plan.setting(each) for each in asked][:MOST_LINES]
        return plain(curves_of(results, chosen, results.measure(data.get("measure"))))

    def _link(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The part of a link to one run that any address of the page takes."""
        plan = Store.open(self.places.store(str(data.get("store", "")))).plan
        setting = plan.setting(whole("setting", data.get("setting"), 0, 2**53, ExperimentError))
        run = whole("run", data.get("run"), 0, 2**53, ExperimentError)
        link = link_of(plan, setting, run, "")
        return {"code": link.removeprefix(MARK)}

    def _export(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {"name": export(self._load(data), data)}
