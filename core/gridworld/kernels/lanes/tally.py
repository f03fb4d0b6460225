"""Jitted: what 16 lanes keep of their episodes, and the way into records and histories.

An episode that ends changes the tally alone. When as many have ended as were granted, most bins are
plain: all their episodes are in the tally, and one of the same width follows. They wait there until
the agent's next episode ends, so that bins of many agents are closed at once (`close_bins`): each
time, the loop over the steps is held up. Whatever is not plain is due at once, and goes by way of
the record (`settle`).
"""

from typing import Any, NamedTuple

import numpy as np
from numba.cpython.unsafe.numbers import trailing_zeros

from gridworld.kernels.codes import INT32_MAX
from gridworld.kernels.jit import inlined
from gridworld.kernels.lanes.changed import changed
from gridworld.kernels.lanes.memory import fetch_f32, fetch_i32, put, scratch
from gridworld.kernels.lanes.simd import (
    bits_of,
    extract,
    f32x16,
    i32x16,
    insert,
    select,
    to_float,
)
from gridworld.kernels.lanes.vectors import LANES
from gridworld.kernels.statistics import close_or_fold, until_fold

__all__ = ["Tally", "close_bins", "empty_tally", "never_due", "read_tally", "settle", "write_tally"]

_HALF = 4 * LANES
"""Bytes of a vector."""

_ROW = 2 * _HALF
"""Bytes of the vectors of two groups."""

_SCRATCH = 9 * _ROW

_LONG = 2**30 - 1
"""Steps that the lengths of a bin's episodes add up to, so that the sum fits a lane."""

_ZERO, _ONE = np.float32(0), np.float32(1)
_INFINITY = np.float32(np.inf)


class Tally(NamedTuple):
    """Statistics of 16 agents since their records were last brought up to date.

    Attributes:
        return_sum: Of the fold under way.
        return_min: Of the open bin, and so on.
        return_max: See there.
        length_min: See there.
        length_max: See there.
        granted: Episodes from the last time that a bin was closed, or the record written, until the
            next.
        left: Episodes until then; more than a round has steps where a lane is idle.
        due: What is `left` when the record must be written at once: 0, or -1 where bins are plain.
        began: Steps at which the fold began, since `steps` of the record.
        closed: Bins in the history.
        plain: How often what is granted will be a whole bin, with room for one more behind it and
            episodes to fill that.
    """

    return_sum: Any
    return_min: Any
    return_max: Any
    length_min: Any
    length_max: Any
    granted: Any
    left: Any
    due: Any
    began: Any
    closed: Any
    plain: Any


@inlined
def empty_tally() -> Any:
    """Nothing in any lane."""
    zero, nothing = f32x16(0), i32x16(0)
    return Tally(
        return_sum=zero,
        return_min=zero,
        return_max=zero,
        length_min=nothing,
        length_max=nothing,
        granted=nothing,
        left=nothing,
        due=nothing,
        began=nothing,
        closed=nothing,
        plain=nothing,
    )


@inlined
def until_visit(agent: Any, keep_statistics: Any) -> Any:
    """Episodes until the agent is due: for a full fold, or for its limit."""
    left = min(agent["episode_limit"] - agent["episodes"], np.int64(INT32_MAX))
    if keep_statistics:
        left = min(left, until_fold(agent))
    return left


@inlined
def plain_bins(agent: Any, capacity: Any, granted: Any) -> Any:
    """See `Tally.plain`; widths that are no powers of two, and endless lengths, are not plain."""
    width = agent["bin_width"]
    if granted != width or width & (width - 1) != 0:
        return np.int64(0)
    if agent["steps"] - agent["fold_start_step"] > _LONG:
        return np.int64(0)
    room = capacity - 1 - agent["bins"]
    followed = (agent["episode_limit"] - agent["episodes"]) // width - 1
    return max(min(room, followed), np.int64(0))


@inlined
def write_tally(agent: Any, lane: Any, tally: Any, keep_statistics: Any) -> None:
    """Bring the statistics of a record up to date."""
    episodes = np.int64(extract(tally.granted, lane) - extract(tally.left, lane))
    if keep_statistics:
        agent["fold_count"] += episodes
        agent["fold_return_sum"] = extract(tally.return_sum, lane)
        agent["bin_return_min"] = extract(tally.return_min, lane)
        agent["bin_return_max"] = extract(tally.return_max, lane)
        agent["bin_length_min"] = extract(tally.length_min, lane)
        agent["bin_length_max"] = extract(tally.length_max, lane)
        closed = np.int64(extract(tally.closed, lane))
        if closed > agent["bins"]:
            episodes += (closed - agent["bins"]) * agent["bin_width"]
            agent["bins"] = closed
            agent["fold_start_step"] = agent["steps"] + np.int64(extract(tally.began, lane))
    agent["episodes"] += episodes


@inlined
def read_tally(agent: Any, lane: Any, tally: Any, capacity: Any) -> Any:
    """One lane of the tally from a record; `capacity` bins for each agent, 0: no statistics."""
    granted = until_visit(agent, capacity > 0)
    plain = plain_bins(agent, capacity, granted) if capacity > 0 else np.int64(0)
    began = max(agent["fold_start_step"] - agent["steps"], np.int64(-_LONG))
    return Tally(
        insert(tally.return_sum, lane, agent["fold_return_sum"]),
        insert(tally.return_min, lane, agent["bin_return_min"]),
        insert(tally.return_max, lane, agent["bin_return_max"]),
        insert(tally.length_min, lane, agent["bin_length_min"]),
        insert(tally.length_max, lane, agent["bin_length_max"]),
        insert(tally.granted, lane, granted),
        insert(tally.left, lane, granted),
        insert(tally.due, lane, -1 if plain > 0 else 0),
        insert(tally.began, lane, began),
        insert(tally.closed, lane, agent["bins"]),
        insert(tally.plain, lane, min(plain, np.int64(INT32_MAX))),
    )


@inlined
def never_due(mask: Any, tally: Any) -> Any:
    """The tally in which the lanes of a mask will not be due for as long as a round lasts."""
    return changed(tally, left=select(mask, INT32_MAX, tally.left))


@inlined
def close_bins(
    bins: Any,
    steps: Any,
    who_v: Any,
    length_v: Any,
    epsilon_v: Any,
    v: Any,
    who_w: Any,
    length_w: Any,
    epsilon_w: Any,
    w: Any,
) -> Any:
    """Close the plain bins of two groups that are full, as `settle` would: the tallies.

    It calls nothing, so that the loop over the steps keeps its vectors in registers.

    Args:
        bins: `BIN[n, capacity]`, changed in place.
        steps: As of `settle`.
        who_v: As of `Fixed`.
        length_v: Steps of the episodes under way, int32; they began when the bins were full.
        epsilon_v: Of the lanes.
        v: The tally.
        who_w: Of the second group, and so on.
        length_w: See there.
        epsilon_w: See there.
        w: See there.
    """
    place = scratch(_SCRATCH)
    v, bits_v = _begin_next(place, i32x16(steps) - length_v, who_v, epsilon_v, v)
    w, bits_w = _begin_next(place + _HALF, i32x16(steps) - length_w, who_w, epsilon_w, w)
    rest = bits_v | bits_w << LANES
    while rest != 0:
        at = place + 4 * trailing_zeros(rest)
        rest &= rest - 1
        record = bins[np.uint64(fetch_i32(at)), np.uint64(fetch_i32(at + _ROW))]
        record["return_mean"] = fetch_f32(at + 2 * _ROW)
        record["return_min"] = fetch_f32(at + 3 * _ROW)
        record["return_max"] = fetch_f32(at + 4 * _ROW)
        record["length_mean"] = fetch_f32(at + 5 * _ROW)
        record["length_min"] = fetch_f32(at + 6 * _ROW)
        record["length_max"] = fetch_f32(at + 7 * _ROW)
        record["epsilon"] = fetch_f32(at + 8 * _ROW)
    return v, w


@inlined
def _begin_next(place: Any, ended: Any, who: Any, epsilon: Any, tally: Any) -> Any:
    """Put bins into the scratch, and begin the next where they are full: (tally, those lanes).

    Widths are powers of two: to multiply by the reciprocal is to divide.
    """
    full = (tally.left == 0) & (tally.plain > 0)
    share = _ONE / to_float(tally.granted)
    put(place, who)
    put(place + _ROW, tally.closed)
    put(place + 2 * _ROW, tally.return_sum * share)
    put(place + 3 * _ROW, tally.return_min)
    put(place + 4 * _ROW, tally.return_max)
    put(place + 5 * _ROW, to_float(ended - tally.began) * share)
    put(place + 6 * _ROW, to_float(tally.length_min))
    put(place + 7 * _ROW, to_float(tally.length_max))
    put(place + 8 * _ROW, epsilon)
    plain = select(full, tally.plain - 1, tally.plain)
    following = changed(
        tally,
        return_sum=select(full, _ZERO, tally.return_sum),
        return_min=select(full, _INFINITY, tally.return_min),
        return_max=select(full, -_INFINITY, tally.return_max),
        length_min=select(full, INT32_MAX, tally.length_min),
        length_max=select(full, 0, tally.length_max),
        left=select(full, tally.granted, tally.left),
        due=select(plain > 0, i32x16(-1), i32x16(0)),
        began=select(full, ended, tally.began),
        closed=select(full, tally.closed + 1, tally.closed),
        plain=plain,
    )
    return following, bits_of(full)


@inlined
def settle(agents: Any, bins: Any, steps: Any, due: Any, who: Any, epsilon: Any, tally: Any) -> Any:
    """Bring the records of some lanes up to date: (tally, bits of the lanes that are done)."""
    keep_statistics = bins.shape[1] > 0
    done = np.int64(0)
    for lane in range(LANES):
        if due >> lane & 1:
            i = np.int64(extract(who, lane))
            agent = agents[i]
            write_tally(agent, lane, tally, keep_statistics)
            if keep_statistics and until_fold(agent) == 0:
                close_or_fold(agents, i, bins, agent["steps"] + steps, extract(epsilon, lane))
            tally = read_tally(agent, lane, tally, bins.shape[1])
            if agent["episodes"] == agent["episode_limit"]:
                done |= np.int64(1) << lane
    return tally, done
