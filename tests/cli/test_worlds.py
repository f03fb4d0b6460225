import gridworld as gw
from cli.outcome import CommandLine


def test_lists_every_named_world_and_the_mazes(command_line: CommandLine) -> None:
    lines = command_line("worlds").out.splitlines()
    assert lines[0].split()[:2] == ["name", "size"]
    assert [line.split()[0] for line in lines[1:]] == [*gw.world_names(), "maze-N[:SEED]"]
    assert "5 x 5" in lines[1]


def test_lists_them_as_json(command_line: CommandLine) -> None:
    found = {entry["name"]: entry for entry in command_line("worlds", "--json").json}
    assert tuple(found) == gw.world_names()
    assert found["cliff-walking"]["max_steps"] is None
    assert (found["cliff-walking"]["width"], found["cliff-walking"]["height"]) == (12, 4)
