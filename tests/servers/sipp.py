"""SIPp for real: callers and a PBX that play the scenarios of tests/servers/sipp, and what went over the wire.

Belongs here: starting one SIPp and reading its trace. A scenario that did not come about as written fails the test.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.peers.processes import ended_with_us
from tests.ports import LOOPBACK, free_port

SCENARIOS = Path(__file__).parent / "sipp"
_MESSAGE = re.compile(
    r"^-{20,} (?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6})\n"
    r"(?:UDP|TCP) message (?P<way>sent|received)[^\n]*\n\n"
    r"(?P<text>.*?\n)(?=-{20,} |\Z)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Message:
    """Hold one message as it went over the wire."""

    at: datetime
    sent: bool
    text: str

    @property
    def start(self) -> str:
        """Give its first line."""
        return self.text.partition("\n")[0].strip()

    @property
    def call(self) -> str:
        """Give its Call-ID."""
        found = re.search(r"^Call-ID: *(\S+)", self.text, re.MULTILINE | re.IGNORECASE)
        return found.group(1) if found else ""


class Sipp:
    """Play one scenario; `STATUS` in it is what `status` says."""

    def __init__(self, folder: Path, scenario: str, *options: str, port: int = 0, status: int = 486) -> None:
        self.port = port or free_port()
        self._trace = folder / f"{scenario}.trace"
        self._errors = folder / f"{scenario}.errors"
        file = folder / f"{scenario}.xml"
        file.write_text((SCENARIOS / file.name).read_text("utf-8").replace("STATUS", str(status)), "utf-8")
        self._command = ["sipp", "-sf", str(file), "-i", LOOPBACK, "-p", str(self.port), "-nostdin", "-trace_msg"]
        self._command += ["-message_file", str(self._trace), "-trace_err", "-error_file", str(self._errors), *options]
        self._folder = folder

    async def play(self, kamailio_port: int, *options: str, seconds: float = 60.0) -> int:
        """Play it to its end against Kamailio; gives SIPp's exit code, 0 where every call was as written."""
        command = [*self._command, f"{LOOPBACK}:{kamailio_port}", *options]
        return await self._run(command, seconds)

    async def _run(self, command: list[str], seconds: float) -> int:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=self._folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        with ended_with_us(process.pid):
            try:
                async with asyncio.timeout(seconds):
                    return await process.wait()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Sipp]:
        """Have it wait for calls as long as the block lasts."""
        task = asyncio.create_task(self._run(self._command, 600))
        try:
            await self._bound()
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _bound(self) -> None:
        """Wait until the system says that somebody has its port."""
        mine = f"{int.from_bytes(bytes(map(int, LOOPBACK.split('.'))), 'little'):08X}:{self.port:04X}"
        async with asyncio.timeout(10):
            while mine not in Path("/proc/net/udp").read_text("ascii"):
                await asyncio.sleep(0.02)

    @property
    def errors(self) -> str:
        """Give what was not as the scenario has it."""
        return self._errors.read_text(errors="replace") if self._errors.exists() else ""

    def messages(self, start: str = "") -> list[Message]:
        """List what went over the wire and begins so, the oldest first."""
        text = self._trace.read_text(errors="replace") if self._trace.exists() else ""
        found = (
            Message(datetime.fromisoformat(one["at"]).replace(tzinfo=UTC), one["way"] == "sent", one["text"])
            for one in _MESSAGE.finditer(text)
        )
        return [message for message in found if message.start.startswith(start)]
