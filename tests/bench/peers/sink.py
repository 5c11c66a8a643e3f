"""Postfix's smtp-sink as the next hop of every mail benchmark: it takes everything and keeps nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from types import TracebackType
from typing import Self

from tests.bench.peers.processes import running
from tests.ports import LOOPBACK, free_port

BACKLOG = 1000


def sink_command(port: int, *options: str) -> list[str]:
    """Give the command line; smtp-sink refuses to run as root."""
    privileges = ["-u", "nobody"] if os.geteuid() == 0 else []
    return ["smtp-sink", *privileges, "-m", "512", *options, f"{LOOPBACK}:{port}", str(BACKLOG)]


class Sink:
    """Run smtp-sink on loopback; further `options` are its own (faults: -q, -Q, -f, -r, -w, -W)."""

    def __init__(self, *options: str) -> None:
        """Prepare."""
        self.options, self.port = options, free_port()
        self.pids: list[int] = []
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Start."""
        process = self._stack.enter_context(running(sink_command(self.port, *self.options), self.port))
        self.pids = [process.pid]
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        """Stop."""
        self._stack.close()


def missing() -> str | None:
    """Say what this machine lacks for the mail benchmarks, or None."""
    for program in ("smtp-sink", "smtp-source", "postfix", "postfwd2"):
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
            return f"{program} is not installed (make servers)"
    return None if os.geteuid() == 0 else "Postfix's master starts only as root"


def version() -> str:
    """Name the Postfix that is measured."""
    return subprocess.run(
        ["postconf", "-dh", "mail_version"], capture_output=True, text=True, check=True
    ).stdout.strip()
