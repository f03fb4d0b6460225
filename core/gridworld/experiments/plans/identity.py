"""What a plan is known by: a hash of all that determines its rows."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from gridworld.algorithms import Algorithm
from gridworld.experiments.plans.content import content_of
from gridworld.experiments.plans.settings import Setting
from gridworld.kernels.random import STREAM_VERSION

__all__ = ["FORMAT", "identity_of"]

FORMAT: Final = 1
"""Of plans and stores."""

_ALWAYS: Final = frozenset(
    ("learning_rate", "epsilon", "discount_factor", "epsilon_decay", "epsilon_min", "initial_value")
)
"""Numbers that count whatever they are. Of parameters that came later those alone count that are
not their default: stores that did not know them yet stay those of their plans."""


def identity_of(settings: Sequence[Setting], determines: Mapping[str, Any]) -> str:
    """A hash of the settings, worlds by their content and numbers as float32, and of more.

    Args:
        settings: Of the plan, in order.
        determines: What else determines a row, as JSON knows it.
    """
    contents: dict[int, str] = {}

    def content(mdp: Any) -> str:
        if id(mdp) not in contents:
            contents[id(mdp)] = content_of(mdp)
        return contents[id(mdp)]

    plan = {
        "format": FORMAT,
        "stream": STREAM_VERSION,
        "settings": [[content(s.mdp), s.algorithm.name, _numbers(s.algorithm)] for s in settings],
        **determines,
    }
    if any(setting.changes for setting in settings):
        plan["change"] = [[[step, content(mdp)] for step, mdp in s.changes] for s in settings]
    text = json.dumps(plan, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _numbers(algorithm: Algorithm) -> dict[str, Any]:
    """The parameters as the kernels see them."""
    numbers = {}
    for each in algorithm.parameters():
        value = getattr(algorithm, each.key)
        if each.key in _ALWAYS or value != each.default:
            numbers[each.key] = float(np.float32(value)) if isinstance(value, float) else value
    return numbers
