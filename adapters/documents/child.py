"""What runs in a process of its own: reads messages, counts the pages of what is attached to each, and writes numbers.

Belongs here: the limits that it sets itself before it reads anything (THREATS C1, C7), and the loop. Whatever is in a
file, the worst is that this process dies: what was counted stands, and the rest is not counted.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from typing import BinaryIO

from adapters.documents.pages import pages_of
from adapters.mail.attachments import documents
from adapters.mail.parts import cut

MOST_MEMORY = 640 * 1024 * 1024
"""Octets of address space: a third of it is Python's and pypdf's own."""
MOST_CPU_S = 10
"""Seconds of CPU for the documents of one message."""
LENGTH = 8
"""Octets, the highest first, that say how long the message behind them is."""
NOT_COUNTED, END = b"-\n", b".\n"


def main() -> None:
    """Answer each message on standard input by a line for each document, then `.`; ends where there is no more."""
    # In a file or an environment there is nothing for it, and it makes neither files nor processes.
    for limit, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (most, most))
    os.nice(19)
    while length := sys.stdin.buffer.read(LENGTH):
        _time_for_one()
        for line in _answers(sys.stdin.buffer.read(int.from_bytes(length, "big"))):
            _write(sys.stdout.buffer, line)
        _write(sys.stdout.buffer, END)


def _time_for_one() -> None:
    """Give the next message its seconds, beyond which the kernel ends this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + MOST_CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _answers(raw: bytes) -> Iterator[bytes]:
    for octets, document in documents(raw, cut(raw)):
        try:
            pages = pages_of(octets, document)
        except MemoryError:
            raise  # used up: the next message has a new process
        except Exception:  # the one broad except of this loop: whatever a file makes a reader raise, it is not counted
            pages = None
        yield NOT_COUNTED if pages is None else b"%d\n" % pages


def _write(where: BinaryIO, line: bytes) -> None:
    where.write(line)
    where.flush()
