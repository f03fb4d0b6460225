"""Links and configurations of `gridworld-bench train`, and the dashboard's run of the same link."""

import json
import shlex
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from cli.outcome import CommandLine
from gridworld.store.link import DEFAULTS, MARK
from gridworld_cli import config
from gridworld_cli.commands.train import train
from gridworld_dashboard.session import Session
from gridworld_dashboard.wire.protocol import Command, Message

PINNED = json.loads((Path(__file__).parents[1] / "page/links.json").read_text("utf-8"))

OWN = {
    "map": ["S..G", ".X#."],
    "rewards": {"goal": 5.5},
    "slip": 0.5,
    "portals": [[[2, 0], [0, 1]]],
}

RUNS: dict[str, dict[str, Any]] = {
    "q_learning": {},
    "sarsa": {"algorithm": "sarsa", "epsilon": 0.3, "seed": 5},
    "expected_sarsa": {"algorithm": "expected_sarsa", "epsilon": 0.3, "epsilon_decay": 1},
    "double_q_learning": {"algorithm": "double_q_learning", "learning_rate": 0.123456789},
    "slip": {"slip": 0.2, "max_steps": 40, "initial_value": 2.5, "seed": 2**53 - 1},
    "steps": {"num_steps": 3000, "num_episodes": None},
    "both budgets": {"num_steps": 700, "agents": 5, "algorithm": "sarsa"},
    "an agent of a number": {"first_agent": 2**40, "slip": 0.1},
    "agents of numbers": {"first_agent": 7, "agents": 33},
    "agents": {"agents": 3, "algorithm": "sarsa", "discount_factor": 0.9},
    "many agents": {"agents": 33, "slip": 0.1, "num_episodes": 60},
    "named world": {"world": "frozen-lake-4x4", "slip": 0.1, "max_steps": 50},
    "world's own numbers": {"world": "cliff-walking", "num_episodes": 30},
    "world of its own": {"world": OWN, "max_steps": None, "slip": 0.25, "agents": 3},
}


def watched(folder: Path, settings: dict[str, Any]) -> gw.Run:
    """What a new dashboard makes of settings, at full speed."""
    done = threading.Event()
    session = Session(folder)

    def announce(message: Message) -> None:
        if message["type"] == "training_complete":
            done.set()

    def do(type_: str, **data: Any) -> None:
        def reply(message: Message, *, tell: bool | Message = False) -> None:
            answers.append(message)
            answered.set()

        answers: list[Message] = []
        answered = threading.Event()
        session.execute(Command(type_, data), reply)
        assert answered.wait(20)
        assert answers[0]["type"] != "error", answers
        assert answers[0]["data"].get("success", True), answers

    session.attach(announce, lambda: None)
    try:
        learning = {key: value for key, value in settings.items() if key != "view"}
        do("start_training", **learning | {"speed": None})
        assert done.wait(60)
        do("save_qtable", name="watched")
    finally:
        session.close()
    return gw.Run.load(folder / ".qtables/watched.npz")


@pytest.mark.parametrize("name", RUNS)
def test_a_link_gives_the_run_of_the_dashboard(
    command_line: CommandLine, tmp_path: Path, name: str
) -> None:
    link = gw.write_link({"num_episodes": 150, **RUNS[name]})
    path = tmp_path / "run.npz"
    outcome = command_line("train", "--config", link, "--save", path, "--json")
    assert outcome.code == 0, outcome.err
    trained, seen = gw.Run.load(path), watched(tmp_path, gw.read_link(link))
    assert trained.batch.q.tobytes() == seen.batch.q.tobytes()
    assert trained.batch.q.any()
    np.testing.assert_array_equal(trained.steps, seen.steps)
    np.testing.assert_array_equal(trained.episodes, seen.episodes)
    np.testing.assert_array_equal(trained.epsilon, seen.epsilon)


def test_a_link_may_come_in_a_file_and_without_its_page(
    command_line: CommandLine, tmp_path: Path
) -> None:
    link = gw.write_link({"seed": 7, "slip": 0.25, "num_episodes": 20})
    path = tmp_path / "run.txt"
    path.write_text(f"\n{link}\n")
    results = [
        command_line("train", "--config", given, "--json").json
        for given in (link, path, MARK + link.partition(MARK)[2])
    ]
    for result in results:
        assert (result["seed"], result["slip"], result["episodes"]) == (7, 0.25, 20)
        assert result["steps"] == results[0]["steps"]


def test_every_setting_of_a_link_has_its_flag() -> None:
    unused = {*config.OF_NO_USE, "num_episodes", "num_steps"}  # --episodes, --steps
    names = {param.name for param in train.params}
    assert set(DEFAULTS) - unused <= names


def test_flags_beside_a_link_win(command_line: CommandLine) -> None:
    link = gw.write_link({"slip": 0.5, "max_steps": 20, "num_episodes": 30, "epsilon": 0.3})
    flags = ("--slip", 0, "--max-steps", "none", "--epsilon", 1, "--episodes", 7)
    result = command_line("train", "--config", link, *flags, "--json").json
    assert (result["slip"], result["max_steps"], result["epsilon"]) == (0, None, 1)
    assert result["episodes"] == 7
    # another world: slip and limit were said of the first one
    result = command_line("train", "--config", link, "--world", "cliff-walking", "--json").json
    assert (result["slip"], result["max_steps"], result["episodes"]) == (0, None, 30)
    # another budget instead of the link's, not beside it
    result = command_line("train", "--config", link, "--steps", 5000, "--json").json
    assert result["steps"] == 5000


def test_a_link_without_an_end_needs_a_budget(command_line: CommandLine) -> None:
    link = gw.write_link({"num_episodes": None})
    outcome = command_line("train", "--config", link)
    assert outcome.code == 2
    assert "--episodes or --steps must be given beside a link to a run until stopped" in outcome.err
    assert command_line("train", "--config", link, "--steps", 50, "--json").json["steps"] == 50
    link = gw.write_link({"num_episodes": None, "num_steps": 70})
    assert command_line("train", "--config", link, "--json").json["steps"] == 70


def test_a_broken_link_is_one_sentence(command_line: CommandLine, tmp_path: Path) -> None:
    link = gw.write_link({"seed": 7})[:-3]
    path = tmp_path / "run.txt"
    path.write_text(link)
    for given, code, words in [
        (link, 2, "a link must be whole"),
        (path, 1, f"{path} holds no link that can be used: a link must be whole"),
    ]:
        outcome = command_line("train", "--config", given)
        assert outcome.code == code
        assert words in outcome.err
        assert outcome.err.count("\n") == 1
    path.write_bytes(b"\xff\xfe")
    outcome = command_line("train", "--config", path)
    assert (outcome.code, outcome.err.count("\n")) == (1, 1)
    assert f"{path} must be text in UTF-8" in outcome.err


@pytest.mark.parametrize(
    "template",
    ["<{page}#run={code}>.", "{page}%23run={code}", "{page}#run={head}\n> {tail}", "[a]({link})"],
)
def test_a_mangled_link_is_no_file_and_no_other_run(
    command_line: CommandLine, tmp_path: Path, template: str
) -> None:
    link = gw.write_link({"seed": 7, "slip": 0.25, "num_episodes": 20})
    page, _, code = link.partition(MARK)
    text = template.format(page=page, code=code, head=code[:20], tail=code[20:], link=link)
    path = tmp_path / "mail.txt"
    path.write_text(f"Hello,\n\n{text}\n\nBye\n")
    for given in (text, path):
        result = command_line("train", "--config", given, "--json").json
        assert (result["seed"], result["slip"], result["episodes"]) == (7, 0.25, 20)


@pytest.mark.parametrize("given", ["http://127.0.0.1:8000/", "http://127.0.0.1:8000/#run="])
def test_what_was_a_link_is_no_file(command_line: CommandLine, given: str) -> None:
    outcome = command_line("train", "--config", given)
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "a link must end in #run= and letters" in outcome.err


def test_a_file_may_have_the_name_of_a_link(
    command_line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("#run=AAAA").write_text('{"seed": 5, "episodes": 3}')
    assert command_line("train", "--config", "#run=AAAA", "--json").json["seed"] == 5


def test_a_checkpoint_and_a_link_are_one_world_too_many(
    command_line: CommandLine, tmp_path: Path
) -> None:
    outcome = command_line(
        "train", "--load", tmp_path / "run.npz", "--config", gw.write_link({"seed": 3})
    )
    assert outcome.code == 2
    assert "--config must be no link with --load" in outcome.err


def test_a_json_file_may_have_a_slip_and_no_limit(
    command_line: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "config.json"
    # that a world's name looks like a link changes nothing
    world = {"name": "#run=x", "map": ["S.G"], "slip": 1, "max_steps": 5}
    path.write_text(json.dumps({"world": world, "slip": 0.5, "max_steps": None, "episodes": 9}))
    result = command_line("train", "--config", path, "--json").json
    assert (result["world"], result["slip"], result["max_steps"]) == ("#run=x", 0.5, None)


@pytest.mark.parametrize("case", PINNED["commands"], ids=lambda case: case["command"])
def test_the_pages_command_lines_say_what_its_links_say(
    command_line: CommandLine, tmp_path: Path, case: dict[str, Any]
) -> None:
    program, *arguments = shlex.split(case["command"])
    assert program == "gridworld-bench"
    path, other = tmp_path / "a.npz", tmp_path / "b.npz"
    assert command_line(*arguments, "--save", path).code == 0
    link = gw.write_link(case["settings"])
    assert command_line("train", "--config", link, "--save", other).code == 0
    assert gw.Run.load(path).batch.q.tobytes() == gw.Run.load(other).batch.q.tobytes()
    assert gw.Run.load(path).batch.algorithm == gw.Run.load(other).batch.algorithm
