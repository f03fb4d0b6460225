import json
import os
import pty
import shlex
import signal
import subprocess
import time
from errno import EPIPE
from pathlib import Path

import click
import numpy as np
import pytest

import gridworld as gw
from cli.outcome import CommandLine
from gridworld.tables import LEARNING
from gridworld_cli.progress import ProgressReport, describe


def test_every_parameter_has_a_flag_that_says_its_range_and_its_default(
    command_line: CommandLine,
) -> None:
    text = " ".join(command_line("train", "--help").out.split())
    for each in LEARNING:
        if each.kind == "choice":
            choices = "|".join(choice.key for choice in each.choices)
            said = f"[{choices}] {each.says} Default: {each.default}."
        else:
            must = each.must[0].upper() + each.must[1:]
            said = f"NUMBER[,NUMBER...] {each.says} {must}. Default: {each.default:g}."
        assert f"--{each.flag} {said}" in text
    for name in gw.ALGORITHMS:
        assert name in text


@pytest.mark.parametrize("written", ["SARSA", "Expected-Sarsa", "double q-learning", "q_learning"])
def test_an_algorithm_is_known_in_any_case(command_line: CommandLine, written: str) -> None:
    outcome = command_line("train", "--algorithm", written, "--steps", 10, "--json")
    assert outcome.json["algorithm"] == written.lower().replace("-", "_").replace(" ", "_")


def test_trains_what_the_library_trains(command_line: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    outcome = command_line(
        "train", "--world", "easy", "--agents", 3, "--steps", "2e3", "--seed", 7,
        "--learning-rate", "0.1,0.2,0.5", "--epsilon-min", 0.2, "--first-agent", 4,
        "--save", path, "--json",
    )  # fmt: skip
    assert outcome.code == 0
    expected = gw.train(
        gw.make("easy"),
        gw.QLearning(learning_rate=[0.1, 0.2, 0.5], epsilon_min=0.2),
        agents=3,
        steps=2000,
        seed=7,
        first_agent=4,
    )
    saved = gw.Run.load(path)
    np.testing.assert_array_equal(saved.q, expected.q)
    result = outcome.json
    assert result["schema"] == "gridworld-bench/train/1"
    assert result["steps"] == 6000
    assert result["episodes"] == expected.episodes.sum()
    assert result["learning_rate"] == [0.1, 0.2, 0.5]
    assert result["saved"] == str(path)
    assert result["mean_return"] == pytest.approx(np.nanmean(expected.returns[:, -100:]), rel=0.1)


def test_default_budget_is_500_episodes(command_line: CommandLine) -> None:
    result = command_line("train", "--json").json
    assert (result["episodes"], result["agents"], result["world"]) == (500, 1, "default")


def test_going_on_from_a_checkpoint_gives_the_bits_of_one_run(
    command_line: CommandLine, tmp_path: Path
) -> None:
    whole, half, rest = tmp_path / "whole.npz", tmp_path / "half.npz", tmp_path / "rest.npz"
    for algorithm in gw.ALGORITHMS:
        common = ("train", "--agents", 2, "--algorithm", algorithm)
        assert command_line(*common, "--steps", 900, "--save", whole).code == 0
        assert command_line(*common, "--steps", 400, "--save", half).code == 0
        outcome = command_line("train", "--load", half, "--steps", 500, "--save", rest, "--json")
        assert outcome.json["trained_steps"] == 1000
        assert outcome.json["steps"] == 1800
        np.testing.assert_array_equal(gw.Run.load(rest).q, gw.Run.load(whole).q)


def test_parameters_may_change_with_a_checkpoint(command_line: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    command_line("train", "--save", path)
    outcome = command_line(
        "train", "--load", path, "--epsilon", 0.5, "--epsilon-decay", 1, "--episodes", 5, "--json"
    )
    assert outcome.json["final_epsilon"] == 0.5
    assert outcome.json["epsilon_decay"] == 1


@pytest.mark.parametrize(
    "flag", ["--world", "--slip", "--max-steps", "--algorithm", "--agents", "--seed"]
)
def test_a_checkpoint_brings_its_own_world(
    command_line: CommandLine, tmp_path: Path, flag: str
) -> None:
    value = {"--world": "easy", "--algorithm": "sarsa", "--slip": 0.5}.get(flag, 3)
    outcome = command_line("train", "--load", tmp_path / "run.npz", flag, value)
    assert outcome.code == 2
    assert f"{flag} must be left out with --load" in outcome.err


def test_config_file_is_overridden_by_flags(command_line: CommandLine, tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    settings = {"world": {"map": ["S.G"]}, "agents": 2, "discount_factor": [0.5, 0.9], "steps": 50}
    config.write_text(json.dumps(settings))
    result = command_line("train", "--config", config, "--agents", 2, "--steps", 20, "--json").json
    assert result["steps"] == 40
    assert result["discount_factor"] == [0.5, 0.9]
    assert result["world"] == "custom"


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ('{"wings": 2}', 2, "may have the keys agents, algorithm"),
        ('{"agents": true}', 2, "must be a whole number, got True"),
        ('{"agents": 1.5}', 2, "must be a whole number, got 1.5"),
        ('{"slip": true}', 2, "slip must be a number from 0 to 1, got True"),
        ('{"max_steps": true}', 2, "must be a whole number, got True"),
        ('{"learning_rate": "a"}', 2, "must be numbers with commas"),
        ('{"learning_rate": true}', 2, "learning_rate must be"),
        ('{"world": {"map": []}}', 2, "a map must have"),
        ("[1]", 1, "must hold a JSON object, got list"),
        ("{", 1, "must hold JSON"),
    ],
)
def test_a_wrong_config_file_is_refused(
    command_line: CommandLine, tmp_path: Path, text: str, code: int, message: str
) -> None:
    config = tmp_path / "config.json"
    config.write_text(text)
    outcome = command_line("train", "--config", config)
    assert outcome.code == code
    assert message in outcome.err
    assert outcome.err.count("\n") == 1


def test_worlds_come_from_files_too(command_line: CommandLine, tmp_path: Path) -> None:
    text, data = tmp_path / "tiny.txt", tmp_path / "slippery.json"
    text.write_text("S.\n.G\n")
    data.write_text('{"map": ["S.G"], "slip": 0.5}')
    assert command_line("train", "--world", text, "--json").json["world"] == "tiny"
    assert command_line("train", "--world", data, "--json").json["world"] == "slippery"
    data.write_text('{"map": ["S?G"]}')
    outcome = command_line("train", "--world", data)
    assert outcome.code == 1
    assert f"{data} holds no world: a cell must be one of" in outcome.err


@pytest.mark.parametrize("name", ["./maze", "MAZE.TXT", "maze.Csv", "maze", "default.txt"])
def test_a_file_is_known_by_its_suffix_or_its_path(
    command_line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("S,0,G\n" if name == "maze.Csv" else "S.G\n")
    result = command_line("train", "--world", name, "--steps", 5, "--json").json
    assert result["world"] == Path(name).stem
    assert result["max_steps"] == 100


def test_a_world_of_that_name_comes_before_a_file(
    command_line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("easy").write_text("S.\u00a0G\n")
    assert command_line("train", "--world", "easy", "--steps", 5, "--json").json["world"] == "easy"
    outcome = command_line("train", "--world", "./easy")
    assert outcome.code == 1
    assert "easy holds no world" in outcome.err
    assert "U+00A0 NO-BREAK SPACE in row 0, column 2" in outcome.err
    outcome = command_line("train", "--world", "./missing")
    assert (outcome.code, outcome.err) == (
        1,
        "gridworld-bench: missing: No such file or directory.\n",
    )


def test_a_world_comes_through_the_standard_input(command: tuple[str, ...]) -> None:
    arguments = [*command, "train", "--world", "-", "--steps", "5", "--json"]
    for text, name in (("S.G\n", "stdin"), ('{"map": ["S.G"], "name": "own"}', "own")):
        done = subprocess.run(arguments, input=text.encode(), capture_output=True, check=True)
        assert json.loads(done.stdout)["world"] == name
    done = subprocess.run(arguments, input=b"S?G", capture_output=True, check=False)
    assert done.returncode == 1
    assert b"the standard input holds no world" in done.stderr


def test_a_world_that_never_ends_is_refused_by_a_budget_of_episodes(
    command_line: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "closed.txt"
    path.write_text("S#G\n")
    outcome = command_line("train", "--world", path, "--max-steps", "none")
    assert outcome.code == 2
    assert "episodes must be able to end where they are the budget" in outcome.err
    arguments = ("train", "--world", path, "--max-steps", "none", "--steps", 5, "--json")
    assert command_line(*arguments).json["steps"] == 5


def test_an_unwritable_file_is_found_out_before_training(
    command_line: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    read_only, pipe = tmp_path / "ro.npz", tmp_path / "pipe"
    read_only.touch(0o444)
    os.mkfifo(pipe)
    for path, message in [
        (tmp_path / "file" / "run.npz", f"{tmp_path / 'file'}: Not a folder."),
        (tmp_path, f"{tmp_path}: Is a folder."),
        (f"{tmp_path}/run/", f"{tmp_path}/run/: must be the path of a file, got that of a folder."),
        (tmp_path / "missing" / "run.npz", f"{tmp_path / 'missing'}: No such folder."),
        (read_only, f"{read_only}: must be writable, got a read-only file."),
        (pipe, f"{pipe}: must have a reader, got a pipe that nobody reads."),
    ]:
        # so long a run would end the test by its time limit
        outcome = command_line("train", "--steps", "1e15", "--save", path)
        assert outcome.code == 1
        assert outcome.err == f"gridworld-bench: {message}\n"


def test_a_checkpoint_goes_down_a_pipe(command: tuple[str, ...], tmp_path: Path) -> None:
    path, file = tmp_path / "run.npz", tmp_path / "out.npz"
    train = shlex.join([*command, "train", "--agents", "3", "--save"])
    for line in (f"{train} /dev/stdout | cat > {path}", f"{train} /dev/stdout > {file}"):
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
        assert "steps/s" in done.stderr  # what is to be read is not mixed into it
    expected = gw.train(gw.make("default"), agents=3).q
    for found in (path, file):
        np.testing.assert_array_equal(gw.Run.load(found).q, expected)


def test_a_broken_checkpoint_is_refused(command_line: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    path.write_bytes(b"not a checkpoint")
    outcome = command_line("train", "--load", path)
    assert outcome.code == 1
    assert str(path) in outcome.err
    assert outcome.err.count("\n") == 1


def test_more_than_memory_holds_is_refused(command_line: CommandLine) -> None:
    outcome = command_line("train", "--agents", "1e12")
    assert outcome.code == 1
    assert "must fit into the free memory" in outcome.err


def test_a_terminal_shows_a_bar_with_rate_and_eta(command: tuple[str, ...]) -> None:
    controller, terminal = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        [*command, "train", "--agents", "64", "--steps", "1e13"],
        stdout=terminal,
        stderr=subprocess.PIPE,
        env=environment,
    ) as running:
        os.close(terminal)
        seen = ""
        deadline = time.monotonic() + 30
        while "ETA" not in seen and time.monotonic() < deadline:
            seen += os.read(controller, 4096).decode()
        running.send_signal(signal.SIGINT)
        while running.poll() is None:
            try:
                seen += os.read(controller, 4096).decode()
            except OSError:  # the other end is closed
                break
        running.wait(timeout=10)
    os.close(controller)
    assert running.returncode == 130
    assert "━" in seen
    assert "steps/s" in seen
    assert "by Ctrl-C" in seen


def test_a_second_start_need_not_compile(
    process: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it write anything: what was compiled is read."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))

    def compiled() -> dict[str, tuple[int, int]]:
        return {p.name: (p.stat().st_ino, p.stat().st_mtime_ns) for p in tmp_path.rglob("*.nbc")}

    assert process("train").code == 0
    first = compiled()
    assert first
    assert process("train").code == 0
    assert compiled() == first


def test_a_second_start_trains_within_1_5_seconds(process: CommandLine) -> None:
    assert process("train").code == 0
    seconds: list[float] = []
    # the best of some, because others may be using the machine
    while len(seconds) < 8 and (not seconds or min(seconds) >= 1.5):
        begin = time.perf_counter()
        assert process("train").code == 0
        seconds.append(time.perf_counter() - begin)
    assert min(seconds) < 1.5


def test_lines_in_a_pipe_come_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    with ProgressReport(describe, clock=lambda: now) as report:
        for tick in range(1, 101):
            now = tick * 0.1
            report(gw.Progress(steps=tick * 1000, episodes=tick, fraction=tick / 100))
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        " 20%  20 episodes  10.0 k steps/s  ETA 8.0 s",
        " 40%  40 episodes  10.0 k steps/s  ETA 6.0 s",
        " 60%  60 episodes  10.0 k steps/s  ETA 4.0 s",
        " 80%  80 episodes  10.0 k steps/s  ETA 2.0 s",
    ]


def test_a_reader_that_goes_away_ends_a_training_that_saves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(text: str) -> None:
        raise BrokenPipeError(EPIPE, "Broken pipe")

    monkeypatch.setattr(click, "echo", gone)
    now = 0.0
    patient = ProgressReport(describe, patient=True, clock=lambda: now)
    other = ProgressReport(describe, clock=lambda: now)
    now = 3.0
    for _ in range(2):
        patient(gw.Progress(1, 1, 0.1))
    with pytest.raises(BrokenPipeError):
        other(gw.Progress(1, 1, 0.1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--save-every", 5), "--save-every must come with --save, got it alone"),
        (("--save-every", 5, "--save", "/dev/null"), "must have a file that can be replaced"),
        (("--save-every", 0, "--save", "run.npz"), "0.0 is not in the range x>0"),
    ],
)
def test_checkpoints_on_the_way_need_a_file(
    command_line: CommandLine, arguments: tuple[object, ...], message: str
) -> None:
    outcome = command_line("train", *arguments)
    assert outcome.code == 2
    assert message in outcome.err


def test_no_eta_before_the_first_step() -> None:
    assert describe(gw.Progress(0, 0, 0.0), 0.2) == "0 episodes  0.00 steps/s"
