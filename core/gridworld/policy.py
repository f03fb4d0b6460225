"""What to do in each state, as one small object."""

from collections.abc import Iterator
from copy import copy
from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.errors import InvalidValueError
from gridworld.tables import parameter
from gridworld.validation import array_of

__all__ = ["Policy", "greedy"]

_ROUNDING = 1e-6


class Policy:
    """What to do in each state: one action, several that are as good, or each by chance.

    `gridworld.evaluate`, `policy_value` and `regret` take one. Read as an array (`policy[state]`,
    `numpy.asarray(policy)`), it is `ties`.

    Args:
        probabilities: Of each action in each state, `[S, A]`.
        ties: Which actions are as good as the one that is done, bool `[S, A]`. None: those that
            may be done at all.

    Attributes:
        actions: int32 `[S]`, the likeliest action of each state (the lowest of several).
        ties: bool `[S, A]`, the actions that are as good, all that tie; none where nothing is
            known or nobody acts.

    Raises:
        InvalidValueError: The probabilities of a state do not sum to 1, or a shape is another.
    """

    __slots__ = ("_cells", "_probabilities", "actions", "ties")

    def __init__(self, probabilities: npt.ArrayLike, *, ties: npt.ArrayLike | None = None) -> None:
        chances = array_of("probabilities", probabilities)
        if chances.ndim != 2 or not chances.size or chances.dtype.kind not in "fiub":
            raise InvalidValueError(
                "probabilities must be numbers [states, actions],"
                f" got {chances.dtype} of the shape {chances.shape}"
            )
        chances = chances.astype(np.float64)
        sums = chances.sum(axis=1)
        wrong = ~(np.abs(sums - 1) <= _ROUNDING) | (chances < 0).any(axis=1)
        if wrong.any():
            state = int(wrong.argmax())
            raise InvalidValueError(
                "probabilities must be from 0, and sum to 1 in every state,"
                f" got {chances[state].tolist()!s:.80} in state {state}"
            )
        same = chances > 0 if ties is None else array_of("ties", ties).astype(np.bool_)
        if same.shape != chances.shape:
            raise InvalidValueError(
                f"ties must have the shape {chances.shape} of probabilities, got {same.shape}"
            )
        self.actions: npt.NDArray[np.int32] = chances.argmax(axis=1).astype(np.int32)
        self.ties: npt.NDArray[np.bool_] = same
        certain = bool((chances.max(axis=1) == 1.0).all())
        self._probabilities: npt.NDArray[np.float64] | None = None if certain else chances
        self._cells: npt.NDArray[np.uint8] | None = None

    @classmethod
    def of_actions(
        cls, actions: npt.ArrayLike, n_actions: int, *, ties: npt.ArrayLike | None = None
    ) -> "Policy":
        """The policy that does one action in each state.

        Args:
            actions: Whole numbers `[S]` in [0, n_actions).
            n_actions: A.
            ties: As of the class; None: these actions alone.

        Raises:
            InvalidValueError: An action is none.
        """
        given = array_of("actions", actions)
        if given.ndim != 1 or not given.size or given.dtype.kind not in "iu":
            raise InvalidValueError(
                f"actions must be whole numbers [states], got {given.dtype} {given.shape}"
            )
        if given.min() < 0 or given.max() >= n_actions:
            raise InvalidValueError(
                f"an action must be in [0, {n_actions}), got {given.min()} to {given.max()}"
            )
        policy = cls.__new__(cls)
        policy.actions = given.astype(np.int32)
        policy._probabilities = None
        policy._cells = None
        if ties is None:
            policy.ties = given[:, None] == np.arange(n_actions)
        else:
            policy.ties = array_of("ties", ties).astype(np.bool_)
        if policy.ties.shape != (len(given), n_actions):
            raise InvalidValueError(
                f"ties must have the shape {(len(given), n_actions)}, got {policy.ties.shape}"
            )
        return policy

    @property
    def probabilities(self) -> npt.NDArray[np.float64]:
        """The probability with which each action is done, float64 `[S, A]`."""
        if self._probabilities is not None:
            return self._probabilities
        chances = np.zeros(self.shape)
        chances[np.arange(len(chances)), self.actions] = 1.0
        return chances

    @property
    def is_deterministic(self) -> bool:
        """Whether one action alone is done in every state."""
        return self._probabilities is None

    @property
    def shape(self) -> tuple[int, ...]:
        """(S, A)."""
        return self.ties.shape

    def __repr__(self) -> str:
        n_states, n_actions = self.shape
        kind = "" if self.is_deterministic else "stochastic, "
        return f"Policy({kind}{n_states} states, {n_actions} actions)"

    def on(self, cells: npt.NDArray[np.uint8] | None) -> "Policy":
        """The same, which a notebook draws on its map, character codes `[height, width]`."""
        same = copy(self)
        same._cells = cells
        return same

    def _repr_html_(self) -> str | None:
        if self._cells is None:
            return None  # nothing to draw it on: a notebook shows the text
        from gridworld.pictures.board import board

        return board(self._cells, name="policy", ties=self.ties)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.ties, dtype=dtype, copy=copy)

    def __getitem__(self, index: Any) -> Any:
        return self.ties[index]

    def __len__(self) -> int:
        return len(self.ties)

    def __iter__(self) -> Iterator[npt.NDArray[np.bool_]]:
        return iter(self.ties)

    def any(self, axis: Any = None) -> Any:
        """As of `ties`: `policy.any(axis=1)` is where something is known."""
        return self.ties.any(axis=axis)

    def all(self, axis: Any = None) -> Any:
        """As of `ties`."""
        return self.ties.all(axis=axis)

    def sum(self, axis: Any = None) -> Any:
        """As of `ties`: how many actions are as good."""
        return self.ties.sum(axis=axis)

    def reshape(self, *shape: Any) -> npt.NDArray[np.bool_]:
        """`ties` in another shape, such as `[height, width, 4]`."""
        return self.ties.reshape(*shape)


def greedy(q: npt.ArrayLike, *, unknown: float | None = None, ties: str = "lowest") -> Policy:
    """The greedy policy of a Q-table.

    Args:
        q: `[S, A]`, of one agent.
        unknown: What the table held before anything was learnt: a row of nothing else has no
            ties. None: every row counts.
        ties: Which of several actions of the highest value is done: "lowest", the first, or
            "random", any, each as likely as the others.

    Raises:
        InvalidValueError: It is no such table, or holds NaN.
    """
    parameter("ties").check(ties)
    table = array_of("q", q)
    if table.ndim == 3:
        raise InvalidValueError(
            f"q must be the table of one agent (run.policy(agent) takes one of a run),"
            f" got the shape {table.shape}"
        )
    if table.ndim != 2 or not table.size or table.dtype.kind not in "fiub":
        raise InvalidValueError(
            f"q must be numbers [states, actions], got {table.dtype} of the shape {table.shape}"
        )
    if np.isnan(table).any():
        raise InvalidValueError("q must be numbers, got NaN")
    best = table == table.max(axis=1, keepdims=True)
    same = best.copy()
    if unknown is not None:
        nothing = (table == np.float32(unknown)) | np.isneginf(table)  # -inf: no such action
        same[nothing.all(axis=1)] = False
    if ties == "random":
        return Policy(best / best.sum(axis=1, keepdims=True), ties=same)
    return Policy.of_actions(table.argmax(axis=1), table.shape[1], ties=same)
