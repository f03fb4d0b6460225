from pathlib import Path

from cli.outcome import CommandLine

LESSON = """\
+++
title = "T"
says = "S."
[runs.a]
num_episodes = 2
+++
## Predict

? What?

## Run

[Run](run:a)

## Explain

[{}](check:a.episodes) and [7.71](check:a.optimum).
"""


def test_checks_the_numbers_of_a_folder(command_line: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "x.md").write_text(LESSON.format("2"))
    outcome = command_line("lessons", tmp_path)
    assert "x: episodes of a is 2, the text says 2" in outcome.out
    assert outcome.out.endswith("1 lessons, 2 numbers, 1 not as the text says\n")
    assert outcome.code == 1
    told = command_line("lessons", tmp_path, "--json").json
    assert [claim["holds"] for claim in told["claims"]] == [True, False]
    right = f"{told['claims'][1]['found']:.2f}"
    (tmp_path / "x.md").write_text(LESSON.format("2").replace("7.71", right))
    outcome = command_line("lessons", tmp_path)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.endswith("none not as the text says\n")


def test_a_bad_lesson_is_one_sentence_here_and_where_it_is_served(
    command_line: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "x.md").write_text(LESSON.format("two"))
    for arguments in (("lessons", tmp_path), ("dashboard", "--port", 0, "--lessons", tmp_path)):
        outcome = command_line(*arguments)
        assert outcome.code == 1
        assert "lesson x.md: what is checked must be a number" in outcome.err
        assert outcome.err.count("\n") == 1
    outcome = command_line("dashboard", "--lessons", tmp_path / "nothing", "--data", tmp_path)
    assert outcome.code == 1
    assert "lessons must be in a folder" in outcome.err
