"""What a notebook shows of worlds, policies, values, runs and solutions."""

import re
import sys
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import numpy as np
import pytest

import gridworld as gw

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def pictures(html: str) -> list[ElementTree.Element]:
    """The pictures of a page, which must be well-formed."""
    ElementTree.fromstring(html)
    return [parsed(svg) for svg in re.findall(r"<svg .*?</svg>", html)]


def texts(picture: ElementTree.Element) -> list[str]:
    return [node.text or "" for node in picture.iter(f"{SVG}text")]


def test_a_world_is_drawn_cell_by_cell() -> None:
    picture = parsed(gw.draw(gw.make("default")).svg)
    assert len(picture.findall(f"{SVG}rect")) == 25
    assert sorted(texts(picture)) == ["G", "S", "X", "X", "X"]
    title = picture.find(f"{SVG}title")
    assert title is not None
    assert title.text == "default"
    assert picture.find(f"{SVG}circle") is None
    agent = parsed(gw.draw(gw.make("default"), state=7).svg).find(f"{SVG}circle")
    assert agent is not None
    side = float(picture.attrib["width"]) / 5
    assert (float(agent.attrib["cx"]), float(agent.attrib["cy"])) == (2.5 * side, 1.5 * side)


def test_arrows_are_the_ties_where_one_acts() -> None:
    world = gw.make("default")
    best = gw.solve(world)
    arrows = parsed(gw.draw(world, best.v, best.policy).svg).findall(f"{SVG}path")
    assert len(arrows) == best.policy.ties.sum()
    one = np.zeros((25, 4))
    one[:, 3] = 1
    right = parsed(gw.draw(world, policy=one).svg).findall(f"{SVG}path")
    assert len(right) == 25 - 4  # goal and pits have none
    points = re.findall(r"[ML]([\d.]+) ([\d.]+)", right[0].attrib["d"])
    (x, y), (tip_x, tip_y) = (map(float, points[i]) for i in (0, 3))
    assert tip_x > x
    assert tip_y == y


def test_values_have_colours_from_low_to_high_and_numbers_where_there_is_room() -> None:
    world = gw.GridWorld.from_text("S...G")
    picture = parsed(gw.draw(world, [0, 1, np.nan, -np.inf, 7]).svg)
    fills = [node.attrib["fill"] for node in picture.findall(f"{SVG}rect")]
    assert fills[0] == "#fafaeb"
    assert fills[1] == "#253494"
    assert fills[2] == fills[3] == "#ffffff"
    assert [text for text in texts(picture) if text not in "SG"] == ["0", "1"]
    table = np.array([[-1.0, 0, -2, -3]] * 5)
    assert "0" in texts(parsed(gw.draw(world, table).svg))


def test_a_large_world_is_drawn_in_pixels() -> None:
    world = gw.make("maze-64")
    for values in (None, np.arange(world.n_states)):
        picture = parsed(gw.draw(world, values).svg)
        [image] = picture.findall(f"{SVG}image")
        assert image.attrib["href"].startswith("data:image/png;base64,iVBORw0KGgo")


def test_names_are_no_markup(tmp_path: Path) -> None:
    world = gw.GridWorld.from_text("S.G", name='<script>"&')
    drawing = gw.draw(world)
    assert "<script>" not in drawing.svg + world._repr_html_()
    assert len(pictures(world._repr_html_())) == 1
    assert drawing._repr_html_() == drawing.svg
    assert drawing.save(tmp_path / "a.svg").read_text() == drawing.svg
    assert repr(drawing).startswith("Drawing(")


def test_runs_and_solutions_show_curves_and_boards() -> None:
    world = gw.make("default")
    run = gw.train(world, agents=5, episodes=60, seed=1)
    curve, board = pictures(run._repr_html_())
    assert curve.find(f"{SVG}polygon") is not None
    assert "60 episodes" in texts(curve)
    assert len(board.findall(f"{SVG}rect")) == 25
    single, _ = pictures(gw.train(world, episodes=60)._repr_html_())
    assert single.find(f"{SVG}polygon") is None
    assert len(pictures(gw.train(world, steps=1)._repr_html_())) == 1
    process = gw.train(gw.make("random-walk-5"), episodes=20)
    assert len(pictures(process._repr_html_())) == 1
    [optimum] = pictures(gw.solve(world)._repr_html_())
    assert len([text for text in texts(optimum) if text not in "SGX"]) == 25 - 4
    assert pictures(gw.solve(gw.make("random-walk-5"))._repr_html_()) == []
    assert len(parsed(str(run.policy()._repr_html_())).findall(f"{SVG}path")) > 0
    assert gw.greedy(run.q[0])._repr_html_() is None


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (gw.make("frozen-lake-8x8"), "GridWorld('frozen-lake-8x8', 8 x 8"),
        (gw.GridWorld.from_text("S.G"), "GridWorld('custom', 3 x 1, max_steps=100)"),
        (gw.compile_world(gw.make("default")), "Mdp('default', 25 states, 4 actions, certain"),
        (gw.make("king-windy-stochastic"), "Mdp('king-windy-stochastic', 70 states, 8 actions, 3"),
        (gw.solve(gw.make("easy")), "Solution('easy', discount_factor=0.99, expected_return="),
        (gw.evaluate(gw.make("easy"), np.zeros((25, 4)), episodes=3), "Evaluation(1 agents, 3 epi"),
    ],
)
def test_what_is_printed_is_short_and_telling(thing: object, words: str) -> None:
    assert repr(thing).startswith(words)
    assert len(repr(thing)) < 200


def test_figures_of_matplotlib_show_the_same() -> None:
    world = gw.make("default")
    best = gw.solve(world)
    figure = gw.plot.board(world, best.v, best.policy)
    axes = figure.axes[0]
    assert axes.get_title() == "default"
    shown = np.asarray(axes.images[1].get_array())
    assert shown[0, 0] == best.v[0]
    arrows: list[Any] = list(axes.collections)
    assert sum(len(each.U) for each in arrows) == best.policy.ties.sum()
    run = gw.train(world, agents=4, episodes=30)
    lines = gw.plot.learning_curve(run, run, labels=("a", "b")).axes[0].lines
    assert len(lines) == 2
    assert len(lines[0].get_xdata()) == 30  # type: ignore[arg-type]
    assert np.allclose(lines[0].get_ydata(), run.returns.mean(axis=0), rtol=1e-6)
    quartiles = gw.plot.learning_curve(run, band="quartiles").axes[0]
    assert "quartiles" in quartiles.get_ylabel()
    assert len(gw.plot.learning_curve(gw.train(world, episodes=9)).axes[0].collections) == 0


def test_figures_of_matplotlib_show_themselves_in_a_notebook() -> None:
    for figure in (gw.plot.board(gw.make("easy")), gw.plot.learning_curve(run())):
        assert figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gw.draw(gw.make("random-walk-5")), "a picture must be of a grid world"),
        (lambda: gw.draw(gw.make("easy"), np.zeros(24)), r"shape \(25,\) or \(25, 4\), got \(24,"),
        (lambda: gw.draw(gw.make("easy"), ["a"] * 25), "values must be numbers"),
        (lambda: gw.draw(gw.make("easy"), policy=np.zeros((24, 4))), "a policy must be of the sha"),
        (lambda: gw.draw(gw.make("easy"), state=25), "state must be a whole number from 0 to 24"),
        (lambda: gw.plot.learning_curve(), "runs must be at least one Run"),
        (
            lambda: gw.plot.learning_curve(run(), band=cast(Any, "sd")),
            "band must be one of interval, quarti",
        ),
        (lambda: gw.plot.learning_curve(run(), labels=()), "labels must be one for each run"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call: Any, words: str) -> None:
    with pytest.raises(gw.InvalidValueError, match=words):
        call()


def run() -> gw.Run:
    return gw.train(gw.make("easy"), steps=1)


def test_without_matplotlib_it_is_said_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(gw.MissingExtraError, match=r"gridworld-bench\[plot\]"):
        gw.plot.board(gw.make("easy"))
