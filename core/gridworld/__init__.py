"""Tabular reinforcement learning: exact, repeatable, and as fast as the machine allows.

    import gridworld as gw

    world = gw.make("default")
    run = gw.train(world, gw.QLearning(learning_rate=0.1), agents=1024, steps=1_000_000, seed=0)
    run.q  # float32 [agents, states, actions]

Data flows one way: a world is compiled to arrays (`Mdp`), kernels change the arrays of a `Batch`,
a `Run` or a `Trainer` shows them.

What is offered here stands in `__init__.pyi`. It is imported when it is asked for (PEP 562): the
words of `--help` need no compiler.
"""

import ast
import importlib
from pathlib import Path

from gridworld.registering import register_with_gymnasium

__version__ = "0.1.0"


def _homes() -> dict[str, str]:
    """Name of what is offered to the module that it lives in, as the stub says."""
    homes = {}
    for node in ast.parse(Path(__file__).with_suffix(".pyi").read_text("utf-8")).body:
        if not isinstance(node, ast.ImportFrom) or node.module in (None, __name__):
            continue
        names = [alias.name for alias in node.names]
        if names == ["*"]:  # only of modules that are quick to import
            names = importlib.import_module(node.module).__all__
        homes |= dict.fromkeys(names, node.module)
    return homes


_HOMES = _homes()

_ROOMS = {module.split(".")[1] for module in _HOMES.values()}
"""Modules and folders of the library, which may be reached as its attributes."""

__all__ = sorted(("__version__", *_HOMES))  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        value: object = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_ROOMS})


register_with_gymnasium()
