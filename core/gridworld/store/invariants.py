"""What holds of every run, and so of every checkpoint that training has left.

A kernel believes what it is given, and so does the page: what contradicts itself is refused.
"""

import numpy as np
import numpy.typing as npt

from gridworld.algorithms.base import memory_sizes
from gridworld.batch import UNLIMITED, Batch
from gridworld.errors import FileError
from gridworld.kernels.codes import FOLD, INT32_MAX
from gridworld.parameter import Parameter
from gridworld.records import SCHEDULED
from gridworld.world import GOAL, PIT, WALL

__all__ = ["check_batch", "check_places"]

MOST_STEPS = 2**58
"""Of one agent: nine years at a thousand million steps a second."""

MOST_ALL_STEPS = 2**62
"""Of all agents together: their sum is a whole number of 64 bits, with room to go on."""

MOST = float(np.finfo(np.float32).max)


def check_batch(batch: Batch, *, moved: bool = False) -> None:
    """Refuse what no training could have left.

    Args:
        batch: Its `agents` are of `AGENT`, its `bins` of `BIN`, its `q` is of float32.
        moved: Whether agents may stand where they were when their world changed (`set_world`).

    Raises:
        FileError: What must hold of a run does not, in one sentence.
    """
    _check_shapes(batch)
    _check_carried(batch)
    _check_ranges(batch)
    _check_parameters(batch)
    if not moved:
        check_places(batch)
    _check_steps(batch)
    if batch.bins.shape[1]:
        _check_statistics(batch)
        _check_history(batch)


def _check_shapes(batch: Batch) -> None:
    mdp, count = batch.mdp, len(batch.agents)
    shape = (count, mdp.n_states, batch.algorithm.tables, mdp.n_actions)
    capacity = batch.bins.shape[1]
    if count < 1 or batch.q.shape != shape or batch.bins.shape[0] != count or capacity % 2:
        raise FileError(
            f"q must have the shape {shape} and bins as many rows, "
            f"got {batch.q.shape} and {batch.bins.shape}"
        )
    if len(batch.numbers) != count or (batch.numbers < 0).any():
        raise FileError(f"numbers must be {count} whole numbers from 0, got others")
    told = np.isfinite(batch.q)
    if len(mdp.available):
        missing = mdp.missing[:, None]
        told = np.where(missing, batch.q == -np.inf, told)
    if not told.all():
        raise FileError("q must hold finite numbers, got NaN or infinity")
    if not batch.agents["rng"].any(axis=1).all():
        raise FileError("a random state must not be all zero")


def _check_carried(batch: Batch) -> None:
    """Refuse what agents cannot carry, such as places outside the world."""
    mdp, count = batch.mdp, len(batch.agents)
    sections = batch.algorithm.memory(mdp.extent)
    shapes = tuple((count, size) for size in memory_sizes(sections))
    if (batch.floats.shape, batch.ints.shape) != shapes:
        raise FileError(
            f"floats and ints must have the shapes {shapes[0]} and {shapes[1]},"
            f" got {batch.floats.shape} and {batch.ints.shape}"
        )
    carried = batch.carried(slice(None))
    for each in sections:
        part = carried[each.key]
        bad = ~((part >= each.low) & (part <= each.high))
        if bad.any():
            raise FileError(
                f"{each.key} must be in [{each.low:g}, {each.high:g}], got {part[bad][0]:g}"
            )
    if not batch.algorithm.memory_fits(batch.agents, batch.floats, batch.ints, mdp.extent):
        raise FileError(
            f"what {batch.algorithm.title} carries must fit together, got what does not"
        )


def _check_ranges(batch: Batch) -> None:
    mdp, agents = batch.mdp, batch.agents
    lowest_action = 0 if batch.algorithm.chooses_ahead else -1
    for name, low, high in (
        ("state", 0, mdp.n_states - 1),
        ("action", lowest_action, mdp.n_actions - 1),
        ("length", 0, mdp.max_steps - 1 if mdp.max_steps else INT32_MAX),
        *((each.key, each.range.low, each.range.high) for each in _own(batch) if each.range),
        ("episode_return", -MOST, MOST),
        ("fold_return_sum", -MOST, MOST),
        ("bin_return_sum", -MOST * MOST_STEPS, MOST * MOST_STEPS),
        ("steps", 0, MOST_STEPS),
        ("episodes", 0, MOST_STEPS),
        ("episode_limit", 0, UNLIMITED),
        ("step_limit", 0, UNLIMITED),
        ("fold_count", 0, FOLD - 1),
        ("fold_start_step", 0, MOST_STEPS),
        ("schedule_first", 0, MOST),
        ("schedule_since", 0, MOST_STEPS),
        ("bins", 0, max(batch.bins.shape[1] - 1, 0)),
        ("bin_width", 1, MOST_STEPS),
        ("bin_count", 0, MOST_STEPS),
        ("bin_length_sum", 0, MOST_STEPS),
    ):
        column = agents[name]
        bad = ~((column >= low) & (column <= high))
        if bad.any():
            raise FileError(f"{name} must be in [{low}, {high}], got {column[bad][0]}")
    if (total := sum(agents["steps"].tolist())) > MOST_ALL_STEPS:
        raise FileError(f"steps must be at most {MOST_ALL_STEPS} of all agents, got {total}")


def _own(batch: Batch) -> list[Parameter]:
    """Parameters of the algorithm of which every agent carries a value of its own."""
    return [each for each in batch.algorithm.parameters() if each.column]


def _check_parameters(batch: Batch) -> None:
    """The numbers that agents learn by are those that the algorithm is said to have."""
    for each in _own(batch):
        if each.key in SCHEDULED:  # the agent's own, which changes
            continue
        said = batch.algorithm.column(each.key, len(batch.agents))
        other = np.flatnonzero(batch.agents[each.key] != said)
        if other.size:
            found = batch.agents[each.key][other[0]]
            raise FileError(f"{each.key} of every agent must be {said[other[0]]:g}, got {found:g}")


def check_places(batch: Batch) -> None:
    """An agent stands where an episode can be, and has just begun where its length is 0.

    Raises:
        FileError: One does not.
    """
    agents, mdp = batch.agents, batch.mdp
    begins = agents["length"] == 0
    if not np.isin(agents["state"][begins], mdp.starts).all():
        raise FileError("state must be a start where an episode begins, got another")
    if agents["episode_return"][begins].any():
        raise FileError("episode_return must be 0 where an episode begins, got another")
    if mdp.world is not None:
        below = np.frombuffer(mdp.world.cells, np.uint8)[agents["state"]]
        if np.isin(below, [ord(kind) for kind in (GOAL, PIT, WALL)]).any():
            raise FileError("state must be a cell to stand on, got a goal, a pit or a wall")


def _check_steps(batch: Batch) -> None:
    agents = batch.agents
    steps, episodes, length = agents["steps"], agents["episodes"], agents["length"]
    # every episode has a step, and the one under way those that it has
    short = steps - length < episodes
    if short.any():
        raise FileError(
            f"steps must be at least {(episodes + length)[short][0]}, one of each episode and"
            f" those of the present one, got {steps[short][0]}"
        )


def _check_statistics(batch: Batch) -> None:
    """The open bin and the fold, as `kernels.statistics` fills them."""
    agents = batch.agents
    width, count, fold = agents["bin_width"], agents["bin_count"], agents["fold_count"]
    _must("bin_width must be a power of two", width & (width - 1) == 0)
    _must("bin_width must be more than the episodes of the open bin", count + fold < width)
    _must(
        "episodes must be those of the bins together",
        # divided, since the product may be more than 64 bits hold
        (agents["episodes"] // width == agents["bins"])
        & (agents["episodes"] % width == count + fold),
    )
    # a length may be less than it was: it ends where 32 bits do, and at another world's limit
    ended = agents["steps"] - agents["length"]
    begun = agents["fold_start_step"]
    _must("fold_start_step must be the step of an episode's end", begun <= ended - fold)
    _must(
        "bin_length_sum must be that of the episodes of the open bin",
        (agents["bin_length_sum"] >= count) & (agents["bin_length_sum"] <= begun),
    )
    nothing = (count == 0) & (agents["bin_length_sum"] == 0) & (agents["bin_return_sum"] == 0)
    _must("an open bin without episodes must be empty", (count > 0) | nothing)
    _must("a fold without episodes must be empty", (fold > 0) | (agents["fold_return_sum"] == 0))
    low, high = agents["bin_return_min"], agents["bin_return_max"]
    short, long = agents["bin_length_min"], agents["bin_length_max"]
    some = np.isfinite(low) & np.isfinite(high) & (low <= high)
    some &= (short >= 1) & (short <= long)
    none = (low == np.inf) & (high == -np.inf) & (short == INT32_MAX) & (long == 0)
    _must(
        "extremes must be of the episodes of the open bin", np.where(count + fold > 0, some, none)
    )


def _check_history(batch: Batch) -> None:
    """The closed bins: means between extremes."""
    columns = np.arange(batch.bins.shape[1])
    closed = batch.bins[columns < batch.agents["bins"][:, None]]
    for name in closed.dtype.names or ():
        _must(f"{name} of bins must be finite", np.isfinite(closed[name]))
    for what in ("return", "length"):
        low, mean, high = (closed[f"{what}_{part}"] for part in ("min", "mean", "max"))
        # means of float32 may be off by some of their last digits
        slack = 1e-4 * np.maximum(np.abs(low), np.abs(high))
        # of an episode in two worlds, the mean has all steps, the extremes its length at the end
        below = (mean <= high + slack) | (what == "length")
        _must(
            f"means of {what}s must be between their extremes",
            (low <= high) & (mean >= low - slack) & below,
        )
    _must("lengths of bins must be at least 1", closed["length_min"] >= 1)
    # with softmax it is the temperature, and a run may change from one to the other
    _must("epsilon of bins must be at least 0", closed["epsilon"] >= 0)


def _must(sentence: str, holds: npt.NDArray[np.bool_]) -> None:
    if not holds.all():
        raise FileError(f"{sentence}, got others")
