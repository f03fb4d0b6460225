"""Messages of the wire: every frame gives commands or refusals, and never an exception."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridworld.algorithms import ALGORITHMS
from gridworld_dashboard.wire import protocol
from gridworld_dashboard.wire.protocol import COMMANDS, MAX_COMMANDS, Command, Refusal, parse


def text(type_: str, data: Any = None, **more: Any) -> str:
    return json.dumps({"type": type_, "data": data} | more)


def only(frame: str | bytes) -> Command | Refusal:
    (item,) = parse(frame)
    return item


def refusal(frame: str | bytes) -> str:
    item = only(frame)
    assert isinstance(item, Refusal), item
    return item.message


def test_start_training_gives_only_the_keys_that_came() -> None:
    frame = text("start_training", {"learning_rate": 1, "num_episodes": None, "speed": 50}, id="a")
    expected = {"learning_rate": 1.0, "num_episodes": None, "speed": 50.0}
    assert only(frame) == Command("start_training", expected, "a")


NEEDING = ("set_speed", "show_agent", "change_world", "look_back", "unpin")
"""Commands that mean nothing without data."""


@pytest.mark.parametrize("type_", [t for t in COMMANDS if t not in NEEDING])
@pytest.mark.parametrize("more", [{}, {"data": None}, {"data": {}}])
def test_data_may_be_absent(type_: str, more: dict[str, Any]) -> None:
    assert only(json.dumps({"type": type_} | more)) == Command(type_, {})


@pytest.mark.parametrize("id_", ["x", 7, 1.5, "", None])
def test_an_id_comes_back(id_: Any) -> None:
    item = only(text("ping", id=id_))
    assert item.id == id_
    sent = json.loads(protocol.encode(protocol.pong(1.0), item.id))
    assert sent.get("id") == id_
    assert ("id" in sent) == (id_ is not None)


@pytest.mark.parametrize("number", ["500.0", "5e2"])
def test_whole_numbers_may_be_written_with_a_point(number: str) -> None:
    data = f'{{"num_episodes": {number}, "seed": {number}}}'
    item = only(f'{{"type": "start_training", "data": {data}}}')
    assert isinstance(item, Command)
    assert item.data == {"num_episodes": 500, "seed": 500}


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("learning_rate", 1.5, "learning_rate must be in (0, 1], got 1.5"),
        ("learning_rate", 0, "learning_rate must be in (0, 1], got 0"),
        ("learning_rate", True, "learning_rate must be in (0, 1], got true"),
        ("learning_rate", None, "learning_rate must be in (0, 1], got null"),
        ("learning_rate", "0.1", 'learning_rate must be in (0, 1], got "0.1"'),
        ("learning_rate", [0.1], "learning_rate must be in (0, 1], got an array"),
        ("epsilon", -0.1, "epsilon must be in [0, 1], got -0.1"),
        ("epsilon", 1e308, "epsilon must be in [0, 1], got 1e+308"),
        ("discount_factor", 1.01, "discount_factor must be in [0, 1], got 1.01"),
        ("epsilon_decay", 0, "epsilon_decay must be in (0, 1], got 0"),
        ("epsilon_min", 2, "epsilon_min must be in [0, 1], got 2"),
        ("num_episodes", 0, "num_episodes must be a whole number in [1, 1e12] or null, got 0"),
        ("num_episodes", 2.5, "num_episodes must be a whole number in [1, 1e12] or null, got 2.5"),
        ("num_episodes", True, "num_episodes must be a whole number in [1, 1e12] or null, got tru"),
        ("num_episodes", 1e308, "num_episodes must be a whole number in [1, 1e12] or null, got 1e"),
        ("speed", 0, "speed must be in (0, 1e9] or null, got 0"),
        ("speed", 2e9, "speed must be in (0, 1e9] or null, got 2000000000.0"),
        ("speed", False, "speed must be in (0, 1e9] or null, got false"),
        ("seed", -1, "seed must be a whole number in [0, 2**63), got -1"),
        ("seed", 2**63, "seed must be a whole number in [0, 2**63), got 9223372036854775808"),
        ("world", "maze", 'maze-N, maze-N:seed, or an object with a map, got "maze"'),
        ("world", "maze-9:-1", 'or an object with a map, got "maze-9:-1"'),
        ("world", None, "world must be one of default, easy, hard, frozen-lake-4x4,"),
        ("world", ["S.G"], "or an object with a map, got an array"),
        ("slip", 1.5, "slip must be in [0, 1], got 1.5"),
        ("max_steps", 0, "max_steps must be a whole number in [1, 2**31) or null, got 0"),
        ("max_steps", 2**31, "max_steps must be a whole number in [1, 2**31) or null, got 2147"),
        ("initial_value", 1e31, "initial_value must be in [-1e30, 1e30], got 1e+31"),
        ("algorithm", "td", f'{[*ALGORITHMS][-1]}, got "td"'),
        ("agents", 0, "agents must be a whole number in [1, 4096], got 0"),
        ("agents", 4097, "agents must be a whole number in [1, 4096], got 4097"),
        ("restart_epsilon", 1, "restart_epsilon must be true or false, got 1"),
        ("alpha", 0.1, 'restart_epsilon, got "alpha"'),
    ],
)
def test_a_wrong_value_is_told_with_what_must_hold(key: str, value: Any, message: str) -> None:
    assert message in refusal(text("start_training", {key: value}))


@pytest.mark.parametrize(
    ("type_", "data", "message"),
    [
        ("configure", {"restart_epsilon": True}, 'seed, agents, got "restart_epsilon"'),
        ("configure", {"epsilon": 2}, "epsilon must be in [0, 1], got 2"),
        ("show_agent", {}, "agent must be the number of an agent, from 0, got none"),
        ("show_agent", {"agent": -1}, "agent must be the number of an agent, from 0, got -1"),
        ("show_agent", {"agent": 1.5}, "agent must be the number of an agent, from 0, got 1.5"),
        ("change_world", {}, "maze-N:seed, or an object with a map, got none"),
        ("change_world", {"world": 3}, "or an object with a map, got 3"),
        ("change_world", {"world": "easy", "slip": 0.1}, 'only the keys world, got "slip"'),
        ("check_world", {"world": "easy"}, 'world must be an object with a map, got "easy"'),
        ("check_world", {"world": [["S"]]}, "an object with a map, got an array"),
        ("set_view", {"layer": "heat"}, 'td_error, eligibility, model, or null, got "heat"'),
        ("set_view", {"window": [0, 0, 5]}, "window must be [x, y, width, height] in whole cells"),
        ("set_view", {"window": [0, 0, 5, 0]}, "in whole cells, or null, got 0"),
        ("set_view", {"window": [0.5, 0, 5, 5]}, "in whole cells, or null, got 0.5"),
        ("set_view", {"window": [0, 0, 5, True]}, "in whole cells, or null, got true"),
        ("set_view", {"window": "all"}, 'in whole cells, or null, got "all"'),
        ("set_view", {"zoom": 1}, 'must have only the keys layer, window, got "zoom"'),
    ],
)
def test_a_command_takes_only_what_it_can(type_: str, data: dict[str, Any], message: str) -> None:
    assert message in refusal(text(type_, data))


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("configure", {"world": "maze-64:7", "slip": 0.25, "max_steps": None, "agents": 4096}),
        ("start_training", {"world": {"map": ["SG"]}, "initial_value": -3.5}),
        ("show_agent", {"agent": 4095}),
        ("set_view", {"layer": None}),
        ("set_view", {"layer": "td_error", "window": None}),
        ("set_view", {"window": [-3, 0, 64, 64]}),
    ],
)
def test_what_fits_is_taken_as_it_came(type_: str, data: dict[str, Any]) -> None:
    item = only(text(type_, data))
    assert isinstance(item, Command)
    assert json.loads(json.dumps(item.data)) == data


def test_all_that_is_wrong_is_told_at_once() -> None:
    message = refusal(text("start_training", {"epsilon": 2, "seed": -1}))
    assert "epsilon must be in [0, 1], got 2; seed must be" in message


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("agent_latest", True),
        ("v1.2-b", True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("", False),
        ("../x", False),
        ("a/b", False),
        ("a\\b", False),
        ("/etc/passwd", False),
        (".hidden", False),
        ("..", False),
        ("a\n", False),
        ("a\0", False),
        ("é", False),
        (7, False),
        (None, False),
    ],
)
@pytest.mark.parametrize("type_", ["save_qtable", "load_qtable"])
def test_a_name_is_that_of_a_file_without_a_folder(type_: str, name: Any, good: bool) -> None:
    item = only(text(type_, {"name": name}))
    assert isinstance(item, Command) == good
    if isinstance(item, Refusal):
        assert "name must be 1 to 64 letters" in item.message


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ("hello", 'a frame must be JSON, got "hello" (Expecting value at character 0)'),
        ("", 'a frame must be JSON, got ""'),
        (b"\xff\xfe", "a frame must be JSON text, got 2 bytes of binary data"),
        ('{"type": "ping", "id": NaN}', "a frame must be JSON of finite numbers, got NaN"),
        ('{"type": "ping", "id": -Infinity}', "finite numbers, got -Infinity"),
        ('{"type": "ping", "id": 1e400}', "id must be a number or a text of at most 100 char"),
        ('{"type": "ping", "id": true}', "id must be a number or a text"),
        ('{"type": "ping", "id": []}', "id must be a number or a text"),
        (text("ping", id="x" * 101), "id must be a number or a text"),
        ("[" * 5000, "a frame must be JSON, got arrays or objects nested too deeply"),
        ('{"type":"start_training","data":{"seed":' + "9" * 5000 + "}}", "must be JSON of finite"),
        ('{"type":"start_training","data":{"epsilon":' + "9" * 4000 + "}}", "epsilon must be in"),
        ("7", "a command must be an object with a type, got 7"),
        ("null", "a command must be an object with a type, got null"),
        (
            "{}",
            "type must be one of start_training, configure, stop_training, reset, save_qtable, lo",
        ),
        (text("jump"), 'got "jump"'),
        ('{"type": ["ping"]}', "got an array"),
        (text("ping", [1]), "data must be an object, got an array"),
        (text("ping", {"x": 1}), 'data of ping must be empty, got "x"'),
        (text("set_speed"), "speed must be in (0, 1e9] or null, got none"),
        ('{"type": "start_training", "epsilon": 0.5}', "must have the keys type, data and id"),
        ("[]", "an array must hold 1 to 64 commands, got 0"),
        (json.dumps([{"type": "ping"}] * (MAX_COMMANDS + 1)), "1 to 64 commands, got 65"),
    ],
)
def test_what_is_no_command_is_told_why(frame: str | bytes, message: str) -> None:
    assert message in refusal(frame)


def test_a_refusal_brings_back_the_id() -> None:
    assert only(text("jump", id="b")).id == "b"
    assert only(text("start_training", {"epsilon": 2}, id=3)).id == 3


def test_an_array_gives_one_item_for_each_command_in_order() -> None:
    items = parse(json.dumps([{"type": "ping", "id": 1}, 5, {"type": "reset", "id": 2}]))
    assert [type(item) for item in items] == [Command, Refusal, Command]
    assert [item.id for item in items] == [1, None, 2]


def test_messages_are_one_sentence_however_much_came() -> None:
    for frame in ("x" * 60_000, text("x" * 60_000), text("ping", {str(i): 0 for i in range(5000)})):
        assert len(refusal(frame)) < 500


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


@given(st.text() | st.binary() | json_values.map(json.dumps))
def test_whatever_comes_gives_an_answer_that_can_be_sent(frame: str | bytes) -> None:
    items = parse(frame)
    assert items
    for item in items:
        sent = protocol.encode(protocol.error("x" if isinstance(item, Command) else item.message))
        json.loads(sent)


@given(st.sampled_from(COMMANDS), json_values, json_values)
def test_whatever_a_command_brings_gives_an_answer(type_: str, data: Any, id_: Any) -> None:
    (item,) = parse(json.dumps({"type": type_, "data": data, "id": id_}))
    protocol.encode(protocol.error("" if isinstance(item, Command) else item.message), item.id)


def test_messages_refuse_what_json_cannot_say() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        protocol.encode(protocol.pong(float("nan")))


@pytest.mark.parametrize(
    ("message", "type_", "keys"),
    [
        (protocol.training_started(5, 0), "training_started", {"num_episodes"}),
        (
            protocol.training_complete(5, 0.5),
            "training_complete",
            {"total_episodes", "final_epsilon"},
        ),
        (protocol.training_stopped("x", 0, 0), "training_stopped", {"message"}),
        (protocol.reset_complete(), "reset_complete", set()),
        (
            protocol.save_complete(True, "f", "m"),
            "save_complete",
            {"success", "filepath", "message"},
        ),
        (
            protocol.load_complete(True, "m", 0.5),
            "load_complete",
            {"success", "message", "epsilon"},
        ),
        (protocol.speed_set(None), "speed_set", {"speed"}),
        (protocol.configured(True), "configured", {"fresh"}),
        (protocol.agent_shown(3), "agent_shown", {"agent"}),
        (protocol.view_set("value", (0, 0, 5, 5)), "view_set", {"layer", "window"}),
        (protocol.pong(1.0), "pong", {"timestamp"}),
        (protocol.error("m"), "error", {"message"}),
    ],
)
def test_messages_have_the_keys_that_other_programs_read(
    message: protocol.Message, type_: str, keys: set[str]
) -> None:
    sent = json.loads(protocol.encode(message))
    assert sent["type"] == type_
    assert keys <= set(sent["data"])
