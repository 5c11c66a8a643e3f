"""The office's process: `parley serve`, forked from a process that has imported it, so that a restart takes 0.1 s.

Orders come as JSON lines on standard input (arguments, environment, log), one child at a time; for each its number and,
when it ended, how, and how often it passed each failpoint, which is counted in memory that survives kill -9.
"""

from __future__ import annotations

import ctypes
import gc
import json
import mmap
import os
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gateway.cli
from gateway import failpoints
from gateway.config import read_policy
from gateway.safeguard_lists import lists_of
from tests.crash.sabotage import SABOTAGES

COUNT_ONLY = f"{failpoints.NAMES[0]}:999999999"
"""A plan that kills at no step, but has every step counted."""
_PR_SET_PDEATHSIG = 1
_SLOT = struct.Struct("q")


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that started it is gone."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def counting(counters: mmap.mmap) -> Callable[[str], failpoints.Failpoint]:
    """Give a `failpoints.dying` that also counts every passing; each step belongs to one thread."""
    offsets = {name: index * _SLOT.size for index, name in enumerate(failpoints.NAMES)}
    dying = failpoints.dying

    def counted(plan: str) -> failpoints.Failpoint:
        failpoint = dying(plan)

        def passed(name: str) -> None:
            (before,) = _SLOT.unpack_from(counters, offsets[name])
            _SLOT.pack_into(counters, offsets[name], before + 1)
            failpoint(name)

        return passed

    return counted


def serve(order: dict[str, Any]) -> None:
    """Become `parley` with the order's arguments, and end."""
    die_with_parent()
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(order["environment"])
    sys.argv = ["parley", *order["arguments"]]
    code: object = 1
    try:
        gateway.cli.main()
        code = 0
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1 if code else 0)


def main(sabotage: str) -> None:
    """Import the product, spoil it if asked, and fork a child for each order."""
    die_with_parent()
    gateway.cli.command()
    lists_of(read_policy("default", Path()))  # they are kept
    SABOTAGES[sabotage]()
    counters = mmap.mmap(-1, _SLOT.size * len(failpoints.NAMES))
    failpoints.dying = counting(counters)
    gc.freeze()
    _say({"ready": True})
    for line in sys.stdin:
        counters[:] = bytes(len(counters))
        child = os.fork()
        if child == 0:
            serve(json.loads(line))
        _say({"pid": child})
        _, status = os.waitpid(child, 0)
        passed = [count for (count,) in _SLOT.iter_unpack(counters[:])]
        _say({"code": os.waitstatus_to_exitcode(status), "passed": dict(zip(failpoints.NAMES, passed, strict=True))})


def _say(words: dict[str, Any]) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
