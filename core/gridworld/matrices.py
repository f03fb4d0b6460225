"""A process as others' tables: Gymnasium's `P`, and (P, R) as solvers take them."""

from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from gridworld.errors import WorldError, require
from gridworld.kernels.codes import DETERMINISTIC, SLIP
from gridworld.kernels.exact.model import Model
from gridworld.kernels.step import across
from gridworld.memory import require_memory
from gridworld.validation import array_of, whole

__all__ = ["LAYOUTS", "Layout", "Outcome", "Terms", "arrays_of", "rows_of", "table_of", "terms"]

Outcome = tuple[float, int, float, bool]
"""(probability, next state, reward, terminated), as Gymnasium's `P` has them."""

Layout = Literal["actions", "states"]

LAYOUTS = ("actions", "states")
"""Which comes first: pymdptoolbox has P as `[A, S, S]`, QuantEcon as `[S, A, S]`."""

_across: Any = getattr(across, "py_func", across)


class Terms(NamedTuple):
    """What may come of each action, T terms for each; those of probability 0 count for nothing.

    Attributes:
        probability: float64 `[S, A, T]`.
        next_state: int64 of the same shape; negative where the episode ends in `~next_state`.
        reward: float64 of the same shape.
    """

    probability: npt.NDArray[np.float64]
    next_state: npt.NDArray[np.int64]
    reward: npt.NDArray[np.float64]


def terms(model: Model) -> Terms:
    """What may come of each action, with numbers as declared."""
    s, a = model.n_states, model.n_actions
    outcomes = model.outcomes.reshape(s, a, -1)
    if model.dynamics == SLIP:
        moves = np.arange(a)
        executed = np.stack([moves, _across(moves, 0), _across(moves, 1)], axis=1)
        outcomes = outcomes[:, executed, 0]
        chance = np.array([1 - model.slip, 0.5 * model.slip, 0.5 * model.slip])
    elif model.dynamics == DETERMINISTIC:
        chance = np.ones(1)
    else:
        chance = model.probability.reshape(outcomes.shape)
    return Terms(
        np.broadcast_to(chance, outcomes.shape),
        outcomes["next_state"].astype(np.int64),
        outcomes["reward"].astype(np.float64),
    )


def table_of(
    model: Model, reward_sd: npt.NDArray[np.float64], available: npt.NDArray[np.int32]
) -> dict[int, dict[int, list[Any]]]:
    """Gymnasium's `P`: of each state and action the outcomes, without those of probability 0.

    Args:
        model: The process.
        reward_sd: As in `Mdp`: it is behind the four where any varies.
        available: As in `Mdp`.
    """
    found = terms(model)
    ended = found.next_state < 0
    entered = np.where(ended, ~found.next_state, found.next_state)
    told = [found.probability, entered, found.reward, ended]
    if len(reward_sd):
        told.append(reward_sd)
    columns = [column.reshape(model.n_states, model.n_actions, -1).tolist() for column in told]
    return {
        s: {
            a: [outcome for outcome in zip(*lists, strict=True) if outcome[0] > 0]
            for a, lists in enumerate(zip(*rows, strict=True))
            if not len(available) or a < available[s]
        }
        for s, rows in enumerate(zip(*columns, strict=True))
    }


def arrays_of(model: Model, layout: Layout = "actions", *, sparse: bool = False) -> tuple[Any, Any]:
    """What `Mdp.to_arrays` returns."""
    _check_layout(layout)
    found = terms(model)
    n_states, n_actions = found.next_state.shape[:2]
    ended = (found.next_state < 0) & (found.probability > 0)
    entered = np.where(found.next_state < 0, ~found.next_state, found.next_state)
    size = n_states
    if not _rest(found)[entered[ended]].all():
        # Somebody goes on acting where others' episodes end: ends need a state of their own.
        size += 1
        entered = np.where(ended, n_states, entered)
    paid = np.zeros((size, n_actions))
    paid[:n_states] = (found.probability * found.reward).sum(axis=2)
    pairs = np.arange(n_states * n_actions).reshape(n_states, n_actions, 1)
    rows = np.broadcast_to(pairs, entered.shape).ravel()
    columns, weight = entered.ravel(), found.probability.ravel()
    if size > n_states:
        rows = np.append(rows, n_states * n_actions + np.arange(n_actions))
        columns = np.append(columns, np.full(n_actions, n_states))
        weight = np.append(weight, np.ones(n_actions))
    if sparse:
        return _sparse(rows, columns, weight, size, n_actions, layout), _flat(paid, layout)
    entries = size * n_actions * size
    require_memory("P", f"{size:,} x {n_actions} x {size:,} probabilities", 8 * entries)
    dense = np.zeros((size * n_actions, size))
    np.add.at(dense, (rows, columns), weight)
    p = dense.reshape(size, n_actions, size)
    return (p.transpose(1, 0, 2).copy() if layout == "actions" else p), paid


def rows_of(
    p: Any, r: Any, layout: Layout = "actions", terminal: Any = None
) -> list[list[list[Outcome]]]:
    """The table that (P, R) say, as `outcomes.read_table` takes it (see `Mdp.from_arrays`)."""
    _check_layout(layout)
    chances, n_states, n_actions = _probabilities(p, layout)
    paid = _rewards(r, n_states, n_actions, layout)
    ends = _ends(chances, paid, n_states, n_actions, terminal)
    table: list[list[list[Outcome]]] = []
    for s in range(n_states):
        if ends[s]:
            table.append([[(1.0, s, 0.0, True)]] * n_actions)
            continue
        row = []
        for a in range(n_actions):
            states, weights = chances(s, a)
            row.append(
                [
                    (float(weight), int(entered), float(paid(s, a, entered)), bool(ends[entered]))
                    for entered, weight in zip(states, weights, strict=True)
                ]
            )
        table.append(row)
    return table


def _check_layout(layout: str) -> None:
    if layout not in LAYOUTS:
        raise WorldError(f"layout must be one of {', '.join(LAYOUTS)}, got {layout!r:.80}")


def _rest(found: Terms) -> npt.NDArray[np.bool_]:
    """In which states nothing ever happens again, bool `[S]`."""
    states = np.arange(len(found.next_state))[:, None, None]
    stays = (found.next_state == states) | (found.next_state == ~states)
    rest: npt.NDArray[np.bool_] = (
        ((stays & (found.reward == 0)) | (found.probability == 0)).all(axis=2).all(axis=1)
    )
    return rest


def _flat(paid: npt.NDArray[np.float64], layout: Layout) -> npt.NDArray[np.float64]:
    return paid if layout == "actions" else paid.ravel()


def _sparse(rows: Any, columns: Any, weight: Any, size: int, n_actions: int, layout: Layout) -> Any:
    require("sparse arrays", "exact", "scipy")
    from scipy.sparse import csr_array

    pairs = csr_array((weight, (rows, columns)), shape=(size * n_actions, size))
    pairs.eliminate_zeros()
    if layout == "states":
        return pairs
    return [pairs[np.arange(size) * n_actions + a] for a in range(n_actions)]


def _probabilities(p: Any, layout: Layout) -> tuple[Any, int, int]:
    """A look-up (s, a) -> next states and their probabilities; S; A."""
    if isinstance(p, list | tuple) and p and all(hasattr(each, "tocsr") for each in p):
        if layout != "actions":
            raise WorldError('sparse P must come by actions (layout="actions"), got "states"')
        matrices = [each.tocsr() for each in p]
        n_states = matrices[0].shape[0]
        for each in matrices:
            if each.shape != (n_states, n_states):
                raise WorldError(f"P must have [S, S] of every action, got {each.shape}")

        def from_sparse(s: int, a: int) -> tuple[Any, Any]:
            matrix = matrices[a]
            part = slice(matrix.indptr[s], matrix.indptr[s + 1])
            return matrix.indices[part], matrix.data[part]

        return from_sparse, n_states, len(matrices)
    array = array_of("P", p)
    by_states = array.swapaxes(0, 1) if array.ndim == 3 and layout == "actions" else array
    if array.ndim != 3 or by_states.shape[0] != by_states.shape[2] or not array.size:
        shape = "[A, S, S]" if layout == "actions" else "[S, A, S]"
        raise WorldError(f"P must have the shape {shape} with layout={layout!r}, got {array.shape}")
    if array.dtype.kind not in "fiub":
        raise WorldError(f"P must hold numbers, got {array.dtype}")

    def from_dense(s: int, a: int) -> tuple[Any, Any]:
        row = by_states[s, a]
        states = np.flatnonzero(row)
        return states, row[states]

    return from_dense, by_states.shape[0], by_states.shape[1]


def _rewards(r: Any, n_states: int, n_actions: int, layout: Layout) -> Any:
    """A look-up (s, a, next state) -> reward."""
    if isinstance(r, list | tuple) and r and all(hasattr(each, "toarray") for each in r):
        r = np.stack([each.toarray() for each in r])
    array = array_of("R", r)
    if array.dtype.kind not in "fiub":
        raise WorldError(f"R must hold numbers, got {array.dtype}")
    each = (n_states, n_actions, n_states)
    if layout == "actions" and array.ndim == 3:
        array = array.swapaxes(0, 1)
    if array.shape == (n_states,):
        return lambda s, _a, _entered: array[s]
    if array.shape == (n_states, n_actions):
        return lambda s, a, _entered: array[s, a]
    if array.shape == each:
        return lambda s, a, entered: array[s, a, entered]
    raise WorldError(
        f"R must have the shape ({n_states},), ({n_states}, {n_actions}) or that of P,"
        f" got {np.shape(r)}"
    )


def _ends(chances: Any, paid: Any, n_states: int, n_actions: int, terminal: Any) -> list[bool]:
    """In which states episodes end."""
    if terminal is not None:
        ends = [False] * n_states
        for state in np.atleast_1d(array_of("terminal", terminal)).tolist():
            ends[whole("a state of terminal", state, 0, n_states - 1, WorldError)] = True
        return ends

    def rests(s: int, a: int) -> bool:
        states, weights = chances(s, a)
        kept = states[np.asarray(weights) > 0]
        return bool(kept.tolist() == [s] and paid(s, a, s) == 0)

    return [all(rests(s, a) for a in range(n_actions)) for s in range(n_states)]
