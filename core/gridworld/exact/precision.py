"""What float32 cannot learn: updates that are lost before a value is reached."""

import numpy as np

from gridworld.algorithms import Algorithm
from gridworld.mdp import Mdp

__all__ = ["doubt"]

SHORT = 0.01
"""Of the largest reward: so much may be missing in a value."""

LARGEST = float(np.finfo(np.float32).max)


def doubt(mdp: Mdp, algorithm: Algorithm) -> str:
    """Whether float32 is too coarse for what is going to be learnt: a sentence, or "".

    It is where an update is less than half of what float32 can tell apart at the values that the
    world allows, although the value is still off by a hundredth of the largest reward. The bound
    on values is that of all rewards on the way, discounted, and one at the end; without a
    discount, of as many as there are states.

    Args:
        mdp: The process.
        algorithm: Its learning rates and discount factors, those of all agents.
    """
    rate, discount = (
        np.ravel(np.asarray(getattr(algorithm, name), np.float64))
        for name in ("learning_rate", "discount_factor")
    )
    used = discount.astype(np.float32).astype(np.float64)
    if (lost := (used == 1) & (discount < 1)).any():
        return (
            f"discount_factor {discount[lost.argmax()]:.10g} acts as 1: float32, in which agents"
            f" learn, knows none between {float(np.nextafter(np.float32(1), np.float32(0))):.8g}"
            " and 1"
        )
    on_the_way, at_the_end = mdp.largest_rewards
    largest = max(on_the_way, at_the_end)
    with np.errstate(divide="ignore"):
        horizon = np.where(used < 1, 1 / (1 - used), mdp.n_states)
    values = np.minimum(on_the_way * horizon + at_the_end, LARGEST / 2)
    steps = np.spacing(values.astype(np.float32)).astype(np.float64)
    lost = rate * SHORT * largest < steps / 2
    if not lost.any() or largest == 0:
        return ""
    rate, values, steps = (each[lost.argmax()] for each in np.broadcast_arrays(rate, values, steps))
    return (
        f"with the learning rate {rate:.3g} updates may be lost in float32 before values are"
        f" learnt to 1 %: these may reach {values:.3g}, where its steps are {steps:.2g}"
    )
