"""A disk that loses its power: a mounted filesystem of which only what was synced survives `cut()`.

with PowerCut(tmp_path) as disk:
    ...write below disk.mountpoint, note what was acknowledged...
    left = disk.cut(seed=7)  # a plain directory, for the process that recovers
"""

from __future__ import annotations

import ctypes.util
import json
import os
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 20.0


def unavailable() -> str | None:
    """Say what this machine lacks for the layer, or None."""
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "no access to /dev/fuse"
    return None if ctypes.util.find_library("fuse") else "libfuse2 is not installed"


def unmount(mountpoint: str) -> None:
    """Take a mount down even when files in it are open; nothing happens where none is mounted."""
    umount = ["umount", "-l", mountpoint] if os.geteuid() == 0 else ["fusermount", "-u", "-z", mountpoint]
    subprocess.run(umount, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=10)


class PowerCut:
    """Mount a disk below a folder, in a process of its own, for as long as the `with` lasts.

    `source` is a directory whose files are on the disk, durable, from the start. Names are durable only by fsync of
    their directory; with `journal` by any fsync, as on ext4.
    """

    def __init__(self, folder: Path, *, source: Path | None = None, journal: bool = False) -> None:
        """Prepare; nothing is mounted yet."""
        self.folder, self.mountpoint = folder, folder / "disk"
        self.counts: dict[str, int] = {}
        self._source, self._journal, self._cuts = source, journal, 0
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Mount."""
        self.mountpoint.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "tests.power_cut.mount", str(self.mountpoint)]
        command += ["--source", str(self._source)] if self._source else []
        command += ["--journal"] if self._journal else []
        with (self.folder / "mount.log").open("a") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT
            )
        try:
            self._hear()
        except BaseException:
            self._unmount()
            raise
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        """Unmount, whatever happened."""
        self._unmount()

    def cut(self, seed: int | None = None) -> Path:
        """Take the power away; return what is left, as a plain directory.

        Without a seed all that was not synced is gone; with one, any of it may have survived. From now on every call
        on the mount fails with EIO; processes that use it are the caller's to kill. `counts` then tells the syncs so
        far and the unsynced writes and names.
        """
        return self._leave(seed, final=True)

    def left_now(self, seed: int | None = None) -> Path:
        """Return what a loss of power at this instant would leave; the disk goes on."""
        return self._leave(seed, final=False)

    def power_on(self) -> None:
        """Mount what the last cut left, durable, at the same place."""
        self._unmount()
        self._source = self.folder / f"left-{self._cuts}"
        self.__enter__()

    def _leave(self, seed: int | None, *, final: bool) -> Path:
        assert self._process is not None and self._process.stdin is not None
        self._cuts += 1
        left = self.folder / f"left-{self._cuts}"
        self._process.stdin.write(json.dumps({"into": str(left), "seed": seed, "final": final}) + "\n")
        self._process.stdin.flush()
        self.counts = self._hear()
        return left

    def _hear(self) -> dict[str, Any]:
        assert self._process is not None and self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE_S)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            raise OSError(f"the power cut layer does not answer: {(self.folder / 'mount.log').read_text()[-800:]}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _unmount(self) -> None:
        process, self._process = self._process, None
        if process is None or process.stdin is None or process.stdout is None:
            return
        process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        if os.path.ismount(self.mountpoint) or not os.path.exists(self.mountpoint):  # the latter: a dead connection
            unmount(str(self.mountpoint))
