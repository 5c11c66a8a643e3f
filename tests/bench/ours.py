"""Parley itself as a target: `parley serve` as an office runs it, on loopback, its record on disk."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench.peers.processes import running, wait_for_port
from tests.ports import LOOPBACK, free_port

ROOT = Path(__file__).parents[2]
ACCOUNT, TOKEN = "AC" + "0" * 32, "bench-token"
LINE, SWITCHBOARD = "+442079460999", "+442079460100"

_SETTINGS = """
workers = {workers}

[office]
name = "Bench Office"
address = "office@example.org"
alerts = "duty@example.org"
domains = ["example.org"]

[mail]
listen = "{host}:{mail}"
next_hop = "{host}:{next_hop}"

[phone]
listen = "{host}:{web}"
public_url = "http://{host}:{web}"
account = "{account}"
tokens = ["{token}"]
switchboard = "{switchboard}"
"""


class Parley:
    """Run `parley serve` in a state folder of its own, or in one that was prepared."""

    def __init__(self, next_hop: int, state: Path | None = None, *, workers: int = 1) -> None:
        self._folder = None if state else tempfile.TemporaryDirectory(prefix="parley-bench-")
        self.state = state or Path(self._folder.name)
        self._next_hop = next_hop
        self._workers = workers

    def __enter__(self) -> Self:
        self.port, self.web = free_port(), free_port()
        settings = _SETTINGS.format(
            workers=self._workers,
            host=LOOPBACK,
            mail=self.port,
            web=self.web,
            next_hop=self._next_hop,
            account=ACCOUNT,
            token=TOKEN,
            switchboard=SWITCHBOARD,
        )
        (self.state / "parley.toml").write_text(settings)
        command = [sys.executable, "-c", "from gateway.cli import main; main()", "--state", str(self.state), "serve"]
        with contextlib.ExitStack() as stack:
            self._process = stack.enter_context(running(command, self.port, cwd=ROOT))
            wait_for_port(self.web, self._process)
            self._close = stack.pop_all().close
        return self

    @property
    def pids(self) -> list[int]:
        """Give the root process, whose CPU is weighed."""
        return [self._process.pid]

    def contacts(self) -> int:
        """Count the contacts on record."""
        with sqlite3.connect(f"file:{self.state / 'parley.db'}?mode=ro", uri=True) as database:
            (count,) = database.execute("select count(*) from contacts").fetchone()
        database.close()
        return int(count)

    @property
    def url(self) -> str:
        """Give the public address that calls are signed for."""
        return f"http://{LOOPBACK}:{self.web}"

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        self._close()
        if self._folder:
            self._folder.cleanup()
