"""Blocks: some settings times some runs, computed, stored and sent as one."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from gridworld.algorithms import Algorithm
from gridworld.algorithms.base import memory_sizes
from gridworld.batch import UNLIMITED, Batch
from gridworld.engine import Engine
from gridworld.experiments.kept import kept_columns
from gridworld.experiments.measures import failures
from gridworld.experiments.plans.plan import Plan, Setting
from gridworld.experiments.track import Track, keep_sums
from gridworld.records import AGENT, BIN

__all__ = ["Block", "Cutting", "Rows", "compute", "cut"]

BLOCK_STEPS: Final = 400_000_000
"""Steps of a block, one or two seconds of one core's work."""

BLOCK_BYTES: Final = 128_000_000
"""Q-tables and records of a block, at most."""

MARK_BYTES: Final = 56
"""Of what is noted of a run at a point of its curve."""

MOST_BLOCK_ROWS: Final = 200_000

TRIAL_ROWS: Final = 64
"""Runs of each group that are tried before the plan is cut."""

TRIAL_STEPS: Final = 2_000_000
"""Steps of such a run at most, shared by the groups: early episodes are longer than later ones, so
that a run should come to its end."""


@dataclass(frozen=True)
class Block:
    """Some settings of one world and algorithm, times some runs.

    Attributes:
        settings: Places in the plan, ascending.
        first: The first run.
        end: One behind the last run.
        key: Names it, by what it is a part of.
    """

    settings: tuple[int, ...]
    first: int
    end: int
    key: str

    @property
    def rows(self) -> int:
        """Runs of all its settings together."""
        return len(self.settings) * (self.end - self.first)


@dataclass(frozen=True)
class Rows:
    """The runs of a block, row by row: all runs of its first setting, and so on.

    Attributes:
        setting: int32 `[n]`, places in the plan.
        agent: int64 `[n]`, agent numbers.
        columns: Name to array `[n]`: float64 for a measure, bool for a failure; `[n, points]` for
            curves that are kept.
        steps: Of all runs together.
    """

    setting: npt.NDArray[np.int32]
    agent: npt.NDArray[np.int64]
    columns: dict[str, npt.NDArray[np.generic]]
    steps: int


@dataclass(frozen=True)
class Cutting:
    """How a plan is cut into blocks: the same on every machine.

    Attributes:
        group: Settings that can be batched together.
        settings: Of one block, at most.
        runs: Of one block.
        steps: Of one run, as tried.
        seconds: That one run takes on one core, as tried.
    """

    group: tuple[Setting, ...]
    settings: int
    runs: int
    steps: float
    seconds: float


def groups(plan: Plan) -> list[tuple[Setting, ...]]:
    """Settings that can be batched: one world, one algorithm and its choices, any numbers."""
    found: dict[tuple[object, ...], list[Setting]] = {}
    for setting in plan.settings:
        algorithm = setting.algorithm
        choices = [
            getattr(algorithm, each.key) for each in algorithm.parameters() if not each.range
        ]
        found.setdefault((id(setting.mdp), algorithm.name, *choices), []).append(setting)
    return [tuple(group) for group in found.values()]


def plan_cutting(plan: Plan, look: Callable[[], None] = lambda: None) -> list[Cutting]:
    """How to cut each group of the plan, after a trial of a few of its runs.

    The trial counts steps, which are the same everywhere, and not seconds: blocks that were
    computed on another machine fit.

    Args:
        plan: The plan.
        look: Called a few times a second; what it raises ends the trial.
    """
    parts = groups(plan)
    steps = max(1000, TRIAL_STEPS // max(4, len(parts)))
    with Engine(1) as engine:
        return [_tried(plan, group, engine, steps, look) for group in parts]


def _tried(
    plan: Plan,
    group: tuple[Setting, ...],
    engine: Engine,
    most_steps: int,
    look: Callable[[], None],
) -> Cutting:
    spread = np.unique(np.linspace(0, len(group) - 1, min(len(group), TRIAL_ROWS)).astype(int))
    runs = -(-TRIAL_ROWS // len(spread))
    some = [group[i] for i in spread]
    seconds = 0.0
    for steps in (1, min(plan.steps or UNLIMITED, most_steps)):  # the first time compiles
        batch = _batch(some, 0, runs, plan.seed)
        batch.agents["episode_limit"] = plan.episodes or UNLIMITED
        batch.agents["step_limit"] = steps
        begin = time.perf_counter()
        engine.run(batch, look)
        seconds = time.perf_counter() - begin
    done = batch.agents
    each = float(np.maximum(done["steps"], 1).mean())
    if plan.episodes is not None:
        # A run that was not through within the trial goes on as it did on the whole.
        share = np.where(
            done["episodes"] >= plan.episodes,
            done["steps"],
            done["steps"] / np.maximum(done["episodes"], 0.5) * plan.episodes,
        )
        each = min(float(share.mean()), float(plan.steps or np.inf))
    elif plan.steps is not None:
        each = float(plan.steps)
    mdp = group[0].mdp
    carried = max(sum(memory_sizes(s.algorithm.memory(mdp.extent))) for s in group)
    numbers = mdp.n_states * mdp.n_actions * group[0].algorithm.tables + carried
    row_bytes = 4 * numbers + AGENT.itemsize + 2 * BIN.itemsize
    row_bytes += plan.keep_curves * MARK_BYTES
    rows = int(min(BLOCK_STEPS / each, BLOCK_BYTES / row_bytes, MOST_BLOCK_ROWS))
    rows = max(rows, 1)
    settings = min(len(group), max(1, rows))
    per_step = seconds / max(1, int(done["steps"].sum()))
    return Cutting(group, settings, max(1, rows // settings), each, each * per_step)


def cut(plan: Plan, cutting: Sequence[Cutting], first: int, end: int) -> Iterator[Block]:
    """The blocks of runs `first` to `end` (left out) of all settings, in order.

    Blocks begin at multiples of their number of runs, so that a plan of more runs has the blocks
    of one of fewer, but for the last.
    """
    for part in cutting:
        for begin in range(0, len(part.group), part.settings):
            settings = part.group[begin : begin + part.settings]
            places = tuple(s.index for s in settings)
            run = first
            while run < end:
                stop = min(end, (run // part.runs + 1) * part.runs)
                text = json.dumps([plan.identity, places, run, stop])
                key = hashlib.sha256(text.encode()).hexdigest()[:32]
                yield Block(places, run, stop, key)
                run = stop


def compute(
    plan: Plan, block: Block, engine: Engine, look: Callable[[], None] = lambda: None
) -> Rows:
    """Run a block.

    Args:
        plan: The plan.
        block: One of its blocks.
        engine: Whose threads it runs on.
        look: Called a few times a second on the calling thread; what it raises ends the block.

    Raises:
        MemoryLimitError: The Q-tables do not fit into the free memory.
        ExperimentError: A measure of the user's own gave no numbers.
    """
    settings = [plan.settings[i] for i in block.settings]
    runs = block.end - block.first
    batch = _batch(settings, block.first, runs, plan.seed)
    outcome = Track(plan, batch, engine, settings[0].changes, look).run()
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for one in plan.measures:
        columns[one.name] = one(outcome)
    columns |= failures(outcome)
    columns |= kept_columns(plan, outcome)
    return Rows(
        setting=np.repeat(np.array(block.settings, np.int32), runs),
        agent=np.tile(np.arange(block.first, block.end), len(settings)),
        columns=columns,
        steps=int(outcome.steps.sum()),
    )


def _batch(settings: Sequence[Setting], first: int, runs: int, seed: int) -> Batch:
    """A batch of all runs of the settings, which keeps sums alone of its episodes."""
    algorithm = _algorithm(settings, runs)
    batch = Batch.create(
        settings[0].mdp,
        algorithm,
        agents=len(settings) * runs,
        seed=seed,
        numbers=np.tile(np.arange(first, first + runs), len(settings)),
    )
    keep_sums(batch)
    return batch


def _algorithm(settings: Sequence[Setting], runs: int) -> Algorithm:
    """One algorithm with the numbers of all settings, each `runs` times where they differ."""
    numbers = {}
    for each in settings[0].algorithm.parameters():
        values = [getattr(s.algorithm, each.key) for s in settings]
        same = all(value == values[0] for value in values)
        numbers[each.key] = values[0] if same else np.repeat(values, runs)
    return settings[0].algorithm.with_parameters(**numbers)
