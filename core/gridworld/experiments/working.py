"""What a worker of an executor does: it is sent a plan once, and computes blocks of it."""

import hashlib
import pickle
from typing import Final

import numpy as np

from gridworld.engine import Engine
from gridworld.errors import ExperimentError
from gridworld.experiments.arrow import table_of, to_bytes
from gridworld.experiments.blocks import Block, compute
from gridworld.experiments.plans.plan import Plan

__all__ = ["compute_packed", "packed_plan"]

MOST_PLANS: Final = 4

_PLANS: Final[dict[str, Plan]] = {}
"""On a worker: those that it has seen last, by their hash."""


def packed_plan(plan: Plan) -> tuple[str, bytes]:
    """The plan as bytes, and their hash.

    A measure that is a lambda needs cloudpickle, which Dask brings.
    """
    try:
        data = pickle.dumps(plan)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        try:
            import cloudpickle
        except ImportError:
            raise ExperimentError(
                f"the measures of a plan must be functions that workers can import, got {error}"
            ) from None
        data = cloudpickle.dumps(plan)
    return hashlib.sha256(data).hexdigest(), data


def compute_packed(key: str, packed: bytes | None, block: Block) -> tuple[bytes, int] | None:
    """On a worker: run a block with one kernel thread.

    Args:
        key: The hash of the plan.
        packed: The plan; None: it was sent before.
        block: Of the plan.

    Returns:
        Its table and its steps; None: the plan was not sent before.
    """
    if key not in _PLANS:
        if packed is None:
            return None
        while len(_PLANS) >= MOST_PLANS:
            del _PLANS[next(iter(_PLANS))]
        _PLANS[key] = pickle.loads(packed)
    plan = _PLANS[key]
    with np.errstate(all="ignore"), Engine(1) as engine:
        rows = compute(plan, block, engine)
    return to_bytes(table_of(plan, rows)), rows.steps
