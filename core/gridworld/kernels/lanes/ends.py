"""Jitted: what happens to 16 agents in lanes where episodes end; the step is in `lanes.step`."""

from typing import Any

import numpy as np

from gridworld.kernels.codes import FACTOR, INT32_MAX
from gridworld.kernels.jit import inlined
from gridworld.kernels.lanes.agents import row_index
from gridworld.kernels.lanes.changed import changed
from gridworld.kernels.lanes.rows import behave, draw_where, load_row
from gridworld.kernels.lanes.simd import (
    any_lane,
    bits_of,
    maximum,
    minimum,
    select,
    signed,
)
from gridworld.kernels.lanes.step import over
from gridworld.kernels.lanes.tally import close_bins, settle
from gridworld.kernels.targets import chooses_ahead, has_two_tables

__all__ = ["attend", "choose_again", "close_full_bins", "end_episodes", "overfull"]

_ZERO = np.float32(0)


@inlined
def decayed(epsilon: Any, decay: Any, lowest: Any) -> Any:
    """Epsilon after an episode: lower by a factor, never below `lowest`, never higher."""
    return maximum(minimum(lowest, epsilon), epsilon * decay)


@inlined
def end_episodes(variant: Any, lanes: Any, arrival: Any) -> Any:
    """Count the ended episodes, and begin new ones where the old terminated.

    Without a branch: with 16 lanes an episode ends in most steps of a small world. What needs
    one is left to `choose_again` and `attend`.

    Args:
        variant: Which algorithm.
        lanes: After `learn`.
        arrival: From `act`.

    Returns:
        The lanes, and the mask of those to attend to before the next step.
    """
    ended = over(arrival)
    lower = decayed(lanes.epsilon, lanes.fixed.epsilon_decay, lanes.fixed.epsilon_min)
    epsilon = lanes.epsilon
    if variant.schedule == FACTOR:
        epsilon = select(ended, lower, lanes.epsilon)
    tally = lanes.tally
    got = lanes.episode_return
    length = signed(minimum(lanes.length, INT32_MAX))
    left = select(ended, tally.left - 1, tally.left)
    moved = changed(
        lanes,
        length=select(ended, 0, lanes.length),
        episode_return=select(ended, _ZERO, got),
        epsilon=epsilon,
        tally=changed(
            tally,
            return_sum=select(ended, tally.return_sum + got, tally.return_sum),
            return_min=select(ended, minimum(tally.return_min, got), tally.return_min),
            return_max=select(ended, maximum(tally.return_max, got), tally.return_max),
            length_min=select(ended, minimum(tally.length_min, length), tally.length_min),
            length_max=select(ended, maximum(tally.length_max, length), tally.length_max),
            left=left,
        ),
    )
    return moved, arrival.truncated | (left == tally.due)


@inlined
def overfull(lanes: Any, arrival: Any) -> Any:
    """Mask of the lanes in which an episode ends that belongs to the bin after a full one."""
    return over(arrival) & (lanes.tally.left == 0)


@inlined
def close_full_bins(bins: Any, steps: Any, v: Any, w: Any) -> Any:
    """Close all plain bins of two groups that are full: the lanes of both.

    Args:
        bins: `BIN[n, capacity]`, changed in place.
        steps: As of `attend`, those in the lanes' lengths.
        v: Lanes before `learn`, or after `end_episodes`.
        w: The second group.
    """
    tally_v, tally_w = close_bins(
        bins,
        steps,
        v.fixed.who,
        signed(v.length),
        v.epsilon,
        v.tally,
        w.fixed.who,
        signed(w.length),
        w.epsilon,
        w.tally,
    )
    return changed(v, tally=tally_v), changed(w, tally=tally_w)


@inlined
def choose_again(variant: Any, q: Any, lanes: Any, mask: Any) -> Any:
    """SARSA's action at a start, where the mask is set: the lanes."""
    draws, rng = draw_where(variant, mask, lanes.rng)
    action = behave(variant, q, lanes.row, lanes.epsilon, draws)
    return changed(lanes, rng=rng, action=select(mask, action, lanes.action))


@inlined
def attend(
    variant: Any, q: Any, agents: Any, bins: Any, steps: Any, lanes: Any, arrival: Any
) -> Any:
    """What few steps need: place truncated agents, bring records of due lanes up to date.

    Args:
        variant: Which algorithm.
        q: The tables, flat.
        agents: `AGENT[n]`, changed in place.
        bins: `BIN[n, capacity]`, changed in place.
        steps: Steps since `steps` of the records, the present one included.
        lanes: After `end_episodes`.
        arrival: From `act`.

    Returns:
        The lanes, and the bits of those whose agents reached their episode limit.
    """
    if any_lane(arrival.truncated):
        state = select(arrival.truncated, arrival.place, lanes.state)
        index = row_index(variant, lanes.fixed.table, state)
        lanes = changed(lanes, state=state, row=load_row(variant, q, index))
        if has_two_tables(variant.algorithm):
            lanes = changed(lanes, second_row=load_row(variant, q, index + variant.n_actions))
        if chooses_ahead(variant.algorithm):
            lanes = choose_again(variant, q, lanes, arrival.truncated)
    done = np.int64(0)
    tally = lanes.tally
    due = tally.left == tally.due
    if any_lane(due):
        tally, done = settle(
            agents, bins, steps, bits_of(due), lanes.fixed.who, lanes.epsilon, tally
        )
    return changed(lanes, tally=tally), done
