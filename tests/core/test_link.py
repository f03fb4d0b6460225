import base64
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridworld as gw
from gridworld.store.link import DEFAULTS, FORMAT, MARK, MOST_BYTES, link_world
from gridworld_dashboard.parameters import Parameters

PAGE = "http://127.0.0.1:8000/"

MANGLED = json.loads((Path(__file__).parents[1] / "page/mangled.json").read_text("utf-8"))
"""What becomes of links on their way; the page's tests use it too."""

PINNED = json.loads((Path(__file__).parents[1] / "page/links.json").read_text("utf-8"))
"""What the page's tests hold share.mjs against."""


def pack(data: bytes | Any) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    packer = zlib.compressobj(wbits=-15)
    return base64.urlsafe_b64encode(packer.compress(raw) + packer.flush()).rstrip(b"=").decode()


def test_defaults_are_those_of_the_dashboard_and_of_the_page() -> None:
    assert {"view": DEFAULTS["view"]} | vars(Parameters()) == DEFAULTS
    assert PINNED["defaults"] == DEFAULTS
    learning = gw.QLearning().to_json()
    assert {key: DEFAULTS[key] for key in learning} == learning
    world = gw.make(DEFAULTS["world"])
    assert (world.slip, world.max_steps) == (DEFAULTS["slip"], DEFAULTS["max_steps"])


@pytest.mark.parametrize("maker", ["by_page", "by_library"])
@pytest.mark.parametrize("pinned", PINNED["links"])
def test_links_that_are_out_there_stay_readable(pinned: dict[str, Any], maker: str) -> None:
    expected = {**DEFAULTS, **pinned["settings"]}
    assert gw.read_link(pinned[maker]) == expected
    assert gw.read_link(pinned[maker].partition(MARK)[2]) == expected


@pytest.mark.parametrize("pinned", PINNED["elsewhere"])
def test_links_to_what_no_page_shows_stay_readable(pinned: dict[str, Any]) -> None:
    expected = {**DEFAULTS, **pinned["settings"]}
    assert gw.read_link(pinned["link"]) == expected
    assert gw.read_link(gw.write_link(expected)) == expected


def test_a_process_has_no_slip_and_no_limit_of_its_own_to_say() -> None:
    settings = gw.read_link(gw.write_link({"world": "random-walk-19", "seed": 2**60 + 1}))
    assert (settings["slip"], settings["max_steps"], settings["seed"]) == (0.0, None, 2**60 + 1)
    world = link_world(settings)
    assert isinstance(world, gw.Mdp)
    assert (world.name, world.n_states) == ("random-walk-19", 19)


@pytest.mark.parametrize("pinned", PINNED["links"])
def test_what_is_written_is_read(pinned: dict[str, Any]) -> None:
    link = gw.write_link(pinned["settings"], page="https://example.org/lab/?x=1")
    assert link.startswith("https://example.org/lab/?x=1#run=")
    assert gw.read_link(f" {link}\n") == {**DEFAULTS, **pinned["settings"]}


def test_a_world_brings_its_own_slip_and_limit_into_a_link() -> None:
    settings = gw.read_link(gw.write_link({"world": "frozen-lake-8x8"}))
    assert link_world(settings) == gw.make("frozen-lake-8x8")
    settings = gw.read_link(gw.write_link({"world": "windy", "slip": 0.5}))
    assert (settings["slip"], settings["max_steps"]) == (0.5, None)
    own = {"map": ["S.G"], "slip": 0.25, "max_steps": 7}
    assert link_world(gw.read_link(gw.write_link({"world": own}))) == gw.GridWorld.from_json(own)
    settings = gw.read_link(gw.write_link({"world": own, "slip": 0.5}))
    assert link_world(settings).slip == 0.5


def test_only_what_differs_from_the_defaults_is_in_a_link() -> None:
    code = gw.write_link({"seed": 7, "agents": 1, "view": {"arrows": True}}).partition(MARK)[2]
    packed = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
    data = json.loads(zlib.decompress(packed))
    assert data == {"format": FORMAT, "stream": 1, "seed": 7, "view": {"arrows": True}}


def test_numbers_may_be_written_as_json_does() -> None:
    data = {"format": 1, "stream": 1, "num_episodes": 5e2, "seed": 3.0, "slip": 0, "epsilon": 1}
    settings = gw.read_link(pack(data))
    assert isinstance(settings["num_episodes"], int)
    assert isinstance(settings["seed"], int)
    assert isinstance(settings["slip"], float)


@pytest.mark.parametrize("case", PINNED["refused"], ids=lambda case: json.dumps(case["data"]))
def test_settings_that_cannot_be_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(gw.LinkError) as caught:
        gw.read_link(pack(case["data"]))
    assert case["library"] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_settings_that_cannot_be_are_not_written() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"seed": 2**63}, "seed must be"),
        ({"world": "random-walk-5", "slip": 0.5}, "must have the slip 0"),
        ({"world": "nowhere"}, "a world must be one of"),
        ({"world": {"map": ["S."], "max_steps": 5}, "max_steps": None}, "goal"),
        ({"world": None}, "world must be a name or an object"),
        ({"num_episodes": float("nan")}, "num_episodes must be"),
        ({"wings": 2}, "no other keys"),
    ]
    for settings, words in cases:
        with pytest.raises(gw.InvalidValueError, match=words):
            gw.write_link(settings)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must end in #run= and letters"),
        ("http://127.0.0.1:8000/", "must end in #run= and letters"),
        ("#run=", "must end in #run= and letters"),
        ("#run=ab cd", "a link must be whole"),
        ("#run=A", "broken"),
        ("#run=AAAA", "cut off"),
        ("#run=____", "broken"),
        (pack(b"{"), "broken"),
        (pack(b"\xff\xfe"), "broken"),
        (pack(b'{"format": 1, "stream": 1, "epsilon": NaN}'), "NaN is no number"),
        (pack(b"[" * 100_000), "broken"),
        (pack(b"9" * 5000), "broken"),
        (pack(b" " * (MOST_BYTES + 1)), "at most 4194304 bytes, got more"),
        (pack({"format": 1, "stream": 1, "seed": 123})[:-4], "cut off"),
        (gw.write_link({"seed": 3}) + "AAAA", "cut off or added to"),
    ],
)
def test_a_broken_link_is_refused_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(gw.LinkError, match=words) as caught:
        gw.read_link(text)
    assert len(str(caught.value)) < 250


def test_a_world_too_large_for_a_link_is_refused() -> None:
    row = "." * 2100
    world = {"map": ["S" + row[1:], *[row] * 2000], "max_steps": 5}
    with pytest.raises(gw.LinkError, match="a link must hold at most 4194304 bytes"):
        gw.write_link({"world": world})


def written_out(template: str, link: str) -> str:
    code = link.partition(MARK)[2]
    half = len(code) // 2
    parts = {"page": PAGE, "code": code, "head": code[:half], "tail": code[half:], "link": link}
    return template.format(**parts, other=gw.write_link({"seed": 98765}))


@pytest.mark.parametrize("template", MANGLED["mended"])
def test_what_mail_and_chat_make_of_a_link_is_undone(template: str) -> None:
    for pinned in PINNED["links"]:
        for maker in ("by_page", "by_library"):
            text = written_out(template, pinned[maker])
            assert gw.read_link(text) == {**DEFAULTS, **pinned["settings"]}, text


@pytest.mark.parametrize("template", MANGLED["refused"])
def test_what_cannot_be_undone_for_certain_is_refused(template: str) -> None:
    for pinned in PINNED["links"]:
        for maker in ("by_page", "by_library"):
            with pytest.raises(gw.LinkError) as caught:
                gw.read_link(written_out(template, pinned[maker]))
            assert len(str(caught.value)) < 250
            assert "\n" not in str(caught.value)


def test_long_lines_that_mail_breaks_are_joined() -> None:
    rows = ["S" + "." * 60, *["." * 30 + "#X" * 15 + "." for _ in range(30)], "." * 60 + "G"]
    settings: dict[str, Any] = {"world": {"map": rows}, "seed": 3, "slip": 0.1, "max_steps": 50}
    link = gw.write_link(settings)
    for width in (20, 40, 76):
        lines = [link[i : i + width] for i in range(0, len(link), width)]
        for text in ("\n".join(lines), "> " + "\n> ".join(lines), "=\n".join(lines) + "\nBye"):
            assert gw.read_link(text) == gw.read_link(link)


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize(
    "settings",
    [{}, {"seed": 7}, {"slip": 0.1, "max_steps": 50, "epsilon": 0.3, "algorithm": "sarsa"}],
)
def test_a_letter_that_was_changed_never_makes_another_run(settings: dict[str, Any]) -> None:
    link = gw.write_link(settings)
    code, right = link.partition(MARK)[2], gw.read_link(link)
    spoilt = {code[:i] + code[i + 1 :] for i in range(len(code))}
    spoilt |= {code[:i] + code[i + 1 : i + 2] + code[i] + code[i + 2 :] for i in range(len(code))}
    for letter in LETTERS:
        spoilt |= {code[:i] + letter + code[i:] for i in range(len(code) + 1)}
        spoilt |= {code[:i] + letter + code[i + 1 :] for i in range(len(code))}
    wrong = 0
    for each in spoilt:
        try:
            assert gw.read_link(PAGE + MARK + each) == right, each
        except gw.LinkError:
            wrong += 1
    assert wrong > 0.98 * len(spoilt)


@given(st.text(max_size=200), st.sampled_from(PINNED["links"]), st.data())
def test_any_text_gives_the_run_or_a_sentence(
    noise: str, pinned: dict[str, Any], data: st.DataObject
) -> None:
    link = pinned["by_library"]
    at = data.draw(st.integers(0, len(link)))
    for text in (noise, MARK + noise, f"{noise} {link}", link[:at] + noise[:3] + link[at:]):
        try:
            found = gw.read_link(text)
        except gw.LinkError as error:
            assert len(str(error)) < 300  # noqa: PT017  # either is right
        else:
            assert found == {**DEFAULTS, **pinned["settings"]}
