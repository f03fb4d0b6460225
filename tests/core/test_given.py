"""Wherever a world is asked for, its name will do."""

import inspect
from pathlib import Path

import numpy as np
import pytest

import gridworld as gw

MADE_FOR_GRIDS = {"compile_world", "link_world", "write_link", "read_link"}
"""These turn one description of a world into another."""


def test_every_function_that_takes_a_world_takes_its_name() -> None:
    taking = {}
    for name in dir(gw):
        offered = getattr(gw, name)
        if inspect.isfunction(offered) and name not in MADE_FOR_GRIDS:
            parameter = inspect.signature(offered).parameters.get("world")
            if parameter is not None:
                taking[name] = str(parameter.annotation)
    assert {"train", "solve", "evaluate", "regret", "draw", "make_env"} <= set(taking)
    for name, annotation in taking.items():
        assert "str" in annotation, name


def test_a_name_is_the_world_that_it_names(tmp_path: Path) -> None:
    world = gw.make("cliff-walking")
    run = gw.train("cliff-walking", steps=2000)
    assert (run.q == gw.train(world, steps=2000).q).all()
    q = run.q[0]
    assert (gw.solve("cliff-walking", 1.0).v == gw.solve(gw.compile_world(world), 1.0).v).all()
    for judge in (gw.regret, gw.policy_value):
        assert np.array_equal(judge("cliff-walking", q), judge(world, q))
    assert gw.draw("cliff-walking", q).svg == gw.draw(world, q).svg
    path = gw.write_qtable(tmp_path / "q.json", "cliff-walking", q)
    assert (gw.read_qtable(path, "cliff-walking").q == q).all()
    assert gw.solve("random-walk-19").v.shape == (19,)


@pytest.mark.parametrize("use", [gw.solve, gw.train, gw.draw, gw.make_env])
def test_a_name_that_names_nothing_is_refused(use: object) -> None:
    assert callable(use)
    with pytest.raises(gw.WorldError, match=r"must be one of .*, got 'clif-walking'"):
        use("clif-walking")


def test_a_process_has_no_picture() -> None:
    with pytest.raises(gw.WorldError, match="a picture must be of a grid world"):
        gw.draw("random-walk-19")
