"""Writes what the page's script and the documents know of the library's tables.

`python -m gridworld_dashboard.page.generate` (`make generate`) writes it; the tests compare it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from inspect import cleandoc
from pathlib import Path
from typing import Any, Final

from gridworld import worlds
from gridworld.algorithms import ALGORITHMS, Algorithm, carrying
from gridworld.kernels.random import STREAM_VERSION
from gridworld.parameter import Parameter
from gridworld.store import link
from gridworld.tables import LAYERS, LEARNING, PARAMETERS, PRESETS
from gridworld.textbook.glossary import glossary_text
from gridworld.textbook.methods import METHODS
from gridworld.world import WORLD_KEYS
from gridworld_dashboard.frames.worlds import DEFINED_CELLS
from gridworld_dashboard.page import ids

__all__ = ["DOCUMENTS", "SCRIPT", "documented", "script"]

SCRIPT: Final = Path(__file__).parents[1] / "assets/lib/page/tables.mjs"

ONE_STEP: Final = (
    "Q(S, A) \N{LEFTWARDS ARROW} Q(S, A) + \N{GREEK SMALL LETTER ALPHA}"
    " [R + \N{GREEK SMALL LETTER GAMMA} {} \N{MINUS SIGN} Q(S, A)]"
)
"""The update of a one-step algorithm, but for what it bootstraps on."""

DOCS: Final = Path(__file__).parents[3] / "docs"
"""In a checkout; an installed package has no documents."""

_HEAD: Final = """\
/**
 * What may be set, which algorithms and layers there are, what a link holds.
 *
 * Written from the library's tables by `make generate`: change `core/gridworld/tables.py`.
 */

/**
 * @typedef {object} Parameter
 * @property {string} key name on the wire
 * @property {string} id of its field
 * @property {string} title
 * @property {string} kind number, whole, choice, flag, algorithm or world
 * @property {string} scope learning, run, world or pacing
 * @property {string} effect at once, next start or afresh
 * @property {any} default
 * @property {string} must what must hold of a value, in words
 * @property {number} low
 * @property {number} high
 * @property {boolean} above whether `low` itself is left out
 * @property {string | null} null what null, an empty field, means; null: it must not be empty
 * @property {string} scale linear or logarithmic
 * @property {number} unit of an arrow key
 * @property {[number, number] | null} slider its ends
 * @property {string[]} choices
 * @property {string | null} flag on the command line
 */

/**
 * @typedef {object} Algorithm
 * @property {string} title
 * @property {number} tables Q-tables of one agent
 * @property {string} bootstrap what gamma multiplies
 * @property {string} symbol the same as books write it
 * @property {string} python its class in the library
 * @property {string[]} takes parameters of learning that it goes by
 */

/** @typedef {LAYER_KEYS} LayerName */

/**
 * @typedef {object} Layer
 * @property {string} title in words
 * @property {string} symbol
 * @property {import("../board/colormap.mjs").Ramp} ramp
 * @property {"acts" | "learnt"} where cells that show it: those in which agents act, or of them
 *   those of which the Q-table says something
 * @property {boolean} log the scale is that of log10(1 + v)
 * @property {boolean} whole its numbers are
 * @property {string} nothing what is said where there is nothing to show
 * @property {readonly string[] | null} algorithms that have it; null: all have
 */
"""


def script() -> str:
    """The module `assets/lib/page/tables.mjs`."""
    keys = " | ".join(json.dumps(layer.key) for layer in LAYERS)
    parts = (
        ("Readonly<Record<string, Parameter>>", "PARAMETERS", _parameters()),
        ("Readonly<Record<string, Algorithm>>", "ALGORITHMS", _algorithms()),
        ("Readonly<Record<LayerName, Layer>>", "LAYERS", _layers()),
        ("Readonly<Record<string, Record<string, number>>>", "PRESETS", _presets()),
        ("", "MAZE", _maze()),
        ("", "LINK", _link()),
        ("", "EDITOR", {"cells": DEFINED_CELLS}),
    )
    text = _HEAD.replace("LAYER_KEYS", keys)
    for type_, name, value in parts:
        text += f"\n/** @type {{{type_}}} */" if type_ else ""
        text += f"\nexport const {name} = {json.dumps(value, indent=2, ensure_ascii=False)};\n"
    return text


def _parameters() -> dict[str, Any]:
    return {each.key: _parameter(each) for each in PARAMETERS if each.scope != "view"}


def _parameter(each: Parameter) -> dict[str, Any]:
    """One parameter as the page has to know it."""
    range_ = each.range
    must = ""
    if range_ is not None:
        if each.kind == "whole":
            # a page and a link hold no larger ones exactly
            range_ = replace(range_, high=min(range_.high, link.LARGEST))
        whole, empty = "a whole number " * (each.kind == "whole"), ", or empty" * bool(each.null)
        must = f"must be {whole}{range_.words}{empty}"
    return {
        "key": each.key,
        "id": ids.field(each.key),
        "title": each.title,
        "kind": each.kind,
        "scope": each.scope,
        "effect": each.effect,
        "default": each.default,
        "must": must,
        "low": range_.low if range_ else 0,
        "high": range_.high if range_ else 0,
        "above": bool(range_ and range_.above),
        "null": each.null or None,
        "scale": each.scale,
        "unit": each.unit,
        "slider": each.slider,
        "choices": [choice.key for choice in each.choices],
        "flag": each.flag,
    }


def _algorithms() -> dict[str, Any]:
    names = ("title", "tables", "bootstrap", "symbol")
    return {
        key: {name: getattr(cls, name) for name in names}
        | {"python": cls.__name__, "takes": [each.key for each in cls.parameters()]}
        for key, cls in ALGORITHMS.items()
    }


def _layers() -> dict[str, Any]:
    names = ("title", "symbol", "ramp", "where", "log", "whole", "nothing")
    return {
        layer.key: {name: getattr(layer, name) for name in names}
        | {"algorithms": carrying(layer.carries) if layer.carries else None}
        for layer in LAYERS
    }


def _presets() -> dict[str, Any]:
    return {
        preset.key: {ids.field(key): number for key, number in preset.numbers.items()}
        for preset in PRESETS
    }


def _maze() -> dict[str, Any]:
    numbers = worlds.numbers(f"maze-{worlds.SMALLEST_MAZE}")
    return {
        "smallest": worlds.SMALLEST_MAZE,
        "largest": worlds.LARGEST_MAZE,
        **ids.settings(numbers),
    }


def _link() -> dict[str, Any]:
    return {
        "mark": link.MARK,
        "format": link.FORMAT,
        "stream": STREAM_VERSION,
        "bytes": link.MOST_BYTES,
        "world": WORLD_KEYS,
        "processes": worlds.process_names(),
        "change": link.CHANGE,
        "defaults": link.DEFAULTS,
    }


# --- documents


def documented(text: str, parts: Mapping[str, Callable[[], str]]) -> str:
    """A document with its generated parts, which stand between two markers, renewed.

    Args:
        text: Of the document.
        parts: Name of a part to what makes it.

    Raises:
        ValueError: It lacks a marker.
    """
    for name, make in parts.items():
        part = make()
        begin, end = f"<!-- generated: {name} -->\n", f"<!-- end: {name} -->"
        before, found, rest = text.partition(begin)
        _, also, after = rest.partition(end)
        if not (found and also):
            raise ValueError(f"a document must have the markers {begin.strip()} and {end}")
        text = f"{before}{begin}{part}{end}{after}"
    return text


def _parameter_table() -> str:
    rows = ["| key | what it may be | at first | what it is |", "| --- | --- | --- | --- |"]
    for each in PARAMETERS:
        if each.scope != "view":
            own = each.scope == "world" and each.kind != "world"
            usual = "the world's own" if own else f"`{json.dumps(each.default)}`"
            must = _must(each)
            rows.append(f"| `{each.key}` | {must} | {usual} | {each.says} |")
    afresh = [f"`{each.key}`" for each in PARAMETERS if each.effect == "afresh"]
    rows += ["", f"Another {', '.join(afresh[:-1])} or {afresh[-1]} begins afresh."]
    return "".join(f"{row}\n" for row in rows)


def _must(each: Parameter) -> str:
    if each.kind == "algorithm":
        return ", ".join(f"`{name}`" for name in ALGORITHMS)
    if each.kind == "world":
        return 'a name (`gridworld-bench worlds` lists them), or an object `{"map": [rows], ...}`'
    must = each.must.replace("null", f"`null`: {each.null}").replace("2**", "2^")
    return must.removeprefix("in ")


def _layer_table() -> str:
    rows = ["| layer | what it shows |", "| --- | --- |"]
    rows += [f"| `{layer.key}` | {layer.says}: {layer.symbol} |" for layer in LAYERS]
    return "".join(f"{row}\n" for row in rows)


def _shared_table() -> str:
    """What may be set of every algorithm."""
    shared = Algorithm.parameters()
    return _learning_table(tuple(each for each in LEARNING if each in shared))


def _learning_table(parameters: Sequence[Parameter]) -> str:
    rows = ["| parameter | | what it may be | default | what it is |", "| --- |" + " --- |" * 4]
    for each in parameters:
        must = _must(each) if each.range or each.null else _choices(each)
        usual = json.dumps(each.default, ensure_ascii=False)
        rows.append(f"| `{each.key}` | {each.symbol} | {must} | `{usual}` | {each.says} |")
    return "".join(f"{row}\n" for row in rows)


def _choices(each: Parameter) -> str:
    return ", ".join(f"`{choice.key}`" for choice in each.choices)


def _algorithm_sections() -> str:
    return "\n".join(_algorithm_section(cls) for cls in ALGORITHMS.values())


def _algorithm_section(cls: type[Algorithm]) -> str:
    """What the class, the table and the book say of an algorithm."""
    source = cleandoc(cls.__doc__ or "").partition("\n")[0]
    lines = [f"## {cls.title}", "", f"`{cls.name}`, `gridworld.{cls.__name__}`: {source}", ""]
    method = METHODS.get(cls.name)
    update = method.update if method else (ONE_STEP.format(cls.symbol),)
    lines += [cls.says, "", "```", *update, "```", ""]
    if method:
        lines += [method.words, ""]
    if (DOCS / "images/algorithms" / f"{cls.name}.svg").exists():
        alt = f"{cls.title} on the cliff: reward by episode"
        lines += [f"![{alt}](images/algorithms/{cls.name}.svg)", ""]
    if method:
        lines += [f"**Good for.** {method.good_for}", ""]
    own = [each for each in cls.parameters() if each not in Algorithm.parameters()]
    if own:
        lines += ["Parameters of its own:", "", _learning_table(own)]
    return "\n".join(lines).rstrip("\n") + "\n"


DOCUMENTS: Final[Mapping[str, Mapping[str, Callable[[], str]]]] = {
    "wire.md": {"parameters": _parameter_table, "layers": _layer_table},
    "algorithms.md": {"shared": _shared_table, "algorithms": _algorithm_sections},
    "glossary.md": {"quantities": glossary_text},
}
"""Name in `docs` to what is generated of it."""


def _write() -> None:
    SCRIPT.write_text(script(), "utf-8")
    for name, parts in DOCUMENTS.items():
        path = DOCS / name
        if path.exists():
            path.write_text(documented(path.read_text("utf-8"), parts), "utf-8")


if __name__ == "__main__":
    _write()
