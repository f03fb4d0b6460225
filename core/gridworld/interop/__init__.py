"""Worlds out of and into what others have: Gymnasium's environments, tables and arrays."""

from gridworld.interop.table import from_gymnasium

__all__ = ["from_gymnasium"]
