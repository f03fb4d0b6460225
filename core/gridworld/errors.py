"""Every error that gridworld raises on purpose derives from `GridworldError`.

The two that are interrupted do not (`ExperimentInterrupted`, and `TrainingInterrupted` beside
`train`): they are the user's Ctrl-C, which no handler of errors may swallow.
"""

from importlib.util import find_spec

__all__ = [
    "ExperimentError",
    "ExperimentInterrupted",
    "FileError",
    "GridworldError",
    "InvalidValueError",
    "LinkError",
    "MemoryLimitError",
    "MissingExtraError",
    "NoProperPolicyError",
    "PrecisionWarning",
    "SolveStoppedError",
    "TrainerBusyError",
    "WorkersLostError",
    "WorldError",
    "shortened",
]

MOST_LETTERS = 500
"""Of a sentence: what came may be of any length, and goes to terminals, logs and all viewers."""


def shortened(value: object, most: int = 80) -> str:
    """What a value says as text, in at most so many letters."""
    text = str(value)
    return text if len(text) <= most else f"{text[: most - 3]}..."


class GridworldError(Exception):
    """Base class: the message says in one sentence what must hold and what came."""

    def __str__(self) -> str:
        # what another library said, and is quoted, may be of several lines
        return shortened(" ".join(super().__str__().splitlines()), MOST_LETTERS)


class InvalidValueError(GridworldError, ValueError):
    """A parameter is of the wrong type or outside its range."""


class WorldError(InvalidValueError):
    """A world cannot be built from what was given."""


class LinkError(InvalidValueError):
    """A link is broken, of a newer version, or its settings cannot be."""


class ExperimentError(InvalidValueError):
    """A plan of an experiment cannot be, or does not fit its store."""


class ExperimentInterrupted(KeyboardInterrupt):
    """Ctrl-C ended an experiment; the message says what is kept and how to go on."""


class WorkersLostError(ExperimentError):
    """The workers or the scheduler of an experiment are gone; the message says how to go on."""


class FileError(GridworldError, ValueError):
    """A file is broken, of another shape, or of a newer version."""


class MemoryLimitError(GridworldError, MemoryError):
    """A request needs more memory than the machine has free."""


class MissingExtraError(GridworldError, ImportError):
    """Something needs a package that is not installed.

    Args:
        what: What needs it, in the plural.
        extra: The extra that brings it.
    """

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} need packages that are not installed: type"
            f" pip install 'gridworld-bench[{extra}]'"
        )


def require(what: str, extra: str, *modules: str) -> None:
    """Make sure that packages are there, before anything is begun that needs them.

    Args:
        what: What needs them, in the plural.
        extra: The extra that brings them.
        *modules: What is imported of them.

    Raises:
        MissingExtraError: One is not installed.
    """
    if any(find_spec(module) is None for module in modules):
        raise MissingExtraError(what, extra)


class NoProperPolicyError(GridworldError, ValueError):
    """With discount factor 1, no policy is sure to end, so that values are infinite."""


class PrecisionWarning(UserWarning):
    """What is going to be learnt is finer than float32 can tell apart."""


class SolveStoppedError(GridworldError):
    """Solving was given up because `should_stop` said so."""


class TrainerBusyError(GridworldError):
    """The command needs a training that is stopped, or a trainer that is open."""
