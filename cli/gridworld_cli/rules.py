"""What a world's map does not show, in words."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridworld import GridWorld, Rewards

__all__ = ["describe_rewards", "rules"]

MOST_LISTED = 8
"""Portals, and cells with a reward of their own, that are written out."""


def rules(world: "GridWorld") -> list[tuple[str, str]]:
    """What it pays, and what moves the agent otherwise: names and descriptions."""
    found = [("rewards", describe_rewards(world))]
    if world.slip:
        found.append(("slip", f"{world.slip:.3g} (to either side of the direction)"))
    if world.wind:
        found.append(("wind", " ".join(map(str, world.wind)) + " (upwards, by column)"))
    if world.portals:
        found.append(("portals", _some([f"{tuple(a)} to {tuple(b)}" for a, b in world.portals])))
    return found


def describe_rewards(world: "GridWorld", *, brief: bool = False) -> str:
    """What a step, the goal and a pit pay, those that there are, and single cells.

    Args:
        world: The world.
        brief: Count cells that pay the same, instead of naming them.
    """
    rewards: Rewards = world.rewards
    parts = [f"step {rewards.step:g}"]
    if b"G" in world.cells:
        parts.append(f"goal {rewards.goal:g}")
    if b"X" in world.cells:
        parts.append(f"pit {rewards.pit:g}")
    single: dict[float, list[str]] = {}
    for cell, value in rewards.cells:
        single.setdefault(value, []).append(str(tuple(cell)))
    for value, cells in single.items():
        count = f"{len(cells)} cell{'s' * (len(cells) > 1)}"
        parts.append(f"{count} {value:g}" if brief else f"{value:g} at {_some(cells)}")
    return ", ".join(parts)


def _some(texts: list[str]) -> str:
    more = len(texts) - MOST_LISTED
    return ", ".join(texts[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
