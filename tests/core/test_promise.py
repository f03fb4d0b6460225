"""What files of earlier releases hold is read for ever, and goes on to the same bits.

Links are in `tests/page/links.json`; Q-tables of every algorithm in `tests/data/qtables.json`.
`docs/stability.md` is the promise.
"""

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import gridworld as gw
from gridworld.kernels.random import STREAM_VERSION
from gridworld.registering import VERSION
from gridworld.store.checkpoint import FORMAT_VERSION
from gridworld.store.exchange import exchange_loads

DATA = Path(__file__).parents[1] / "data"
RELEASES = sorted(path.name for path in DATA.iterdir() if path.is_dir())
FILES = sorted(path for release in RELEASES for path in (DATA / release).glob("*.npz.gz"))


def told(path: Path) -> dict[str, Any]:
    """What the release that wrote a file said of it."""
    found: dict[str, Any] = json.loads((path.parent / "told.json").read_text("utf-8"))
    return found[path.name.partition(".")[0]]  # type: ignore[no-any-return]


def digest(q: npt.NDArray[np.float32]) -> str:
    return hashlib.sha256(np.ascontiguousarray(q).tobytes()).hexdigest()[:32]


def test_there_are_files_of_the_first_release() -> None:
    assert "0.1.0" in RELEASES
    assert len(FILES) >= 5


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_checkpoint_of_a_release_loads_and_goes_on_to_its_bits(
    path: Path, tmp_path: Path
) -> None:
    expected = told(path)
    file = tmp_path / "run.npz"
    file.write_bytes(gzip.decompress(path.read_bytes()))
    run = gw.Run.load(file)
    assert (run.algorithm.name, run.agents) == (expected["algorithm"], expected["agents"])
    assert digest(run.q) == expected["q"]
    assert digest(gw.train(resume=run, steps=300).q) == expected["later"]


@pytest.mark.parametrize("release", RELEASES)
def test_an_exchange_file_of_a_release_loads(release: str) -> None:
    path = DATA / release / "exchange.json"
    found = exchange_loads(path.read_text("utf-8"), gw.make("default"))
    assert digest(found.q) == told(path)["q"]
    assert found.epsilon == told(path)["epsilon"]


def test_the_promise_names_the_versions_that_hold() -> None:
    text = (DATA.parents[1] / "docs/stability.md").read_text("utf-8")
    assert re.search(rf"stream version is {STREAM_VERSION}\b", text)
    assert re.search(rf"format version is {FORMAT_VERSION}\b", text)
    assert f"`{VERSION}`" in text
