"""The saves as a shelf: what is on it, other names, notes, a bin, files that come and go."""

import contextlib
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gridworld.errors import FileError, GridworldError, InvalidValueError
from gridworld.store.checkpoint import load_checkpoint, read_extra
from gridworld.store.files import write_atomically
from gridworld.store.reading import read_regular, require_regular
from gridworld_dashboard.storage import AUTOSAVE, MAX_EXCHANGE_BYTES, Store
from gridworld_dashboard.wire.protocol import DEFAULT_NAME

__all__ = ["MAX_UPLOAD_BYTES", "NAME", "Shelf"]

BIN: Final = "bin"
"""Below the folder of the saves: of each name what was deleted or overwritten last."""

NOTES: Final = "notes.txt"
"""Beside the saves: JSON, name to note. The suffix keeps it from being taken for a save."""

SUFFIXES: Final = (".npz", ".json")

MAX_UPLOAD_BYTES: Final = 256_000_000

MAX_NOTES_BYTES: Final = 4_000_000

MOST_NOTE: Final = 200
"""Letters."""

NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
"""What a save may be called: the name becomes that of a file."""


class Shelf:
    """Not for several threads at once.

    Args:
        store: Where the saves are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder = store.folder
        self._bin = store.folder / BIN
        self.commands: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
            "list_saves": lambda data: "",
            "rename_save": lambda data: self.rename(_name(data), data.get("to", "")),
            "delete_save": lambda data: self.delete(_name(data)),
            "restore_save": lambda data: self.restore(_name(data)),
            "note_save": lambda data: self.annotate(_name(data), data.get("note", "")),
        }
        """By type of command: what it does, and the sentence that tells it."""

    def listed(self) -> list[dict[str, Any]]:
        """All saves, the newest first; those in the bin behind them."""
        notes = self._notes()
        found = []
        for folder, binned in ((self._folder, False), (self._bin, True)):
            names = {file.stem for file in _files(folder)}
            here = [_described(folder, name) for name in names]
            here.sort(key=lambda one: str(one["saved"]), reverse=True)
            found += [one | {"binned": binned, "note": notes.get(one["name"], "")} for one in here]
        return found

    def rename(self, name: str, to: str) -> str:
        """Give a save another name.

        Raises:
            FileError: There is none of that name.
            InvalidValueError: The other name is taken.
            OSError: A file cannot be moved.
        """
        if not to:
            raise InvalidValueError("to must be the other name of the save, got none")
        self._check_own(name)
        self._check_own(to)
        files = self._files_of(self._folder, name)
        if any(file.stem.casefold() == to.casefold() for file in _files(self._folder)):
            raise InvalidValueError(f"the name {to} must be free, it is taken")
        for file in files:
            file.rename(self._folder / f"{to}{file.suffix}")
        notes = self._notes()
        if name in notes:
            self._write_notes(notes | {to: notes.pop(name)}, without=name)
        return f"{name} is called {to} now"

    def delete(self, name: str) -> str:
        """Put a save into the bin.

        Raises:
            FileError: There is none of that name.
            OSError: A file cannot be moved.
        """
        self._move(self._files_of(self._folder, name), self._bin)
        return f"{name} is in the bin"

    def restore(self, name: str) -> str:
        """Take a save out of the bin; one that has its name by now goes there instead.

        Raises:
            FileError: The bin holds none of that name.
            OSError: A file cannot be moved.
        """
        files = self._files_of(self._bin, name)
        aside = [file.rename(file.with_suffix(f"{file.suffix}.tmp")) for file in files]
        present = [file for file in _files(self._folder) if file.stem == name]
        if present:
            self._move(present, self._bin)
        for file in aside:
            file.replace(self._folder / file.stem)
        return f"{name} is back"

    def keep(self, name: str) -> None:
        """Put a copy of a save into the bin, since it is about to be overwritten, if there is one.

        A save is never refused because that fails.
        """
        with contextlib.suppress(OSError):
            files = [file for file in _files(self._folder) if file.stem == name]
            if not files:
                return
            self._bin.mkdir(exist_ok=True)
            self._clear(name)
            for file in files:
                shutil.copy2(file, self._bin / file.name)

    def annotate(self, name: str, note: str) -> str:
        """Write a note to a save; an empty one removes it.

        Raises:
            FileError: There is no save of that name.
            OSError: It cannot be written.
        """
        self._files_of(self._folder, name)
        self._write_notes(self._notes() | {name: note}, without=None if note else name)
        return f"Noted on {name}" if note else f"No note on {name} any more"

    # --- files that come and go

    def file(self, name: str) -> Path:
        """The file to hand out: the checkpoint, which is exact, or else the JSON.

        Raises:
            FileError: There is no save of that name.
        """
        return sorted(self._files_of(self._folder, name), key=lambda file: file.suffix)[-1]

    def take(self, filename: str, content: bytes) -> str:
        """Put a file from elsewhere among the saves.

        Args:
            filename: What it was called there.
            content: A checkpoint, or the JSON of a Q-table.

        Returns:
            The name of the save: one that was free.

        Raises:
            FileError: It is neither.
            InvalidValueError: There is no room for it.
            OSError: It cannot be written.
        """
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(filename).stem).strip("-")[:50] or "upload"
        if stem.casefold() == AUTOSAVE:
            stem = "uploaded"
        taken = {file.stem.casefold() for file in _files(self._folder)}
        tries = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(taken) + 3))
        name = next(one for one in tries if one.casefold() not in taken)
        self._store.allowance.check_disk(self._folder, len(content))
        self._folder.mkdir(parents=True, exist_ok=True)
        if content[:2] == b"PK":
            self._take_checkpoint(name, content)
        else:
            _check_json(content)
            path = self._store.exchange_path(name)
            write_atomically(path, lambda file: file.write(content))
        return name

    def _take_checkpoint(self, name: str, content: bytes) -> None:
        incoming = self._folder / f".{name}.incoming.tmp"
        try:
            incoming.write_bytes(content)
            batch, _ = load_checkpoint(incoming)
            if batch.mdp.world is None:
                raise FileError("a checkpoint must be of a grid here, got a table of outcomes")
            write_atomically(self._store.checkpoint_path(name), lambda file: file.write(content))
        except FileError as error:
            words = str(error).replace(str(incoming), "the file")
            raise FileError(words) from None
        finally:
            incoming.unlink(missing_ok=True)

    # --- inside

    def _check_own(self, name: str) -> None:
        if name.casefold() == AUTOSAVE:
            raise InvalidValueError(f"name must not be {AUTOSAVE}, which the server saves as")

    def _files_of(self, folder: Path, name: str) -> list[Path]:
        files = [file for file in _files(folder) if file.stem == name]
        if not files:
            where = "in the bin" if folder == self._bin else "among the saves"
            raise FileError(f"{name} must be {where}, got no such save")
        return files

    def _move(self, files: list[Path], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in {file.stem for file in files}:
            self._clear(name)
        for file in files:
            file.replace(folder / file.name)

    def _clear(self, name: str) -> None:
        """Of each name the bin holds what went there last."""
        for suffix in SUFFIXES:
            (self._bin / f"{name}{suffix}").unlink(missing_ok=True)

    def _notes(self) -> dict[str, str]:
        try:
            found = json.loads(read_regular(self._folder / NOTES, MAX_NOTES_BYTES))
        except (OSError, ValueError, GridworldError):
            return {}
        pairs = found.items() if isinstance(found, dict) else ()
        return {name: note[:MOST_NOTE] for name, note in pairs if isinstance(note, str)}

    def _write_notes(self, notes: dict[str, str], without: str | None) -> None:
        kept = {name: note for name, note in notes.items() if name != without}
        text = json.dumps(kept, indent=1).encode()
        require_regular(self._folder / NOTES)
        write_atomically(self._folder / NOTES, lambda file: file.write(text))


def _name(data: Mapping[str, Any]) -> str:
    return str(data.get("name", DEFAULT_NAME))


def _files(folder: Path) -> Iterator[Path]:
    """The files of saves in a folder; none where there is none."""
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            fits = file.suffix in SUFFIXES and NAME.fullmatch(file.stem)
            if fits and file.is_file() and not file.is_symlink():
                yield file


def _described(folder: Path, name: str) -> dict[str, Any]:
    """What a list says of a save, without reading it all."""
    files = [file for file in _files(folder) if file.stem == name]
    episodes, saved = None, None
    checkpoint = folder / f"{name}.npz"
    with contextlib.suppress(GridworldError, OSError):
        extra, episodes = read_extra(checkpoint)
        saved = extra.get("saved")
    if not isinstance(saved, str):
        times = [0.0]
        with contextlib.suppress(OSError):
            times += [file.stat().st_mtime for file in files]
        saved = f"{datetime.fromtimestamp(max(times), UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "name": name,
        "saved": saved[:40],
        "episodes": episodes,
        "files": sorted(file.suffix[1:] for file in files),
        "own": name == AUTOSAVE,
    }


def _check_json(content: bytes) -> None:
    if len(content) > MAX_EXCHANGE_BYTES:
        raise FileError("the JSON of a Q-table must have at most 64 MB")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or "q_table" not in data:
        raise FileError("the file must be a checkpoint or the JSON of a Q-table, got neither")
