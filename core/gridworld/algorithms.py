"""The learning algorithms, each a frozen record of its parameters.

Every number may also be a sequence with one value for each agent of a batch. What the parameters
are stands in `gridworld.tables`. The standard library is enough to import this, so that `--help`
may ask for names and titles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from gridworld.errors import InvalidValueError
from gridworld.kernels import codes
from gridworld.parameter import Parameter, Range
from gridworld.tables import DEFAULTS, LEARNING, parameter

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers: TypeAlias = float | Sequence[float] | npt.NDArray[np.floating[Any]]

__all__ = [
    "ALGORITHMS",
    "Algorithm",
    "DoubleQLearning",
    "ExpectedSarsa",
    "QLearning",
    "Sarsa",
]


@dataclass(frozen=True)
class Algorithm:
    """Parameters that all algorithms share.

    Each is one number, or a sequence of one number for each agent. A number within one float32
    step of a bound is the bound. The greedy action is the lowest of those that are tied.

    Attributes:
        learning_rate: Step size alpha, in (0, 1]; default 0.1.
        discount_factor: Gamma, in [0, 1]; default 0.99.
        epsilon: Probability of a random action in the first episode, in [0, 1]; default 1.
        epsilon_decay: Factor on epsilon after every episode, in (0, 1]; default 0.995.
        epsilon_min: Epsilon is not lowered below this, in [0, 1]; default 0.01.
        initial_value: Every entry of the Q-table at the start, in [-1e30, 1e30]; default 0.
            Unit: reward.

    Raises:
        InvalidValueError: A number is outside its range or not a number.
    """

    learning_rate: "Numbers" = DEFAULTS["learning_rate"]
    discount_factor: "Numbers" = DEFAULTS["discount_factor"]
    epsilon: "Numbers" = DEFAULTS["epsilon"]
    epsilon_decay: "Numbers" = DEFAULTS["epsilon_decay"]
    epsilon_min: "Numbers" = DEFAULTS["epsilon_min"]
    initial_value: "Numbers" = DEFAULTS["initial_value"]

    name: ClassVar[str]
    """On the wire, in links and files."""
    title: ClassVar[str]
    says: ClassVar[str]
    """What it learns from, in one sentence."""
    bootstrap: ClassVar[str]
    """What gamma multiplies, in words."""
    symbol: ClassVar[str]
    """The same as books write it."""
    code: ClassVar[int]
    """By which kernels know it."""
    tables: ClassVar[int] = 1
    """Q-tables of one agent."""

    def __post_init__(self) -> None:
        for each in self.parameters():
            object.__setattr__(self, each.key, _checked(each, getattr(self, each.key)))

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """What may be set of it, in the order of its fields."""
        return tuple(parameter(field.name) for field in fields(cls))

    def column(self, name: str, agents: int, first_agent: int = 0) -> "npt.NDArray[np.float32]":
        """One parameter as float32 `[agents]`.

        Raises:
            InvalidValueError: The parameter is a sequence of another length.
        """
        import numpy as np

        value = getattr(self, name)
        if isinstance(value, tuple):
            if len(value) != agents:
                raise InvalidValueError(
                    f"{name} must be one number or one for each agent ({agents}), "
                    f"got {len(value)} numbers"
                )
            return np.array(value, np.float32)
        return np.full(agents, value, np.float32)

    def with_parameters(self, **values: Any) -> "Algorithm":
        """The same algorithm with some parameters changed.

        Raises:
            InvalidValueError: It has no such parameter, or a value cannot be.
        """
        self._refuse_unknown(values)
        return replace(self, **values)

    def to_json(self) -> dict[str, Any]:
        """The algorithm's name and its parameters, as JSON values."""
        values = {each.key: getattr(self, each.key) for each in self.parameters()}
        return {"algorithm": self.name} | {
            key: list(value) if isinstance(value, tuple) else value for key, value in values.items()
        }

    @classmethod
    def _refuse_unknown(cls, numbers: dict[str, Any]) -> None:
        known = [each.key for each in cls.parameters()]
        if unknown := sorted(set(numbers) - set(known)):
            raise InvalidValueError(
                f"parameters of {cls.name} must be of {', '.join(known)}, got {unknown[0]}"
            )


class QLearning(Algorithm):
    """Q-learning (Watkins 1989; Sutton & Barto 2018, section 6.5)."""

    name = "q_learning"
    title = "Q-learning"
    says = "Learns from the best value of the next cell, whatever the agent does there."
    bootstrap = "best next value"
    symbol = "max Q(s\N{PRIME}, a\N{PRIME})"
    code = codes.Q_LEARNING


class Sarsa(Algorithm):
    """SARSA: learns the value of the policy that it follows (Sutton & Barto 2018, 6.4)."""

    name = "sarsa"
    title = "SARSA"
    says = "Learns from the action that the agent really takes next, exploration included."
    bootstrap = "value of the next action"
    symbol = "Q(s\N{PRIME}, a\N{PRIME})"
    code = codes.SARSA


class ExpectedSarsa(Algorithm):
    """Expected SARSA: the mean over the next action (van Seijen et al. 2009; S & B 6.6)."""

    name = "expected_sarsa"
    title = "Expected SARSA"
    says = "Learns from the average over what the agent may do next."
    bootstrap = "average next value"
    symbol = "E Q(s\N{PRIME}, a\N{PRIME})"
    code = codes.EXPECTED_SARSA


class DoubleQLearning(Algorithm):
    """Double Q-learning: two tables, one picks, the other rates (van Hasselt 2010; S & B 6.7).

    It behaves on, reports and exchanges the mean of its two tables.
    """

    name = "double_q_learning"
    title = "Double Q-learning"
    says = "Keeps two tables that check each other, against values that are too high."
    bootstrap = "the other table's value"
    symbol = "Q\N{PRIME}(s\N{PRIME}, a*)"
    code = codes.DOUBLE_Q_LEARNING
    tables = 2


ALGORITHMS: dict[str, type[Algorithm]] = {
    cls.name: cls for cls in (QLearning, Sarsa, ExpectedSarsa, DoubleQLearning)
}
"""Name on the wire and in files, to class."""


def algorithm_named(name: str) -> type[Algorithm]:
    """The class of that name, whatever its case, with dashes or blanks for underscores.

    Raises:
        InvalidValueError: There is none.
    """
    found = ALGORITHMS.get(name.strip().lower().replace("-", "_").replace(" ", "_"))
    if found is None:
        raise InvalidValueError(
            f"algorithm must be one of {', '.join(ALGORITHMS)}, got {name!r:.80}"
        )
    return found


def as_algorithm(algorithm: object) -> Algorithm:
    """A record from itself, from a class or from a name; of these with the defaults.

    Raises:
        InvalidValueError: It is nothing of the kind.
    """
    if isinstance(algorithm, str):
        return algorithm_named(algorithm)()
    if isinstance(algorithm, type) and issubclass(algorithm, Algorithm):
        algorithm = algorithm()
    if isinstance(algorithm, Algorithm) and hasattr(algorithm, "code"):
        return algorithm
    raise InvalidValueError(
        "algorithm must be an algorithm such as Sarsa(), its class or its name (one of"
        f" {', '.join(ALGORITHMS)}), got {algorithm!r:.80}"
    )


def algorithm_from_json(data: dict[str, Any]) -> Algorithm:
    """The inverse of `Algorithm.to_json`; absent parameters have their defaults.

    Raises:
        InvalidValueError: An unknown algorithm or parameter, or a bad number.
    """
    rest = dict(data)
    name = rest.pop("algorithm", None)
    if not isinstance(name, str) or name not in ALGORITHMS:
        raise InvalidValueError(f"algorithm must be one of {', '.join(ALGORITHMS)}, got {name!r}")
    ALGORITHMS[name]._refuse_unknown(rest)
    return ALGORITHMS[name](**rest)


def algorithm_of(settings: Mapping[str, Any]) -> Algorithm:
    """The algorithm that settings name, with those of its parameters that they hold.

    Args:
        settings: `algorithm`, and parameters of any algorithms; others are ignored.

    Raises:
        InvalidValueError: An unknown algorithm, or a bad number.
    """
    data = {key: value for key, value in settings.items() if key == "algorithm"}
    cls = ALGORITHMS.get(str(settings.get("algorithm")))
    for each in cls.parameters() if cls else ():
        if each.key in settings:
            data[each.key] = settings[each.key]
    return algorithm_from_json(data)


PARAMETERS: tuple[str, ...] = tuple(each.key for each in LEARNING)
"""Names of the parameters of all algorithms."""


def _checked(parameter: Parameter, value: Any) -> Any:
    """The value as Python numbers, validated as the float32 that the kernels will see."""
    if parameter.kind != "number" or parameter.range is None:
        return parameter.check(value)
    import numpy as np

    try:
        array = np.asarray(value)
    except ValueError:  # ragged
        array = np.empty((0,))
    if array.ndim > 1 or array.size == 0 or array.dtype.kind not in "fiu":
        raise InvalidValueError(
            f"{parameter.key} must be a number {parameter.must} or one for each agent,"
            f" got {value!r:.80}"
        )
    numbers = array.astype(np.float64)
    flat = numbers.reshape(-1)
    for index in np.flatnonzero(_doubtful(flat, parameter.range)):
        flat[index] = parameter.check(float(flat[index]))
    return float(numbers) if numbers.ndim == 0 else tuple(map(float, flat))


def _doubtful(numbers: "npt.NDArray[np.float64]", range_: Range) -> "npt.NDArray[np.bool_]":
    """Which are at the ends of the range or beyond, where `Range.hold` has to judge."""
    inside: npt.NDArray[np.bool_] = (numbers > range_.low) & (numbers <= range_.high)
    if range_.above:
        inside &= numbers > range_.low + 1e-30
    return ~inside
