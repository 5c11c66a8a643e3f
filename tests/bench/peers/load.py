"""Mail load against any SMTP port: messages a second by Postfix's smtp-source, latency by a small client of our own."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

import uvloop

from tests.bench.peers.processes import cpu_seconds
from tests.ports import LOOPBACK

SENDER = "r.example@example.org"
RECIPIENT = "office@example.org"


@dataclass(frozen=True, slots=True)
class Rate:
    """How many things were done in how long, with the CPU seconds of the target (all its processes)."""

    count: int
    seconds: float
    cpu_seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Things a second."""
        return self.count / self.seconds

    @property
    def cpu_per_1000(self) -> float:
        """CPU seconds of the target for a thousand."""
        return self.cpu_seconds * 1000 / self.count


@dataclass(frozen=True, slots=True)
class Latency:
    """Whole transactions, in milliseconds."""

    p50_ms: float
    p99_ms: float


def send_messages(
    port: int,
    messages: int,
    size: int,
    *,
    sessions: int = 10,
    target: Sequence[int] = (),
    sender: str = SENDER,
    recipient: str = RECIPIENT,
) -> Rate:
    """Send messages of `size` bytes over reused connections by smtp-source; fails unless every one was accepted.

    `target` are the root processes whose CPU is weighed.
    """
    command = ["smtp-source", "-d", "-s", str(sessions), "-m", str(messages), "-l", str(size)]
    command += ["-f", sender, "-t", recipient, f"{LOOPBACK}:{port}"]
    cpu = cpu_seconds(target)
    begin = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    seconds = time.perf_counter() - begin
    if done.returncode or done.stderr:
        raise OSError(f"smtp-source: {done.stderr[-400:]}")
    return Rate(messages, seconds, cpu_seconds(target) - cpu)


def measure_latency(
    port: int, messages: int, size: int, *, sessions: int = 10, sender: str = SENDER, recipient: str = RECIPIENT
) -> Latency:
    """Time each transaction, from MAIL to the reply after the final dot, at a fixed number of open sessions.

    One command at a time and reused connections, as smtp-source does; the first transaction of each session warms it
    up and is left out. Every message has a Message-ID of its own: none is a repeat.
    """
    letter = _letter(size, sender, recipient)
    envelope = (f"MAIL FROM:<{sender}>".encode(), f"RCPT TO:<{recipient}>".encode(), b"DATA")

    async def measure() -> list[float]:
        share = max(1, messages // sessions)
        taken = await asyncio.gather(*(_session(port, share, envelope, letter) for _ in range(sessions)))
        return [seconds * 1000 for one in taken for seconds in one]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        times = runner.run(asyncio.wait_for(measure(), 300))
    hundredths = statistics.quantiles(times, n=100, method="inclusive")
    return Latency(hundredths[49], hundredths[98])


def _letter(size: int, sender: str, recipient: str) -> bytes:
    head = (
        f"From: <{sender}>\r\nTo: <{recipient}>\r\nSubject: a question\r\nDate: Mon, 9 Mar 2026 10:00:00 +0000\r\n\r\n"
    )
    line = b"The quick brown fox jumps over the lazy dog, and then again and again.\r\n"
    return head.encode() + line * (size // len(line)) + b".\r\n"


async def _session(port: int, transactions: int, envelope: tuple[bytes, ...], letter: bytes) -> list[float]:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    times = []
    try:
        await _reply(reader, b"2")
        await _ask(reader, writer, b"EHLO client.example.org")
        for _ in range(transactions + 1):
            begin = time.perf_counter()
            for command in envelope[:-1]:
                await _ask(reader, writer, command)
            await _ask(reader, writer, envelope[-1], b"3")
            writer.write(b"Message-ID: <%d.%d@client.example.org>\r\n" % (id(writer), len(times)) + letter)
            await _reply(reader, b"2")
            times.append(time.perf_counter() - begin)
        await _ask(reader, writer, b"QUIT")
    finally:
        writer.close()
    return times[1:]


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, command: bytes, good: bytes = b"2") -> None:
    writer.write(command + b"\r\n")
    await _reply(reader, good)


async def _reply(reader: asyncio.StreamReader, good: bytes) -> None:
    """Read one reply, of several lines perhaps (RFC 5321, 4.2.1)."""
    line = await reader.readline()
    while line[3:4] == b"-":
        line = await reader.readline()
    if not line.startswith(good):
        raise OSError(f"the server said {line!r}")
