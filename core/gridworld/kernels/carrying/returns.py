"""Jitted: returns of several steps (Sutton & Barto 2018, 5.4, 7.2 and 7.5).

A pair (s, a) is updated when what followed it is known for n steps, or to the end of the episode:

    Q(s, a) <- Q(s, a) + alpha * (G - Q(s, a))

    n-step SARSA       G = r_1 + gamma r_2 + ... + gamma^(n-1) r_n + gamma^n Q(s_n, a_n)
    n-step tree backup G_n = r_n + gamma E(s_n), and from there back to G_1
                       G_k = r_k + gamma (E(s_k) + pi(a_k | s_k) (G_(k+1) - Q(s_k, a_k)))
    Monte Carlo        G = all rewards to the end of the episode, discounted

E(s) is the mean value of what the agent may do in s, with the probabilities pi of its
epsilon-greedy policy. Where the episode terminates, nothing is bootstrapped; where it is
truncated, Monte Carlo bootstraps nothing either, and counts what it got. At the end of an episode
all pairs that still wait are updated, the oldest first.

The last n steps are kept in a ring. Monte Carlo's holds a whole episode.

    floats: rewards `[n]`
    ints: pairs, s * A + a `[n]`; where the next one goes `[1]`
"""

from typing import Any

import numpy as np

from gridworld.kernels.carrying.moves import Update, note
from gridworld.kernels.codes import MONTE_CARLO, N_STEP_TREE_BACKUP
from gridworld.kernels.jit import inlined
from gridworld.kernels.rates import rate_of
from gridworld.kernels.rows import chance_of, mean_value

__all__ = ["learn_by_returns"]

_ZERO, _ONE = np.float32(0), np.float32(1)


@inlined
def learn_by_returns(
    variant: Any,
    n_actions: Any,
    agent: Any,
    q: Any,
    table: Any,
    carried: Any,
    move: Any,
    frame: Any,
    visits: Any,
) -> None:
    """Remember a step, and update the pairs whose returns are known now.

    Args:
        variant: Which algorithm; a constant where this is called.
        n_actions: A, another constant.
        agent: Its record.
        q: float32, flat, changed in place.
        table: Where the agent's Q-table begins.
        carried: (floats, ints) of the agent, and the updates of each pair; changed in place.
        move: The step.
        frame: Or None.
        visits: Or None.
    """
    rewards, pairs, counts = carried
    n = np.int64(rewards.size if variant.algorithm == MONTE_CARLO else agent["n_steps"])
    discount = agent["discount_factor"]
    newest = np.int64(pairs[np.uint64(pairs.size - 1)])
    rewards[np.uint64(newest)] = move.r_t
    pairs[np.uint64(newest)] = move.s_tm1 * n_actions + move.a_tm1
    following = newest + 1 if newest + 1 < n else np.int64(0)

    value = _ZERO
    row_t = table + move.s_t * n_actions
    if variant.algorithm == N_STEP_TREE_BACKUP:
        value = mean_value(variant, q, row_t, n_actions, move.epsilon)
    elif variant.algorithm != MONTE_CARLO:
        value = q[np.uint64(row_t + move.a_t)]
    if move.terminated:
        value = _ZERO

    waiting = min(move.length, n)
    if not move.ended:
        pairs[np.uint64(pairs.size - 1)] = following
        if move.length < n:
            return
        k = following
    else:
        pairs[np.uint64(pairs.size - 1)] = 0
        k = following if move.length >= n else np.int64(0)
        if variant.algorithm != N_STEP_TREE_BACKUP:
            sum_up(rewards, newest, waiting, n, discount, value)
    updates = waiting if move.ended else np.int64(1)
    for done in range(updates):
        steps = waiting - done
        if variant.algorithm == N_STEP_TREE_BACKUP:
            target = tree_return(
                variant,
                q,
                table,
                n_actions,
                rewards,
                pairs,
                newest,
                steps,
                n,
                discount,
                value,
                move.epsilon,
            )
        elif move.ended:
            target = rewards[np.uint64(k)]
        else:
            target = plain_return(rewards, newest, steps, n, discount, value)
        pair = np.int64(pairs[np.uint64(k)])
        before = q[np.uint64(table + pair)]
        rate = rate_of(variant, agent["learning_rate"], agent["learning_rate_power"], counts, pair)
        after = before + rate * (target - before)
        q[np.uint64(table + pair)] = after
        reward = rewards[np.uint64(k)]
        k = k + 1 if k + 1 < n else np.int64(0)
        then = ~move.s_t if move.terminated else move.s_t
        if variant.algorithm == N_STEP_TREE_BACKUP and steps > 1:
            then = np.int64(pairs[np.uint64(k)]) // n_actions
        tell(
            variant,
            n_actions,
            frame,
            visits,
            reward,
            then,
            discount,
            value,
            pair,
            steps,
            before,
            target,
            rate,
            after,
        )


@inlined
def plain_return(rewards: Any, newest: Any, steps: Any, n: Any, discount: Any, value: Any) -> Any:
    """The rewards of the last `steps` steps, discounted, and the value behind them."""
    total = value
    k = newest
    for _ in range(steps):
        total = rewards[np.uint64(k)] + discount * total
        k = k - 1 if k > 0 else n - 1
    return total


@inlined
def sum_up(rewards: Any, newest: Any, steps: Any, n: Any, discount: Any, value: Any) -> None:
    """Put the return from each step on in the place of its reward."""
    total = value
    k = newest
    for _ in range(steps):
        total = rewards[np.uint64(k)] + discount * total
        rewards[np.uint64(k)] = total
        k = k - 1 if k > 0 else n - 1


@inlined
def tree_return(
    variant: Any,
    q: Any,
    table: Any,
    n_actions: Any,
    rewards: Any,
    pairs: Any,
    newest: Any,
    steps: Any,
    n: Any,
    discount: Any,
    value: Any,
    epsilon: Any,
) -> Any:
    """The tree-backup return of the last `steps` steps."""
    total = rewards[np.uint64(newest)] + discount * value
    k = newest
    for _ in range(steps - 1):
        pair = np.int64(pairs[np.uint64(k)])
        action = pair % n_actions
        row = table + pair - action
        chance = chance_of(variant, q, row, n_actions, epsilon, action)
        within = mean_value(variant, q, row, n_actions, epsilon)
        k = k - 1 if k > 0 else n - 1
        branch = within + chance * (total - q[np.uint64(table + pair)])
        total = rewards[np.uint64(k)] + discount * branch
    return total


@inlined
def tell(
    variant: Any,
    n_actions: Any,
    frame: Any,
    visits: Any,
    reward: Any,
    then: Any,
    discount: Any,
    value: Any,
    pair: Any,
    steps: Any,
    before: Any,
    target: Any,
    rate: Any,
    after: Any,
) -> None:
    """Record an update, where there is somebody who looks."""
    if frame is None and visits is None:
        return
    factor, behind = discount, value
    if variant.algorithm == N_STEP_TREE_BACKUP:
        # what gamma multiplies is the tree that grows from the state entered
        behind = (target - reward) / discount if discount > _ZERO else _ZERO
        gained, steps = reward, np.int64(1)
    else:
        factor = _ONE
        for _ in range(steps):
            factor = factor * discount
        gained = target - factor * value
    note(
        frame,
        visits,
        Update(
            state=pair // n_actions,
            action=pair % n_actions,
            steps=steps,
            next_state=then,
            reward=gained,
            factor=factor,
            bootstrap=behind,
            before=before,
            target=target,
            rate=rate,
            after=after,
            weight=_ONE,
            correction=_ZERO,
        ),
    )
