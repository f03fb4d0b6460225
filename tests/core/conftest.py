"""What the tests of the library share."""

import numba
import pytest


@pytest.fixture
def jit_scale() -> int:
    """Divides the work of a test where kernels run as plain Python."""
    return 1000 if numba.config.DISABLE_JIT else 1
