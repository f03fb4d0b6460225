"""Links: the settings of a run behind a page's address, from which anybody repeats the run.

A link is `<page>#run=` and, as base64url without padding, a JSON object in UTF-8 as zlib (RFC 1950)
packs it: its checksum tells a link in which a letter was changed. Links of old have none: they are
raw DEFLATE, and stay readable. The page reads and writes the same ones
(`assets/lib/share/share.mjs`), but for runs that it cannot show or hold: on processes, in worlds
that change, and of seeds that are no whole numbers to JavaScript, which travel as text.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gridworld import tables
from gridworld.algorithms import algorithm_of
from gridworld.errors import InvalidValueError, LinkError
from gridworld.kernels.actions import N_ACTIONS
from gridworld.kernels.random import STREAM_VERSION
from gridworld.store.mend import MARK, found_codes
from gridworld.validation import changes_of, whole
from gridworld.world import GridWorld
from gridworld.worlds import make

if TYPE_CHECKING:
    from gridworld.mdp import Mdp

__all__ = [
    "DEFAULTS",
    "FORMAT",
    "LAYERS",
    "MARK",
    "MOST_BYTES",
    "link_world",
    "read_link",
    "write_link",
]

FORMAT: Final = 1

MOST_BYTES: Final = 4 << 20
"""Of the JSON: a few bytes may unpack to more than a memory holds."""

_WRITTEN: Final[Mapping[str, Any]] = {
    "world": "default",
    "slip": 0.0,
    "max_steps": 100,
    "algorithm": "q_learning",
    "learning_rate": 0.1,
    "epsilon": 1.0,
    "discount_factor": 0.99,
    "epsilon_decay": 0.995,
    "epsilon_min": 0.01,
    "initial_value": 0.0,
    "num_episodes": 500,
    "seed": 0,
    "agents": 1,
    "speed": 30.0,
    "view": {"layer": None, "arrows": False, "q_values": False, "agent": 0},
}
"""Another default is another format: these stay as they are, whatever `tables` comes to say."""

DEFAULTS: Final[Mapping[str, Any]] = {
    **{key: value for key, value in _WRITTEN.items() if key != "view"},
    **{
        each.key: each.default
        for each in tables.PARAMETERS
        if each.scope != "view" and each.key not in _WRITTEN
    },
    "view": _WRITTEN["view"],
}
"""What a key that is absent stands for. Parameters that came later have the default of the table;
the tests pin it."""

LAYERS: Final = tuple(layer.key for layer in tables.LAYERS)
"""What the colours of the page's grid may show."""

LARGEST: Final = 2**53 - 1
"""Whole numbers up to here are exact in every reader of JSON; those above travel as text."""

CHANGE: Final = "change"
"""A key beside those of `DEFAULTS`, of links to runs whose world changes."""

_OF_WORLD: Final = ("world", "slip", "max_steps")
"""What a link says of each world in which such a run goes on."""


def read_link(text: str) -> dict[str, Any]:
    """The settings that a link holds, all of them and valid.

    Args:
        text: The whole link, or the part behind `#run=`. What mail and chat put around, behind and
            into links is undone where that is certain.

    Returns:
        The keys of `DEFAULTS`, those absent with their defaults. `world` is a name, or an object
        for `GridWorld.from_json`; `slip` and `max_steps` count, not what the world says of its
        own (`link_world` puts them together). `num_episodes` None: until stopped; `speed` (steps
        a second) None: as fast as it goes; `max_steps` None: never. Where the world changes,
        `change` is a list of pairs: a number of steps, and an object for `link_world`.

    Raises:
        LinkError: The link is broken, of a newer version, or its settings cannot be; or there are
            several, to different runs.
    """
    data = _found(text)
    for key, here in (("format", FORMAT), ("stream", STREAM_VERSION)):
        version = data.pop(key, None)
        if isinstance(version, bool) or not isinstance(version, int) or version < 1:
            raise LinkError(f"a link must have a {key}, a whole number from 1, got {version!r:.80}")
        if key == "format" and version > here:
            raise LinkError(
                f"a link must be of format {here} at most, got {version}: it was made by a newer"
                " version"
            )
        if key == "stream" and version != here:
            raise LinkError(
                f"a link must be of stream version {here}, got {version}: its random numbers"
                " cannot be repeated here"
            )
    if data.get("world", "default") != "default" and not {"slip", "max_steps"} <= set(data):
        raise LinkError("a link that names a world must have slip and max_steps, got none")
    for key in DEFAULTS:
        if key in data:
            data[key] = _long_read(key, data[key])
    return _checked(data)


def write_link(settings: Mapping[str, Any], page: str = "http://127.0.0.1:8000/") -> str:
    """A link to the run of these settings.

    Args:
        settings: Any keys of `DEFAULTS`, and `change` (see `read_link`). Without `slip` and
            `max_steps` the world's own count.
        page: Address of the dashboard.

    Raises:
        LinkError: The settings cannot be, or are more than a link holds.
    """
    given = dict(settings)
    if "world" in given:
        given = _with_own(given)
    complete = _checked(given)
    data = {key: value for key, value in complete.items() if value != DEFAULTS.get(key)}
    if "world" in data:
        data |= {key: complete[key] for key in _OF_WORLD} | {"world": _spelt(data["world"])}
    if CHANGE in data:
        data[CHANGE] = [[step, each | {"world": _spelt(each["world"])}]
                        for step, each in data[CHANGE]]  # fmt: skip
    data |= {k: str(v) for k, v in data.items() if isinstance(v, int) and v > LARGEST}
    if "view" in data:
        view = data["view"]
        data["view"] = {k: v for k, v in view.items() if v != DEFAULTS["view"][k]}
    versions = {"format": FORMAT, "stream": STREAM_VERSION}
    raw = json.dumps(versions | data, separators=(",", ":"), allow_nan=False).encode()
    if len(raw) > MOST_BYTES:
        raise LinkError(f"a link must hold at most {MOST_BYTES} bytes, got {len(raw)}")
    packed = zlib.compress(raw, 9)
    return f"{page}{MARK}{base64.urlsafe_b64encode(packed).rstrip(b'=').decode()}"


def link_world(settings: Mapping[str, Any]) -> "GridWorld | Mdp":
    """The world that settings of `read_link` are about, with their slip and limit on the steps.

    Raises:
        WorldError: It cannot be.
        LinkError: It is a process, and has no slip and no limit that could be others.
    """
    world = _world(settings["world"])
    slip, limit = settings["slip"], settings["max_steps"]
    if isinstance(world, GridWorld):
        return replace(world, slip=slip, max_steps=limit)
    if slip or limit is not None:
        raise LinkError(
            f"a link to the process {world.name} must have the slip 0 and the max_steps null, got"
            f" {slip:g} and {limit}"
        )
    return world


def _world(world: object) -> "GridWorld | Mdp":
    if isinstance(world, Mapping):
        return GridWorld.from_json(world)
    if isinstance(world, str):
        found: GridWorld | Mdp = make(world)
        return found
    raise LinkError(f"world must be a name or an object with a map, got {world!r:.80}")


def _with_own(given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a world, with its own slip and limit where they say none."""
    if set(_OF_WORLD) <= set(given):
        return dict(given)
    world = _world(given["world"])
    own = (world.slip, world.max_steps) if isinstance(world, GridWorld) else (0.0, None)
    return dict(zip(_OF_WORLD[1:], own, strict=True)) | dict(given)


def _spelt(world: Any) -> Any:
    """A world as links have it: its name, or all that there is of it."""
    return world if isinstance(world, str) else GridWorld.from_json(world).to_json()


def _long_read(key: str, value: Any) -> Any:
    """A value as a link has it; what readers of JSON would round must have come as a text."""
    if not isinstance(DEFAULTS[key], int) or isinstance(DEFAULTS[key], bool):
        return value
    if isinstance(value, str):
        long = int(value) if re.fullmatch(r"[1-9]\d{15,18}", value, re.ASCII) else 0
        if long > LARGEST:
            return long
    elif not isinstance(value, int | float) or value <= LARGEST:
        return value
    raise LinkError(f"{key} must be a whole number from 0 to {LARGEST}, or one above that as a"
                    f" text, got {value!r:.80}")  # fmt: skip


def _found(text: str) -> dict[str, Any]:
    """The JSON object of the one link that is in a text."""
    found: list[dict[str, Any]] = []
    first: LinkError | None = None
    for code in found_codes(text):
        try:
            data = _unpack(code)
        except LinkError as error:
            first = first or error
        else:
            if data not in found:
                found.append(data)
    if len(found) > 1:
        raise LinkError(f"a link must be to one run, got links to {len(found)} runs")
    if not found:
        sentence = f"a link must end in {MARK} and letters, digits, - and _, got {text!r:.80}"
        raise first or LinkError(sentence)
    return found[0]


def _unpack(code: str) -> dict[str, Any]:
    """The JSON object in a link's code."""
    try:
        packed = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
        unpacker = zlib.decompressobj(zlib.MAX_WBITS if _has_checksum(packed) else -zlib.MAX_WBITS)
        raw = unpacker.decompress(packed, MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise LinkError(f"a link must hold at most {MOST_BYTES} bytes, got more")
        if not unpacker.eof or unpacker.unused_data:
            raise LinkError("a link must be whole, got one that was cut off or added to")
        data = json.loads(raw.decode(), parse_constant=_refuse)
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        if isinstance(error, LinkError):
            raise
        raise LinkError(f"a link must be whole, got one that is broken ({error})") from None
    if not isinstance(data, dict):
        raise LinkError(f"a link must hold a JSON object, got {type(data).__name__}")
    return data


def _has_checksum(packed: bytes) -> bool:
    """Whether these bytes begin as zlib's do; as raw DEFLATE of a JSON object none does."""
    return packed[:1] == b"\x78" and int.from_bytes(packed[:2], "big") % 31 == 0


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _checked(data: Mapping[str, Any]) -> dict[str, Any]:
    """All settings, each of its type and within its range."""
    if unknown := [key for key in data if key not in DEFAULTS and key != CHANGE]:
        raise LinkError(f"a link must have no other keys than {', '.join(DEFAULTS)}, got"
                        f" {unknown[0]!r:.80}")  # fmt: skip
    try:
        found = {key: data.get(key, default) for key, default in DEFAULTS.items()}
        for each in tables.PARAMETERS:
            if each.key in found and each.kind not in ("world", "algorithm"):
                found[each.key] = each.check(found[each.key])
        algorithm_of(found)
        found["view"] = _checked_view(found["view"], found["agents"])
        world = link_world(found)
        if CHANGE in data:
            found[CHANGE] = _checked_changes(data[CHANGE], found, _shape(world))
    except LinkError:
        raise
    except InvalidValueError as error:
        raise LinkError(str(error)) from error
    return found


def _checked_changes(
    given: object, settings: Mapping[str, Any], shape: tuple[int, int]
) -> list[list[Any]]:
    """The pairs of a run whose world changes."""

    def read(each: object) -> dict[str, Any]:
        if not isinstance(each, Mapping) or "world" not in each or not set(each) <= set(_OF_WORLD):
            raise LinkError(
                f"a world of change must be an object of {', '.join(_OF_WORLD)}, got {each!r:.80}"
            )
        found = _with_own(each)
        for key in _OF_WORLD[1:]:
            found[key] = tables.parameter(key).check(found[key], f"{key} of change")
        if (other := _shape(link_world(found))) != shape:
            raise LinkError(
                f"a world of change must have the {shape[0]} states and {shape[1]} actions of the"
                f" first, got {other[0]} and {other[1]}"
            )
        return found

    pairs = changes_of(given, settings["num_episodes"], settings["num_steps"], read, LinkError)
    if not pairs:
        raise LinkError("change must name at least one world, got none")
    return [list(pair) for pair in pairs]


def _shape(world: "GridWorld | Mdp") -> tuple[int, int]:
    """States and actions."""
    return world.n_states, N_ACTIONS if isinstance(world, GridWorld) else world.n_actions


def _checked_view(view: object, agents: int) -> dict[str, Any]:
    defaults = DEFAULTS["view"]
    if not isinstance(view, Mapping) or not set(view) <= set(defaults):
        raise LinkError(f"view must be an object of {', '.join(defaults)}, got {view!r:.80}")
    found: dict[str, Any] = {**defaults, **view}
    for key in ("layer", "arrows", "q_values"):
        found[key] = tables.parameter(key).check(found[key], f"view.{key}")
    agent = found["agent"]
    if isinstance(agent, float) and agent.is_integer():
        agent = int(agent)  # JSON knows no whole numbers
    found["agent"] = whole("view.agent", agent, 0, agents - 1)
    return found
