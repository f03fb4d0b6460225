"""What comes in from outside, each as a function of bytes.

A target returns, whatever the bytes: they are taken, or refused by an error that is a sentence.
Anything else is a finding: another exception, a sentence too long, a broken invariant, a second or
two of silence. `seeds` are where the search begins: every file and link ever released, what people
sent, and what was found (`corpus/TARGET`).
"""

import base64
import contextlib
import gzip
import io
import json
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

import gridworld as gw
from gridworld.errors import MOST_LETTERS, GridworldError
from gridworld.experiments.plans.plan import Plan
from gridworld.store.checkpoint import load_checkpoint
from gridworld.store.exchange import exchange_loads
from gridworld.store.worldfile import parse_world
from gridworld_dashboard.wire import protocol

__all__ = ["TARGETS", "seeds"]

HERE: Final = Path(__file__).parent
TESTS: Final = HERE.parent
DOCS: Final = TESTS.parent / "docs"

MOST_CELLS: Final = 250_000
"""Of a world that is compiled and written again here; larger ones are only read."""


@contextlib.contextmanager
def refused_in_a_sentence() -> Iterator[None]:
    """What is refused ends here, if what it says can be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except GridworldError as error:
        said = str(error)
        assert 0 < len(said) <= MOST_LETTERS, said
        assert "\n" not in said.strip(), said


def wire(data: bytes) -> None:
    """One text frame of a viewer."""
    text = data.decode("utf-8", "replace")
    said = protocol.parse(text)
    assert said
    for item in said:
        if isinstance(item, protocol.Refusal):
            assert 0 < len(item.message) <= 2 * MOST_LETTERS, item.message
            answer = protocol.encode(protocol.error(item.message), item.id)
            assert json.loads(answer)["type"] == "error"
        else:
            assert item.type in protocol.COMMANDS
            world = item.data.get("world")
            if isinstance(world, Mapping):
                with refused_in_a_sentence():
                    gw.GridWorld.from_json(world)


def link(data: bytes) -> None:
    """What somebody pastes as a link."""
    with refused_in_a_sentence():
        settings = gw.read_link(data.decode("utf-8", "replace"))
        gw.link_world(settings)
        assert gw.read_link(gw.write_link(settings)) == settings


def settings(data: bytes) -> None:
    """What a link holds: a changed letter of the link itself only breaks its checksum."""
    code = base64.urlsafe_b64encode(zlib.compress(data)).decode().rstrip("=")
    link(f"http://127.0.0.1:8000/#run={code}".encode())


def world(data: bytes) -> None:
    """A file of a world; its first letter chooses the suffix."""
    suffix = (".json", ".txt", ".csv", "")[data[0] % 4] if data else ""
    with refused_in_a_sentence():
        found = parse_world(data[1:], "file", suffix=suffix, name="file")
        if found.n_states <= MOST_CELLS:
            assert gw.GridWorld.from_json(found.to_json()) == found
            gw.compile_world(found)


def checkpoint(data: bytes) -> None:
    """A file that claims to be a run."""
    path = _file("run.npz", data)
    with refused_in_a_sentence():
        batch, _ = load_checkpoint(path)
        run = gw.Run(batch)
        assert np.isfinite(run.q).all()
        assert (run.steps >= 0).all()
        assert (run.episodes >= 0).all()
        run.save(path)
        again = gw.Run.load(path)
        assert (again.q == run.q).all()


def members(data: bytes) -> None:
    """A checkpoint in which a piece of a file was changed, its checksum too.

    The bytes say which of the seeds, which of its files, where (two bytes), and the new piece.
    """
    if len(data) < 5:
        return
    archives = seeds("checkpoint")
    with zipfile.ZipFile(io.BytesIO(archives[data[0] % len(archives)])) as archive:
        files = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    chosen = files[sorted(files)[data[1] % len(files)]]
    begin = int.from_bytes(data[2:4]) % (len(chosen) + 1)
    chosen[begin : begin + len(data) - 4] = data[4:]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, bytes(content))
    checkpoint(made.getvalue())


def exchange(data: bytes) -> None:
    """The JSON of a Q-table of anybody's."""
    with refused_in_a_sentence():
        found = exchange_loads(data, gw.make("easy"), take_named=True)
        assert np.isfinite(found.q).all()
        assert found.q.shape == (found.world.n_states, 4)


def plan(data: bytes) -> None:
    """A plan of an experiment."""
    path = _file("plan.toml", data)
    with refused_in_a_sentence():
        made = Plan.from_toml(path)
        if len(made) < 10_000:
            again = Plan.from_toml(_file("again.toml", made.to_toml().encode()))
            assert again.identity == made.identity


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    each.__name__: each
    for each in (wire, link, settings, world, checkpoint, members, exchange, plan)
}


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fuzz-")


def _file(name: str, data: bytes) -> Path:
    path = Path(_folder().name) / name
    path.write_bytes(data)
    return path


@cache
def seeds(name: str) -> tuple[bytes, ...]:
    """Where the search of a target begins, in a fixed order."""
    found = list(_RELEASED[name]())
    found += [path.read_bytes() for path in sorted((HERE / "corpus" / name).glob("*"))]
    return tuple(found)


def _frames() -> Iterator[bytes]:
    for type_ in protocol.COMMANDS:
        yield json.dumps({"type": type_, "data": {}, "id": 1}).encode()
    start = {"num_episodes": 100, "speed": None, "learning_rate": 0.5, "seed": 7, "agents": 3}
    yield json.dumps({"type": "start_training", "data": start, "id": "a"}).encode()
    for name in ("default", "windy", "frozen-lake-8x8"):
        described = {"world": gw.make(name).to_json()}
        yield json.dumps({"type": "configure", "data": described}).encode()
    yield json.dumps([{"type": "ping"}, {"type": "set_view", "data": {"layer": "q"}}]).encode()


def _links() -> Iterator[bytes]:
    for each in _told_links():
        yield from (each[key].encode() for key in ("by_page", "by_library"))
    described = {"world": gw.make("windy").to_json(), "algorithm": "sarsa"}
    yield gw.write_link(described, "https://example.org/x").encode()


def _settings() -> Iterator[bytes]:
    for each in _told_links():
        yield json.dumps({"format": 1, "stream": 1} | each["settings"]).encode()
    yield json.dumps({"format": 1, "stream": 1, "world": gw.make("windy").to_json()}).encode()


def _told_links() -> list[dict[str, Any]]:
    told: dict[str, Any] = json.loads((TESTS / "page/links.json").read_text("utf-8"))
    return list(told["links"])


def _worlds() -> Iterator[bytes]:
    for name in ("default", "windy", "cliff-walking", "frozen-lake-4x4"):
        grid = gw.make(name)
        yield b"\0" + json.dumps(grid.to_json()).encode()
        yield b"\1" + "\n".join(grid.rows).encode()
        yield b"\2" + "\n".join(",".join(row) for row in grid.rows).encode()
    portals = {"map": ["S..", "..G"], "portals": [[[1, 0], [0, 1]]], "wind": [0, 1, -1]}
    yield b"\0" + json.dumps(portals | {"rewards": {"cells": {"1,1": 2.5}}, "slip": 0.1}).encode()
    yield b"\3" + b"\xef\xbb\xbfS.\r\n.G\r\n"


def _checkpoints() -> Iterator[bytes]:
    for path in sorted((TESTS / "data").glob("*/*.npz.gz")):
        yield gzip.decompress(path.read_bytes())
    for algorithm in (gw.SarsaLambda, gw.NStepSarsa, gw.DynaQ):
        file = Path(_folder().name) / "made.npz"
        gw.train("easy", algorithm(), agents=2, steps=50, bins=4).save(file)
        yield file.read_bytes()


def _members() -> Iterator[bytes]:
    for i in range(len(seeds("checkpoint"))):
        for j in range(8):
            yield bytes((i, j, 0, 200)) + np.float32(1e30).tobytes()
            yield bytes((i, j, 0, 90)) + b'"epsilon": 2'


def _exchanges() -> Iterator[bytes]:
    for path in sorted((TESTS / "data").glob("*/exchange.json")):
        yield path.read_bytes()
    made = gw.write_qtable(Path(_folder().name) / "q.json", "easy", gw.train("easy", steps=99).q[0])
    yield made.read_bytes()


def _plans() -> Iterator[bytes]:
    for path in sorted((DOCS / "examples").glob("*.toml")):
        yield path.read_bytes()


_RELEASED: Final[Mapping[str, Callable[[], Iterator[bytes]]]] = {
    "wire": _frames,
    "link": _links,
    "settings": _settings,
    "world": _worlds,
    "checkpoint": _checkpoints,
    "members": _members,
    "exchange": _exchanges,
    "plan": _plans,
}
