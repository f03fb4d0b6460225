"""The command line in this process, and as a process of its own."""

import subprocess
import sys

import pytest

from cli.outcome import CommandLine, Outcome
from gridworld_cli.main import run


@pytest.fixture
def command_line(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Run `gridworld-bench` with these arguments in this process."""

    def call(*arguments: object) -> Outcome:
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture
def command() -> tuple[str, ...]:
    """What starts `gridworld-bench` as a process."""
    return (sys.executable, "-m", "gridworld_cli")


@pytest.fixture
def process(command: tuple[str, ...]) -> CommandLine:
    """Run `gridworld-bench` with these arguments as a process, its output in pipes."""

    def call(*arguments: object) -> Outcome:
        done = subprocess.run(
            [*command, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return call
