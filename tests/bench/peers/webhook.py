"""The bare webhook as a process, and a bounded load of signed calls over kept connections against any webhook."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urlsplit

import uvloop

from tests.bench.peers import bare_webhook
from tests.bench.peers.load import Rate
from tests.bench.peers.processes import cpu_seconds, running
from tests.ports import LOOPBACK, free_port

ROOT = Path(__file__).resolve().parents[3]
CONNECTIONS = 10


class BareWebhook:
    """Run the bare application in one uvicorn process on loopback."""

    token, url = bare_webhook.TOKEN, bare_webhook.URL

    def __init__(self) -> None:
        """Prepare."""
        self.port = free_port()
        self.pids: list[int] = []
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Start."""
        command = [sys.executable, "-m", "uvicorn", "tests.bench.peers.bare_webhook:app", "--host", LOOPBACK]
        command += ["--port", str(self.port), "--loop", "uvloop", "--http", "httptools", "--lifespan", "off"]
        command += ["--no-access-log", "--log-level", "warning"]
        self.pids = [self._stack.enter_context(running(command, self.port, cwd=ROOT)).pid]
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        """Stop."""
        self._stack.close()
        self.pids = []


@dataclass(frozen=True, slots=True)
class Calls:
    """What a load of calls came to: the rate, and how often each status was answered."""

    rate: Rate
    statuses: dict[int, int]


# 01632 960, 07700 900, 020 7946 0, and 0113 to 0161 496 0, each with three digits more.
_AREAS = (113, 114, 115, 116, 117, 118, 121, 131, 141, 151, 161)
_DRAMA = ("+441632960", "+447700900", "+442079460", *(f"+44{area}4960" for area in _AREAS))


def call_form(number: int, called: str = "+441632960999") -> dict[str, str]:
    """Make the form of a ringing call, each with a CallSid of its own, from one of 14,000 callers.

    Numbers are Ofcom's for drama. So many that nobody calls often enough to be flagged: that is not what is measured.
    """
    caller = f"{_DRAMA[number // 1000 % len(_DRAMA)]}{number % 1000:03}"
    return {
        "AccountSid": "AC" + "0" * 32,
        "ApiVersion": "2010-04-01",
        "CallSid": f"CA{number:032x}",
        "CallStatus": "ringing",
        "Called": called,
        "Caller": caller,
        "Direction": "inbound",
        "From": caller,
        "FromCountry": "GB",
        "To": called,
        "ToCountry": "GB",
    }


def signed_post(token: str, url: str, form: dict[str, str]) -> bytes:
    """Make the whole HTTP request for a public URL, signed."""
    place, body = urlsplit(url), urlencode(form).encode()
    target = place.path + (f"?{place.query}" if place.query else "")
    head = (
        f"POST {target} HTTP/1.1\r\nHost: {place.netloc}\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"Content-Length: {len(body)}\r\nX-Forwarded-Proto: {place.scheme}\r\n"
        f"X-Twilio-Signature: {bare_webhook.signature(token, url, form)}\r\n\r\n"
    )
    return head.encode() + body


def post_calls(
    port: int,
    calls: int,
    *,
    token: str,
    url: str,
    first: int = 0,
    connections: int = CONNECTIONS,
    target: Sequence[int] = (),
) -> Calls:
    """Post signed calls over kept connections; the requests are made and signed before the clock starts.

    `first` numbers the calls, so that rounds against one record have CallSids of their own; `target` are the root
    processes whose CPU is weighed.
    """
    posts = iter([signed_post(token, url, call_form(first + number)) for number in range(calls)])
    statuses: Counter[int] = Counter()

    async def post() -> None:
        await asyncio.gather(*(_connection(port, posts, statuses) for _ in range(connections)))

    cpu = cpu_seconds(target)
    begin = time.perf_counter()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.wait_for(post(), 300))
    seconds = time.perf_counter() - begin
    return Calls(Rate(calls, seconds, cpu_seconds(target) - cpu), dict(statuses))


async def _connection(port: int, posts: Iterator[bytes], statuses: Counter[int]) -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        for request in posts:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            statuses[int(head[9:12])] += 1
            _, there, rest = head.partition(b"content-length:")
            if not there:
                raise OSError(f"an answer without a length: {head!r}")
            await reader.readexactly(int(rest.partition(b"\r\n")[0]))
    finally:
        writer.close()
