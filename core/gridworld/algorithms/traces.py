"""Methods with eligibility traces."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridworld.algorithms.base import Algorithm, Extent, Section
from gridworld.kernels import codes
from gridworld.tables import DEFAULTS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from gridworld.algorithms.base import Numbers

__all__ = ["QLambda", "SarsaLambda"]


@dataclass(frozen=True)
class _Traces(Algorithm):
    """What methods with traces share."""

    trace_decay: "Numbers" = DEFAULTS["trace_decay"]

    def own_memory(self, extent: Extent) -> tuple[Section, ...]:
        """A trace of each pair, and the list of the states where one counts."""
        states = extent.n_states
        return (
            Section("trace", "float", states * extent.n_actions, 0),
            Section("bootstrapped", "float", 1),
            Section("eligible", "int", states, 0, states - 1),
            Section("eligible_count", "int", 1, 0, states),
        )

    def own_memory_fits(
        self,
        agents: "npt.NDArray[np.void]",
        floats: "npt.NDArray[np.float32]",
        ints: "npt.NDArray[np.int32]",
        extent: Extent,
    ) -> bool:
        """Whether the list names each state whose traces are not 0 once, and no other."""
        import numpy as np

        traces = floats[:, :-1].reshape(len(floats), extent.n_states, extent.n_actions)
        for row in range(len(floats)):
            listed = np.sort(ints[row, : ints[row, -1]])
            if not np.array_equal(listed, np.flatnonzero(traces[row].any(axis=1))):
                return False
        return True


@dataclass(frozen=True)
class SarsaLambda(_Traces):
    """SARSA(lambda): SARSA with eligibility traces (Sutton & Barto 2018, 12.2, 12.5 and 12.7).

    With `traces="dutch"` it is True Online SARSA(lambda) (van Seijen et al. 2016), which equals
    the on-line lambda-return algorithm. Replacing traces leave those of the state's other actions
    as they are. Accumulating ones may make values grow without bound where a pair is visited
    again and again and the learning rate is high. Traces below 1e-8 of the one that an action has
    when it is taken count as 0, once all of their state do.

    Attributes:
        trace_decay: Lambda, 0 is SARSA bit for bit, in [0, 1]; default 0.9.
        traces: What becomes of the trace of an action that is taken again, one of accumulating,
            replacing, dutch; default replacing.
    """

    traces: str = DEFAULTS["traces"]

    name = "sarsa_lambda"
    title = "SARSA(\N{GREEK SMALL LETTER LAMDA})"
    says = "SARSA whose every surprise also moves the steps before it, the less the older they are."
    bootstrap = "value of the next action"
    symbol = "Q(s\N{PRIME}, a\N{PRIME})"
    code = codes.SARSA_LAMBDA
    chooses_ahead = True


class QLambda(_Traces):
    """Watkins's Q(lambda): traces cut by exploration (Watkins 1989; Sutton & Barto 2018, 12.10).

    Traces accumulate, and are 0 again after an action that was not greedy. Those below 1e-8 of
    the one that an action has when it is taken count as 0, once all of their state do.

    Attributes:
        trace_decay: Lambda, 0 is Q-learning bit for bit, in [0, 1]; default 0.9.
    """

    name = "q_lambda"
    title = "Q(\N{GREEK SMALL LETTER LAMDA})"
    says = "Q-learning whose surprises reach back to the last exploratory action."
    bootstrap = "best next value"
    symbol = "max Q(s\N{PRIME}, a\N{PRIME})"
    code = codes.Q_LAMBDA
