"""A disk's tree of names and files, in memory, of which only what was synced survives a loss of power.

Names (create, link, rename, unlink, mkdir) become durable by fsync of their directory; a rename is atomic. With
`journal` any fsync makes all names durable, as ext4's single journal does; without it nothing but POSIX is promised.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

from tests.power_cut.content import PAGE, SECTOR, Content

_numbers = count(2)


@dataclass(eq=False, slots=True)
class Node:
    """A file, directory or symbolic link; times in nanoseconds."""

    mode: int
    uid: int = field(default_factory=os.getuid)
    gid: int = field(default_factory=os.getgid)
    content: Content = field(default_factory=Content)
    names: dict[str, Node] = field(default_factory=dict)
    safe_names: dict[str, Node] = field(default_factory=dict)
    target: str = ""
    links: int = 0
    times: tuple[int, int] = (0, 0)
    number: int = field(default_factory=lambda: next(_numbers))

    @property
    def is_directory(self) -> bool:
        """Say whether names lie in it."""
        return stat.S_ISDIR(self.mode)


Slot = tuple[Node, str]
NameChange = dict[Slot, Node | None]
"""What stands at some names from now on (None: nothing); all of it survives, or none."""


class Disk:
    """The tree, with `look`, changes that are not durable yet, and the two kinds of fsync."""

    def __init__(self, *, journal: bool = False) -> None:
        """Begin with an empty, durable root."""
        self.root = Node(stat.S_IFDIR | 0o755)
        self.journal = journal
        self.pending: list[NameChange] = []
        self.syncs = 0

    def look(self, path: str) -> Node:
        """Find what stands at an absolute path; ENOENT or ENOTDIR."""
        node = self.root
        for name in filter(None, path.split("/")):
            if not node.is_directory:
                raise OSError(errno.ENOTDIR, path)
            if name not in node.names:
                raise OSError(errno.ENOENT, path)
            node = node.names[name]
        return node

    def _slot(self, path: str) -> Slot:
        parent, _, name = path.rpartition("/")
        return self.look(parent), name

    def add(self, path: str, node: Node) -> Node:
        """Put a new node or a further link at a free path."""
        directory, name = self._slot(path)
        if name in directory.names:
            raise OSError(errno.EEXIST, path)
        self._change({(directory, name): node})
        return node

    def remove(self, path: str, *, directory: bool = False) -> None:
        """Unlink a file, or an empty directory."""
        node = self.look(path)
        if directory and node.names:
            raise OSError(errno.ENOTEMPTY, path)
        self._change({self._slot(path): None})

    def rename(self, old: str, new: str) -> None:
        """Move a name, in place of what stood there."""
        node, source, goal = self.look(old), self._slot(old), self._slot(new)
        there = goal[0].names.get(goal[1])
        if there is node:
            return
        if there is not None and there.names:
            raise OSError(errno.ENOTEMPTY, new)
        self._change({source: None, goal: node})

    def _change(self, change: NameChange) -> None:
        for (directory, name), node in change.items():
            before = directory.names.get(name)
            if before is not None:
                before.links -= 1
            if node is not None:
                node.links += 1
        _apply(change, {directory: directory.names for directory, _ in change})
        self.pending.append(change)

    def sync_file(self, node: Node) -> None:
        """Do fsync of a file: its bytes, and every name where the disk has a journal."""
        self.syncs += 1
        node.content.sync()
        if self.journal:
            self._settle(set(range(len(self.pending))))

    def sync_directory(self, directory: Node) -> None:
        """Do fsync of a directory: each change of names in it, with both ends of a rename."""
        self.syncs += 1
        mine = {i for i, change in enumerate(self.pending) if self.journal or any(d is directory for d, _ in change)}
        self._settle(_with_earlier(self.pending, mine))

    def _settle(self, durable: set[int]) -> None:
        for index in sorted(durable):
            change = self.pending[index]
            _apply(change, {directory: directory.safe_names for directory, _ in change})
        self.pending = [change for index, change in enumerate(self.pending) if index not in durable]

    def unsynced(self) -> dict[str, int]:
        """Count what a loss of power would put at risk, and the syncs so far."""
        nodes = list(_walk(self.root, {}))
        writes = sum(len(node.content.pending) for node in nodes)
        return {"syncs": self.syncs, "unsynced_names": len(self.pending), "unsynced_writes": writes}

    def survive(self, into: Path, seed: int | None) -> None:
        """Write what a loss of power would leave now as a plain directory; see Content.survive for the seed."""
        chance = None if seed is None else Random(seed)
        names: dict[Node, dict[str, Node]] = {}
        if chance is not None:
            some = {i for i in range(len(self.pending)) if chance.random() < 0.5}
            for index in sorted(_with_earlier(self.pending, some)):
                change = self.pending[index]
                _apply(change, {d: names.setdefault(d, dict(d.safe_names)) for d, _ in change})
        grain = SECTOR if chance is None else chance.choice((SECTOR, PAGE))
        _Writer(names, chance, grain).write(self.root, into)


def _apply(change: NameChange, to: dict[Node, dict[str, Node]]) -> None:
    for (directory, name), node in change.items():
        if node is None:
            to[directory].pop(name, None)
        else:
            to[directory][name] = node


def _with_earlier(pending: list[NameChange], chosen: set[int]) -> set[int]:
    """Add the earlier changes of the same names: one name's history is never out of order."""
    slots: set[Slot] = set()
    result = set(chosen)
    for index in range(len(pending) - 1, -1, -1):
        if index in result or not slots.isdisjoint(pending[index]):
            result.add(index)
            slots.update(pending[index])
    return result


def _walk(node: Node, seen: dict[int, Node]) -> list[Node]:
    if node.number not in seen:
        seen[node.number] = node
        for below in node.names.values():
            _walk(below, seen)
    return list(seen.values())


class _Writer:
    """Write a surviving tree; a file with two names becomes one file with two names."""

    def __init__(self, names: dict[Node, dict[str, Node]], chance: Random | None, grain: int) -> None:
        self.names, self.chance, self.grain = names, chance, grain
        self.written: dict[Node, Path] = {}

    def write(self, node: Node, path: Path) -> None:
        if node in self.written:
            path.hardlink_to(self.written[node])
            return
        if node.is_directory:
            path.mkdir(exist_ok=True)
            below = self.names.get(node, node.safe_names)
            for name in sorted(below):
                self.write(below[name], path / name)
        elif stat.S_ISLNK(node.mode):
            path.symlink_to(node.target)
        else:
            path.write_bytes(node.content.survive(self.chance, self.grain))
            self.written[node] = path
        _dress(node, path)


def _dress(node: Node, path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, node.uid, node.gid, follow_symlinks=False)
    if not stat.S_ISLNK(node.mode):
        path.chmod(stat.S_IMODE(node.mode))
        os.utime(path, ns=node.times)


def read_in(disk: Disk, source: Path) -> None:
    """Take a directory's files onto an empty disk as durable from the start."""
    seen: dict[tuple[int, int], Node] = {}
    _read(disk.root, source, seen)


def _read(node: Node, path: Path, seen: dict[tuple[int, int], Node]) -> None:
    for entry in sorted(path.iterdir()):
        state = entry.lstat()
        below = seen.get((state.st_dev, state.st_ino)) if not stat.S_ISDIR(state.st_mode) else None
        if below is None:
            below = Node(state.st_mode, state.st_uid, state.st_gid, times=(state.st_atime_ns, state.st_mtime_ns))
            seen[state.st_dev, state.st_ino] = below
            _fill(below, entry, seen)
        below.links += 1
        node.names[entry.name] = node.safe_names[entry.name] = below


def _fill(node: Node, path: Path, seen: dict[tuple[int, int], Node]) -> None:
    if stat.S_ISLNK(node.mode):
        node.target = str(path.readlink())
    elif node.is_directory:
        _read(node, path, seen)
    elif stat.S_ISREG(node.mode):
        node.content = Content.stored(path.read_bytes())
