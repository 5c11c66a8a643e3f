"""Has the pages of attached documents counted by a child process, and takes its numbers as a stranger's.

Belongs here: starting it, asking it, ending it. Promises that no octet of a document is read in this process, that its
event loop waits for nothing, and that a child which dies or is silent costs what it was at and no more (THREATS C7).
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

from adapters.documents.child import END, LENGTH
from adapters.documents.pages import MOST_PAGES
from adapters.mail.attachments import MOST

# Isolated (-I) it finds only what is installed: it is told where we are, for its code is ours, installed or not.
_HERE = str(Path(__file__).resolve().parents[2])
_PROGRAM = f"import sys; sys.path.insert(0, {_HERE!r}); from adapters.documents.child import main; main()"
_COMMAND = ("-I", "-B", "-c", _PROGRAM)
_MOST_S = 300.0
"""Seconds by the clock after which a child is ended: its own limit is of CPU, and machines may be busy."""


class Counter:
    """Count the pages of messages, one after the other; the child stays for the next one until `close`."""

    def __init__(self, command: tuple[str, ...] = _COMMAND, most_s: float = _MOST_S) -> None:
        self._command = command
        self._most_s = most_s
        self._child: Process | None = None
        self._asked: Process | None = None
        self._killed = False

    async def count(self, raw: bytes) -> tuple[int, ...]:
        """Give the pages of each document of a message that could be counted; raises OSError where no child starts."""
        fresh = self._child is None
        found, whole = await self._ask(raw)
        if not whole and not fresh and not self._killed:  # what came before it may have used that child up
            found, _ = await self._ask(raw)
        return tuple(found)

    async def close(self) -> None:
        """End the child, if there is one."""
        if self._child is not None:
            await _ended(self._child)
            self._child = None

    def kill(self) -> None:
        """End the child that is at work for good: whoever waits for it hears what was counted so far."""
        self._killed = True
        if self._asked is not None and self._asked.returncode is None:
            self._asked.kill()

    async def _ask(self, raw: bytes) -> tuple[list[int], bool]:
        """Have one message counted; False where the child did not come to its end, and is no more."""
        child = self._child or await self._started()
        found: list[int] = []
        self._child, self._asked, whole = None, child, False
        try:
            async with asyncio.timeout(self._most_s):
                whole = await _counted(child, raw, found)
        except (TimeoutError, ConnectionError, ValueError):
            pass  # silent, dead, or talking nonsense: what it said before stands
        finally:
            self._asked = None
            if whole:
                self._child = child
            else:
                await _ended(child)
        return found, whole

    async def _started(self) -> Process:
        # Nothing of our environment, where secrets may be.
        return await asyncio.create_subprocess_exec(
            sys.executable, *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, cwd="/"
        )


async def _counted(child: Process, raw: bytes, found: list[int]) -> bool:
    """Hand a message over and collect its answers; True where the child said that these are all."""
    assert child.stdin is not None and child.stdout is not None
    child.stdin.writelines((len(raw).to_bytes(LENGTH, "big"), raw))
    await child.stdin.drain()
    for _ in range(MOST + 1):
        line = await child.stdout.readline()
        if line == END or not line:
            return line == END
        if line.rstrip().isdigit() and 0 < int(line) <= MOST_PAGES:
            found.append(int(line))
    return False


async def _ended(child: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        child.kill()
    if child.stdin is not None:
        child.stdin.close()
    await child.wait()
