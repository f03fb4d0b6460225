from pathlib import Path

import numpy as np
import pytest

import gridworld as gw
from cli.outcome import CommandLine
from gridworld.exact.evaluation import evaluate
from gridworld.store.exchange import exchange_dumps


def test_runs_the_greedy_policy_of_every_agent(command_line: CommandLine, tmp_path: Path) -> None:
    run = gw.train(gw.make("frozen-lake-4x4"), agents=3, episodes=300)
    path = run.save(tmp_path / "run.npz")
    arguments = ("evaluate", "--load", path, "--episodes", 7, "--seed", 5, "--json")
    data = command_line(*arguments, "--full").json
    expected = evaluate(gw.make("frozen-lake-4x4"), run.q, episodes=7, seed=5)
    assert data["schema"] == "gridworld-bench/evaluate/2"
    np.testing.assert_array_equal(data["returns"], expected.returns)
    np.testing.assert_array_equal(data["lengths"], expected.lengths)
    short = {key: value for key, value in data.items() if key not in ("returns", "lengths")}
    assert command_line(*arguments).json == short
    assert short["mean_return"] == pytest.approx(expected.returns.mean())
    assert short["terminated"] == pytest.approx(expected.terminated.mean())
    np.testing.assert_allclose(short["agent_returns"], expected.returns.mean(axis=1))
    np.testing.assert_allclose(short["agent_lengths"], expected.lengths.mean(axis=1))
    quartiles = (0, 25, 50, 75, 100)
    assert short["return_quartiles"] == np.percentile(expected.returns, quartiles).tolist()
    assert short["length_quartiles"] == np.percentile(expected.lengths, quartiles).tolist()


@pytest.mark.parametrize(("agents", "listed"), [(64, True), (65, False)])
def test_means_of_many_agents_are_not_listed(
    command_line: CommandLine, tmp_path: Path, agents: int, listed: bool
) -> None:
    path = gw.train(gw.make("default"), agents=agents, episodes=2).save(tmp_path / "run.npz")
    outcome = command_line("evaluate", "--load", path, "--episodes", 500, "--json")
    assert ("agent_returns" in outcome.json, "agent_lengths" in outcome.json) == (listed, listed)
    assert len(outcome.out) < 4500


def test_full_figures_are_for_programs(command_line: CommandLine, tmp_path: Path) -> None:
    outcome = command_line("evaluate", "--load", tmp_path / "run.npz", "--full")
    assert outcome.code == 2
    assert "--full must come with --json" in outcome.err


def test_prints_a_summary(command_line: CommandLine, tmp_path: Path) -> None:
    path = gw.train(gw.make("default"), agents=2, episodes=1000).save(tmp_path / "run.npz")
    out = command_line("evaluate", "--load", path).out
    assert "return      9.3 (lowest 9.3, highest 9.3)" in out
    assert "length      8 steps" in out
    assert "ended       100.0%" in out
    assert "best agent  0, return 9.3" in out


def test_takes_an_exchange_file_with_its_world(command_line: CommandLine, tmp_path: Path) -> None:
    world = gw.GridWorld.from_text("S.G")
    q = np.tile(np.array([0, 0, 0, 1], np.float32), (3, 1))
    config = {"learning_rate": 0.1, "discount_factor": 0.9, "epsilon_decay": 1.0}
    path, text = tmp_path / "agent.json", tmp_path / "corridor.txt"
    path.write_text(exchange_dumps(world, q, 0.5, config))
    text.write_text("S.G")
    arguments = ("evaluate", "--load", path, "--world", text, "--json")
    assert command_line(*arguments).json["mean_return"] == pytest.approx(9.9)
    discounted = command_line(*arguments, "--discount-factor", 0.5).json
    assert discounted["mean_return"] == pytest.approx(-0.1 + 0.5 * 10)
    outcome = command_line("evaluate", "--load", path)
    assert outcome.code == 1
    assert outcome.err.count("\n") == 1


def test_refuses_what_is_out_of_range(command_line: CommandLine, tmp_path: Path) -> None:
    path = gw.train(gw.make("default"), episodes=1).save(tmp_path / "run.npz")
    outcome = command_line("evaluate", "--load", path, "--epsilon", 2)
    assert outcome.code == 2
    assert "epsilon must be a number from 0 to 1, got 2" in outcome.err


def test_an_exchange_file_may_be_tried_with_another_slip(
    command_line: CommandLine, tmp_path: Path
) -> None:
    q = np.tile(np.array([0, 0, 0, 1], np.float32), (25, 1))
    config = {"learning_rate": 0.1, "discount_factor": 0.9, "epsilon_decay": 1.0}
    path = tmp_path / "agent.json"
    path.write_text(exchange_dumps(gw.make("default"), q, 0.5, config))
    arguments = ("evaluate", "--load", path, "--json")
    assert command_line(*arguments).json["length_quartiles"] == [100.0] * 5  # against the edge
    assert command_line(*arguments, "--slip", 0.5).json["terminated"] > 0
    assert command_line(*arguments, "--max-steps", 7).json["mean_length"] == 7
    checkpoint = gw.train(gw.make("default"), episodes=1).save(tmp_path / "run.npz")
    for flag, value in (("--slip", 0.5), ("--max-steps", "none")):
        outcome = command_line("evaluate", "--load", checkpoint, flag, value)
        assert outcome.code == 2
        assert f"{flag} must be left out with a checkpoint" in outcome.err


EASY = gw.make("easy")


@pytest.fixture
def of_easy(tmp_path: Path) -> Path:
    """What another agent learnt on `easy`, as its file says: to the right, then down."""
    q = np.zeros((25, 4), np.float32)
    q[:, 1] = 1
    q[:5, 3] = 2
    q[4, 3] = 0
    config = {"learning_rate": 0.1, "discount_factor": 0.9, "epsilon_decay": 1.0}
    path = tmp_path / "easy.JSON"
    path.write_text(exchange_dumps(EASY, q, 0.5, config, world_name="easy"))
    return path


def test_the_world_is_the_one_that_the_file_names(
    command_line: CommandLine, of_easy: Path, tmp_path: Path
) -> None:
    evaluate = ("evaluate", "--load", of_easy)
    assert command_line(*evaluate, "--json").json["world"] == "easy"
    assert command_line(*evaluate, "--json", "--world", "easy").json["world"] == "easy"
    slippery = command_line(*evaluate, "--json", "--slip", 0.5).json
    assert (slippery["world"], slippery["length_quartiles"][-1] > 8) == ("easy", True)
    assert command_line("show", "--load", of_easy).out.startswith("easy: 5 x 5")
    for command in ("evaluate", "show"):
        outcome = command_line(command, "--load", of_easy, "--world", "default")
        assert (outcome.code, outcome.out) == (1, "")
        assert outcome.err == (
            f"gridworld-bench: {of_easy} cannot be loaded: the file must be of the world in use, "
            "'default', got a Q-table of 'easy'.\n"
        )
    copy = tmp_path / "copy.txt"
    copy.write_text("\n".join(EASY.rows))  # the same world under another name
    assert command_line(*evaluate, "--json", "--world", copy).json["world"] == "copy"


def test_a_world_that_no_name_makes_must_be_given(
    command_line: CommandLine, of_easy: Path, tmp_path: Path
) -> None:
    of_easy.write_text(of_easy.read_text().replace('"easy"', '"mine"'))
    outcome = command_line("evaluate", "--load", of_easy)
    assert outcome.code == 1
    assert "got a Q-table of 'mine' (--world says which it was learnt on)" in outcome.err
    mine = tmp_path / "mine.txt"
    mine.write_text("\n".join(EASY.rows))
    assert command_line("evaluate", "--load", of_easy, "--world", mine, "--json").code == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"q_table": [', '{"q_table": [], "epsilon": 1}'])
@pytest.mark.parametrize("command", ["evaluate", "show"])
def test_a_broken_file_is_named(
    command_line: CommandLine, tmp_path: Path, command: str, text: str
) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text)
    outcome = command_line(command, "--load", path)
    assert (outcome.code, outcome.err.count("\n")) == (1, 1)
    assert outcome.err.startswith(f"gridworld-bench: {path} cannot be loaded: ")
