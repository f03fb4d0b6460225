"""`gridworld-bench reproduce`."""

from pathlib import Path

import pytest

from cli.outcome import CommandLine
from gridworld.textbook.gallery import FIGURES

pytestmark = pytest.mark.compiled


def test_without_a_figure_all_are_listed(command_line: CommandLine) -> None:
    lines = command_line("reproduce").out.splitlines()
    assert [line.split()[0] for line in lines[1 : 1 + len(FIGURES)]] == list(FIGURES)
    listed = command_line("reproduce", "--json").json
    assert [entry["figure"] for entry in listed] == list(FIGURES)


def test_a_figure_is_judged_number_by_number(command_line: CommandLine) -> None:
    result = command_line("reproduce", "exact-values")
    assert result.code == 0
    assert "windy, gamma 1, the start" in result.out
    assert "FAIL" not in result.out
    numbers = len(FIGURES["exact-values"].draw.__globals__["KNOWN"])
    assert f"pass: {numbers} of {numbers} numbers" in result.out


def test_a_number_that_is_missed_is_said_and_is_the_exit_code(
    command_line: CommandLine, tmp_path: Path
) -> None:
    folder = tmp_path / "report"
    result = command_line("reproduce", "figure-6.2", "exact-values", "--runs", "2", "-o", folder)
    assert result.code == 1
    assert "FAIL" in result.out
    assert "figure-6.2" in result.out.splitlines()[-2]
    report = (folder / "report.md").read_text()
    assert "Not reproduced: figure-6.2." in report
    assert "![" in report
    assert "<table>" in (folder / "report.html").read_text()
    assert (folder / "figure-6.2.svg").read_text().startswith("<?xml")
    assert not (folder / "exact-values.svg").exists()


def test_numbers_come_as_json(command_line: CommandLine) -> None:
    result = command_line("reproduce", "6.2", "--runs", "500", "--json")
    found = {figure["figure"]: figure for figure in result.json["figures"]}
    assert set(found) == {"example-6.2", "figure-6.2"}
    for figure in found.values():
        assert figure["passed"] is all(number["passed"] for number in figure["numbers"])
    assert found["figure-6.2"]["numbers"][0]["n"] == 500


def test_misuse_is_said(command_line: CommandLine) -> None:
    result = command_line("reproduce", "9.9")
    assert result.code == 2
    assert "a figure must be one of example-6.2" in result.err
    assert command_line("reproduce", "--all", "6.3").code == 2
