"""The values in force: what the next start, or the one under way, goes by."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, make_dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gridworld.algorithms import ALGORITHMS, Algorithm, algorithm_of
from gridworld.errors import GridworldError
from gridworld.tables import DEFAULTS, LEARNING, of, parameter

__all__ = ["Parameters", "kept", "learning_of", "told"]

_ON_THE_WAY: Final = tuple(each.key for each in LEARNING if each.effect != "afresh")
"""Parameters of the algorithms that may change while agents go on."""

_AFRESH: Final = tuple(each.key for each in of("learning", "run") if each.effect == "afresh")
"""Another one of these, or another world, begins afresh."""

_BUDGET: Final = ("num_episodes", "num_steps")

_OF_LEARNING: Final = {each.key for each in LEARNING}

if TYPE_CHECKING:

    class _Learning:
        """The parameters of learning, each by its key."""

        def __getattr__(self, key: str) -> Any: ...

else:
    _Learning = make_dataclass(
        "_Learning", [(each.key, Any, each.default) for each in LEARNING], frozen=True
    )


@dataclass(frozen=True)
class Parameters(_Learning):
    """The values in force, those of learning included.

    Attributes:
        epsilon: The one last given, not the agent's.
        num_episodes: Budget of a start; None: until stopped.
        num_steps: Budget of a start beside it, of which the first reached ends it; None: none.
        speed: Steps a second; None: as fast as it goes.
        world: Its name.
        slip: In [0, 1], in force in that world.
        max_steps: Steps after which an episode is truncated, in force; None: never.
        algorithm: Its name.
        first_agent: The number of the first agent.
    """

    num_episodes: int | None = DEFAULTS["num_episodes"]
    num_steps: int | None = DEFAULTS["num_steps"]
    speed: float | None = DEFAULTS["speed"]
    world: str = DEFAULTS["world"]
    slip: float = DEFAULTS["slip"]
    max_steps: int | None = DEFAULTS["max_steps"]
    algorithm: str = DEFAULTS["algorithm"]
    seed: int = DEFAULTS["seed"]
    agents: int = DEFAULTS["agents"]
    first_agent: int = DEFAULTS["first_agent"]

    def build(self) -> Algorithm:
        """The algorithm with these numbers.

        Raises:
            InvalidValueError: A number is outside its range as float32.
        """
        return algorithm_of(vars(self))

    def change(self, algorithm: Algorithm, before: "Parameters") -> Algorithm:
        """The algorithm, which had the numbers of `before`, with these.

        What did not change stays as it is: a checkpoint may bring numbers that nobody gives here.

        Raises:
            InvalidValueError: A number is outside its range as float32.
        """
        own = {each.key for each in algorithm.parameters()}
        changed = [key for key in _ON_THE_WAY if key in own and self._differs(before, key)]
        return algorithm.with_parameters(**{key: getattr(self, key) for key in changed})

    def begins_afresh(self, before: "Parameters") -> bool:
        """Whether training cannot go on from where it is, on the same world."""
        return any(self._differs(before, key) for key in _AFRESH if self._counts(key))

    def learns_otherwise(self, before: "Parameters") -> bool:
        """Whether any number changes that the agents learn by."""
        return any(self._differs(before, key) for key in _ON_THE_WAY if self._counts(key))

    def differing(self, other: "Parameters") -> list[str]:
        """What makes another run of these than of others, but for the world and the budget."""
        keys = [each.key for each in of("learning", "run", "world") if each.kind != "world"]
        return [
            key
            for key in ("algorithm", *(key for key in keys if key != "algorithm"))
            if key not in _BUDGET
            and self._counts(key)
            and self._is_chosen(key)
            and self._differs(other, key)
        ]

    def _counts(self, key: str) -> bool:
        """Whether the algorithm goes by that value: some are of other algorithms alone."""
        own = {each.key for each in ALGORITHMS[self.algorithm].parameters()}
        return key in own or key not in _OF_LEARNING

    def _is_chosen(self, key: str) -> bool:
        """Whether what it belongs to is chosen: the temperature counts with softmax alone."""
        where = parameter(key).where
        return where is None or bool(getattr(self, where[0]) == where[1])

    def _differs(self, other: "Parameters", key: str) -> bool:
        return bool(getattr(self, key) != getattr(other, key))


def kept(found: Parameters, algorithm: Algorithm, told: Mapping[str, Any]) -> Parameters:
    """What was in force when a run was saved, of which its batch knows a part.

    Args:
        found: What the batch says, and the usual values for the rest.
        algorithm: Of the batch.
        told: What was saved beside it; a value that cannot be is left out.
    """
    own = set(learning_of(algorithm)) - {"epsilon", "temperature"}  # of these, the ones last given
    checked = {}
    for key in (*_OF_LEARNING - own, "num_episodes", "num_steps", "speed"):
        with contextlib.suppress(KeyError, GridworldError):
            checked[key] = parameter(key).check(told[key])
    return replace(found, **checked)


def learning_of(algorithm: Algorithm) -> dict[str, Any]:
    """An algorithm's parameters; where each agent has a number of its own, the first one's."""
    values = {each.key: getattr(algorithm, each.key) for each in algorithm.parameters()}
    return {key: each[0] if isinstance(each, tuple) else each for key, each in values.items()}


def told(key: str, value: Any) -> str:
    """A parameter's value in words: `learning rate 0.5`, `SARSA`, `ties random`."""
    found = parameter(key)
    if found.kind == "algorithm":
        return ALGORITHMS[value].title
    title = found.title.lower()
    if value is None:
        return f"{title}: {found.null}"
    titles = {choice.key: choice.title.lower() for choice in found.choices}
    return f"{title} {titles.get(value, value) if titles else f'{value:.6g}'}"
