"""The learning algorithms, each a frozen record of its parameters.

Every number may also be a sequence with one value for each agent of a batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from gridworld.errors import InvalidValueError
from gridworld.kernels import codes

__all__ = [
    "ALGORITHMS",
    "Algorithm",
    "DoubleQLearning",
    "ExpectedSarsa",
    "QLearning",
    "Sarsa",
    "algorithm_from_json",
]

Numbers = float | Sequence[float] | npt.NDArray[np.floating[Any]]

_RANGES: dict[str, tuple[str, float, float]] = {
    # name: how the range is written, the lowest value, the highest; "(" leaves the lowest out
    "learning_rate": ("(0, 1]", 0.0, 1.0),
    "discount_factor": ("[0, 1]", 0.0, 1.0),
    "epsilon": ("[0, 1]", 0.0, 1.0),
    "epsilon_decay": ("(0, 1]", 0.0, 1.0),
    "epsilon_min": ("[0, 1]", 0.0, 1.0),
    "initial_value": ("[-1e30, 1e30]", -1e30, 1e30),
}


@dataclass(frozen=True)
class Algorithm:
    """Parameters that all algorithms share.

    Each is one number, or a sequence of one number for each agent.

    Attributes:
        learning_rate: Step size alpha, in (0, 1].
        discount_factor: Gamma, in [0, 1].
        epsilon: Probability of a random action in the first episode, in [0, 1].
        epsilon_decay: Factor on epsilon after every episode, in (0, 1].
        epsilon_min: Epsilon is not lowered below this, in [0, 1].
        initial_value: Every entry of the Q-table at the start. Unit: reward.

    Raises:
        InvalidValueError: A number is outside its range or not a number.
    """

    learning_rate: Numbers = 0.1
    discount_factor: Numbers = 0.99
    epsilon: Numbers = 1.0
    epsilon_decay: Numbers = 0.995
    epsilon_min: Numbers = 0.01
    initial_value: Numbers = 0.0

    name: ClassVar[str]
    title: ClassVar[str]
    code: ClassVar[int]
    tables: ClassVar[int] = 1
    """Q-tables of one agent."""

    def __post_init__(self) -> None:
        for name in PARAMETERS:
            object.__setattr__(self, name, _check(name, getattr(self, name)))

    def column(self, name: str, agents: int, first_agent: int = 0) -> npt.NDArray[np.float32]:
        """One parameter as float32 `[agents]`.

        Raises:
            InvalidValueError: The parameter is a sequence of another length.
        """
        value = getattr(self, name)
        if isinstance(value, tuple):
            if len(value) != agents:
                raise InvalidValueError(
                    f"{name} must be one number or one for each agent ({agents}), "
                    f"got {len(value)} numbers"
                )
            return np.array(value, np.float32)
        return np.full(agents, value, np.float32)

    def with_parameters(self, **numbers: Numbers) -> "Algorithm":
        """The same algorithm with some parameters changed."""
        return replace(self, **numbers)

    def to_json(self) -> dict[str, Any]:
        """The algorithm's name and its parameters, as JSON values."""
        numbers = {name: getattr(self, name) for name in PARAMETERS}
        return {"algorithm": self.name} | {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in numbers.items()
        }


PARAMETERS: tuple[str, ...] = tuple(field.name for field in fields(Algorithm))


class QLearning(Algorithm):
    """Q-learning (Watkins 1989; Sutton & Barto 2018, section 6.5)."""

    name = "q_learning"
    title = "Q-learning"
    code = codes.Q_LEARNING


class Sarsa(Algorithm):
    """SARSA: learns the value of the policy that it follows (Sutton & Barto 2018, 6.4)."""

    name = "sarsa"
    title = "SARSA"
    code = codes.SARSA


class ExpectedSarsa(Algorithm):
    """Expected SARSA: the mean over the next action (van Seijen et al. 2009; S & B 6.6)."""

    name = "expected_sarsa"
    title = "Expected SARSA"
    code = codes.EXPECTED_SARSA


class DoubleQLearning(Algorithm):
    """Double Q-learning: two tables, one picks, the other rates (van Hasselt 2010; S & B 6.7).

    It behaves on, reports and exchanges the mean of its two tables.
    """

    name = "double_q_learning"
    title = "Double Q-learning"
    code = codes.DOUBLE_Q_LEARNING
    tables = 2


ALGORITHMS: dict[str, type[Algorithm]] = {
    cls.name: cls for cls in (QLearning, Sarsa, ExpectedSarsa, DoubleQLearning)
}
"""Name on the wire and in files, to class."""


def algorithm_from_json(data: dict[str, Any]) -> Algorithm:
    """The inverse of `Algorithm.to_json`; absent parameters have their defaults.

    Raises:
        InvalidValueError: An unknown algorithm or parameter, or a bad number.
    """
    rest = dict(data)
    name = rest.pop("algorithm", None)
    if not isinstance(name, str) or name not in ALGORITHMS:
        raise InvalidValueError(f"algorithm must be one of {', '.join(ALGORITHMS)}, got {name!r}")
    unknown = sorted(set(rest) - set(PARAMETERS))
    if unknown:
        raise InvalidValueError(f"parameters must be of {', '.join(PARAMETERS)}, got {unknown[0]}")
    return ALGORITHMS[name](**rest)


def _check(name: str, value: Numbers) -> float | tuple[float, ...]:
    """The value as Python floats, validated as the float32 that the kernels will see."""
    written, low, high = _RANGES[name]
    array = np.asarray(value)
    if array.ndim > 1 or array.size == 0 or array.dtype.kind not in "fiu":
        raise InvalidValueError(
            f"{name} must be a number in {written} or one for each agent, got {value!r}"
        )
    wide = array.astype(np.float64)
    with np.errstate(over="ignore", under="ignore"):
        narrow = wide.astype(np.float32)
    above = narrow > low if written.startswith("(") else narrow >= low
    good = above & (wide <= high) & (wide >= low)
    if not good.all():
        bad = wide if wide.ndim == 0 else wide[~good][0]
        raise InvalidValueError(f"{name} must be in {written}, got {float(bad):g}")
    return float(wide) if wide.ndim == 0 else tuple(map(float, wide))
