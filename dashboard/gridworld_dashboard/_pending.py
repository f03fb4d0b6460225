"""PENDING: until the library has it."""

from dataclasses import dataclass
from typing import Any

try:
    from gridworld.trainer import Mark  # type: ignore[attr-defined]
except ImportError:

    @dataclass(frozen=True)
    class Mark:  # type: ignore[no-redef]
        run: int
        shown: int
        episodes: int
        steps: int
        q: Any
        epsilon: float


__all__ = ["Mark"]
