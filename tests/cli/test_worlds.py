import gridworld as gw
from cli.outcome import CommandLine


def test_lists_every_named_world_and_the_mazes(command_line: CommandLine) -> None:
    lines = command_line("worlds").out.splitlines()
    assert lines[0].split()[:2] == ["name", "size"]
    assert [line.split()[0] for line in lines[1:]] == [*gw.world_names(), "maze-N[:SEED]"]
    assert "5 x 5" in lines[1]
    assert "step -0.1, goal 10, pit -10 " in lines[1]
    assert "step 0, goal 1, pit 0; slip 0.667 " in line_of("frozen-lake-4x4", lines)
    assert "step -1, goal -1, 10 cells -100 " in line_of("cliff-walking", lines)


def line_of(name: str, lines: list[str]) -> str:
    return next(line for line in lines if line.startswith(name))


def test_lists_them_as_json(command_line: CommandLine) -> None:
    found = {entry["name"]: entry for entry in command_line("worlds", "--json").json}
    assert tuple(found) == gw.world_names()
    assert found["cliff-walking"]["max_steps"] is None
    assert found["cliff-walking"]["rewards"] == gw.make("cliff-walking").rewards.to_json()
    assert found["windy"]["wind"] == list(gw.make("windy").wind)
    assert (found["cliff-walking"]["width"], found["cliff-walking"]["height"]) == (12, 4)
