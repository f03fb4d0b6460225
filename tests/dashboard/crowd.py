"""A class that uses one server, and what each browser gets: `python tests/dashboard/crowd.py`."""

import argparse
import asyncio
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from websockets.asyncio.client import ClientConnection, connect

ROOT = Path(__file__).parents[2]

COMMANDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("ping", {}),
    ("set_speed", {"speed": None}),
    ("set_view", {"layer": "visits"}),
    ("show_agent", {"agent": 0}),
)


SETTLE_S = 4.0

FRAME = '{"type":"training_update"'

TOTAL = re.compile(r'"total_steps":(\d+)')


@dataclass
class Member:
    """One browser.

    Attributes:
        frames: When each came, in seconds.
        steps: That its agent had taken by then.
        answers: Seconds that each command waited for its answer.
    """

    frames: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)

    def share_on_time(self, low: float = 0.06, high: float = 0.14) -> float:
        """Of its frames, those that came so many seconds after the one before."""
        gaps = [b - a for a, b in zip(self.frames, self.frames[1:], strict=False)]
        return sum(low <= gap <= high for gap in gaps) / max(1, len(gaps))

    @property
    def speed(self) -> float:
        """Steps a second."""
        return (self.steps[-1] - self.steps[0]) / (self.frames[-1] - self.frames[0])

    @property
    def share_moved(self) -> float:
        """Of its frames, those that show something new."""
        moved = [a != b for a, b in zip(self.steps, self.steps[1:], strict=False)]
        return sum(moved) / max(1, len(moved))


@dataclass(frozen=True)
class Outcome:
    """Of all members."""

    members: list[Member]
    memory: tuple[int, int]

    @property
    def answers(self) -> list[float]:
        return sorted(answer for member in self.members for answer in member.answers)

    def quantile(self, share: float) -> float:
        """Of the answers, in seconds."""
        answers = self.answers
        return answers[min(len(answers) - 1, int(share * len(answers)))]

    def lines(self) -> Iterator[str]:
        """The figures."""
        on_time = sorted(member.share_on_time() for member in self.members)
        speeds = sorted(member.speed for member in self.members)
        moved = sorted(member.share_moved for member in self.members)
        before, after = (size / 1e6 for size in self.memory)
        n = len(self.members)
        yield f"{n} sessions, {sum(len(m.frames) for m in self.members)} frames"
        yield f"frames within 100 +- 40 ms: {on_time[0]:.1%} in the worst session,"
        yield f"  {statistics.median(on_time):.1%} in the median one"
        yield f"frames that show something new: {moved[0]:.1%}, {statistics.median(moved):.1%}"
        yield (
            f"answers to {len(self.answers)} commands: p50 {1e3 * self.quantile(0.5):.0f} ms,"
            f" p99 {1e3 * self.quantile(0.99):.0f} ms, longest {1e3 * self.answers[-1]:.0f} ms"
        )
        yield (
            f"steps a second: {speeds[0]:,.0f} to {speeds[-1]:,.0f} in a session,"
            f" {sum(speeds):,.0f} in all"
        )
        yield f"memory of the server: {before:.0f} MB, {after:.0f} MB with the sessions"


@contextlib.contextmanager
def class_server(folder: Path, *options: str) -> Iterator[tuple[str, psutil.Process]]:
    """A server with a session for each browser, as a process: its address, and that."""
    roots = ("core", "dashboard", "cli")
    given = ("--own", "--port", "0", "--data", str(folder), *options)
    with subprocess.Popen(
        [sys.executable, "-m", "gridworld_cli", "dashboard", *given],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(str(ROOT / root) for root in roots)},
    ) as process:
        assert process.stdout is not None
        try:
            said = next(line for line in process.stdout if "Serving" in line)
            url = next(word for word in said.split() if word.startswith("http"))
            yield url, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.communicate(timeout=60)


def cookie_of(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as page:
        return str(page.headers["Set-Cookie"]).partition(";")[0]


async def _ask(ws: ClientConnection, type_: str, **data: Any) -> None:
    await ws.send(json.dumps({"type": type_, "data": data, "id": "first"}))
    while json.loads(await ws.recv()).get("id") != "first":
        pass


async def _take_part(
    url: str, cookie: str, n: int, seconds: float, start: dict[str, Any]
) -> Member:
    member, sent = Member(), dict[str, float]()
    address = f"ws{url.removeprefix('http')}/ws"
    async with connect(address, additional_headers={"Cookie": cookie}, max_size=None) as ws:
        await _ask(ws, "start_training", **start)
        begin = time.monotonic() + SETTLE_S  # until all are there

        async def command() -> None:
            await asyncio.sleep(SETTLE_S + n % 10 / 10)
            count = 0
            while time.monotonic() - begin < seconds:
                type_, data = COMMANDS[count % len(COMMANDS)]
                id_ = f"{n}-{count}"
                sent[id_] = time.monotonic()
                await ws.send(json.dumps({"type": type_, "data": data, "id": id_}))
                count += 1
                await asyncio.sleep(1.0)

        commands = asyncio.create_task(command())
        while time.monotonic() - begin < seconds:
            text = await ws.recv()
            now = time.monotonic()
            if now < begin:
                continue
            assert isinstance(text, str)
            if text.startswith(FRAME):  # read in haste: these browsers share the processors
                member.frames.append(now)
                found = TOTAL.search(text)
                assert found is not None
                member.steps.append(int(found[1]))
            elif (id_ := json.loads(text).get("id")) in sent:
                member.answers.append(now - sent[id_])
        await commands
    return member


def try_out(sessions: int, seconds: float, **start: Any) -> Outcome:
    """Let so many browsers train in sessions of their own.

    Args:
        sessions: How many.
        seconds: Of looking.
        start: Data of the command that starts each; at full speed and without an end where that
            says nothing else.
    """
    start = {"num_episodes": None, "speed": None} | start
    with (
        tempfile.TemporaryDirectory() as folder,
        class_server(Path(folder), "--sessions", str(sessions)) as (url, process),
    ):
        before = process.memory_info().rss
        cookies = [cookie_of(url) for _ in range(sessions)]

        async def all_of_them() -> list[Member]:
            parts = (_take_part(url, c, n, seconds, start) for n, c in enumerate(cookies))
            return list(await asyncio.gather(*parts))

        members = asyncio.run(all_of_them())
        return Outcome(members, (before, process.memory_info().rss))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--start", type=json.loads, default={}, help="data of each start, as JSON")
    given = parser.parse_args()
    for line in try_out(given.sessions, given.seconds, **given.start).lines():
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
