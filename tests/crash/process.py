"""Starts, kills and stops the office's process (`forked.py`) from an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Ended:
    """Hold how a process ended (negative: the signal) and how often it passed each failpoint."""

    code: int
    passed: dict[str, int]


class Served:
    """Hold the process that forks the office; `async with` starts and ends it, and what it forked."""

    def __init__(self, state: Path, log: Path, *, sabotage: str = "none") -> None:
        """Prepare."""
        self.state, self.log, self._sabotage = state, log, sabotage
        self._forker: asyncio.subprocess.Process | None = None
        self._end: asyncio.Task[Ended] | None = None
        self._pid = 0

    async def __aenter__(self) -> Self:
        """Import the product, once."""
        # The children are killed, so that coverage would hear nothing of them, only slow them down.
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("COV_", "COVERAGE_"))}
        self._forker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.crash.forked",
            self._sabotage,
            cwd=ROOT,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        await self._hear()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End all of it: the kernel kills what was forked."""
        assert self._forker is not None
        with contextlib.suppress(ProcessLookupError):
            self._forker.kill()
        await self._forker.wait()
        if self._end is not None:
            self._end.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await self._end

    async def start(self, plan: str) -> asyncio.Task[Ended]:
        """Start the office with a plan of failpoints; give what is done when it ends."""
        assert self._forker is not None
        assert self._forker.stdin is not None
        arguments = ["--state", str(self.state), "serve"]
        order = {"arguments": arguments, "environment": {"PARLEY_FAILPOINTS": plan}, "log": str(self.log)}
        self._forker.stdin.write(json.dumps(order).encode() + b"\n")
        self._pid = int((await self._hear())["pid"])
        self._end = asyncio.create_task(self._await_end())
        return self._end

    def kill(self) -> None:
        """Kill it with -9; the forker has not waited for it yet, so that the number is still its own."""
        assert self._end is not None
        if not self._end.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    async def stop(self) -> Ended:
        """Ask it to stop, and wait until it has."""
        assert self._end is not None
        if not self._end.done():
            os.kill(self._pid, signal.SIGTERM)
        return await asyncio.wait_for(asyncio.shield(self._end), PATIENCE_S)

    async def _await_end(self) -> Ended:
        words = await self._hear(patience_s=None)
        return Ended(int(words["code"]), words["passed"])

    async def _hear(self, patience_s: float | None = PATIENCE_S) -> dict[str, Any]:
        assert self._forker is not None
        assert self._forker.stdout is not None
        line = await asyncio.wait_for(self._forker.stdout.readline(), patience_s)
        if not line:
            raise OSError(f"the office's process does not answer; see {self.log}")
        words: dict[str, Any] = json.loads(line)
        return words
