"""Options for what the library's tables list: parameters of learning, algorithm, seed and so on."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import click

from gridworld.algorithms import ALGORITHMS, algorithm_named
from gridworld.errors import InvalidValueError
from gridworld.parameter import Parameter
from gridworld.tables import LEARNING, parameter
from gridworld_cli.options import NUMBERS, help_of

__all__ = ["algorithm_option", "parameter_options"]

Function = TypeVar("Function", bound=Callable[..., Any])


class AlgorithmName(click.Choice[str]):
    """The name of an algorithm, in any case, with dashes or underscores."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if isinstance(value, str):
            with suppress(InvalidValueError):
                value = algorithm_named(value).name
        return super().convert(value, param, ctx)


def algorithm_option(function: Function) -> Function:
    """`--algorithm`; None where it is not given."""
    text = f"{help_of(parameter('algorithm'))} Any case, with - or _."
    return click.option("--algorithm", type=AlgorithmName(ALGORITHMS), help=text)(function)


def parameter_options(function: Function) -> Function:
    """One option for every parameter of the algorithms; None where it is not given."""
    for each in reversed(LEARNING):
        option = click.option(f"--{each.flag}", each.key, type=_type(each), help=help_of(each))
        function = option(function)
    return function


def _type(each: Parameter) -> click.ParamType[Any]:
    """How a flag's text is read; the library judges what it says."""
    if each.kind == "choice":
        return click.Choice([choice.key for choice in each.choices])
    return click.BOOL if each.kind == "flag" else NUMBERS
