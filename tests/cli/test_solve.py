import dataclasses
from pathlib import Path

import numpy as np
import pytest

import gridworld as gw
from cli.outcome import CommandLine
from gridworld.exact.solver import solve


def test_prints_the_exact_optimum(command_line: CommandLine) -> None:
    outcome = command_line("solve", "--world", "easy")
    solution = solve(gw.make("easy"), discount_factor=0.99)
    assert outcome.code == 0
    assert f"{solution.expected_return:.6g}" in outcome.out
    assert "optimal policy" in outcome.out
    assert "rewards  step -0.1, goal 10\n" in outcome.out


def test_prints_it_as_json(command_line: CommandLine) -> None:
    data = command_line("solve", "--discount-factor", 0.9, "--json").json
    solution = solve(gw.make("default"), discount_factor=0.9)
    assert data["schema"] == "gridworld-bench/solve/1"
    np.testing.assert_array_equal(data["values"], solution.v)
    assert data["expected_return"] == solution.expected_return
    assert data["rewards"] == gw.make("default").rewards.to_json()
    assert data["greedy_actions"][0] == np.flatnonzero(solution.policy[0]).tolist()
    assert data["greedy_actions"][24] == []


def test_infinite_values_are_null(command_line: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "walled.txt"
    path.write_text("SG#.\n")
    data = command_line("solve", "--world", path, "--discount-factor", 1, "--json").json
    assert data["values"] == [pytest.approx(10), 0, 0, None]


def test_a_world_without_an_end_is_refused_where_it_must(
    command_line: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "endless.json"
    path.write_text('{"map": ["S.#G"], "max_steps": 10}')
    outcome = command_line("solve", "--world", path, "--discount-factor", 1)
    assert outcome.code == 1
    assert outcome.err.count("\n") == 1


def test_the_world_may_slip_otherwise(command_line: CommandLine) -> None:
    data = command_line("solve", "--slip", 0.25, "--json").json
    world = dataclasses.replace(gw.make("default"), slip=0.25)
    assert data["expected_return"] == solve(world, discount_factor=0.99).expected_return
    assert data["slip"] == 0.25
    outcome = command_line("solve", "--slip", 2)
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "slip must be a number from 0 to 1, got 2" in outcome.err
