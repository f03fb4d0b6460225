"""What `--config` brings: options from a link, from a file that holds one, or from JSON."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from gridworld.algorithms import ALGORITHMS
from gridworld.store.mend import holds_mark
from gridworld.store.texts import parse_json, read_text
from gridworld.tables import LEARNING
from gridworld_cli.options import NEVER

__all__ = ["is_link", "read_config"]

OF_NO_USE = ("speed", "view")
"""Settings of a link that are about watching."""


def is_link(config: str) -> bool:
    """Whether that is a link, mangled or not, or was one; not the path of a file, nor JSON."""
    if config.lstrip().startswith("{"):
        return False
    return (holds_mark(config) or "://" in config) and not _is_file(config)


def _is_file(path: str) -> bool:
    try:
        return Path(path).is_file()
    except (OSError, ValueError):  # too long, or with letters that no name has
        return False


def read_config(config: str, context: click.Context, names: Iterable[str]) -> dict[str, Any]:
    """The options that a configuration gives.

    Args:
        config: A link; or the path of a file that holds one, or a JSON object of options.
        context: Of the command.
        names: Its options that may be given.

    Returns:
        Name of an option to its value, as its flag would give it; `world` may also be an object.
        `episodes` is None where a link's run goes on until it is stopped. A process is given as
        its `Mdp`, and `change` as `gridworld.train` takes it.

    Raises:
        LinkError: The link cannot be read.
        FileError: The file holds neither.
        OSError: The file cannot be read.
        click.UsageError: An option is unknown, or its value cannot be.
    """
    if is_link(config):
        return _from_link(config)
    path = Path(config)
    text = read_text(path)
    if holds_mark(text) and not text.lstrip().startswith("{"):
        from gridworld import FileError, LinkError

        try:
            return _from_link(text)
        except LinkError as error:
            raise FileError(f"{path} holds no link that can be used: {error}") from error
    return _from_json(path, text, context, names)


def _from_link(link: str) -> dict[str, Any]:
    from gridworld import link_world, read_link
    from gridworld.processes import find_process

    settings = {key: value for key, value in read_link(link).items() if key not in OF_NO_USE}
    if "change" in settings:
        settings["change"] = [(step, link_world(world)) for step, world in settings["change"]]
    if find_process(settings["world"]) is not None:
        settings["world"] = link_world(settings)
        del settings["slip"], settings["max_steps"]
    own = {each.key for each in ALGORITHMS[settings["algorithm"]].parameters()}
    for each in LEARNING:
        if each.key not in own:
            del settings[each.key]  # it is of other algorithms, and as all have it in a link
    if settings.get("max_steps", 0) is None:
        settings["max_steps"] = NEVER
    budget = {"episodes": settings.pop("num_episodes"), "steps": settings.pop("num_steps")}
    return settings | budget


def _from_json(
    path: Path, text: str, context: click.Context, names: Iterable[str]
) -> dict[str, Any]:
    options = {param.name: param for param in context.command.params if param.name in names}
    config: dict[str, Any] = {}
    for name, value in parse_json(path, text).items():
        option = options.get(name)
        if option is None:
            known = ", ".join(sorted(filter(None, options)))
            raise click.UsageError(f"{path} may have the keys {known}, got {name!r:.80}")
        is_world = name == "world" and isinstance(value, dict)
        try:
            config[name] = value if is_world else option.type.convert(value, option, context)
        except click.UsageError as error:
            raise click.UsageError(f"{path}: {error.format_message()}") from None
    return config
