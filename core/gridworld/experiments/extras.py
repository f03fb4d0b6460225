"""Packages that experiments need and the library alone does not."""

from importlib.util import find_spec
from typing import Final

from gridworld.errors import MissingExtraError

__all__ = ["require_extra"]

PACKAGES: Final = ("pyarrow", "tomli_w")


def require_extra() -> None:
    """Ask for what the extra `[experiments]` brings, before anything is computed or written.

    Raises:
        MissingExtraError: It is not installed.
    """
    if any(find_spec(name) is None for name in PACKAGES):
        raise MissingExtraError("experiments", "experiments")
