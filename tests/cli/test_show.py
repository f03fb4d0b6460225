import os
import pty
import subprocess
from pathlib import Path

import numpy as np
import pytest

import gridworld as gw
from cli.outcome import CommandLine
from gridworld.interop import from_gymnasium
from gridworld.store.exchange import exchange_dumps
from gridworld_cli import drawing

CORRIDOR = "S.G\n.X.\n"


@pytest.fixture
def corridor(tmp_path: Path) -> Path:
    path = tmp_path / "corridor.txt"
    path.write_text(CORRIDOR)
    return path


def test_draws_the_optimum_of_a_world(command_line: CommandLine, corridor: Path) -> None:
    outcome = command_line("show", "--world", corridor, "--discount-factor", 0.5)
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "corridor: 3 x 2, at most 100 steps",
        "S.G",
        ".X.",
        "rewards: step -0.1, goal 10, pit -10",
        "",
        "optimal values (discount factor 0.5)",
        "  4.90 10.00     G",
        "  2.35     X 10.00",
        "",
        "optimal policy",
        "→→G",
        "↑X↑",
    ]


def test_draws_a_world_with_another_slip_and_limit(command_line: CommandLine) -> None:
    out = command_line("show", "--slip", 0.25, "--max-steps", "none").out
    assert "default: 5 x 5, no limit of steps" in out
    assert "slip: 0.25 (to either side" in out
    assert "at most 7 steps" in command_line("show", "--max-steps", 7).out


def test_draws_what_a_checkpoint_learnt(command_line: CommandLine, tmp_path: Path) -> None:
    world = gw.GridWorld.from_text(CORRIDOR)
    run = gw.train(world, gw.QLearning(epsilon_min=0.5), agents=2, episodes=2000)
    path = run.save(tmp_path / "run.npz")
    lines = command_line("show", "--load", path, "--agent", 1).out.splitlines()
    assert lines[0] == "custom: 3 x 2, at most 100 steps"
    assert lines[5] == "values (max over the actions)"
    np.testing.assert_allclose(
        [float(text) for text in lines[6].split()[:2]], run.q[1].max(axis=1)[:2], atol=0.005
    )
    assert lines[-2] == "→→G"


def test_draws_an_exchange_file_and_its_ties(command_line: CommandLine, tmp_path: Path) -> None:
    world = gw.make("default")
    q = np.zeros((25, 4), np.float32)
    q[0] = [0, 1, 0, 1]  # down and right tie
    q[1] = [0, 0, -1, 0]  # all but left
    config = {"learning_rate": 0.1, "discount_factor": 0.9, "epsilon_decay": 1.0}
    path = tmp_path / "agent.json"
    path.write_text(exchange_dumps(world, q, 0.5, config))
    out = command_line("show", "--load", path).out
    policy = out.partition("greedy policy\n")[2].splitlines()
    assert policy[0] == "┌├..."
    assert policy[1] == ".X.X."
    assert "several directions" in policy[-1]


@pytest.mark.parametrize(
    ("mask", "arrow"), [(1, "↑"), (2, "↓"), (4, "←"), (8, "→"), (3, "↕"), (12, "↔"), (15, "┼")]
)
def test_arrows_by_direction(mask: int, arrow: str) -> None:
    assert drawing.ARROWS[mask] == arrow
    assert len(set(drawing.ARROWS)) == 16


def test_wide_worlds_get_no_numbers_and_say_so(command_line: CommandLine) -> None:
    out = command_line("show", "--world", "maze-41").out
    assert "(values are left out: 41 columns, shown up to 32)" in out
    assert len(out.partition("optimal policy\n")[2].splitlines()[0]) == 41


def test_says_what_the_map_does_not_show(command_line: CommandLine) -> None:
    assert "slip: 0.667 (to either side" in command_line("show", "--world", "frozen-lake-4x4").out
    assert "wind: 0 0 0 1 1 1 2 2 1 0" in command_line("show", "--world", "windy").out
    cliff = command_line("show", "--world", "cliff-walking").out
    assert "rewards: step -1, goal -1, -100 at (1, 3), (2, 3), " in cliff
    assert "portals: (1, 3) to (0, 3), " in cliff
    assert "and 2 more" in cliff
    assert "no limit of steps" in cliff


def test_refuses_what_it_cannot_draw(command_line: CommandLine, tmp_path: Path) -> None:
    run = gw.train(gw.make("default"), episodes=1)
    path = run.save(tmp_path / "run.npz")
    outcome = command_line("show", "--agent", 0)
    assert (outcome.code, "--agent must come with --load" in outcome.err) == (2, True)
    for arguments, code, message in [
        (("--discount-factor", 0.5), 2, "--discount-factor must be left out with --load"),
        (("--agent", 1), 2, "--agent must be below 1, got 1"),
        (("--world", "easy"), 2, "--world must be left out with a checkpoint"),
        (("--slip", 0.5), 2, "--slip must be left out with a checkpoint"),
        (("--max-steps", 5), 2, "--max-steps must be left out with a checkpoint"),
    ]:
        outcome = command_line("show", "--load", path, *arguments)
        assert (outcome.code, message in outcome.err) == (code, True)
    table = {0: {0: [(1.0, 1, 1.0, True)]}, 1: {0: [(1.0, 1, 0.0, True)]}}
    path = gw.train(from_gymnasium(table, start=0), episodes=1).save(tmp_path / "table.npz")
    outcome = command_line("show", "--load", path)
    assert outcome.code == 1
    assert "must hold a grid to be drawn" in outcome.err
    broken = tmp_path / "agent.json"
    broken.write_text("{}")
    outcome = command_line("show", "--load", broken)
    assert outcome.code == 1
    assert f"{broken} cannot be loaded: the file must hold" in outcome.err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_without_arrows_gets_letters(command: tuple[str, ...], encoding: str) -> None:
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [*command, "show", "--world", "easy"], capture_output=True, check=True, env=environment
    )
    lines = done.stdout.decode("ascii").splitlines()
    assert lines[-6:] == ["++++v"] * 4 + [">>>>G", "(|, - and +: these actions tie)"]


def test_plain_arrows_say_what_the_others_say() -> None:
    for mask, plain in enumerate(drawing.PLAIN_ARROWS):
        up, down, left, right = (bool(mask & bit) for bit in (1, 2, 4, 8))
        one = {1: "^", 2: "v", 4: "<", 8: ">", 3: "|", 12: "-", 0: " "}.get(mask, "+")
        assert plain == one, (up, down, left, right)
    assert len(drawing.PLAIN_ARROWS) == len(drawing.ARROWS)


def test_colours_on_a_terminal_only(command: tuple[str, ...], process: CommandLine) -> None:
    assert "\x1b[" not in process("show").out
    controller, terminal = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen([*command, "show"], stdout=terminal, env=environment) as running:
        os.close(terminal)
        seen = b""
        while True:
            try:
                seen += os.read(controller, 4096)
            except OSError:  # the other end is closed
                break
    os.close(controller)
    assert running.returncode == 0
    assert b"\x1b[" in seen
    assert "→".encode() in seen
