"""What all tests share."""

import os
import shutil

import pytest
from hypothesis import settings

# A loaded machine is slow, not wrong; and CI must not fail by chance on what nobody changed.
settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("project")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser: `CHROMIUM`, or the distribution's."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert found is not None, "a browser is needed: `make chromium` installs one"
    return found
