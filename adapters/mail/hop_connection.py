"""One connection to a next hop: commands out, replies in, every wait with an end.

Belongs here: the asyncio protocol and its timers. It keeps its promise by giving up: once something unexpected happened
(a drop, 421, silence, a reply that nobody asked for) the connection is closed and never used again.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

from adapters.mail.smtp_commands import Offers
from adapters.mail.smtp_replies import CLOSING, Garbled, Reply, ReplyReader

SLICE = 256 * 1024
"""Larger messages go out in slices, so that each has its own deadline."""

DROPPED = "The next hop closed the connection."
SILENT = "The next hop did not answer in time."
GARBLED = "The next hop did not answer as SMTP demands."
SHUTTING = "The next hop is closing the connection."
UNTRUSTED = "The next hop cannot be trusted: TLS failed, or its certificate is not what the settings ask for."


class Heard(NamedTuple):
    """Hold the replies that came, in order, and in a sentence why no more will; empty where all came."""

    replies: list[Reply]
    failure: str = ""


class HopConnection(asyncio.Protocol):
    """Speak the client's side of SMTP on one connection; one conversation at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, lmtp: bool = False) -> None:
        self.lmtp = lmtp
        self.offers = Offers()
        self.reused = False
        self.needs_reset = False
        self.dot_sent = False
        self.failure = ""
        self._leaving = False
        self.lost: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._reader = ReplyReader()
        self._replies: list[Reply] = []
        self._wanted = 0
        self._waiter: asyncio.Future[None] | None = None
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._room: asyncio.Event | None = None
        # The greeting is the one reply that comes unasked, perhaps before anyone waits for it.
        self._greeting = True

    @property
    def usable(self) -> bool:
        """Tell whether nothing has gone wrong yet and nobody has said QUIT."""
        return not self.failure and not self._leaving

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read replies; what nobody asked for, or more than was asked for, ends the connection."""
        if self.failure:
            return
        try:
            replies = self._reader.feed(data)
        except Garbled:
            self.give_up(GARBLED)
            return
        for reply in replies:
            if reply.code == CLOSING:
                self.give_up(SHUTTING)
                return
            self._replies.append(reply)
        if self._wanted:
            self._check()
        elif not self._greeting:
            self.give_up(GARBLED)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits for a reply, for room or for the end."""
        self.give_up(DROPPED)
        if not self.lost.done():
            self.lost.set_result(None)

    def pause_writing(self) -> None:
        """Make a large message wait until the peer has taken some of it."""
        self._room = asyncio.Event()

    def resume_writing(self) -> None:
        """Let it go on."""
        if self._room is not None:
            self._room.set()
            self._room = None

    def give_up(self, why: str) -> None:
        """Close at once, and for good; the first reason stands."""
        if not self.failure:
            self.failure = why
        self._wake()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.abort()

    async def greeting(self, timeout_s: float) -> Heard:
        """Wait for the peer's first words."""
        heard = await self._hear(1, timeout_s)
        self._greeting = False
        return heard

    async def ask(self, commands: Sequence[bytes], timeout_s: float) -> Heard:
        """Say commands in one write and hear one reply to each, at most so many seconds."""
        if self._transport is not None and not self.failure:
            self._replies = []
            self._transport.write(commands[0] if len(commands) == 1 else b"".join(commands))
        return await self._hear(len(commands), timeout_s)

    async def secure(self, context: ssl.SSLContext, name: str, timeout_s: float) -> bool:
        """Go on under TLS, `name` checked against the peer's certificate; False, and closed, where that fails.

        What a peer says before the handshake without being asked ended the connection already (THREATS S4).
        """
        if self._transport is None or self.failure:
            return False
        try:
            secured = await self._loop.start_tls(
                self._transport, self, context, server_hostname=name, ssl_handshake_timeout=timeout_s
            )
        except (OSError, ssl.SSLError):
            secured = None
        if secured is None:
            self.give_up(UNTRUSTED)
            # asyncio does not tell a protocol of the end of a connection whose handshake failed.
            self.connection_lost(None)
            return False
        self._transport = secured
        return True

    async def pour(self, parts: Sequence[bytes], timeout_s: float, *, replies: int = 1) -> Heard:
        """Send the message after 354 and hear the final reply; `timeout_s` is for each slice to be taken, and for that.

        By LMTP there are several `replies`.

        Where `dot_sent` is False afterwards the end of the message never left, so the peer cannot have taken it.
        """
        self.dot_sent = False
        self._replies = []
        rest = parts
        if sum(map(len, parts)) > SLICE:
            rest = parts[-1:]
            for piece in _slices(parts[:-1]):
                if not await self._write_slice(piece, timeout_s):
                    return Heard(self._replies, self.failure)
        if self._transport is not None and not self.failure:
            self._transport.writelines(rest)
            self.dot_sent = True
        return await self._hear(replies, timeout_s)

    def leave(self, timeout_s: float) -> asyncio.Future[None]:
        """Say QUIT and close, whatever the peer makes of it; the future is done when the connection is gone."""
        if self._transport is not None and self.usable:
            self._leaving = True
            self._wanted, self._replies = 1, []
            self._waiter = self._loop.create_future()
            self._watch(timeout_s)
            self._waiter.add_done_callback(lambda _: self.give_up(SHUTTING))
            self._transport.write(b"QUIT\r\n")
        return self.lost

    async def _write_slice(self, piece: memoryview, timeout_s: float) -> bool:
        """Send a slice; False where the peer has failed, or has answered before it was asked."""
        if self._transport is None or self.failure:
            return False
        self._wanted = 1
        self._transport.write(piece)
        # One turn of the loop, so that a full socket is noticed before the next slice.
        await asyncio.sleep(0)
        if self._room is not None:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._room.wait()
            except TimeoutError:
                self.give_up(SILENT)
        return not self.failure and not self._replies

    async def _hear(self, count: int, timeout_s: float) -> Heard:
        self._wanted = count
        if len(self._replies) < count and not self.failure:
            self._waiter = self._loop.create_future()
            self._watch(timeout_s)
            await self._waiter
        if not self.failure and (len(self._replies) > count or not self._reader.between_replies):
            self.give_up(GARBLED)
        self._wanted = 0
        return Heard(self._replies[:count], self.failure)

    def _watch(self, timeout_s: float) -> None:
        """See to it that the wait that begins now has an end.

        The timer of an earlier wait serves for this one too: to make and cancel one for each costs as much as a reply.
        """
        self._due = self._loop.time() + timeout_s
        if self._timer is not None and self._timer.when() > self._due:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._waiter is None or self._waiter.done():
            return
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._look)
        else:
            self.give_up(SILENT)

    def _check(self) -> None:
        if len(self._replies) >= self._wanted:
            self._wake()

    def _wake(self) -> None:
        # An answer before the end of the message ends the wait for room too: the peer may never read the rest.
        self.resume_writing()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _slices(parts: Iterable[bytes]) -> Iterable[memoryview]:
    """Cut without copying."""
    for part in parts:
        view = memoryview(part)
        for start in range(0, len(view), SLICE):
            yield view[start : start + SLICE]
