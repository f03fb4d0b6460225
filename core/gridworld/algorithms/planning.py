"""Methods that learn a model of the world, and plan with it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridworld.algorithms.base import Algorithm, Extent, Section
from gridworld.kernels import codes
from gridworld.tables import DEFAULTS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from gridworld.algorithms.base import Counts, Numbers

__all__ = ["DynaQ", "DynaQPlus", "PrioritizedSweeping"]


@dataclass(frozen=True)
class _Planning(Algorithm):
    """What methods that plan share."""

    planning_steps: "Counts" = DEFAULTS["planning_steps"]

    bootstrap = "best next value"
    symbol = "max Q(s\N{PRIME}, a\N{PRIME})"


class DynaQ(_Planning):
    """Dyna-Q (Sutton 1990; Sutton & Barto 2018, 8.2).

    Q-learning that after every step goes through steps of its memory as well: pairs drawn
    uniformly from those that it has seen, with what came of each the last time.

    Attributes:
        planning_steps: Remembered updates after each step, 0 is Q-learning bit for bit, a whole
            number in [0, 1000000]; default 5.
    """

    name = "dyna_q"
    title = "Dyna-Q"
    says = "Q-learning that after every step goes through steps that it remembers as well."
    code = codes.DYNA_Q

    def own_memory(self, extent: Extent) -> tuple[Section, ...]:
        """The last outcome of each pair, and the list of the pairs that are known."""
        return _model(extent, ())

    def own_memory_fits(
        self,
        agents: "npt.NDArray[np.void]",
        floats: "npt.NDArray[np.float32]",
        ints: "npt.NDArray[np.int32]",
        extent: Extent,
    ) -> bool:
        """Whether the list names each pair whose outcome is known once, and no other."""
        import numpy as np

        pairs = extent.n_states * extent.n_actions
        return all(
            np.array_equal(np.sort(row[pairs : pairs + row[-1]]), np.flatnonzero(row[:pairs]))
            for row in ints
        )


@dataclass(frozen=True)
class DynaQPlus(DynaQ):
    """Dyna-Q+: Dyna-Q that also tries again what it has not tried for long (Sutton & Barto 8.3).

    A remembered step pays `exploration_bonus * sqrt(tau)` more, tau being the steps since its pair
    was last tried. Actions of a state where it has been that were never tried are gone through as
    well, as if they led nowhere and paid nothing.

    Attributes:
        planning_steps: Remembered updates after each step, a whole number in [0, 1000000];
            default 5.
        exploration_bonus: Kappa, in [0, 1000000]; default 0.001. Unit: reward.
    """

    exploration_bonus: "Numbers" = DEFAULTS["exploration_bonus"]

    name = "dyna_q_plus"
    title = "Dyna-Q+"
    says = "Dyna-Q that is drawn to what it has not tried for long, and so finds what has changed."
    code = codes.DYNA_Q_PLUS

    def own_memory(self, extent: Extent) -> tuple[Section, ...]:
        """As Dyna-Q, and when each pair was last tried."""
        pairs = extent.n_states * extent.n_actions
        return _model(extent, (Section("tried", "int", pairs, -(2**31), 2**31 - 1),))


@dataclass(frozen=True)
class PrioritizedSweeping(_Planning):
    """Prioritized sweeping (Moore & Atkeson 1993; Sutton & Barto 2018, 8.4).

    What was seen goes into a queue, and what would change most is updated first; from there it
    goes back to what leads there. Made for worlds that answer always alike: where they do not, it
    takes the last outcome of each pair for the only one.

    Attributes:
        planning_steps: Updates after each step, without which nothing is learnt, a whole number
            in [0, 1000000]; default 5.
        priority_threshold: Theta, what moves by less does not enter the queue, in [0, 1e30];
            default 0.0001. Unit: reward.
    """

    priority_threshold: "Numbers" = DEFAULTS["priority_threshold"]

    name = "prioritized_sweeping"
    title = "Prioritized sweeping"
    says = "Updates first what would change most, and goes from there back to what leads there."
    code = codes.PRIORITIZED_SWEEPING

    def own_memory(self, extent: Extent) -> tuple[Section, ...]:
        """The last outcome of each pair, what leads to each state, and the queue."""
        states, pairs = extent.n_states, extent.n_states * extent.n_actions
        return (
            Section("reward", "float", pairs),
            Section("priority", "float", pairs, 0),
            Section("outcome", "int", pairs, -states, states),
            Section("leading", "int", states, 0, pairs),
            Section("following", "int", pairs, 0, pairs),
            Section("previous", "int", pairs, 0, pairs),
            Section("queue", "int", pairs, 0, pairs - 1),
            Section("place", "int", pairs, 0, pairs),
            Section("queue_count", "int", 1, 0, pairs),
        )

    def own_memory_fits(
        self,
        agents: "npt.NDArray[np.void]",
        floats: "npt.NDArray[np.float32]",
        ints: "npt.NDArray[np.int32]",
        extent: Extent,
    ) -> bool:
        """Whether lists and queue are such as steps leave."""
        import numpy as np

        states, pairs = extent.n_states, extent.n_states * extent.n_actions
        for row in ints:
            ends = np.cumsum([pairs, states, pairs, pairs, pairs, pairs])
            outcome, leading, following, previous, queue, place, _ = np.split(row, ends)
            size = int(row[-1])
            queued = np.zeros(pairs, np.int64)
            queued[queue[:size]] = np.arange(1, size + 1)
            if (place != queued).any() or np.count_nonzero(queued) != size:
                return False
            if (outcome[queue[:size]] == 0).any():
                return False
            # Each list begins where it says, and goes on and back among pairs of one outcome.
            heads = leading[leading > 0] - 1
            if (outcome[heads] != np.flatnonzero(leading) + 1).any() or previous[heads].any():
                return False
            linked = outcome > 0
            for there, back in ((following, previous), (previous, following)):
                one = np.flatnonzero(there)
                other = there[one] - 1
                if (back[other] != one + 1).any() or (outcome[other] != outcome[one]).any():
                    return False
                if not linked[one].all():
                    return False
            if np.count_nonzero(linked & (previous == 0)) != len(heads):
                return False
        return True


def _model(extent: Extent, more: tuple[Section, ...]) -> tuple[Section, ...]:
    states, pairs = extent.n_states, extent.n_states * extent.n_actions
    return (
        Section("reward", "float", pairs),
        Section("outcome", "int", pairs, -states, states),
        Section("known", "int", pairs, 0, pairs - 1),
        *more,
        Section("known_count", "int", 1, 0, pairs),
    )
