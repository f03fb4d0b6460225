import pytest

import gridworld as gw
from cli.outcome import CommandLine


def test_lists_every_named_world_and_the_mazes(command_line: CommandLine) -> None:
    lines = command_line("worlds").out.splitlines()
    assert lines[0].split()[:2] == ["name", "size"]
    names = [*gw.world_names(), "maze-N[:SEED]"]
    assert [line.split()[0] for line in lines[1 : len(names) + 1]] == names
    assert [line.split()[0] for line in lines[-len(gw.process_names()) :]] == [*gw.process_names()]
    assert line_of("king-windy", lines).split()[1] == "8"
    assert "5 x 5" in lines[1]
    assert "step -0.1, goal 10, pit -10 " in lines[1]
    assert "step 0, goal 1, pit 0; slip 0.667 " in line_of("frozen-lake-4x4", lines)
    assert "step -1, goal -1, 10 cells -100 " in line_of("cliff-walking", lines)


@pytest.mark.parametrize("command", ["train", "solve", "show"])
def test_a_process_is_refused_with_what_takes_it(command_line: CommandLine, command: str) -> None:
    result = command_line(command, "--world", "random-walk-5")
    assert result.code == 2
    assert "a grid here, got the process random-walk-5" in result.err
    assert 'gridworld.make("random-walk-5")' in result.err


def line_of(name: str, lines: list[str]) -> str:
    return next(line for line in lines if line.startswith(name))


def test_lists_them_as_json(command_line: CommandLine) -> None:
    found = {entry["name"]: entry for entry in command_line("worlds", "--json").json}
    assert tuple(found) == (*gw.world_names(), *gw.process_names())
    assert {tuple(entry) for entry in found.values()} == {tuple(found["default"])}
    assert (found["random-walk-N"]["actions"], found["random-walk-N"]["width"]) == (1, None)
    assert found["cliff-walking"]["max_steps"] is None
    assert found["cliff-walking"]["rewards"] == gw.make("cliff-walking").rewards.to_json()
    assert found["windy"]["wind"] == list(gw.make("windy").wind)
    assert (found["cliff-walking"]["width"], found["cliff-walking"]["height"]) == (12, 4)
