"""What agents carry from step to step beside their Q-tables, as kernels take it."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Carried"]


class Carried(NamedTuple):
    """Two rows of numbers for each agent: traces, the last steps, a model, counts.

    The class of an algorithm says which sections they hold; its kernel finds them by their sizes,
    so that one compiled kernel serves every world. Both are changed in place.

    Attributes:
        floats: float32 `[n, F]`.
        ints: int32 `[n, I]`.
    """

    floats: npt.NDArray[np.float32]
    ints: npt.NDArray[np.int32]
