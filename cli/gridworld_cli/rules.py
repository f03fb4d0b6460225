"""What a world's map does not show, in words."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridworld import GridWorld

__all__ = ["describe_rewards", "rules"]


def rules(world: "GridWorld") -> list[tuple[str, str]]:
    """What it pays, and what moves the agent otherwise: names and descriptions."""
    found = [("rewards", describe_rewards(world))]
    if world.slip:
        found.append(("slip", f"{world.slip:.3g} (to either side of the direction)"))
    if world.wind:
        found.append(("wind", " ".join(map(str, world.wind)) + " (upwards, by column)"))
    if world.portals:
        from gridworld.rewards import some

        found.append(("portals", some([f"{tuple(a)} to {tuple(b)}" for a, b in world.portals])))
    return found


def describe_rewards(world: "GridWorld", *, brief: bool = False) -> str:
    """What a step, the goal and a pit pay, those that there are, and single cells.

    Args:
        world: The world.
        brief: Count cells that pay the same, instead of naming them.
    """
    from gridworld.rewards import describe_rewards as in_words  # NumPy comes with it

    return in_words(world.rewards, world.cells, brief=brief)
