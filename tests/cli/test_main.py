import subprocess
import sys
from pathlib import Path

import click
import pytest

import gridworld as gw
from cli.outcome import CommandLine
from gridworld_cli import main

COMMANDS = (
    "dashboard",
    "train",
    "worlds",
    "show",
    "solve",
    "evaluate",
    "experiment",
    "lessons",
    "reproduce",
    "bench",
    "compare",
)


def test_help_lists_every_command(command_line: CommandLine) -> None:
    outcome = command_line("--help")
    assert outcome.code == 0
    listed = [line.split()[0] for line in outcome.out.partition("Commands:")[2].splitlines()[1:]]
    assert sorted(listed) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_has_a_help_text(command: str) -> None:
    found = main.cli.commands[command]
    assert found.help
    for option in found.params:
        if isinstance(option, click.Argument):
            assert option.human_readable_name in found.help
            continue
        assert isinstance(option, click.Option)
        assert option.help or option.name == "seed", option.name


def test_version_is_that_of_the_library(command_line: CommandLine) -> None:
    assert command_line("--version").out == f"gridworld-bench {gw.__version__}\n"


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from gridworld_cli.main import run; run(['train', '--help']);"
        "print([m for m in ('numpy', 'numba', 'dash', 'rich', 'zipfile') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fly"], "No such command 'fly'"),
        (["train", "--wings"], "No such option '--wings'"),
        (["train", "--steps", "many"], "must be a whole number, got 'many'"),
        (["train", "--steps", "1.5"], "must be a whole number, got '1.5'"),
        (["train", "--steps", "inf"], "must be a whole number, got 'inf'"),
        (["train", "--agents", "0"], "must be at least 1, got 0"),
        (["train", "--algorithm", "guess"], "'guess' is not one of"),
        (["train", "--learning-rate", "1.5"], r"learning_rate must be in (0, 1], got 1.5"),
        (["train", "--learning-rate", "nan"], r"learning_rate must be in (0, 1], got nan"),
        (["train", "--learning-rate", "0.1;0.2"], "must be numbers with commas between them"),
        (["train", "--slip", "ice"], "must be a number, got 'ice'"),
        (["train", "--slip", "nan"], "slip must be a number from 0 to 1, got nan"),
        (["train", "--max-steps", "0"], "must be at least 1, got 0"),
        (["train", "--max-steps", "never"], "must be a whole number, got 'never'"),
        (["train", "--max-steps", "3e9"], "max_steps must be a whole number from 1 to"),
        (["train", "--config", "http://127.0.0.1:8000/#run=AAAA"], "a link must be whole"),
        (["train", "--world", "nowhere"], "a world must be one of default, easy"),
        (["solve", "--discount-factor", "2"], "discount_factor must be"),
        (["evaluate"], "Missing option '--load'"),
        (["dashboard", "--port", "65536"], "65536 is not in the range"),
    ],
)
def test_misuse_is_one_sentence_and_exit_code_2(
    command_line: CommandLine, arguments: list[str], message: str
) -> None:
    outcome = command_line(*arguments)
    assert outcome.code == 2
    assert outcome.out == ""
    assert message in outcome.err
    assert outcome.err.startswith("gridworld-bench: ")
    assert outcome.err.count("\n") == 1


def test_a_failure_is_one_sentence_and_exit_code_1(process: CommandLine) -> None:
    outcome = process("train", "--load", "/nonexistent/run.npz")
    assert outcome.code == 1
    assert outcome.err == ("gridworld-bench: /nonexistent/run.npz: No such file or directory.\n")


def test_no_arguments_print_the_help_as_misuse(command_line: CommandLine) -> None:
    outcome = command_line()
    assert outcome.code == 2
    assert "Commands:" in outcome.err


def test_a_bug_keeps_its_traceback(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(as_json: bool) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(main.cli.commands["worlds"], "callback", broken)
    with pytest.raises(ZeroDivisionError):
        command_line("worlds")


def test_an_end_of_input_is_no_ctrl_c(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def empty(as_json: bool) -> None:
        raise EOFError("Ran out of input")

    monkeypatch.setattr(main.cli.commands["worlds"], "callback", empty)
    with pytest.raises(EOFError, match="Ran out of input"):
        command_line("worlds")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("arguments", ["worlds", "show", "train --episodes 3 --json", "--help"])
def test_what_is_closed_is_no_traceback(closed: str, arguments: str) -> None:
    line = f"{sys.executable} -m gridworld_cli {arguments} {closed}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_saved_file_is_not_what_was_closed(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    line = f"{sys.executable} -m gridworld_cli train --episodes 3 --save {path} <&- >&- 2>&-"
    assert subprocess.run(["bash", "-c", line], check=False).returncode == 0
    assert gw.Run.load(path).episodes.tolist() == [3]


@pytest.mark.parametrize("arguments", ["worlds", "show --world maze-201", "train --json"])
def test_a_full_disk_behind_stdout_is_one_sentence(arguments: str) -> None:
    line = f"{sys.executable} -m gridworld_cli {arguments} > /dev/full"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "gridworld-bench: No space left on device.\n"


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    command = f"{sys.executable} -m gridworld_cli show --world maze-201 | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("maze-201: 201 x 201")
    assert done.stderr == ""
