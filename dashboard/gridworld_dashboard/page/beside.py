"""The page of two sessions beside each other: one set of controls, and the live page twice.

It is no page of Dash: its few fields are the script's alone (`assets/lib/beside`), and each half is
the live page itself in a frame, without its controls.
"""

import json
from html import escape
from typing import Any, Final

import gridworld as gw
from gridworld import worlds
from gridworld.algorithms import ALGORITHMS
from gridworld.parameter import Parameter
from gridworld.tables import DEFAULTS, LEARNING, parameter
from gridworld_dashboard.page.document import document

__all__ = ["BESIDE_PATH", "page"]

BESIDE_PATH: Final = "/beside"

FIRST: Final = ("q_learning", "sarsa")
"""Algorithms that stand beside each other at first, on the world where they differ most."""

WORLD: Final = "cliff-walking"

SAME: Final[dict[str, Any]] = {
    "algorithm": DEFAULTS["algorithm"],
    "epsilon": 0.1,
    "exploration_schedule": "constant",
}
"""What both go by where neither the world nor the address says otherwise: a little chance that
stays, without which the cliff soon makes no difference."""

STYLES: Final = ("base.css", "form.css", "lib/beside/beside.css")


def page() -> str:
    """The page as HTML."""
    usual = json.dumps(_usual(), separators=(",", ":")).replace("<", "\\u003c")
    head = f"""<script type="application/json" id="usual">{usual}</script>
<script type="module" src="assets/lib/beside/entry.mjs"></script>"""
    body = f"""<body>
<div class="page beside">
<header>
<h1>Side by side</h1>
<a href="./">The live page</a>
<span class="muted" id="watching" hidden>Watching: only the presenter steers.</span>
<span class="spring"></span>
<span class="muted">Step <output id="steps">0</output></span>
<span id="status" role="status">Connecting</span>
</header>
<main>
<section class="both" aria-label="Controls of both">
<div class="row">
<button type="button" id="start" class="primary" disabled>Start both</button>
<button type="button" id="stop" disabled>Stop both</button>
<button type="button" id="step" class="quiet" disabled>Step both</button>
<button type="button" id="reset" class="quiet" disabled>Reset both</button>
</div>
<div class="fields">
{_select("world", "World", _worlds(), WORLD)}
{_select("differs", "What differs", {key: one["title"] for key, one in _differing().items()}, "")}
{_text("left", "Left")}
{_text("right", "Right")}
{_text("seed", "Seed", DEFAULTS["seed"])}
{_text("speed", "Steps a second", DEFAULTS["speed"], parameter("speed").null)}
{_text("num-steps", "Steps of a start", "", "until stopped")}
</div>
<p class="muted" id="same"></p>
<p id="problem" role="alert"></p>
</section>
<div class="pair">
{_half("left")}
{_half("right")}
</div>
</main>
</div>
</body>"""
    return document("Side by side", body, styles=STYLES, head=head)


def _half(side: str) -> str:
    return f"""<figure>
<figcaption id="{side}-name"></figcaption>
<iframe id="{side}-frame" title="{side.capitalize()}" src="./?at={side}&amp;compact"></iframe>
</figure>"""


def _select(id_: str, name: str, options: dict[str, str], chosen: str) -> str:
    lines = "".join(
        f'<option value="{escape(key)}"{" selected" * (key == chosen)}>{escape(title)}</option>'
        for key, title in options.items()
    )
    return (
        f'<div><label for="{id_}" id="{id_}-label">{name}</label>'
        f'<select id="{id_}" disabled>{lines}</select></div>'
    )


def _text(id_: str, name: str, value: Any = "", empty: str = "") -> str:
    return (
        f'<div><label for="{id_}" id="{id_}-label">{name}</label>'
        f'<input id="{id_}" type="number" step="any" value="{_shown(value)}"'
        f' placeholder="{escape(empty)}" disabled></div>'
    )


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _worlds() -> dict[str, str]:
    return {name: worlds.title(name) for name in gw.world_names()}


def _differing() -> dict[str, dict[str, Any]]:
    """What may differ between the two, and what stands in their fields at first."""
    titles = {key: algorithm.title for key, algorithm in ALGORITHMS.items()}
    found: dict[str, dict[str, Any]] = {
        "algorithm": {"title": "Algorithm", "choices": titles, "first": FIRST}
    }
    for each in LEARNING:
        first = [str(each.default), str(_other(each))]
        choices = {choice.key: choice.title for choice in each.choices} or None
        found[each.key] = {"title": each.title, "choices": choices, "first": first}
    return found


def _other(each: Parameter) -> Any:
    """A value that a parameter may have, and has not by itself."""
    if each.choices:
        return next(choice.key for choice in each.choices if choice.key != each.default)
    if each.kind == "whole":
        return each.default * 2 or 1
    return each.default / 2 or 0.1


def _usual() -> dict[str, Any]:
    learning = {each.key: each.default for each in LEARNING} | dict(SAME)
    brought = {name: worlds.numbers(name) for name in gw.world_names()}
    return {"learning": learning, "worlds": brought, "differing": _differing()}
