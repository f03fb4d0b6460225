"""What is written from the library's tables, for the page's script and for readers."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gridworld import tables
from gridworld.algorithms import ALGORITHMS, Algorithm
from gridworld.store.link import DEFAULTS
from gridworld.textbook.methods import METHODS
from gridworld_dashboard.frames import overview
from gridworld_dashboard.page import generate, ids, layout
from gridworld_dashboard.parameters import Parameters

DOCS = Path(__file__).parents[2] / "docs"


def exported(name: str) -> Any:
    text = re.search(
        rf"^export const {name} = (.*?);$", generate.script(), re.DOTALL | re.MULTILINE
    )
    assert text is not None
    return json.loads(text[1])


def test_the_script_has_what_the_tables_say_now() -> None:
    assert generate.SCRIPT.read_text("utf-8") == generate.script(), "make generate"


def test_the_documents_have_what_the_tables_say_now() -> None:
    for name, parts in generate.DOCUMENTS.items():
        text = (DOCS / name).read_text("utf-8")
        assert generate.documented(text, parts) == text, "make generate"
    text = (DOCS / "wire.md").read_text("utf-8")
    parts = generate.DOCUMENTS["wire.md"]
    for each in tables.of("learning", "run", "world", "pacing"):
        assert f"\n| `{each.key}` |" in text
    for layer in tables.LAYERS:
        assert f"| `{layer.key}` |" in text
    stale = text.replace("(0, 1]", "(0, 2]")
    assert stale != text
    assert generate.documented(stale, parts) == text


def test_the_algorithms_are_documented_with_their_updates_and_parameters() -> None:
    text = (DOCS / "algorithms.md").read_text("utf-8")
    for name, cls in ALGORITHMS.items():
        section = text.partition(f"\n## {cls.title}\n")[2].partition("\n## ")[0]
        assert f"`{name}`, `gridworld.{cls.__name__}`" in section
        assert cls.says in section
        if name in METHODS:
            method = METHODS[name]
            for part in (*method.update, method.words, method.good_for):
                assert part in section
        for each in cls.parameters():
            assert f"\n| `{each.key}` |" in section or each in Algorithm.parameters()
    for each in Algorithm.parameters():
        assert f"\n| `{each.key}` |" in text


@pytest.mark.parametrize("lost", ["<!-- generated: parameters -->", "<!-- end: layers -->"])
def test_a_document_that_lost_a_marker_is_not_torn(lost: str) -> None:
    text = (DOCS / "wire.md").read_text("utf-8").replace(lost, "")
    with pytest.raises(ValueError, match="must have the markers"):
        generate.documented(text, generate.DOCUMENTS["wire.md"])


def test_the_page_has_a_field_for_every_number_and_they_keep_their_order() -> None:
    numbers = [
        each for each in exported("PARAMETERS").values() if each["kind"] in ("number", "whole")
    ]
    assert [each["id"] for each in numbers] == list(ids.FIELDS)
    page: Any = layout.whole()
    placed = {getattr(part, "id", None) for part in page._traverse()}
    assert set(ids.FIELDS) | {ids.algorithm(name) for name in ALGORITHMS} <= placed
    assert {ids.preset(each.key) for each in tables.PRESETS} <= placed


def test_every_layer_can_be_sampled() -> None:
    assert list(overview._LAYERS) == [layer.key for layer in tables.LAYERS]


def test_whole_numbers_go_no_further_than_a_page_holds_them() -> None:
    for each in exported("PARAMETERS").values():
        assert float(each["high"]) == each["high"]
        assert each["high"] <= 2**53 or each["kind"] == "number"


def test_what_is_in_force_at_first_is_what_the_table_says() -> None:
    assert vars(Parameters()) == {
        each.key: each.default for each in tables.PARAMETERS if each.scope != "view"
    }
    assert exported("LINK")["defaults"] == DEFAULTS
