"""The learning algorithms, each a frozen record of its parameters.

Every number may also be a sequence with one value for each agent of a batch. What the parameters
are stands in `gridworld.tables`. The standard library is enough to import this, so that `--help`
may ask for names and titles.
"""

from collections.abc import Mapping
from typing import Any

from gridworld.algorithms.base import Algorithm, Extent
from gridworld.algorithms.onestep import DoubleQLearning, ExpectedSarsa, QLearning, Sarsa
from gridworld.algorithms.planning import DynaQ, DynaQPlus, PrioritizedSweeping
from gridworld.algorithms.returns import MonteCarlo, NStepSarsa, NStepTreeBackup
from gridworld.algorithms.traces import QLambda, SarsaLambda
from gridworld.errors import InvalidValueError
from gridworld.tables import LEARNING

__all__ = [
    "ALGORITHMS",
    "Algorithm",
    "DoubleQLearning",
    "DynaQ",
    "DynaQPlus",
    "ExpectedSarsa",
    "MonteCarlo",
    "NStepSarsa",
    "NStepTreeBackup",
    "PrioritizedSweeping",
    "QLambda",
    "QLearning",
    "Sarsa",
    "SarsaLambda",
]

ALGORITHMS: dict[str, type[Algorithm]] = {
    cls.name: cls
    for cls in (
        QLearning,
        Sarsa,
        ExpectedSarsa,
        DoubleQLearning,
        SarsaLambda,
        QLambda,
        NStepSarsa,
        NStepTreeBackup,
        MonteCarlo,
        DynaQ,
        DynaQPlus,
        PrioritizedSweeping,
    )
}
"""Name on the wire and in files, to class."""


def algorithm_named(name: str) -> type[Algorithm]:
    """The class of that name or title, whatever its case, with dashes or blanks for underscores.

    Raises:
        InvalidValueError: There is none.
    """
    asked = _plainly(name)
    found = ALGORITHMS.get(asked)
    for cls in ALGORITHMS.values():
        found = cls if asked == _plainly(cls.title) else found
    if found is None:
        raise InvalidValueError(
            f"algorithm must be one of {', '.join(ALGORITHMS)}, got {name!r:.80}"
        )
    return found


def _plainly(name: str) -> str:
    """A name or a title as names are written."""
    text = name.strip().lower().replace("-", "_").replace(" ", "_")
    return text.replace("(\N{GREEK SMALL LETTER LAMDA})", "_lambda").replace("(lambda)", "_lambda")


def carrying(section: str) -> list[str]:
    """Names of the algorithms whose agents carry a section of that key beside their Q-tables."""
    extent = Extent(1, 1, 1)
    return [
        name
        for name, cls in ALGORITHMS.items()
        if any(each.key == section for each in cls().own_memory(extent))
    ]


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
        raise InvalidValueError(
            f"algorithm must be one of {', '.join(ALGORITHMS)}, got {name!r:.80}"
        )
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
