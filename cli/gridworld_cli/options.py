"""Options that several commands share, and the values they accept."""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from gridworld.parameter import Parameter
from gridworld.tables import DEFAULTS, parameter

if TYPE_CHECKING:
    from gridworld import GridWorld

__all__ = [
    "COUNT",
    "NEVER",
    "NUMBERS",
    "StepLimit",
    "as_json",
    "discount_factor",
    "help_of",
    "max_steps_option",
    "output_option",
    "read_world",
    "slip_option",
    "world_option",
]

Function = TypeVar("Function", bound=Callable[..., Any])

STDIN = "-"
"""Stands for a world that comes through the standard input."""

NEVER: Literal["none"] = "none"
"""An episode is never truncated; None is an option that is not given."""

StepLimit = int | Literal["none"] | None
"""What `--max-steps` gives."""


class Count(click.ParamType[int]):
    """A whole number that may be written 1000000, 1_000_000 or 1e6."""

    name = "number"

    def __init__(self, least: int = 1) -> None:
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = _whole(value)
        except (TypeError, ValueError, OverflowError):
            self.fail(f"must be a whole number, got {value!r:.80}", param, ctx)
        if number < self.least:
            self.fail(f"must be at least {self.least}, got {number}", param, ctx)
        return number


class Numbers(click.ParamType[float | list[float]]):
    """One number, or one for each agent, with commas between them."""

    name = "number[,number...]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | list[float]:
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]  # click converts what is converted
        try:
            numbers = [float(part) for part in value.split(",")]
        except ValueError:
            self.fail(f"must be numbers with commas between them, got {value!r:.80}", param, ctx)
        return numbers if len(numbers) > 1 else numbers[0]


class Limit(Count):
    """A whole number of steps, or `none`; JSON's null is none too."""

    name = "number|none"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value is None or (isinstance(value, str) and value.lower() == NEVER):
            return NEVER
        return super().convert(value, param, ctx)


class Number(click.ParamType[float]):
    """One number; what JSON brings is left to the library to judge."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]  # click converts what is converted
        try:
            return float(value)
        except ValueError:
            self.fail(f"must be a number, got {value!r:.80}", param, ctx)


COUNT = Count()
NUMBERS = Numbers()


def world_option(default: str | None = "default") -> Callable[[Function], Function]:
    """`--world`: a name, a file, or the standard input."""
    return click.option(
        "--world",
        metavar="NAME|FILE|-",
        default=default,
        show_default=default is not None,
        help="A named world (see `gridworld-bench worlds`); a file: .json, .txt (a map), .csv"
        " (cells of 0, 1 and letters), or any path (./maze); or - for the standard input.",
    )


def help_of(each: Parameter, usual: str | None = None) -> str:
    """What the parameter does, what it may be, and its default.

    Args:
        each: The parameter.
        usual: What to say of the default; None: the default itself.
    """
    bounds = ""
    if each.range is not None:
        bounds = f" {each.must[0].upper()}{each.must[1:]}.".replace("null", "none")
    known = each.default if isinstance(each.default, str) else f"{each.default:g}"
    return f"{each.says}{bounds} Default: {known if usual is None else usual}."


def slip_option(function: Function) -> Function:
    """`--slip`; None: the world's own."""
    text = help_of(parameter("slip"), "the world's own")
    return click.option("--slip", type=Number(), help=text)(function)


def max_steps_option(function: Function) -> Function:
    """`--max-steps`; None: the world's own."""
    text = help_of(parameter("max_steps"), "the world's own")
    return click.option("--max-steps", type=Limit(), help=text)(function)


def as_json(what: str) -> Callable[[Function], Function]:
    """`--json`: one JSON object instead of text."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print {what} as JSON.")


def output_option(flag: str, text: str) -> Callable[[Function], Function]:
    """An option for a file to be written: a path as it was typed, a final slash included."""
    return click.option(flag, metavar="FILE", help=text)


def discount_factor(function: Function) -> Function:
    """`--discount-factor` with its default, for commands that do not learn."""
    text = help_of(parameter("discount_factor"))
    usual = DEFAULTS["discount_factor"]
    return click.option("--discount-factor", type=float, default=usual, help=text)(function)


def read_world(
    world: str | dict[str, Any], slip: float | None = None, max_steps: StepLimit = None
) -> "GridWorld":
    """The world of that name, of that file, or of that JSON object.

    Args:
        world: Its name, its file's path, "-" for the standard input, or the object.
        slip: Instead of the world's own.
        max_steps: Instead of the world's own.

    Raises:
        InvalidValueError: There is no world of that name, or a number cannot be.
        FileError: The file holds no world.
        OSError: The file cannot be read.
    """
    changes: dict[str, Any] = {}
    if slip is not None:
        changes["slip"] = slip
    if max_steps is not None:
        changes["max_steps"] = None if max_steps == NEVER else max_steps
    found = _read_world(world)
    return replace(found, **changes) if changes else found


def _read_world(world: str | dict[str, Any]) -> "GridWorld":
    import gridworld as gw
    from gridworld.store.worldfile import WORLD_SUFFIXES, parse_world
    from gridworld.worlds import is_world_name, make_grid

    if isinstance(world, dict):
        return gw.GridWorld.from_json(world)
    if world == STDIN:
        return parse_world(sys.stdin.buffer.read(), "the standard input", name="stdin")
    path = Path(world)
    # of a path, pathlib would drop the "./" that says that it is one
    folder = any(mark in world for mark in (os.sep, os.altsep) if mark)
    is_path = folder or path.suffix.lower() in WORLD_SUFFIXES
    if is_path or (path.is_file() and not is_world_name(world)):
        return gw.read_world(path)
    return make_grid(world)


def _whole(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            pass  # perhaps 1e6
    number = float(value)
    if number != int(number):
        raise ValueError
    return int(number)
