"""Where tests write: into memory where the machine has room, else onto its disk.

Tests wait for nothing so long as for a disk to sync, and a sync shows nothing where no power is lost; the tests that
take the power away have a disk of their own (`tests.power_cut`).
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes that must be free: the tests leave some hundred megabytes each time, and pytest keeps three times."""
_MEMINFO = Path("/proc/meminfo")


def in_memory() -> bool:
    """Tell whether temporary files lie in memory."""
    return Path(tempfile.gettempdir()).is_relative_to(MEMORY)


def write_into_memory() -> None:
    """Have this process and all that it starts write temporary files into memory, unless somebody chose a place."""
    if "TMPDIR" not in os.environ and _roomy():
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # what was found before is forgotten


def _roomy() -> bool:
    """Look for room: a container may have a small one, or one that starts no programs, or little memory behind it."""
    if not os.access(MEMORY, os.W_OK | os.X_OK) or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return False
    left = next((line for line in _MEMINFO.read_text("ascii").splitlines() if line.startswith("MemAvailable:")), "0 0")
    return shutil.disk_usage(MEMORY).free > ROOM and int(left.split()[1]) * 1024 > 2 * ROOM
