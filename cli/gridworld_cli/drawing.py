"""A world, its values and a policy as text, one character or one number for each cell."""

import sys
from typing import TYPE_CHECKING, Any

import click
import numpy as np
import numpy.typing as npt

from gridworld_cli.report import console, on_terminal
from gridworld_cli.rules import rules

if TYPE_CHECKING:
    from gridworld import GridWorld

__all__ = ["MOST_VALUE_COLUMNS", "draw_map", "draw_policy", "draw_values", "greedy_actions"]

MOST_VALUE_COLUMNS = 32
"""Wider worlds get no numbers: they would fill several screens."""

STYLES = {"S": "bold cyan", "G": "bold green", "X": "bold red", "#": "dim", ".": "dim"}

# Bit a is set where action a is greedy: up 1, down 2, left 4, right 8. The lines of a tie point
# into all of its directions.
ARROWS = " ↑↓↕←┘┐┤→└┌├↔┴┬┼"
PLAIN_ARROWS = " ^v|<+++>+++-+++"
"""For a terminal that has no others."""


def greedy_actions(q: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Which actions are greedy in each state of `[states, actions]`, ties included."""
    tied: npt.NDArray[np.bool_] = q == q.max(axis=1, keepdims=True)
    return tied


def draw_map(world: "GridWorld") -> None:
    """The map as text, and in words what it does not show."""
    for row in world.rows:
        _print([(cell, STYLES.get(cell, "")) for cell in row])
    for name, text in rules(world):
        click.echo(f"{name}: {text}")


def draw_values(world: "GridWorld", values: npt.NDArray[Any], known: npt.NDArray[Any]) -> None:
    """A number for each free cell that is known; letters elsewhere.

    Args:
        world: The world.
        values: `[states]`.
        known: bool `[states]`; the others are shown as a dot.
    """
    if world.width > MOST_VALUE_COLUMNS:
        click.echo(
            f"(values are left out: {world.width} columns, shown up to {MOST_VALUE_COLUMNS})"
        )
        return
    shown = values[known]
    low, high = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 0.0)
    width = max(len(f"{low:.2f}"), len(f"{high:.2f}"), 4) + 1
    for y, row in enumerate(world.rows):
        cells = []
        for x, cell in enumerate(row):
            state = y * world.width + x
            if cell in "GX#":
                cells.append((f"{cell:>{width}}", STYLES[cell]))
            elif not known[state]:
                cells.append((f"{'.':>{width}}", "dim"))
            else:
                value = float(values[state])
                cells.append((f"{value:{width}.2f}", _heat(value, low, high)))
        _print(cells)


def draw_policy(world: "GridWorld", greedy: npt.NDArray[Any], known: npt.NDArray[Any]) -> None:
    """An arrow for each free cell that is known; letters elsewhere.

    Args:
        world: The world.
        greedy: bool `[states, 4]`.
        known: bool `[states]`; the others are shown as a dot.
    """
    masks = greedy.astype(np.int64) @ (1, 2, 4, 8)
    arrows = ARROWS if _shows(ARROWS) else PLAIN_ARROWS
    tied = False
    for y, row in enumerate(world.rows):
        cells = []
        for x, cell in enumerate(row):
            state = y * world.width + x
            if cell in "GX#":
                cells.append((cell, STYLES[cell]))
            elif not known[state]:
                cells.append((".", "dim"))
            else:
                cells.append((arrows[masks[state]], "bold"))
                tied = tied or greedy[state].sum() > 1
        _print(cells)
    if tied:
        lines = "lines that point into several directions" if arrows is ARROWS else "|, - and +"
        click.echo(f"({lines}: these actions tie)")


def _shows(text: str) -> bool:
    """Whether stdout has these letters."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _heat(value: float, low: float, high: float) -> str:
    """From red over grey to green, readable on light and on dark."""
    share = (value - low) / (high - low) if high > low else 0.5
    red, green = round(200 * (1 - share)), round(160 * share)
    return f"rgb({red + 20},{green + 60},80)"


def _print(cells: list[tuple[str, str]]) -> None:
    if not on_terminal():
        click.echo("".join(text for text, _ in cells).rstrip())
        return
    from rich.text import Text

    console().print(Text.assemble(*cells), no_wrap=True, crop=False, soft_wrap=True)
