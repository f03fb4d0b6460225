"""What comes of one policy, exactly."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.exact.policy_iteration import PolicyIteration
from gridworld.kernels.codes import DETERMINISTIC, SLIP, TABLE
from gridworld.kernels.exact.model import NONE, Model
from gridworld.kernels.step import across

__all__ = ["Followed", "chances"]

_EVERYWHERE = np.zeros(0, np.int32)
"""All actions there are, in every state."""


class Followed:
    """What comes of one policy.

    Args:
        model: The process.
        actions: int32 `[S]`; or float64 `[S, A]`, the probability of each action.
        discount: Gamma.
        epsilon: Probability of a random action.
        should_stop: As in `solve`.

    Attributes:
        values: As `policy_value` returns them.
    """

    def __init__(
        self,
        model: Model,
        actions: npt.NDArray[Any],
        discount: float,
        epsilon: float = 0.0,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        self._search = PolicyIteration(_follow(model, actions, epsilon), discount, should_stop)
        gains = self._search.find_ends()
        self._search.evaluate(self._search.policy, self._search.finest())
        self.values = self._search.high
        if gains:
            self.values[self._search.policy == NONE] = np.nan

    def sure_to_end(self) -> npt.NDArray[np.bool_]:
        """From which states it is sure to end, bool `[S]`; going round without reward is no end."""
        return self._search.sure_to_end()


def chances(
    probabilities: npt.NDArray[np.float64], epsilon: float, available: npt.NDArray[np.int32]
) -> npt.NDArray[np.float64]:
    """The probability of each action where epsilon of them are random.

    Args:
        probabilities: Of those that are not, float64 `[S, A]`.
        epsilon: In [0, 1].
        available: As in `Mdp`.
    """
    if epsilon == 0:
        return probabilities
    random: Any = epsilon / probabilities.shape[1]
    if len(available):
        there = np.arange(probabilities.shape[1]) < available[:, None]
        random = np.where(there, epsilon / available[:, None], 0.0)
    mixed: npt.NDArray[np.float64] = (1 - epsilon) * probabilities + random
    return mixed


def _follow(model: Model, actions: npt.NDArray[Any], epsilon: float) -> Model:
    """The process in which there is only the one thing to do that the policy does."""
    n, a = model.n_states, model.n_actions
    if actions.ndim == 2:
        chance = chances(actions, epsilon, _EVERYWHERE)
    elif model.dynamics == DETERMINISTIC and epsilon == 0:
        chosen = model.outcomes[np.arange(n) * a + actions]
        return model._replace(outcomes=chosen, n_actions=1)
    else:
        chance = np.full((n, a), epsilon / a)
        chance[np.arange(n), actions] += 1 - epsilon
    probability: npt.NDArray[Any] = chance
    if model.dynamics == SLIP:
        moves = np.arange(a)
        sideways = chance[:, across(moves, 0)] + chance[:, across(moves, 1)]
        probability = (1 - model.slip) * chance + 0.5 * model.slip * sideways
    elif model.dynamics == TABLE:
        probability = chance[:, :, None] * model.probability.reshape(n, a, -1)
    return model._replace(
        probability=probability.reshape(-1),
        n_actions=1,
        n_outcomes=a * model.n_outcomes,
        dynamics=TABLE,
    )
