"""Options that several commands share, and the values they accept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from gridworld import GridWorld

__all__ = [
    "COUNT",
    "NUMBERS",
    "PARAMETERS",
    "as_json",
    "discount_factor",
    "parameter_options",
    "read_json",
    "read_world",
    "world_option",
]

Function = TypeVar("Function", bound=Callable[..., Any])

PARAMETERS = {
    "learning_rate": "Step size alpha, in (0, 1]. Default: 0.1.",
    "discount_factor": "Gamma, in [0, 1]. Default: 0.99.",
    "epsilon": "Probability of a random action in the first episode, in [0, 1]. Default: 1.",
    "epsilon_decay": "Factor on epsilon after every episode, in (0, 1]. Default: 0.995.",
    "epsilon_min": "Epsilon is not lowered below this, in [0, 1]. Default: 0.01.",
    "initial_value": "Every entry of the Q-table at the start. Default: 0.",
}
"""The parameters of `gridworld.Algorithm`, repeated here so that `--help` need not import it."""

WORLD_FILES = (".json", ".txt")


class Count(click.ParamType[int]):
    """A whole number that may be written 1000000, 1_000_000 or 1e6."""

    name = "number"

    def __init__(self, least: int = 1) -> None:
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = _whole(value)
        except (TypeError, ValueError, OverflowError):
            self.fail(f"must be a whole number, got {value!r}", param, ctx)
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
            self.fail(f"must be numbers with commas between them, got {value!r}", param, ctx)
        return numbers if len(numbers) > 1 else numbers[0]


COUNT = Count()
NUMBERS = Numbers()


def world_option(default: str | None = "default") -> Callable[[Function], Function]:
    """`--world`: a name, or a file."""
    return click.option(
        "--world",
        metavar="NAME|FILE",
        default=default,
        show_default=default is not None,
        help="A named world (see `gridworld-bench worlds`), or a .json or .txt file.",
    )


def as_json(what: str) -> Callable[[Function], Function]:
    """`--json`: one JSON object instead of text."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print {what} as JSON.")


def discount_factor(function: Function) -> Function:
    """`--discount-factor` with its default, for commands that do not learn."""
    return click.option(
        "--discount-factor", type=float, default=0.99, show_default=True, help="In [0, 1]."
    )(function)


def parameter_options(function: Function) -> Function:
    """One option for every parameter of the algorithms; None where it is not given."""
    for name, text in reversed(PARAMETERS.items()):
        option = click.option(f"--{name.replace('_', '-')}", name, type=NUMBERS, help=text)
        function = option(function)
    return function


def read_world(world: str) -> "GridWorld":
    """The world of that name, or of that file.

    Raises:
        InvalidValueError: There is no world of that name.
        FileError: The file holds no world.
        OSError: The file cannot be read.
    """
    import gridworld as gw

    if not world.endswith(WORLD_FILES):
        return gw.make(world)
    path = Path(world)
    try:
        if path.suffix == ".json":
            return gw.GridWorld.from_json(read_json(path), name=path.stem)
        return gw.GridWorld.from_text(path.read_text("utf-8"), name=path.stem)
    except gw.WorldError as error:
        raise gw.FileError(f"{path} holds no world: {error}") from error
    except UnicodeDecodeError:
        raise gw.FileError(f"{path} must be text in UTF-8") from None


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        FileError: It holds something else.
        OSError: It cannot be read.
    """
    from gridworld import FileError

    try:
        data = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path} must hold JSON, got {error}") from None
    if not isinstance(data, dict):
        raise FileError(f"{path} must hold a JSON object, got {type(data).__name__}")
    return data


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
