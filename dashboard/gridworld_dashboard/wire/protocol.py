"""The messages of the wire: what comes in is validated here, what goes out is built here.

Every text frame is `{"type": str, "data": object}`. Nothing in this module does anything: it
turns text into commands or refusals, and facts into messages.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Required, TypeAlias, get_args, get_origin

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    with_config,
)
from pydantic_core import ErrorDetails
from typing_extensions import TypedDict

from gridworld import tables
from gridworld.algorithms import ALGORITHMS
from gridworld.errors import shortened
from gridworld.kernels.actions import N_ACTIONS
from gridworld.parameter import Parameter
from gridworld.processes import find_process
from gridworld.worlds import is_world_name, world_names

__all__ = [
    "COMMANDS",
    "DEFAULT_NAME",
    "MAX_FRAME_BYTES",
    "MAX_WORLD_BYTES",
    "Command",
    "Id",
    "Message",
    "Refusal",
    "encode",
    "parse",
]

MAX_FRAME_BYTES: Final = 64 * 1024
"""A longer frame closes its connection."""

MAX_WORLD_BYTES: Final = 32_000_000
"""Of a world that comes by HTTP, because a frame cannot hold it."""

MAX_COMMANDS: Final = 64
"""Commands in one frame."""

MAX_ID_LENGTH: Final = 100

MOST_OF_ERROR: Final = 800
"""Letters of what an error says of all that is wrong with a command."""

MOST_MOVES: Final = 2000
"""Of a game that somebody plays."""

DEFAULT_NAME: Final = "agent_latest"
"""Under which Save saves."""

Id: TypeAlias = str | int | float
Message: TypeAlias = dict[str, Any]


# --- in: what the keys of each command may be


def _whole(value: object) -> object:
    """JSON knows no whole numbers: 500.0 and 5e2 are 500."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53:
        return int(value)
    return value


def _one_of(names: Sequence[str]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in names:
            raise ValueError("not offered")
        return value

    return check


def _listed(value: object) -> object:
    """JSON knows no tuples."""
    return tuple(value) if isinstance(value, list) else value


def _world(value: object) -> object:
    """A name, or an object that `GridWorld.from_json` will have to like.

    Names of processes pass: who makes the world says why they cannot be shown.
    """
    if not (is_world_name(value) or find_process(value) or isinstance(value, dict)):
        raise ValueError("not offered")
    return value


def _type(each: Parameter) -> Any:
    """What pydantic has to know of a parameter: the library judges its values."""
    check: Callable[[Any], object] = each.check
    must = ""
    if each.kind == "algorithm":
        check, must = _one_of(tuple(ALGORITHMS)), f"one of {', '.join(ALGORITHMS)}"
    elif each.kind == "world":
        names = ", ".join(world_names())
        check, must = _world, f"one of {names}, maze-N, maze-N:seed, or an object with a map"
    return Annotated[Any, AfterValidator(check), Field(description=must or each.must)]


_Row = Annotated[
    int,
    BeforeValidator(_whole),
    Field(ge=0, lt=2**31, description="the number of an agent, from 0"),
]
_PinNumber = Annotated[
    int,
    BeforeValidator(_whole),
    Field(ge=1, lt=2**31, description="the number of a pinned run, from 1"),
]
_Place = Annotated[int, BeforeValidator(_whole), Field(gt=-(2**31), lt=2**31)]
_Size = Annotated[int, BeforeValidator(_whole), Field(ge=1, lt=2**31)]
_Window = Annotated[
    Annotated[tuple[_Place, _Place, _Size, _Size], BeforeValidator(_listed)] | None,
    Field(description="[x, y, width, height] in whole cells, or null"),
]
_Cell = Annotated[
    Annotated[tuple[_Place, _Place], BeforeValidator(_listed)] | None,
    Field(description="[x, y] of a cell, or null: where episodes begin"),
]
_Move = Annotated[int, BeforeValidator(_whole), Field(ge=0, lt=N_ACTIONS)]
_Moves = Annotated[
    tuple[_Move, ...],
    BeforeValidator(_listed),
    Field(
        max_length=MOST_MOVES,
        description=f"at most {MOST_MOVES} actions, whole numbers in [0, {N_ACTIONS})",
    ),
]
_Count = Annotated[
    int,
    BeforeValidator(_whole),
    Field(ge=0, lt=2**53, description="a whole number from 0"),
]
_Flag = Annotated[bool, Field(description="true or false")]
_Name = Annotated[
    str,
    Field(
        # The name becomes that of a file: no folder, no hidden file, nothing that a shell minds.
        pattern=re.compile(r"\A[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}\Z"),
        description="1 to 64 letters, digits, dots, - or _, without a dot in front",
    ),
]

_CONFIG = ConfigDict(strict=True, extra="forbid")


_PARAMETERS: Final = {
    each.key: _type(each) for each in tables.of("learning", "run", "world", "pacing")
}


def _keys(name: str, types: dict[str, Any], *, total: bool = False) -> Any:
    """A TypedDict that no type checker can follow, because the table says what is in it."""
    make: Any = TypedDict
    return with_config(_CONFIG)(make(name, types, total=total))


Configure: Final = _keys("Configure", _PARAMETERS)
"""Absent keys keep their values."""

StartTraining: Final = _keys("StartTraining", _PARAMETERS | {"restart_epsilon": _Flag})
"""The same, and whether the agents go back to the epsilon and temperature last given."""

SetSpeed: Final = _keys("SetSpeed", {"speed": _PARAMETERS["speed"]}, total=True)
"""How fast to train."""

SetView: Final = _keys("SetView", {"layer": _type(tables.parameter("layer")), "window": _Window})
"""What one viewer sees of the grid. Absent keys keep their values."""


ChangeWorld: Final = _keys("ChangeWorld", {"world": _PARAMETERS["world"]}, total=True)
"""Where the agents go on."""

CheckWorld: Final = _keys(
    "CheckWorld",
    {"world": Annotated[dict[str, Any], Field(description="an object with a map")]},
)
"""What is to be judged; absent: the world in force."""
TestPolicy: Final = _keys(
    "TestPolicy",
    {"epsilon": _PARAMETERS["epsilon"], "start": _Cell, "seed": _PARAMETERS["seed"]},
)
"""How the policy of the shown agent is tried out."""

Play: Final = _keys("Play", {"actions": _Moves, "start": _Cell, "seed": _PARAMETERS["seed"]})
"""All moves of somebody's game so far."""


LookBack: Final = _keys("LookBack", {"episode": Required[_Count]} | SetView.__annotations__)
"""At the end of which episode, and what is wanted to be seen of the grid."""


@with_config(_CONFIG)
class FileName(TypedDict, total=False):
    """Which save."""

    name: _Name


@with_config(_CONFIG)
class RenameSave(TypedDict, total=False):
    """Which save, and what it is to be called."""

    name: _Name
    to: _Name


@with_config(_CONFIG)
class NoteSave(TypedDict, total=False):
    """Which save, and what is to be noted on it."""

    name: _Name
    note: Annotated[str, Field(max_length=200, description="a text of at most 200 letters")]


@with_config(_CONFIG)
class ShowAgent(TypedDict):
    """Which agent the frames describe."""

    agent: _Row


@with_config(_CONFIG)
class Unpin(TypedDict):
    """Which pinned run."""

    pin: _PinNumber


@with_config(_CONFIG)
class Nothing(TypedDict):
    """No keys."""


_DATA: Final[dict[str, Any]] = {
    "start_training": StartTraining,
    "configure": Configure,
    "stop_training": Nothing,
    "reset": Nothing,
    "save_qtable": FileName,
    "load_qtable": FileName,
    "undo": Nothing,
    "list_saves": Nothing,
    "rename_save": RenameSave,
    "delete_save": FileName,
    "restore_save": FileName,
    "note_save": NoteSave,
    "set_speed": SetSpeed,
    "step": Nothing,
    "step_episode": Nothing,
    "show_agent": ShowAgent,
    "pin": Nothing,
    "unpin": Unpin,
    "set_view": SetView,
    "change_world": ChangeWorld,
    "check_world": CheckWorld,
    "test_policy": TestPolicy,
    "play": Play,
    "look_back": LookBack,
    "ping": Nothing,
}

ASKING: Final = ("check_world", "test_policy", "play", "look_back")
"""Commands that ask, and change nothing."""

COMMANDS: Final = tuple(_DATA)
"""The types of command that there are."""

_ADAPTERS: Final[dict[str, TypeAdapter[Any]]] = {
    name: TypeAdapter(data) for name, data in _DATA.items()
}


def _metadata(annotation: Any) -> tuple[Any, ...]:
    """What pydantic is told of a key, whether that is required or not."""
    inner = get_args(annotation)[0] if get_origin(annotation) is Required else annotation
    found: tuple[Any, ...] = inner.__metadata__
    return found


_MUST: Final[dict[tuple[str, str], str]] = {
    (name, key): next(
        part.description for part in _metadata(annotation) if hasattr(part, "description")
    )
    for name, data in _DATA.items()
    for key, annotation in data.__annotations__.items()
}
"""Command and key to what must hold of the value."""


@dataclass(frozen=True)
class Command:
    """A valid command.

    Attributes:
        type: One of `COMMANDS`.
        data: Only the keys that were given, within their ranges.
        id: What the answer has to bring back.
    """

    type: str
    data: Mapping[str, Any]
    id: Id | None = None


@dataclass(frozen=True)
class Refusal:
    """Something that is not a valid command, and the sentence that says why."""

    message: str
    id: Id | None = None


def parse(frame: str | bytes) -> list[Command | Refusal]:
    """Read one frame: a command or an array of them. Never raises, never returns nothing."""
    if isinstance(frame, bytes):
        return [Refusal(f"a frame must be JSON text, got {len(frame)} bytes of binary data")]
    try:
        value = json.loads(frame, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        where = f"{error.msg} at character {error.pos}"
        return [Refusal(f"a frame must be JSON, got {_short(frame)} ({where})")]
    except RecursionError:
        return [Refusal("a frame must be JSON, got arrays or objects nested too deeply")]
    except ValueError as error:  # a constant, or a whole number of thousands of digits
        return [Refusal(f"a frame must be JSON of finite numbers, got {str(error)[:80]}")]
    if not isinstance(value, list):
        return [_command(value)]
    if not 1 <= len(value) <= MAX_COMMANDS:
        return [Refusal(f"an array must hold 1 to {MAX_COMMANDS} commands, got {len(value)}")]
    return [_command(item) for item in value]


def _command(value: object) -> Command | Refusal:
    if not isinstance(value, dict):
        return Refusal(f"a command must be an object with a type, got {_short(value)}")
    id_ = value.get("id")
    if not _is_id(id_):
        return Refusal(
            f"id must be a number or a text of at most {MAX_ID_LENGTH} characters, "
            f"got {_short(id_)}"
        )
    unknown = sorted(set(value) - {"type", "data", "id"})
    if unknown:
        return Refusal(f"a command must have the keys type, data and id, got {_list(unknown)}", id_)
    type_ = value.get("type")
    if not isinstance(type_, str) or type_ not in _ADAPTERS:
        got = _short(type_) if "type" in value else "none"
        return Refusal(f"type must be one of {', '.join(COMMANDS)}, got {got}", id_)
    data = value.get("data")
    if data is None:
        data = {}
    if not isinstance(data, dict):
        return Refusal(f"data must be an object, got {_short(data)}", id_)
    try:
        return Command(type_, _ADAPTERS[type_].validate_python(data), id_)
    except ValidationError as error:
        return Refusal(_explain(type_, error.errors(include_url=False)), id_)


def _explain(type_: str, errors: list[ErrorDetails]) -> str:
    """All that is wrong with a command's data, in one sentence."""
    wrong = {str(error["loc"][0]): error for error in errors}
    parts = []
    unknown = sorted(key for key, error in wrong.items() if error["type"] == "extra_forbidden")
    if unknown:
        keys = ", ".join(_DATA[type_].__annotations__)
        takes = f"must have only the keys {keys}" if keys else "must be empty"
        parts.append(f"data of {type_} {takes}, got {_list(unknown)}")
    for key, error in wrong.items():
        if key not in unknown:
            got = "none" if error["type"] == "missing" else _short(error["input"])
            parts.append(f"{key} must be {_MUST[type_, key]}, got {got}")
    return "; ".join(parts)


def _is_id(value: object) -> bool:
    if value is None:
        return True
    if isinstance(value, str):
        return len(value) <= MAX_ID_LENGTH
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e100 and math.isfinite(value)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _list(keys: list[str]) -> str:
    return ", ".join(map(_short, keys[:8])) + (", …" if len(keys) > 8 else "")


def _short(value: object) -> str:
    """What came, as JSON would write it, but never long."""
    if isinstance(value, list):
        return "an array"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, str):
        value = value[:100]
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


# --- out


def encode(message: Message, id_: Id | None = None) -> str:
    """The message as text; an answer brings back the command's id."""
    if id_ is not None:
        message = message | {"id": id_}
    return json.dumps(message, separators=(",", ":"), allow_nan=False)


def error(message: str) -> Message:
    """A command was refused; the sentence says what must hold and what came."""
    # each frame of every viewer repeats it
    return _message("error", message=shortened(message, MOST_OF_ERROR))


def pong(timestamp: float) -> Message:
    """Unix seconds on the server."""
    return _message("pong", timestamp=timestamp)


def training_started(
    num_episodes: int | None,
    total_episodes: int,
    num_steps: int | None = None,
    warning: str | None = None,
) -> Message:
    """Training runs, for so many episodes and steps more; None: without such a limit.

    A warning says what of it float32 cannot learn.
    """
    return _message(
        "training_started",
        num_episodes=num_episodes,
        total_episodes=total_episodes,
        num_steps=num_steps,
        warning=warning,
    )


def configured(fresh: bool) -> Message:
    """Other values are in force; whether that began afresh."""
    return _message("configured", fresh=fresh)


def world_changed(fresh: bool) -> Message:
    """Another world is in force; whether that began afresh, or the agents go on in it."""
    return _message("world_changed", fresh=fresh)


def world_checked(problem: str | None, world: dict[str, Any] | None) -> Message:
    """What is wrong with a world, in a sentence; None: nothing, and so it is shown."""
    return _message("world_checked", problem=problem, world=world)


def training_stopped(message: str, total_episodes: int, total_steps: int) -> Message:
    """Nothing runs any more."""
    return _message(
        "training_stopped",
        message=message,
        total_episodes=total_episodes,
        total_steps=total_steps,
    )


def training_complete(total_episodes: int, final_epsilon: float) -> Message:
    """The budget is used up."""
    return _message("training_complete", total_episodes=total_episodes, final_epsilon=final_epsilon)


def reset_complete() -> Message:
    """Everything is as at the beginning."""
    return _message("reset_complete")


def undone(why: str) -> Message:
    """The run is here again that a reset, a load, a new run or an undo (`why`) had put aside."""
    return _message("undone", why=why)


def speed_set(speed: float | None) -> Message:
    """The speed in force, in steps a second."""
    return _message("speed_set", speed=speed)


def agent_shown(agent: int) -> Message:
    """The row of the agent that frames describe from now on."""
    return _message("agent_shown", agent=agent)


def pinned(pin: int) -> Message:
    """The present run is kept beside those that follow; by that number."""
    return _message("pinned", pin=pin)


def unpinned(pin: int) -> Message:
    """That run is no longer kept."""
    return _message("unpinned", pin=pin)


def view_set(layer: str | None, window: Sequence[int] | None) -> Message:
    """What this viewer sees from now on, the window clipped to the world."""
    return _message("view_set", layer=layer, window=None if window is None else list(window))


def tested(found: dict[str, Any]) -> Message:
    """What came of a test of the policy."""
    return _message("tested", **found)


def played(found: dict[str, Any]) -> Message:
    """What came of somebody's moves."""
    return _message("played", **found)


def past(found: dict[str, Any]) -> Message:
    """What the shown agent was at the end of an episode, as a frame says it."""
    return _message("past", **found)


def step_complete(command: str, total_episodes: int, total_steps: int) -> Message:
    """Answers `step` with `step_complete`, and `step_episode` with `step_episode_complete`."""
    return _message(f"{command}_complete", total_episodes=total_episodes, total_steps=total_steps)


def save_complete(success: bool, filepath: str, message: str) -> Message:
    """Saved or not, where, and in words."""
    return _message("save_complete", success=success, filepath=filepath, message=message)


def saves(listed: list[dict[str, Any]], message: str) -> Message:
    """All saves, and in words what was done to them."""
    return _message("saves", saves=listed, message=message)


def load_complete(success: bool, message: str, epsilon: float) -> Message:
    """Loaded or not, in words, and the agent's epsilon now."""
    return _message("load_complete", success=success, message=message, epsilon=epsilon)


def _message(type_: str, **data: object) -> Message:
    return {"type": type_, "data": data}
