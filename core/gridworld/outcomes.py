"""Tables of outcomes: what may come of each action, as it is declared and as it is drawn."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gridworld.errors import WorldError
from gridworld.kernels.codes import ALWAYS, DETERMINISTIC, TABLE
from gridworld.validation import MAX_REWARD, array_of, listed, number, whole
from gridworld.world import MAX_STATES

__all__ = [
    "EXACT_OUTCOME",
    "MOST_OUTCOMES",
    "OUTCOME",
    "Outcomes",
    "Table",
    "alias_table",
    "compiled",
    "read_start",
    "read_table",
]

OUTCOME = np.dtype([("next_state", "<i4"), ("reward", "<f4")])
"""One outcome of an action; a negative `next_state` says that the episode ends in `~next_state`."""

EXACT_OUTCOME = np.dtype([("next_state", "<i4"), ("reward", "<f8")], align=True)
"""The same with the reward as declared, for exact solutions."""

MOST_OUTCOMES = 2**31 - 1
"""Entries of the outcome table: their numbers fit 32 bits."""

Outcomes = dict[tuple[int, float, float], float]
"""(next state, or ~state where the episode ends; reward; its deviation) -> probability."""

ROUNDING = 1e-12
"""Probabilities that miss the sum 1 by no more stay, for exact solutions, as they were declared."""


class Table(NamedTuple):
    """Gymnasium's `P`, read.

    Attributes:
        pairs: Of each state and action in order, the outcomes as they are drawn.
        declared: Their probabilities as declared.
        n_states: States.
        n_actions: Actions of the states that have most.
        available: Of each state, how many actions it has. Those behind them have the outcomes of
            its first.
    """

    pairs: list[Outcomes]
    declared: list[list[float]]
    n_states: int
    n_actions: int
    available: list[int]


def read_table(p: Any) -> Table:
    """Read `P[s][a] = [(probability, next state, reward, terminated), ...]`.

    A fifth number is the standard deviation of the reward, which is drawn around the third.

    Raises:
        WorldError: It is nothing of the kind, or its numbers cannot be.
    """
    rows = _numbered("P", p)
    if not 1 <= len(rows) <= MAX_STATES:
        raise WorldError(f"P must have from 1 to {MAX_STATES} states, got {len(rows)}")
    pairs: list[Outcomes] = []
    declared: list[list[float]] = []
    listed_actions = [_numbered(f"P[{s}]", row) for s, row in enumerate(rows)]
    available = [len(actions) for actions in listed_actions]
    n_actions = max(available)
    for s, actions in enumerate(listed_actions):
        if not actions:
            raise WorldError(f"P must have at least one action in every state, got none in {s}")
        for a in range(n_actions):
            if a >= len(actions):
                pairs.append(pairs[-a])
                declared.append(declared[-a])
                continue
            merged, exact = _outcomes(f"P[{s}][{a}]", actions[a], len(rows))
            pairs.append(merged)
            declared.append(exact)
    return Table(pairs, declared, len(rows), n_actions, available)


def _numbered(what: str, table: Any) -> list[Any]:
    if not isinstance(table, Mapping):
        return list(listed(what, table))
    for key in table:
        if isinstance(key, bool | np.bool_) or not isinstance(key, int | np.integer):
            raise WorldError(f"the keys of {what} must be whole numbers, got {key!r:.80}")
    if set(table) != set(range(len(table))):
        raise WorldError(
            f"{what} must be numbered from 0 to {len(table) - 1} without a gap,"
            f" got {len(table)} keys from {min(table)} to {max(table)}"
        )
    return [table[i] for i in range(len(table))]


def _outcomes(what: str, outcomes: Any, n_states: int) -> tuple[Outcomes, list[float]]:
    """Probabilities that sum to 1 to the last bit, as they are drawn; and as they were declared."""
    merged: Outcomes = {}
    parts: dict[tuple[int, float, float], list[float]] = {}
    for outcome in listed(what, outcomes):
        fields = listed(f"an outcome of {what}", outcome)
        if len(fields) not in (4, 5):
            raise WorldError(
                f"an outcome of {what} must be (probability, next state, reward, terminated),"
                f" and may have the deviation of the reward behind them, got {outcome!r:.80}"
            )
        chance = number(f"a probability of {what}", fields[0], 0, 1 + 1e-6, WorldError)
        state = whole(f"a next state of {what}", fields[1], 0, n_states - 1, WorldError)
        reward = number(f"a reward of {what}", fields[2], -MAX_REWARD, MAX_REWARD, WorldError)
        ended = fields[3]
        if not isinstance(ended, bool | np.bool_):
            raise WorldError(f"terminated of {what} must be true or false, got {ended!r:.80}")
        spread = 0.0
        if len(fields) == 5:
            what_it_is = f"the deviation of a reward of {what}"
            spread = number(what_it_is, fields[4], 0, MAX_REWARD, WorldError)
        if chance > 0:
            key = (~state if ended else state, reward, spread)
            merged[key] = merged.get(key, 0.0) + chance
            parts.setdefault(key, []).append(chance)
    total = sum(merged.values())
    if not abs(total - 1) <= 1e-6:
        raise WorldError(f"the probabilities of {what} must sum to 1, got {total:.9g}")
    drawn = {key: chance / total for key, chance in merged.items()}
    if abs(total - 1) > ROUNDING:
        return drawn, list(drawn.values())
    return drawn, [math.fsum(chances) for chances in parts.values()]


def compiled(table: Table) -> dict[str, Any]:
    """The fields of an `Mdp` that describe the outcomes."""
    pairs, declared = table.pairs, table.declared
    k = max(map(len, pairs))
    if k * len(pairs) > MOST_OUTCOMES:
        raise WorldError(f"P must have at most {MOST_OUTCOMES} outcomes, got {k * len(pairs)}")
    outcomes = np.empty((len(pairs), k), OUTCOME)
    exact_reward, reward_sd = np.empty((len(pairs), k)), np.empty((len(pairs), k))
    probability = np.zeros((len(pairs), k))
    threshold = np.full((len(pairs), k), ALWAYS, np.uint32)
    alias = np.zeros((len(pairs), k), np.int32)
    for i, merged in enumerate(pairs):
        # Short rows are filled up with outcomes of probability 0.
        keys = list(merged) + [next(iter(merged))] * (k - len(merged))
        outcomes["next_state"][i], exact_reward[i], reward_sd[i] = zip(*keys, strict=True)
        probability[i, : len(merged)] = declared[i]
        if k > 1:
            drawn = np.zeros(k)
            drawn[: len(merged)] = list(merged.values())
            threshold[i], alias[i] = alias_table(drawn)
    outcomes["reward"] = exact_reward
    drawn_by_table = k > 1
    return {
        "dynamics": TABLE if drawn_by_table else DETERMINISTIC,
        "outcomes": outcomes.ravel(),
        "threshold": threshold.ravel() if drawn_by_table else threshold.ravel()[:1].copy(),
        "alias": alias.ravel() if drawn_by_table else alias.ravel()[:1].copy(),
        "probability": probability.ravel() if drawn_by_table else np.ones(1),
        "exact_reward": exact_reward.ravel(),
        "reward_sd": reward_sd.ravel() if reward_sd.any() else np.zeros(0),
        "available": np.array(
            table.available if min(table.available) < table.n_actions else [], np.int32
        ),
    }


def read_start(start: Any, n_states: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """The states in which episodes may begin, and the probability of each."""
    if array_of("start", start).ndim == 0:
        start = whole("start", start, 0, n_states - 1, WorldError)
        return np.array([start], np.int32), np.ones(1)
    if isinstance(start, np.ndarray):
        start = start.tolist()
    chances = [number("a probability of start", p, 0, 1 + 1e-6, WorldError) for p in start]
    if len(chances) != n_states or not abs(sum(chances) - 1) <= 1e-6:
        raise WorldError(
            f"start must be the probability of each of the {n_states} states, which sum to 1,"
            f" got {len(chances)} with the sum {sum(chances):.9g}"
        )
    probability = np.array(chances)
    starts = np.flatnonzero(probability).astype(np.int32)
    return starts, probability[starts] / probability.sum()


def alias_table(
    probability: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int32]]:
    """Walker's alias table over `[n]` probabilities that sum to 1.

    Bucket k, drawn uniformly, holds outcome k below its threshold (of 2^32) and the alias above.
    Source: Walker 1977, "An efficient method for generating discrete random variables with
    general distributions"; built in linear time after Vose 1991.
    """
    n = len(probability)
    alias = np.arange(n, dtype=np.int32)
    keep = probability * n
    if not np.allclose(keep, 1.0, rtol=0, atol=1e-9):
        small = [k for k in range(n) if keep[k] < 1]
        large = [k for k in range(n) if keep[k] >= 1]
        while small and large:
            k, donor = small.pop(), large[-1]
            alias[k] = donor
            keep[donor] -= 1 - keep[k]
            if keep[donor] < 1:
                small.append(large.pop())
        # What rounding left over is full; an impossible outcome never lands here alone,
        # since its need of 1 is met while any bucket has more than 1 to give.
        for k in small:
            if probability[k] > 0:
                keep[k] = 1.0
            else:
                alias[k] = int(np.argmax(probability))
    else:
        keep[:] = 1.0
    keep = np.clip(keep, 0.0, 1.0)
    scaled = np.minimum(np.floor(keep * 2.0**32), ALWAYS).astype(np.uint32)
    return scaled, alias
