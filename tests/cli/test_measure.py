import json
from pathlib import Path

import pytest

from gridworld_cli.measure import Case, Result, machine, measure
from gridworld_cli.report import duration, present, rate, short


class Clock:
    """Stands still but for the work that is done on it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def worker(clock: Clock, log: list[str], name: str, speed: float) -> Case:
    def run(steps: int) -> int:
        log.append(name)
        clock.now += steps / speed
        return steps

    return Case(name, run, {"agents": 1})


def test_cases_run_in_turn_for_about_as_long_as_asked() -> None:
    clock = Clock()
    log: list[str] = []
    told: list[str] = []
    cases = [worker(clock, log, "slow", 1e3), worker(clock, log, "fast", 1e6)]
    results = measure(cases, repeats=3, seconds=0.5, tell=told.append, clock=clock)
    assert log[-6:] == ["slow", "fast"] * 3
    assert [result.median for result in results] == [pytest.approx(1e3), pytest.approx(1e6)]
    assert results[0].steps == (500, 500, 500)
    assert results[1].steps[0] == pytest.approx(500_000, abs=1)
    assert told[0] == "warming up: slow"
    assert told[-1] == "round 3 of 3: fast"


def test_first_call_is_no_part_of_the_measurement() -> None:
    clock = Clock()
    calls: list[int] = []

    def run(steps: int) -> int:
        clock.now += steps / 1e6 + (100.0 if not calls else 0.0)  # compiles
        calls.append(steps)
        return steps

    [result] = measure(
        [Case("c", run)], repeats=1, seconds=0.1, tell=lambda text: None, clock=clock
    )
    assert result.median == pytest.approx(1e6)


def test_median_and_spread() -> None:
    result = Result(Case("c", lambda steps: steps), (90.0, 100.0, 130.0), (1, 1, 1))
    assert result.median == 100
    assert result.spread == pytest.approx(0.2)
    assert result.to_json()["steps_per_second"] == {
        "median": 100.0,
        "lowest": 90.0,
        "highest": 130.0,
        "all": [90.0, 100.0, 130.0],
    }


def test_figures_are_a_table_and_a_file_with_the_machine(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    results = [
        Result(Case("slow", lambda steps: steps, {"agents": 1}), (2e6,), (10,)),
        Result(Case("fast", lambda steps: steps, {"agents": 32}), (3e8,), (10,)),
    ]
    path = tmp_path / "figures.json"
    present("some/1", results, as_json=False, output=str(path))
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["slow", "2.00", "M", "0%", "1"]
    assert lines[2].split() == ["fast", "300", "M", "0%", "150"]
    data = json.loads(path.read_text())
    assert data["schema"] == "some/1"
    assert data["machine"]["packages"]["gridworld-bench"]
    assert data["results"][1]["agents"] == 32


def test_machine_facts_are_all_there() -> None:
    facts = machine()
    assert facts["date"].endswith("Z")
    assert facts["processors"] >= 1
    assert facts["memory_bytes"] > 2**20
    for key in ("processor", "architecture", "system", "python"):
        assert facts[key]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0.00"),
        (999.4, "999"),
        (999.6, "1.00 k"),
        (1234, "1.23 k"),
        (123e6, "123 M"),
        (4e9, "4.00 G"),
    ],
)
def test_short_numbers(number: float, text: str) -> None:
    assert short(number) == text


def test_rates_and_durations() -> None:
    assert rate(5e6, 2.0) == "2.50 M steps/s"
    assert rate(0, 0.0) == "0 steps/s"
    assert [duration(s) for s in (0.0012, 12.34, 75, 3725)] == [
        "1.20 ms",
        "12.3 s",
        "1:15 min",
        "1:02:05",
    ]
