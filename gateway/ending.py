"""Whether this process has to end: after a failed fsync or a broken record nothing is certain any more (THREATS S17).

Belongs here: passing that word from whoever meets the fault to whoever can end the process.
"""

from __future__ import annotations

import asyncio

import structlog

from adapters.mail.maildir import FsyncFailed
from storage.faults import RecordBroken

EXIT_CODE = 75
"""EX_TEMPFAIL: whoever watches over the process starts it anew."""
FATAL = (FsyncFailed, RecordBroken)

log = structlog.get_logger()


class Ending:
    """Hold that the end has to come; one for each process."""

    def __init__(self) -> None:
        self._needed = asyncio.Event()

    def require(self, fault: Exception) -> None:
        """Say that the process cannot go on."""
        if not self.required:
            log.critical("the process must end", fault=type(fault).__name__)
        self._needed.set()

    @property
    def required(self) -> bool:
        """Tell whether the process cannot go on."""
        return self._needed.is_set()

    async def wait(self) -> None:
        """Wait until the process cannot go on."""
        await self._needed.wait()
