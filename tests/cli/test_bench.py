from cli.outcome import CommandLine


def test_bench_measures_one_agent_and_batches(command_line: CommandLine) -> None:
    data = command_line(
        "bench", "--world", "easy", "--repeats", 2, "--seconds", 0.01, "--json"
    ).json
    assert data["schema"] == "gridworld-bench/bench/1"
    assert [entry["agents"] for entry in data["results"]] == [1, 32, 1024]
    for entry in data["results"]:
        assert entry["world"] == "easy"
        assert len(entry["steps_per_second"]["all"]) == 2
        assert entry["steps_per_second"]["lowest"] > 1e5
    assert data["machine"]["python"]


def test_bench_measures_every_algorithm_when_asked(command_line: CommandLine) -> None:
    arguments = ("--algorithm", "sarsa", "--algorithm", "dyna_q", "--algorithm", "sarsa")
    quick = ("--repeats", 1, "--seconds", 0.01, "--json")
    data = command_line("bench", *arguments, *quick).json
    cases = [(entry["algorithm"], entry["agents"]) for entry in data["results"]]
    assert cases == [("sarsa", 1), ("sarsa", 32), ("dyna_q", 1), ("dyna_q", 32)]
