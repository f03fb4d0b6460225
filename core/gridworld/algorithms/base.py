"""What all algorithms are: a record of parameters, and what an agent carries beside its Q-table."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, TypeAlias

from gridworld.errors import InvalidValueError, shortened
from gridworld.parameter import Parameter, Range
from gridworld.tables import DEFAULTS, parameter

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers: TypeAlias = float | Sequence[float] | npt.NDArray[np.floating[Any]]
    Counts: TypeAlias = int | Sequence[int] | npt.NDArray[np.integer[Any]]

__all__ = ["Algorithm", "Extent", "Section", "memory_sizes"]

_LARGEST = 3.4028234663852886e38
"""What float32 holds."""


class Extent(NamedTuple):
    """How large a world is, as far as what agents carry depends on it.

    Attributes:
        n_states: States S.
        n_actions: Actions A of each.
        max_steps: Steps after which an episode is truncated; 0: never.
    """

    n_states: int
    n_actions: int
    max_steps: int


@dataclass(frozen=True)
class Section:
    """Some of the numbers that an agent carries beside its Q-table.

    Kernels find them by their sizes, one section behind the other. All are 0 at the start.

    Attributes:
        key: What they are.
        kind: Whether they are float32 or int32.
        size: How many.
        low: The least that training leaves there.
        high: The largest.
    """

    key: str
    kind: Literal["float", "int"]
    size: int
    low: float = -_LARGEST
    high: float = _LARGEST


def memory_sizes(sections: Sequence[Section]) -> tuple[int, int]:
    """How many float32 and how many int32 these sections hold."""
    floats = sum(each.size for each in sections if each.kind == "float")
    return floats, sum(each.size for each in sections) - floats


@dataclass(frozen=True)
class Algorithm:
    """Parameters that all algorithms share.

    Each is one number, or a sequence of one number for each agent. A number within one float32
    step of a bound is the bound.

    Which of several actions of the highest value is the greedy one, `ties` says. "lowest", the
    default, takes the first, as `numpy.argmax`: on a table of equal values an agent takes action 0
    again and again until an update makes a difference, and may bump into a wall for thousands of
    steps. "random" takes any of them, each as likely as the others, wherever a greedy action is
    carried out, is bootstrapped on (SARSA) or picked for the other table to rate (Double
    Q-learning), as Sutton & Barto do. It takes one more draw for each choice, so that the agent's
    stream is another one. A highest value, and the mean that Expected SARSA learns from, are the
    same either way.

    With the exploration "softmax" an action is taken with a probability in proportion to
    exp(Q / temperature) (S & B 13.1), in steps of 2^-32; epsilon counts for nothing then, and ties
    are alike. Epsilon and random moves of the world (slip) come in steps of 2^-24: 1e-8 acts as
    6e-8. Outcomes of a table come in steps of 2^-32. `solve` takes what is declared.

    Schedules give epsilon, or the temperature, of episode k = 1, 2, ...: "factor" times its decay
    after every episode; "linear" from the first value to the lowest in `exploration_episodes`
    episodes; "inverse" the first value / k^`exploration_power`, which knows no lowest;
    "constant" the first value. They count from the episode in which the first value was given.

    With the `learning_rate_schedule` "count" the n-th update of an entry of the Q-table, of each
    table where there are two, goes by `learning_rate` / n^`learning_rate_power`, updates of
    planning included. Such rates satisfy the conditions of stochastic approximation, under which
    values converge (Sutton & Barto 2018, 2.7), for powers in (0.5, 1]; with the learning rate 1
    and the power 1 a value is the mean of its targets. With traces, n counts how often the pair
    was left, and all that is eligible goes by the rate of the pair just left.

    Attributes:
        learning_rate: Step size alpha, in (0, 1]; default 0.1.
        discount_factor: Gamma, in [0, 1]; default 0.99.
        epsilon: Probability of a random action in the first episode, in [0, 1]; default 1.
        epsilon_decay: Factor on epsilon after every episode, in (0, 1]; default 0.995.
        epsilon_min: Epsilon is not lowered below this, in [0, 1]; default 0.01.
        initial_value: Every entry of the Q-table at the start, in [-1e30, 1e30]; default 0.
            Unit: reward.
        ties: How the greedy action is chosen, one of lowest, random; default lowest.
        exploration: How other actions are tried, one of epsilon_greedy, softmax; default
            epsilon_greedy.
        temperature: Of softmax in the first episode, in (0, 1e30]; default 1. Unit: reward.
        temperature_decay: Factor on the temperature after every episode, in (0, 1]; default 0.995.
        temperature_min: The temperature is not lowered below this, in [0, 1e30]; default 0.01.
        exploration_schedule: How epsilon or the temperature changes, one of factor, linear,
            inverse, constant; default factor.
        exploration_episodes: Of the linear schedule, a whole number in [1, 2**31); default 500.
        exploration_power: Of the inverse schedule, in [0, 10]; default 1.
        learning_rate_schedule: How the learning rate changes, one of constant, count; default
            constant.
        learning_rate_power: Of the schedule count, in [0, 1]; default 1.

    Raises:
        InvalidValueError: A number is outside its range or not a number.
    """

    learning_rate: "Numbers" = DEFAULTS["learning_rate"]
    discount_factor: "Numbers" = DEFAULTS["discount_factor"]
    epsilon: "Numbers" = DEFAULTS["epsilon"]
    epsilon_decay: "Numbers" = DEFAULTS["epsilon_decay"]
    epsilon_min: "Numbers" = DEFAULTS["epsilon_min"]
    initial_value: "Numbers" = DEFAULTS["initial_value"]
    ties: str = DEFAULTS["ties"]
    exploration: str = DEFAULTS["exploration"]
    temperature: "Numbers" = DEFAULTS["temperature"]
    temperature_decay: "Numbers" = DEFAULTS["temperature_decay"]
    temperature_min: "Numbers" = DEFAULTS["temperature_min"]
    exploration_schedule: str = DEFAULTS["exploration_schedule"]
    exploration_episodes: "Counts" = DEFAULTS["exploration_episodes"]
    exploration_power: "Numbers" = DEFAULTS["exploration_power"]
    learning_rate_schedule: str = DEFAULTS["learning_rate_schedule"]
    learning_rate_power: "Numbers" = DEFAULTS["learning_rate_power"]

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
    chooses_ahead: ClassVar[bool] = False
    """Whether the next action is drawn before the update, and then carried out."""
    tables: ClassVar[int] = 1
    """Q-tables of one agent."""

    def __post_init__(self) -> None:
        for each in self.parameters():
            object.__setattr__(self, each.key, _checked(each, getattr(self, each.key)))

    def memory(self, extent: Extent) -> tuple[Section, ...]:
        """What an agent carries beside its Q-table on a world.

        What counts the updates, where the learning rate goes by them, comes first.

        Raises:
            InvalidValueError: The algorithm cannot learn on such a world.
        """
        counts = Section("updates", "int", self._counted(extent), 0, 2**31 - 1)
        return (counts,) * (counts.size > 0) + self.own_memory(extent)

    def _counted(self, extent: Extent) -> int:
        """Entries of the Q-tables whose updates are counted."""
        counting = self.learning_rate_schedule == "count"
        return extent.n_states * extent.n_actions * self.tables if counting else 0

    def own_memory(self, extent: Extent) -> tuple[Section, ...]:
        """The same that this algorithm alone carries.

        Raises:
            InvalidValueError: It cannot learn on such a world.
        """
        return ()

    def memory_fits(
        self,
        agents: "npt.NDArray[np.void]",
        floats: "npt.NDArray[np.float32]",
        ints: "npt.NDArray[np.int32]",
        extent: Extent,
    ) -> bool:
        """Whether what agents carry, each number in its range, fits together: no kernel may err.

        Args:
            agents: `AGENT[agents]`.
            floats: float32 `[agents, F]`.
            ints: int32 `[agents, I]`.
            extent: Of their world.
        """
        return self.own_memory_fits(agents, floats, ints[:, self._counted(extent) :], extent)

    def own_memory_fits(
        self,
        agents: "npt.NDArray[np.void]",
        floats: "npt.NDArray[np.float32]",
        ints: "npt.NDArray[np.int32]",
        extent: Extent,
    ) -> bool:
        """The same of what `own_memory` names."""
        return True

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """What may be set of it, in the order of its fields."""
        return tuple(parameter(field.name) for field in fields(cls))

    def column(self, name: str, agents: int) -> "npt.NDArray[Any]":
        """One parameter for each agent, `[agents]`: float32, int32 where it is a whole number.

        Of a choice it is what was chosen.

        Raises:
            InvalidValueError: The parameter is a sequence of another length.
        """
        import numpy as np

        value = getattr(self, name)
        dtype = {"number": np.float32, "whole": np.int32}.get(parameter(name).kind)
        if isinstance(value, tuple):
            if len(value) != agents:
                raise InvalidValueError(
                    f"{name} must be one number or one for each agent ({agents}), "
                    f"got {len(value)} numbers"
                )
            return np.array(value, dtype)
        return np.full(agents, value, dtype)

    def with_parameters(self, **values: Any) -> "Algorithm":
        """The same algorithm with some parameters changed.

        Raises:
            InvalidValueError: It has no such parameter, or a value cannot be.
        """
        self._refuse_unknown(values)
        return replace(self, **values)

    def of_agent(self, row: int) -> "Algorithm":
        """The same with the numbers of one agent alone."""
        values = {each.key: getattr(self, each.key) for each in self.parameters()}
        return replace(
            self, **{k: v[row] if isinstance(v, tuple) else v for k, v in values.items()}
        )

    def to_json(self) -> dict[str, Any]:
        """The algorithm's name and its parameters, as JSON values.

        Parameters that came later than files are left out where they have their defaults.
        """
        values = {each.key: getattr(self, each.key) for each in self.parameters()}
        for each in self.parameters():
            if each.later and values[each.key] == each.default:
                del values[each.key]
        return {"algorithm": self.name} | {
            key: list(value) if isinstance(value, tuple) else value for key, value in values.items()
        }

    @classmethod
    def _refuse_unknown(cls, numbers: dict[str, Any]) -> None:
        known = [each.key for each in cls.parameters()]
        if unknown := sorted(set(numbers) - set(known)):
            got = shortened(repr(unknown[0])[1:-1])
            raise InvalidValueError(
                f"parameters of {cls.name} must be of {', '.join(known)}, got {got}"
            )


def _checked(parameter: Parameter, value: Any) -> Any:
    """The value as Python numbers, validated as what the kernels will see."""
    if parameter.range is None or parameter.kind not in ("number", "whole"):
        return parameter.check(value)
    import numpy as np

    try:
        array = np.asarray(value)
    except ValueError:  # ragged
        array = np.empty((0,))
    if array.ndim > 1 or array.size == 0 or array.dtype.kind not in "fiu":
        kind = "number" if parameter.kind == "number" else "whole number"
        must = parameter.must.removeprefix("a whole number ")
        raise InvalidValueError(
            f"{parameter.key} must be a {kind} {must} or one for each agent, got {value!r:.80}"
        )
    if parameter.kind == "whole":
        if array.ndim == 0:
            return parameter.check(value)
        return tuple(parameter.check(each) for each in array.tolist())
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
