"""Headless training: a batch of agents, as fast as the machine allows."""

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.algorithms import Algorithm, as_algorithm
from gridworld.batch import UNLIMITED, Batch, check_alike
from gridworld.engine import Engine
from gridworld.errors import InvalidValueError, PrecisionWarning
from gridworld.exact.precision import doubt
from gridworld.given import as_mdp
from gridworld.mdp import Mdp
from gridworld.run import Run
from gridworld.tables import DEFAULTS
from gridworld.validation import changes_of
from gridworld.world import GridWorld

__all__ = ["DEFAULT_EPISODES", "Progress", "Run", "TrainingInterrupted", "train"]

DEFAULT_EPISODES: int = DEFAULTS["num_episodes"]

CHECKPOINT_S = 300.0
"""Between two checkpoints of a long run, where nothing else is said."""


@dataclass(frozen=True)
class Progress:
    """How far a run has come, all agents together.

    Attributes:
        steps: Steps since this call of `train` began.
        episodes: Episodes since then.
        fraction: Of the budget used up, in [0, 1].
    """

    steps: int
    episodes: int
    fraction: float


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C ended a training.

    Attributes:
        run: What was learnt so far; training goes on from it as if nothing had happened.
    """

    def __init__(self, run: Run) -> None:
        super().__init__(f"training was interrupted: {run!r}")
        self.run = run


def train(
    world: GridWorld | Mdp | str | None = None,
    algorithm: Algorithm | type[Algorithm] | str | None = None,
    *,
    agents: int | None = None,
    episodes: int | None = None,
    steps: int | None = None,
    seed: int = 0,
    first_agent: int = 0,
    numbers: npt.ArrayLike | None = None,
    initial_q: npt.ArrayLike | None = None,
    change: Sequence[tuple[int, GridWorld | Mdp | str]] = (),
    threads: int | None = None,
    resume: Run | None = None,
    restart_epsilon: bool = False,
    progress: Callable[[Progress], None] | None = None,
    bins: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: float = CHECKPOINT_S,
) -> Run:
    """Train agents without a screen.

    What agent i does is a function of (seed, i, world, parameters) alone: the same to the last
    bit whatever the threads, the size of the batch and the kernel.

    Args:
        world: What to learn on: a world, its arrays, or its name. With `resume`: another of the
            same shape (`Batch.set_world`).
        algorithm: A record; a class or a name stands for one with the defaults ("sarsa"; left out:
            Q-learning). With `resume`: the same algorithm with other parameters, all of which take
            effect (`run.algorithm.with_parameters(...)` changes some). Epsilon decays, so that the
            agents' own goes on unless another is given than the one last given.
        agents: Learners, from 1, the default.
        episodes: Budget of each agent; with `steps`, the first reached ends it. Neither: what is
            left to a run that was interrupted, else 500 episodes.
        steps: Budget of each agent.
        seed: In [0, 2**63).
        first_agent: The number of row 0, which is bit for bit row `first_agent` of a larger batch.
        numbers: Instead of `agents` and `first_agent`, the number of each agent, `[agents]`: row i
            is bit for bit the agent of that number. Agents of one number have the same luck.
        initial_q: Q-tables to begin with, `[states, actions]` for all agents or
            `[agents, states, actions]`, instead of `initial_value` everywhere.
        change: Pairs of a number of steps of this call and a world of the same shape: agents go on
            in that world after so many steps, with all that they have learnt
            (`Batch.set_world`). The budget is then one of steps alone, and there is no
            `checkpoint`. A run that is interrupted knows nothing of what was to come.
        threads: Kernels at the same time; None: one for each processor.
        resume: Go on from this run, which is left as it is, by a budget that is counted anew.
        restart_epsilon: With `resume` and `algorithm`, go back to its epsilon, or temperature, in
            any case.
        progress: Called a few times a second on the calling thread.
        bins: Columns of `returns` and `lengths`: so many episodes are told one by one, of more
            neighbours are put together. 28 bytes for each agent and column. 0: nothing is
            recorded. None: 999, or fewer where the histories of all would take over 256 MB.
        checkpoint: A file that `Run.load` reads, written while it trains, so that whatever ends
            this process costs no more than the time since the last one. The end itself is not
            written: that is `Run.save`.
        checkpoint_every: Seconds between two of them, above 0.

    Raises:
        InvalidValueError: A value is outside its range, or does not go with `resume`; or episodes
            are the only budget, and one may never end (no limit on the steps, and a state that can
            be entered from which there is no way to an end).
        MemoryLimitError: The Q-tables do not fit into the free memory; nothing was allocated.
        TrainingInterrupted: Ctrl-C came; its `run` is what was learnt so far.
        KeyboardInterrupt: Ctrl-C came before there was a run.
        OSError: The first checkpoint cannot be written. Of a later one this is a warning.

    Warns:
        PrecisionWarning: float32 is too coarse for the values that the world allows.
    """
    every = _seconds(checkpoint_every)
    changes = changes_of(change, episodes, steps, _compiled)
    _check_no_checkpoint(changes, checkpoint)
    afresh: dict[str, Any] = {"agents": agents, "seed": seed, "first_agent": first_agent}
    afresh |= {"numbers": numbers, "initial_q": initial_q, "bins": bins}
    _check_resume(resume, algorithm, restart_epsilon, afresh)
    batch: Batch | None = None
    try:
        with Engine(threads) as engine:
            if resume is not None:
                batch = _go_on(resume, world, algorithm, restart_epsilon)
            else:
                default = DEFAULTS["algorithm"] if algorithm is None else algorithm
                batch = Batch.create(_compiled(world), as_algorithm(default), **afresh)
            _set_budget(batch, episodes, steps, goes_on=resume is not None)
            _say_doubts(batch)
            watch = _Watch(batch, progress)
            _run_changing(engine, batch, changes, watch)
            rest = None if checkpoint is None else _Checkpoint(checkpoint, batch)
            engine.run(batch, watch, rest, every)
            watch()
    except KeyboardInterrupt:
        if batch is None:
            raise
        run = Run(batch.sealed(), interrupted=bool(batch.active.any()))
        raise TrainingInterrupted(run) from None
    return Run(batch.sealed())


def _say_doubts(batch: Batch) -> None:
    if sentence := doubt(batch.mdp, batch.algorithm):
        warnings.warn(sentence, PrecisionWarning, stacklevel=3)


def _run_changing(
    engine: Engine,
    batch: Batch,
    changes: Sequence[tuple[int, Mdp]],
    watch: Callable[[], None],
) -> None:
    """Go on until the last of the worlds begins.

    Raises:
        WorldError: One cannot be gone on in.
    """
    for _, mdp in changes:
        check_alike(batch.mdp, mdp, batch.algorithm)
    agents = batch.agents
    begin, limit = agents["steps"].copy(), agents["step_limit"].copy()
    try:
        for step, mdp in changes:
            agents["step_limit"] = np.minimum(limit, begin + step)
            engine.run(batch, watch)
            batch.set_world(mdp)
    finally:
        agents["step_limit"] = limit


def _compiled(world: GridWorld | Mdp | str | None) -> Mdp:
    if world is None:
        raise InvalidValueError("world must be given, or a run to resume, got neither")
    return as_mdp(world)


def _check_resume(
    resume: object, algorithm: object, restart_epsilon: bool, afresh: Mapping[str, Any]
) -> None:
    """Refuse what is no run, and what would be ignored beside one, or without."""
    if restart_epsilon and (resume is None or algorithm is None):
        raise InvalidValueError(
            "restart_epsilon must come with resume and an algorithm, got it without"
        )
    if resume is None:
        return
    if not isinstance(resume, Run):
        raise InvalidValueError(
            f"resume must be a Run (gridworld.Run.load reads one from a file), got {resume!r:.80}"
        )
    usual = {"agents": 1, "seed": 0, "first_agent": 0}
    for name, value in afresh.items():
        if value is not None and not (name in usual and value == usual[name]):
            raise InvalidValueError(
                f"{name} must be left out with resume, which brings its own, got {name}"
            )


def _check_no_checkpoint(changes: object, checkpoint: object) -> None:
    if changes and checkpoint is not None:
        raise InvalidValueError("checkpoint must be left out with change, which no file holds")


def _go_on(
    run: Run,
    world: GridWorld | Mdp | str | None,
    algorithm: Algorithm | type[Algorithm] | str | None,
    restart_epsilon: bool,
) -> Batch:
    """A batch that goes on from a run, in another world and by other parameters if given."""
    batch = run.batch.copy()
    if world is not None:
        batch.set_world(_compiled(world))
    if algorithm is not None:
        batch.set_parameters(as_algorithm(algorithm), restart_epsilon=restart_epsilon)
    return batch


def _set_budget(batch: Batch, episodes: int | None, steps: int | None, *, goes_on: bool) -> None:
    """Give the budget that was asked for; else what is left of another, or the default."""
    if episodes is not None or steps is not None:
        batch.set_budget(episodes, steps)
    elif not (goes_on and _has_budget_left(batch)):
        batch.set_budget(DEFAULT_EPISODES)


def _has_budget_left(batch: Batch) -> bool:
    """Whether it was ended before a budget that it had."""
    agents = batch.agents
    limit = np.minimum(agents["episode_limit"], agents["step_limit"])
    return bool(batch.active.any() and (limit != UNLIMITED).all())


def _seconds(value: float) -> float:
    given: object = value
    if isinstance(given, bool) or not isinstance(given, int | float) or not given > 0:
        raise InvalidValueError(f"checkpoint_every must be above 0 (seconds), got {given!r:.80}")
    return float(given)


class _Checkpoint:
    """Writes a batch to a file, again and again.

    Raises:
        OSError: It could not be written, and never was.
    """

    def __init__(self, path: str | os.PathLike[str], batch: Batch) -> None:
        self._path = path
        self._batch = batch
        self._written = False

    def __call__(self) -> None:
        from gridworld.store.checkpoint import save_checkpoint

        try:
            save_checkpoint(self._path, self._batch)
        except OSError as error:
            if not self._written:
                raise
            # A disk that is full for a while must not end a training of days.
            warnings.warn(f"{self._path} keeps an older checkpoint: {error}", stacklevel=2)
        self._written = True


class _Watch:
    """Turns an agent batch into `Progress`, as often as it is called."""

    def __init__(self, batch: Batch, progress: Callable[[Progress], None] | None) -> None:
        self._agents = batch.agents
        self._progress = progress
        self._steps = self._agents["steps"].copy()
        self._episodes = self._agents["episodes"].copy()
        self._limits = {name: self._agents[name].copy() for name in ("step_limit", "episode_limit")}

    def __call__(self) -> None:
        if self._progress is None:
            return
        agents = self._agents
        steps = agents["steps"] - self._steps
        episodes = agents["episodes"] - self._episodes
        done = np.zeros(len(agents))
        for limit, count, start in (
            ("step_limit", steps, self._steps),
            ("episode_limit", episodes, self._episodes),
        ):
            budget = self._limits[limit] - start
            limited = self._limits[limit] != UNLIMITED
            share = np.divide(count, budget, out=np.zeros(len(agents)), where=limited)
            done = np.maximum(done, share)
        self._progress(
            Progress(int(steps.sum()), int(episodes.sum()), float(np.minimum(done, 1.0).mean()))
        )
