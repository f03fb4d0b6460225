"""Methods that wait for the rewards of several steps."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridworld.algorithms.base import Algorithm, Extent, Section
from gridworld.errors import InvalidValueError
from gridworld.kernels import codes
from gridworld.tables import DEFAULTS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from gridworld.algorithms.base import Counts

__all__ = ["MonteCarlo", "NStepSarsa", "NStepTreeBackup"]


def _ring(steps: int, extent: Extent) -> tuple[Section, ...]:
    """The last steps: rewards and pairs, and where the next one goes."""
    return (
        Section("reward", "float", steps),
        Section("pair", "int", steps, 0, extent.n_states * extent.n_actions - 1),
        Section("next", "int", 1, 0, steps - 1),
    )


@dataclass(frozen=True)
class _NSteps(Algorithm):
    """What methods of n steps share."""

    n_steps: "Counts" = DEFAULTS["n_steps"]

    def own_memory(self, extent: Extent) -> tuple[Section, ...]:
        """The last n steps."""
        given = self.n_steps
        return _ring(int(max(given) if isinstance(given, tuple) else given), extent)  # type: ignore[arg-type]

    def own_memory_fits(
        self,
        agents: "npt.NDArray[np.void]",
        floats: "npt.NDArray[np.float32]",
        ints: "npt.NDArray[np.int32]",
        extent: Extent,
    ) -> bool:
        """Whether the next step goes where an agent keeps steps."""
        return bool((ints[:, -1] < self.column("n_steps", len(ints))).all())


class NStepSarsa(_NSteps):
    """n-step SARSA (Sutton & Barto 2018, 7.2).

    At the end of an episode the pairs that still wait are updated by shorter returns. A truncated
    one bootstraps from where it was cut off.

    Attributes:
        n_steps: Rewards of a return, 1 is SARSA bit for bit, a whole number in [1, 1000000];
            default 4.
    """

    name = "n_step_sarsa"
    title = "n-step SARSA"
    says = "SARSA that waits for the rewards of several steps before it updates."
    bootstrap = "value of the action then"
    symbol = "Q(s\N{LATIN SUBSCRIPT SMALL LETTER N}, a\N{LATIN SUBSCRIPT SMALL LETTER N})"
    code = codes.N_STEP_SARSA
    chooses_ahead = True


class NStepTreeBackup(_NSteps):
    """n-step tree backup (Precup, Sutton & Singh 2000; Sutton & Barto 2018, 7.5).

    Its target policy is the epsilon-greedy one that it follows: actions that were not taken count
    with the values that they have, those that were with what came of them.

    Attributes:
        n_steps: Steps of the tree, 1 is Expected SARSA bit for bit, a whole number in
            [1, 1000000]; default 4.
    """

    name = "n_step_tree_backup"
    title = "n-step tree backup"
    says = "Learns from what several steps brought, and from what else it might have done on them."
    bootstrap = "value of the tree from there"
    symbol = "G(s\N{PRIME})"
    code = codes.N_STEP_TREE_BACKUP


class MonteCarlo(Algorithm):
    """On-policy every-visit Monte Carlo control (Sutton & Barto 2018, 5.4 and equation 6.1).

    Every pair of an episode is updated when the episode is over, the oldest first: by a constant
    step, or with `learning_rate_schedule="count"`, and the learning rate 1, to the mean of what it
    got. A truncated episode counts what it got. It keeps a whole episode, so that the world
    needs a limit on the steps.
    """

    name = "monte_carlo"
    title = "Monte Carlo"
    says = "Waits for the end of the episode and learns from all that it got until then."
    bootstrap = "nothing: the episode is over"
    symbol = "0"
    code = codes.MONTE_CARLO
    chooses_ahead = True

    def own_memory(self, extent: Extent) -> tuple[Section, ...]:
        """A whole episode.

        Raises:
            InvalidValueError: Episodes have no limit on their steps.
        """
        if not extent.max_steps:
            raise InvalidValueError(
                "max_steps must be set for Monte Carlo, which keeps a whole episode, got no limit"
            )
        return _ring(extent.max_steps, extent)
