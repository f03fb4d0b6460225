"""Packages that experiments need and the library alone does not."""

from importlib import import_module
from typing import Any, Final

from gridworld.errors import require

__all__ = ["require_extra", "scipy"]

PACKAGES: Final = ("pyarrow", "scipy", "tomli_w")


def require_extra() -> None:
    """Ask for what the extra `[experiments]` brings, before anything is computed or written.

    Raises:
        MissingExtraError: It is not installed.
    """
    require("experiments", "experiments", *PACKAGES)


class _SciPy:
    """SciPy's parts, each imported when it is first asked for: the library alone has none."""

    def __getattr__(self, name: str) -> Any:
        require("intervals", "experiments", "scipy")
        found = import_module(f"scipy.{name}")
        setattr(self, name, found)
        return found


scipy: Final = _SciPy()
