"""Slow and plain: the optimum of a small process, from a table like Gymnasium's."""

import itertools

import numpy as np
import numpy.typing as npt

import gridworld as gw
from oracle.world import move

Table = list[list[list[tuple[float, int, float, bool]]]]


def table_of(world: gw.GridWorld) -> Table:
    """`P[s][a]` of a grid world, slip included."""
    table: Table = []
    for state in range(world.n_states):
        x, y = world.cell(state)
        rows = []
        for action in range(4):
            if world[x, y] in "GX#":
                rows.append([(1.0, state, 0.0, True)])
                continue
            sideways = (2, 3) if action < 2 else (0, 1)
            chances = {action: 1 - world.slip} | dict.fromkeys(sideways, world.slip / 2)
            row = []
            for executed, chance in chances.items():
                to_x, to_y, reward, ended = move(world, x, y, executed)
                row.append((chance, world.state(to_x, to_y), reward, ended))
            rows.append(row)
        table.append(rows)
    return table


def dense(table: Table) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Chances to go on in each state `[S, A, S]`, and mean rewards `[S, A]`."""
    n, a = len(table), len(table[0])
    chances, rewards = np.zeros((n, a, n)), np.zeros((n, a))
    for s, i in itertools.product(range(n), range(a)):
        for p, state, reward, ended in table[s][i]:
            rewards[s, i] += p * reward
            if not ended:
                chances[s, i, state] += p
    return chances, rewards


def by_value_iteration(table: Table, discount: float, sweeps: int) -> npt.NDArray[np.float64]:
    """Values `[S]` after so many sweeps from 0."""
    chances, rewards = dense(table)
    v = np.zeros(len(table))
    for _ in range(sweeps):
        v = (rewards + discount * chances @ v).max(axis=1)
    return v


def by_trying_every_policy(table: Table) -> npt.NDArray[np.float64]:
    """Undiscounted values `[policies, S]` of all policies; infinite where they grow for ever."""
    chances, rewards = dense(table)
    n, a = rewards.shape
    policies = np.array(list(itertools.product(range(a), repeat=n)))
    p = chances[np.arange(n), policies]
    r = rewards[np.arange(n), policies][..., None]
    for _ in range(30):  # 2^30 steps
        r = r + p @ r
        p = p @ p
    v: npt.NDArray[np.float64] = r[..., 0]
    v[np.abs(v) > 1e4] *= np.inf
    return v
