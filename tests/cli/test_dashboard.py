import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest

from cli.outcome import CommandLine


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_serves_the_page_until_a_signal(
    command: tuple[str, ...], tmp_path: Path, kind: signal.Signals
) -> None:
    """WEB-01: it says where the page is, and the page is there."""
    with subprocess.Popen(
        [*command, "dashboard", "--port", "0", "--data", str(tmp_path / "data")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        lines = iter(running.stdout)
        serving = next(line for line in lines if "http://127.0.0.1:" in line)
        url = next(word for word in serving.split() if word.startswith("http"))
        with urllib.request.urlopen(url, timeout=10) as answer:
            page = answer.read().decode()
        port = url.rsplit(":", 1)[1].split("/")[0]
        asked = subprocess.run(
            [*command, "dashboard", "--health", "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (asked.returncode, asked.stdout) == (0, "ok\n")
        running.send_signal(kind)
        _, err = running.communicate(timeout=20)
    assert "<title>gridworld-bench</title>" in page
    assert running.returncode == (130 if kind == signal.SIGINT else 0)
    assert "Traceback" not in err


def test_a_port_in_use_is_one_sentence(process: CommandLine, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = process("dashboard", "--port", port, "--data", tmp_path)
    assert outcome.code == 1
    assert str(port) in outcome.err
    assert outcome.err.count("\n") == 1


def test_an_unwritable_folder_is_one_sentence(process: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome = process("dashboard", "--port", 0, "--data", tmp_path / "file" / "below")
    assert outcome.code == 1
    assert "the data folder must be writable" in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_token_that_cannot_be_is_one_sentence(command_line: CommandLine) -> None:
    outcome = command_line("dashboard", "--token", "short")
    assert outcome.code == 2
    assert "token must be 8 to 200 letters" in outcome.err
    outcome = command_line("dashboard", "--token", "presenters-token", "--no-token")
    assert outcome.code == 2
    assert "must be left out" in outcome.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--sessions", 5), "--sessions must be with --own, got it alone"),
        (("--session-mb", 64), "--session-mb must be with --own, got it alone"),
        (("--idle-minutes", 0.5), "--idle-minutes must be with --own, got it alone"),
        (("--present", "--own"), "--present must be without --own"),
        (("--present", "--no-token"), "a presenter must have a token"),
        (("--embed-from", "course.example"), "an origin to allow must be like"),
        (("--own", "--sessions", 0), "0 is not in the range"),
    ],
    ids=str,
)
def test_options_of_a_class_that_cannot_be_are_one_sentence(
    command_line: CommandLine, options: tuple[object, ...], words: str
) -> None:
    outcome = command_line("dashboard", *options)
    assert outcome.code == 2
    assert words in outcome.err


def test_a_dashboard_that_does_not_answer_is_not_well(command_line: CommandLine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        outcome = command_line("dashboard", "--health", "--port", port)
    assert outcome.code == 1
    assert f"a dashboard must answer on 127.0.0.1:{port}, got " in outcome.err
