"""Jitted: what these methods are told of a step, and what they tell watchers."""

from typing import Any, NamedTuple

import numpy as np

from gridworld.kernels.codes import MOST_PLANNED
from gridworld.kernels.jit import inlined

__all__ = ["Move", "Update", "arrive", "begin_planning", "note", "note_planned"]


class Move(NamedTuple):
    """One step of an agent.

    Attributes:
        s_tm1: The state that was left.
        a_tm1: The action.
        r_t: float32, the reward.
        s_t: The state that was entered.
        terminated: Whether the episode ended there for good.
        ended: Whether it ended at all: a truncated one still bootstraps.
        a_t: The next action, where it is drawn before the update; else -1.
        epsilon: float32, probability of a random action.
        length: Steps of the episode, this one included.
        time: Steps of the agent, this one included.
    """

    s_tm1: Any
    a_tm1: Any
    r_t: Any
    s_t: Any
    terminated: Any
    ended: Any
    a_t: Any
    epsilon: Any
    length: Any
    time: Any


class Update(NamedTuple):
    """What one entry of the Q-table was made of: `before + rate * error * weight + correction`.

    Attributes:
        state: Whose value it is.
        action: Whose value it is.
        steps: After how many steps it was bootstrapped.
        next_state: From where, `~state` where the episode terminated.
        reward: float32, rewards of these steps, discounted.
        factor: float32, by what the bootstrapped value is multiplied.
        bootstrap: float32, that value.
        before: float32.
        target: float32.
        rate: float32.
        after: float32.
        weight: float32, eligibility.
        correction: float32.
    """

    state: Any
    action: Any
    steps: Any
    next_state: Any
    reward: Any
    factor: Any
    bootstrap: Any
    before: Any
    target: Any
    rate: Any
    after: Any
    weight: Any
    correction: Any


@inlined
def note(frame: Any, visits: Any, update: Any) -> None:
    """Record an update for the live view, where there is one: `frame` and `visits` may be None."""
    if visits is not None:
        visit = visits[np.uint64(update.state)]
        visit["visits"] += 1
        visit["td_error"] = update.target - update.before
    if frame is not None:
        shown = frame[0]
        shown["update_state"] = update.state
        shown["update_action"] = update.action
        shown["update_steps"] = update.steps
        shown["update_next_state"] = update.next_state
        shown["update_reward"] = update.reward
        shown["update_factor"] = update.factor
        shown["update_bootstrap"] = update.bootstrap
        shown["update_q_before"] = update.before
        shown["update_target"] = update.target
        shown["update_q_after"] = update.after
        shown["update_rate"] = update.rate
        shown["update_weight"] = update.weight
        shown["update_correction"] = update.correction
        shown["update_table"] = 0


@inlined
def begin_planning(frame: Any) -> None:
    """Forget what planning after the step before has updated, where somebody looks."""
    if frame is not None:
        frame[0]["planned_count"] = 0


@inlined
def note_planned(frame: Any, pair: Any) -> None:
    """Record an update of planning, where somebody looks and there is room."""
    if frame is not None:
        shown = frame[0]
        count = shown["planned_count"]
        if count < MOST_PLANNED:
            planned = shown["planned"]
            planned[count] = pair
            shown["planned_count"] = count + 1


@inlined
def arrive(visits: Any, state: Any) -> None:
    """Count that an episode terminated in a state."""
    if visits is not None:
        visits[np.uint64(state)]["visits"] += 1
