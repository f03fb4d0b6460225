"""What the dashboard's tests share."""

import pytest

from gridworld_dashboard.server import warm_up


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    """Compile the kernels first: no test measures the compiler."""
    warm_up()
