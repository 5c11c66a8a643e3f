"""Processes of a benchmark: started so that they end with it, and weighed by the CPU seconds of their whole tree."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.ports import LOOPBACK

_TICKS = os.sysconf("SC_CLK_TCK")


def start(command: list[str], *, cwd: Path | None = None) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own."""
    return subprocess.Popen(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a program that `start` started, and all below it."""
    tree = descendants([process.pid])
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
    _end(tree - {process.pid})
    if process.poll() is None:
        process.kill()
    process.wait()
    if process.stderr:
        process.stderr.close()


def stop_tree(root: int) -> None:
    """End a daemon that is not our child, and all below it."""
    _end(descendants([root]))


def _end(pids: set[int]) -> None:
    for sign, seconds in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 3.0)):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
        if _gone_within(seconds, pids):
            return


def _gone_within(seconds: float, pids: set[int]) -> bool:
    end = time.monotonic() + seconds
    while any(alive(pid) for pid in pids):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def alive(pid: int) -> bool:
    """Say whether a process runs (one that ended and was not waited for does not)."""
    fields = _stat(pid)
    return fields is not None and fields[0] != "Z"


def wait_for(true: Callable[[], bool], what: str, seconds: float = 10.0) -> None:
    """Wait a bounded time; TimeoutError names what did not come."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(0.02)


def listening(port: int) -> bool:
    """Say whether something accepts connections at a loopback port."""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
        return True
    return False


def wait_for_port(port: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until a port answers; where the program ended instead, raise with its last words."""

    def up() -> bool:
        if process is not None and process.poll() is not None and process.stderr:
            raise OSError(f"{process.args!r} ended: {process.stderr.read().decode(errors='replace')[-800:]}")
        return listening(port)

    wait_for(up, f"port {port}")


def descendants(roots: Iterable[int]) -> set[int]:
    """Give the processes and all below them, from /proc."""
    parents = {int(entry): fields for entry in os.listdir("/proc") if entry.isdigit() if (fields := _stat(int(entry)))}
    found = set(roots) & parents.keys()
    while more := {pid for pid, fields in parents.items() if int(fields[1]) in found} - found:
        found |= more
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """Sum user and system time of the processes and all below them, those that ended and were waited for included."""
    return sum(int(ticks) for pid in descendants(roots) for ticks in (_stat(pid) or ())[11:15]) / _TICKS


def resident_bytes(roots: Iterable[int]) -> int:
    """Sum the resident memory of the processes and all below them (what they share counts for each)."""
    return sum(int(fields[21]) for pid in descendants(roots) if (fields := _stat(pid))) * os.sysconf("SC_PAGE_SIZE")


def _stat(pid: int) -> list[str] | None:
    """Read /proc/PID/stat from the state on (proc(5): field 3), past a name that may hold blanks."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


@contextlib.contextmanager
def ended_with_us(pid: int) -> Iterator[None]:
    """While the `with` lasts, have the process told to end should we die, even by SIGKILL.

    A watcher notices that our end of its pipe closed; PR_SET_PDEATHSIG would be lost where a server changes its user.
    """
    watcher = subprocess.Popen(
        ["sh", "-c", f"read -r _; kill {pid}"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield
    finally:
        watcher.kill()
        watcher.wait()
        if watcher.stdin:
            watcher.stdin.close()


@contextlib.contextmanager
def running(command: list[str], port: int, *, cwd: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program while the `with` lasts, from when its port answers."""
    process = start(command, cwd=cwd)
    try:
        with ended_with_us(process.pid):
            wait_for_port(port, process)
            yield process
    finally:
        stop(process)
