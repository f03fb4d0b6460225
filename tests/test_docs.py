"""What the documents say can be done is done here, and the site builds."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import gridworld as gw

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"

EXAMPLES = sorted((DOCS / "examples").glob("*.toml"))

NOTEBOOKS = sorted((DOCS / "notebooks").glob("*.ipynb"))


def python_in(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


PAGES = [page for page in (ROOT / "README.md", *sorted(DOCS.glob("*.md"))) if python_in(page)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_of_a_page_runs_from_top_to_bottom(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in python_in(page):
        exec(compile(block, page.name, "exec"), names)


def test_the_pages_with_code_are_found() -> None:
    found = {page.stem for page in PAGES}
    assert found >= {"README", "start", "teaching", "research", "experiments", "worlds", "files"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_prints_what_it_keeps(path: Path, tmp_path: Path) -> None:
    kept = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    run = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(run, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert len(kept.cells) > 5
    for before, after in zip(kept.cells, run.cells, strict=True):
        assert printed(after) == printed(before), before.source
    shown = {kind for cell in run.cells for out in outputs(cell) for kind in out.get("data", {})}
    assert shown & {"text/html", "image/png"}


def outputs(cell: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return list(cell.get("outputs", ()))


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(out.text for out in outputs(cell) if out.output_type == "stream")


@pytest.mark.timeout(400)
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    """Offline: `http_proxy` leads nowhere."""
    nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    done = subprocess.run(
        (sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", DOCS, tmp_path / "site"),
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | nowhere,
    )
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site/reference/commands.html").read_text("utf-8")
    for option in ("--learning-rate", "--scheduler", "--token"):
        assert option in page
    assert "learning_rate" in (tmp_path / "site/reference/library.html").read_text("utf-8")


def test_every_public_name_is_in_the_reference() -> None:
    text = "".join(page.read_text("utf-8") for page in (DOCS / "reference").glob("*.md"))
    named = set(re.findall(r"^\.\. auto\w+:: (?:gridworld\.)?([\w.]+)$", text, re.MULTILINE))
    named |= set(re.findall(r"`gw\.(\w+)", text))
    offered = set(gw.__dict__["__all__"])
    assert offered - named == set()
    assert {name for name in named if not name.startswith("plot.")} - offered == set()


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


def test_the_guide_to_extending_names_files_that_are_there() -> None:
    text = (DOCS / "extending.md").read_text("utf-8")
    named = set(re.findall(r"`((?:core|dashboard|cli|tests|benchmarks|docs)/[\w./-]+)`", text))
    assert len(named) > 10
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
