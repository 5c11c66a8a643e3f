"""The door into mailboxes on disk: Maildir++ by our own hands.

Belongs here: deliver, find, remove. `Delivered` means synced, file and directory, octet for octet; a second delivery of
the same name leaves one file. After a failed fsync nobody knows what is on the disk: `FsyncFailed` (THREATS S17).
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from adapters.mail.maildir_names import folder_directory, folder_name, inbox_directory, message_file
from rules.answers import Answer, Delivered, Temporary

_TROUBLES = {
    errno.ENOSPC: "The disk with the mailboxes is full.",
    errno.EDQUOT: "The mailbox has used up its space.",
    errno.EROFS: "The disk with the mailboxes cannot be written to.",
    errno.EIO: "The disk with the mailboxes reports errors.",
}
_TROUBLE = "The mailbox cannot be written to."
# What mail readers append to a name in cur; Dovecot's keywords (a-z) are left out, as there would be no end of them.
_MARKS = ("", *(":2," + "".join(flags) for size in range(7) for flags in combinations("DFPRST", size)))


class FsyncFailed(Exception):
    """Say that an fsync failed: what was written before may be lost, so the process must end (THREATS S17)."""


@dataclass(frozen=True, slots=True)
class Found:
    """Hold where a message lies: its folder (empty for the inbox itself) and its file."""

    folder: str
    path: Path


class Maildir:
    """Keep mailboxes under `root`, one directory an inbox; safe to use from threads and processes at once."""

    def __init__(self, root: Path) -> None:
        self._root = Path(root)
        self._made: set[Path] = set()

    def deliver(self, inbox: str, message: bytes, name: str, *, folder: str = "", seen: bool = False) -> Answer:
        """Put a message into an inbox or its folder; `seen` marks it as read.

        Idempotent by `name`, also where a mail reader has marked the first one meanwhile. Trouble with the disk is
        Temporary; raises FsyncFailed, and ValueError for a folder whose name would lead elsewhere.
        """
        file = message_file(name)
        place = self._place(inbox, folder)
        try:
            self._make(place)
            kept = _kept(place, file)
            if kept is not None:
                # The one who wrote it may have died before it was synced.
                _sync(kept, place)
            else:
                self._write(place, message, file, seen=seen)
        except OSError as error:
            return _trouble(error)
        return Delivered(file)

    def find(self, inbox: str, name: str) -> list[Found]:
        """Give every place of the inbox, folders included, where a message of this name lies."""
        file = message_file(name)
        home = self._root / inbox_directory(inbox)
        return [Found(folder, path) for folder, place in _places(home) for path in _lying_in(place, file)]

    def remove(self, inbox: str, name: str, *, folder: str = "") -> Answer:
        """Take a message out of an inbox or its folder, synced; one that is not there is as good."""
        file = message_file(name)
        place = self._place(inbox, folder)
        try:
            for path in _lying_in(place, file):
                path.unlink(missing_ok=True)
                _sync_directory(path.parent)
        except OSError as error:
            return _trouble(error)
        return Delivered(file)

    def _place(self, inbox: str, folder: str) -> Path:
        return self._root / inbox_directory(inbox) / folder_directory(folder)

    def _write(self, place: Path, message: bytes, file: str, *, seen: bool) -> None:
        """Write and sync under tmp, move to where it is read, sync that."""
        draft = place / "tmp" / f"{file}.{secrets.token_hex(8)}"
        final = place / "cur" / f"{file}:2,S" if seen else place / "new" / file
        try:
            _write_synced(draft, message)
            # Two who deliver the same name at once leave one file: rename takes the other's place.
            draft.rename(final)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise
        _sync_directory(final.parent)

    def _make(self, place: Path) -> None:
        """Make a folder's directories where they are missing, and sync what names them, once a process."""
        if place in self._made and (place / "tmp").is_dir():
            return
        first = not self._root.is_dir()
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        home = self._root / place.relative_to(self._root).parts[0]
        for directory in dict.fromkeys((home, place)):
            for part in ("tmp", "new", "cur"):
                (directory / part).mkdir(mode=0o700, parents=True, exist_ok=True)
        if place != home:
            (place / "maildirfolder").touch(mode=0o600)
        for directory in dict.fromkeys((place, home, self._root, *([self._root.parent] if first else []))):
            _sync_directory(directory)
        self._made.add(place)


def _kept(place: Path, file: str) -> Path | None:
    """Find a message that was delivered before, by asking for the names that it can have: a listing would cost more."""
    new = place / "new" / file
    if new.exists():
        return new
    cur = f"{place}/cur/{file}"
    return next((Path(cur + mark) for mark in _MARKS if os.access(cur + mark, os.F_OK)), None)


def _sync(path: Path, place: Path) -> None:
    """Sync a file that is there, and both directories that may name it; a reader may have moved it meanwhile."""
    with contextlib.suppress(FileNotFoundError):
        number = os.open(path, os.O_RDONLY)
        try:
            _fsync(number)
        finally:
            os.close(number)
    _sync_directory(place / "new")
    _sync_directory(place / "cur")


def _write_synced(path: Path, message: bytes) -> None:
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        rest = memoryview(message)
        while rest:
            rest = rest[os.write(number, rest) :]
        _fsync(number)
    finally:
        os.close(number)


def _sync_directory(path: Path) -> None:
    number = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _fsync(number)
    finally:
        os.close(number)


def _fsync(number: int) -> None:
    try:
        os.fsync(number)
    except OSError as error:
        raise FsyncFailed(_TROUBLES.get(error.errno or 0, _TROUBLE)) from error


def _places(home: Path) -> Iterator[tuple[str, Path]]:
    """Give the inbox itself and its folders."""
    yield "", home
    with contextlib.suppress(FileNotFoundError):
        for path in sorted(home.iterdir()):
            if path.name.startswith(".") and (path / "cur").is_dir():
                yield folder_name(path.name), path


def _lying_in(place: Path, file: str) -> list[Path]:
    """Give the files of a message in one folder, whatever marks it carries."""
    found = []
    for part in ("new", "cur"):
        with contextlib.suppress(FileNotFoundError):
            names = os.listdir(place / part)
            found += [place / part / name for name in names if name == file or name.startswith(f"{file}:2,")]
    return found


def _trouble(error: OSError) -> Temporary:
    return Temporary(_TROUBLES.get(error.errno or 0, _TROUBLE))
