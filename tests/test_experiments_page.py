"""What the page on experiments says can be done."""

import re
from pathlib import Path

import pytest

import gridworld as gw

DOCS = Path(__file__).parents[1] / "docs"

EXAMPLES = sorted((DOCS / "examples").glob("*.toml"))


def test_the_code_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (DOCS / "experiments.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 5
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "experiments.md", "exec"), names)
    assert (tmp_path / "cliff-alpha" / "table.parquet").exists()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_a_plan_that_runs(path: Path) -> None:
    plan = gw.Experiment.from_toml(path)
    assert len(plan.settings) > 3
    results = plan.run()
    assert results.complete
    assert results.best().reported.n == plan.runs // 2


def test_there_is_an_example_of_each_kind_of_question() -> None:
    names = {path.stem for path in EXAMPLES}
    assert names >= {"one-axis", "two-axes", "algorithms", "several-worlds", "random-search"}
