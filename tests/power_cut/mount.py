"""The disk as a mounted filesystem: fusepy's calls put into the words of `Disk`, and the switch of the power.

Commands come as JSON lines on standard input; when that closes (the test ended, however) the mount is taken down.
After a final cut every call fails with EIO, so nothing can be acknowledged that the disk does not have.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import stat
import sys
import threading
import time
from itertools import count
from pathlib import Path
from typing import Any

from tests.power_cut import unmount
from tests.power_cut.disk import Disk, Node, read_in

_SYNCED = os.O_SYNC | os.O_DSYNC
STAT_BLOCK = 512


class Filesystem:
    """The calls that FUSE makes, one at a time; paths are absolute within the mount, open files go by `fi.fh`."""

    flag_nullpath_ok = 1  # files that were unlinked while open are reached by their handle
    use_ns = True

    def __init__(self, disk: Disk) -> None:
        """Serve a disk whose power is on."""
        self.disk, self.power = disk, True
        self.turn = (
            threading.Lock()
        )  # not `lock`: FUSE would take that for a call, and locks are best left to the kernel
        self._handles: dict[int, tuple[Node, bool]] = {}
        self._next = count(1)

    def __call__(self, call: str, *arguments: Any) -> Any:
        """Carry out one call; EIO once the power is gone."""
        with self.turn:
            if not self.power and call != "release":
                raise OSError(errno.EIO, call)
            return getattr(self, call)(*arguments)

    def init(self, _path: str) -> None:
        """Tell the test that the mount is there."""
        _answer({"ready": True})

    def getattr(self, path: str | None, fi: Any = None) -> dict[str, int]:
        """Answer stat and fstat."""
        node = self._node(path, fi)
        size = len(node.content.now)
        return {
            "st_mode": node.mode,
            "st_ino": node.number,
            "st_nlink": 2 if node.is_directory else node.links,
            "st_uid": node.uid,
            "st_gid": node.gid,
            "st_size": size,
            "st_blocks": -(-size // STAT_BLOCK),
            "st_atime": node.times[0],
            "st_mtime": node.times[1],
            "st_ctime": node.times[1],
        }

    def _node(self, path: str | None, fi: Any = None) -> Node:
        if fi is not None and fi.fh in self._handles:
            return self._handles[fi.fh][0]
        if path is None:
            raise OSError(errno.ENOENT, "unlinked")
        return self.disk.look(path)

    def readdir(self, path: str, _fh: int) -> list[str]:
        """List a directory."""
        return [".", "..", *self.disk.look(path).names]

    def opendir(self, path: str) -> int:
        """Give a handle for readdir and fsyncdir, which go by path."""
        self.disk.look(path)
        return 0

    def mkdir(self, path: str, mode: int) -> None:
        """Make a directory; durable when its parent is synced."""
        self.disk.add(path, _new(stat.S_IFDIR | mode))

    def mknod(self, path: str, mode: int, _device: int) -> None:
        """Make a file, fifo or socket."""
        self.disk.add(path, _new(mode))

    def symlink(self, path: str, target: str) -> None:
        """Make a symbolic link."""
        self.disk.add(path, _new(stat.S_IFLNK | 0o777)).target = target

    def readlink(self, path: str) -> str:
        """Read a symbolic link."""
        return self.disk.look(path).target

    def link(self, path: str, source: str) -> None:
        """Give a file a further name."""
        self.disk.add(path, self.disk.look(source))

    def unlink(self, path: str) -> None:
        """Take a name away."""
        self.disk.remove(path)

    def rmdir(self, path: str) -> None:
        """Take an empty directory away."""
        self.disk.remove(path, directory=True)

    def rename(self, old: str, new: str) -> None:
        """Move a name, atomically."""
        self.disk.rename(old, new)

    def create(self, path: str, mode: int, fi: Any) -> int:
        """Make a file and open it."""
        return self._open(self.disk.add(path, _new(stat.S_IFREG | mode)), fi)

    def open(self, path: str, fi: Any) -> int:
        """Open a file."""
        return self._open(self.disk.look(path), fi)

    def _open(self, node: Node, fi: Any) -> int:
        fi.fh = next(self._next)
        self._handles[fi.fh] = (node, bool(fi.flags & _SYNCED))
        return 0

    def release(self, _path: str | None, fi: Any) -> None:
        """Forget a handle; closing makes nothing durable."""
        self._handles.pop(fi.fh, None)

    def read(self, path: str | None, size: int, offset: int, fi: Any) -> bytes:
        """Read what was written, synced or not."""
        return bytes(self._node(path, fi).content.now[offset : offset + size])

    def write(self, _path: str | None, data: bytes, offset: int, fi: Any) -> int:
        """Write; durable at once only on a handle opened with O_SYNC or O_DSYNC."""
        node, synced = self._handles[fi.fh]
        node.content.write(offset, data)
        node.times = (node.times[0], time.time_ns())
        if synced:
            self.disk.sync_file(node)
        return len(data)

    def truncate(self, path: str | None, size: int, fi: Any = None) -> None:
        """Change the size."""
        self._node(path, fi).content.resize(size)

    def fsync(self, path: str | None, _data_only: int, fi: Any) -> None:
        """Make a file's bytes durable, and not its name."""
        self.disk.sync_file(self._node(path, fi))

    def fsyncdir(self, path: str, _data_only: int, _fh: int) -> None:
        """Make a directory's names durable."""
        self.disk.sync_directory(self.disk.look(path))

    def chmod(self, path: str, mode: int) -> None:
        """Set the permissions (held to be durable)."""
        self.disk.look(path).mode = mode

    def chown(self, path: str, uid: int, gid: int) -> None:
        """Set owner and group (held to be durable); -1 leaves one."""
        node = self.disk.look(path)
        node.uid = node.uid if uid == -1 else uid
        node.gid = node.gid if gid == -1 else gid

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> None:
        """Set the times, in nanoseconds."""
        self.disk.look(path).times = times or (time.time_ns(), time.time_ns())

    def statfs(self, _path: str) -> dict[str, int]:
        """Say that there is room."""
        return {"f_bsize": 4096, "f_frsize": 4096, "f_blocks": 1 << 20, "f_bfree": 1 << 19, "f_bavail": 1 << 19}


def _new(mode: int) -> Node:
    from fuse import fuse_get_context

    uid, gid, _ = fuse_get_context()
    return Node(mode, uid, gid, times=(time.time_ns(), time.time_ns()))


def _answer(words: dict[str, Any]) -> None:
    print(json.dumps(words), flush=True)


def obey(filesystem: Filesystem, mountpoint: str) -> None:
    """Carry out commands until standard input closes, then unmount and end the process."""
    for line in sys.stdin:
        command = json.loads(line)
        with filesystem.turn:
            filesystem.power = filesystem.power and not command["final"]
            counts = filesystem.disk.unsynced()
            filesystem.disk.survive(Path(command["into"]), command["seed"])
        _answer(counts)
    unmount(mountpoint)
    time.sleep(0.2)  # the loop ends by itself unless a file is still held open
    os._exit(0)


def main() -> None:
    """Mount a disk, with a directory's files on it from the start, and serve it in the foreground."""
    parser = argparse.ArgumentParser()
    parser.add_argument("mountpoint")
    parser.add_argument("--source", type=Path)
    parser.add_argument("--journal", action="store_true")
    arguments = parser.parse_args()
    disk = Disk(journal=arguments.journal)
    if arguments.source:
        read_in(disk, arguments.source)
    serve(Filesystem(disk), arguments.mountpoint)


def serve(filesystem: Filesystem, mountpoint: str) -> None:
    """Mount until unmounted; the page cache stays on, since SQLite's -shm file is mapped."""
    from fuse import FUSE

    threading.Thread(target=obey, args=(filesystem, mountpoint), daemon=True).start()
    options: dict[str, Any] = {"kernel_cache": True, "use_ino": True, "big_writes": True, "hard_remove": True}
    if os.geteuid() == 0:
        options |= {"allow_other": True, "default_permissions": True}
    FUSE(filesystem, mountpoint, raw_fi=True, foreground=True, nothreads=True, fsname="power_cut", **options)


if __name__ == "__main__":
    main()
