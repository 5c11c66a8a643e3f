"""The door out to the next hop: a message handed on by SMTP or LMTP, over connections that are kept and pipelined.

Belongs here: which connection is used, and what the other side's replies mean for each recipient. What the peer refused
is passed on in its words, what failed otherwise is temporary, and `Delivered` is its own 2xx after the final dot.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from adapters.mail.hop_connection import GARBLED, UNTRUSTED, Heard, HopConnection
from adapters.mail.hop_seats import Seat, Seats
from adapters.mail.hop_transaction import Patience, Unanswered, probe, transfer
from adapters.mail.smtp_commands import NO_WISHES, Offers, Wishes, envelope, offers_of, on_the_wire
from adapters.mail.smtp_replies import Reply
from rules.answers import Answer, Delivered, Temporary

T = TypeVar("T")

UNREACHABLE = "The next hop cannot be reached."
BUSY = "All connections to the next hop are in use."
UNSAYABLE = "The message cannot be passed on as it is."
NOT_WELCOME = "The next hop does not take mail from us now."


@dataclass(frozen=True, slots=True)
class NextHopSettings:
    """Say where the next hop is and how long to wait for it, in seconds.

    `helo` is the name that we give ourselves. `reply_timeout_s` is for every reply but two: `connect_timeout_s` is for
    the connection with its greeting, `data_timeout_s` for each slice of the message and the final reply (RFC 5321
    4.5.3.2). `wait_timeout_s` is how long a message waits for a free connection, `idle_s` how long an unused one is
    kept, `known_s` how long a recipient that the peer took is not asked about again. `lmtp` speaks RFC 2033. `security`
    is how the connection is kept private; with anything but "none" the peer must show a certificate for `host` that
    `authorities` (a PEM file, the system's unless given) vouch for.
    """

    host: str
    port: int
    helo: str
    pool_size: int = 10
    connect_timeout_s: float = 10.0
    reply_timeout_s: float = 60.0
    data_timeout_s: float = 300.0
    wait_timeout_s: float = 60.0
    idle_s: float = 30.0
    quit_timeout_s: float = 2.0
    known_s: float = 300.0
    known_limit: int = 10_000
    lmtp: bool = False
    security: Literal["none", "starttls", "tls"] = "none"
    authorities: str = ""


class Unreachable(Exception):
    """Say why no conversation came about; nothing of a message was said."""


class NextHop:
    """Hand messages to one SMTP or LMTP server; `now` gives monotonic seconds, the running loop's unless given.

    `offers` is what the peer offered last; nothing before it was `met`. Raises ValueError for a `helo` that is no host
    name, OSError for authorities that cannot be read.
    """

    def __init__(self, settings: NextHopSettings, *, now: Callable[[], float] | None = None) -> None:
        self._settings = settings
        self._now = now
        self._patience = Patience(settings.reply_timeout_s, settings.data_timeout_s)
        if not re.fullmatch(r"[A-Za-z0-9.:\[\]_-]+", settings.helo):
            raise ValueError("the name that we give the next hop (helo) is no host name")
        self._ehlo = (b"LHLO " if settings.lmtp else b"EHLO ") + settings.helo.encode("ascii") + b"\r\n"
        self._trusted = None
        if settings.security != "none":
            self._trusted = ssl.create_default_context(cafile=settings.authorities or None)
        self.offers = Offers()
        self.met = False
        self._seats = Seats(settings.pool_size)
        self._known: dict[str, float] = {}
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False

    async def learn(self) -> bool:
        """Meet the peer, so that `offers` is known; False where it cannot be reached now."""

        async def met(connection: HopConnection) -> bool:
            return connection.usable

        try:
            return await self._converse(met)
        except Unreachable:
            return False

    async def send(
        self, mail_from: str, recipients: Sequence[str], chunks: Sequence[bytes], wishes: Wishes = NO_WISHES
    ) -> dict[str, Answer]:
        """Hand over one message and give the answer for each recipient.

        `chunks` together are the message: CRLF text, not dot-stuffed. What cannot be said safely (a bare CR or LF, an
        address with control characters) is our fault and `Temporary` (THREATS S3). Never raises for what the peer does.
        """
        wanted = tuple(dict.fromkeys(recipients))
        try:
            words, parts = envelope(mail_from, wanted, chunks, wishes), on_the_wire(chunks)
        except ValueError:
            return dict.fromkeys(wanted, Temporary(UNSAYABLE))
        if not wanted:
            return {}
        try:
            return await self._converse(lambda connection: transfer(connection, wanted, words, parts, self._patience))
        except Unreachable as why:
            return dict.fromkeys(wanted, Temporary(str(why)))

    async def verify(self, mail_from: str, recipient: str) -> Answer:
        """Ask whether the next hop would take a recipient; its yes is remembered for `known_s`, its no never."""
        now = self._now or asyncio.get_running_loop().time
        if self._known.get(recipient, float("-inf")) > now():
            return Delivered("known")
        try:
            words = envelope(mail_from, (recipient,))
        except ValueError:
            return Temporary(UNSAYABLE)
        try:
            answer = await self._converse(lambda connection: probe(connection, recipient, words, self._patience))
        except Unreachable as why:
            return Temporary(str(why))
        self._known.pop(recipient, None)
        if isinstance(answer, Delivered):
            self._known[recipient] = now() + self._settings.known_s
            if len(self._known) > self._settings.known_limit:
                del self._known[next(iter(self._known))]
        return answer

    async def close(self) -> None:
        """Say QUIT on every unused connection and wait, `quit_timeout_s` at most, until they are gone."""
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        wait_s = self._settings.quit_timeout_s
        await asyncio.gather(*(connection.leave(wait_s) for _, connection in self._seats.idle()))

    async def _converse(self, talk: Callable[[HopConnection], Awaitable[T]]) -> T:
        """Have one conversation at a seat; once more on a fresh connection where a kept one had died in silence."""
        try:
            seat = await self._seats.take(self._settings.wait_timeout_s)
        except TimeoutError:
            raise Unreachable(BUSY) from None
        try:
            try:
                return await talk(await self._connection(seat))
            except Unanswered:
                return await talk(await self._connection(seat))
        except BaseException:
            if seat.connection is not None:
                seat.connection.give_up(GARBLED)
            raise
        finally:
            self._leave(seat)

    async def _connection(self, seat: Seat) -> HopConnection:
        """Give the seat's connection, or a fresh one once the old one is gone; raises Unreachable."""
        if seat.connection is not None:
            if seat.connection.usable:
                seat.connection.reused = True
                return seat.connection
            seat.connection.give_up(GARBLED)
            await seat.connection.lost
            seat.connection = None
        loop = asyncio.get_running_loop()
        settings = self._settings
        try:
            async with asyncio.timeout(settings.connect_timeout_s):
                _, seat.connection = await loop.create_connection(
                    lambda: HopConnection(loop, lmtp=settings.lmtp),
                    settings.host,
                    settings.port,
                    ssl=self._trusted if settings.security == "tls" else None,
                )
        except ssl.SSLError:
            raise Unreachable(UNTRUSTED) from None
        except (OSError, UnicodeError):
            raise Unreachable(UNREACHABLE) from None
        await self._introduce(seat.connection)
        return seat.connection

    async def _introduce(self, connection: HopConnection) -> None:
        """Hear the greeting, say EHLO, go on under TLS where it is asked for; raises Unreachable for any no."""
        settings = self._settings
        _welcome(await connection.greeting(settings.connect_timeout_s))
        offers = await self._hello(connection)
        if settings.security == "starttls":
            if not offers.starttls:
                raise Unreachable(UNTRUSTED)
            _welcome(await connection.ask([b"STARTTLS\r\n"], settings.reply_timeout_s))
            assert self._trusted is not None
            if not await connection.secure(self._trusted, settings.host, settings.connect_timeout_s):
                raise Unreachable(connection.failure)
            offers = await self._hello(connection)
        self.offers = connection.offers = offers
        self.met = True

    async def _hello(self, connection: HopConnection) -> Offers:
        told = await connection.ask([self._ehlo], self._settings.reply_timeout_s)
        return offers_of(_welcome(told).texts[1:])

    def _leave(self, seat: Seat) -> None:
        """Give the seat back and see to it that an unused connection does not stay for ever."""
        if seat.connection is not None:
            if self._closed:
                seat.connection.leave(self._settings.quit_timeout_s)
            elif self._sweep is None:
                self._sweep = asyncio.get_running_loop().call_later(self._settings.idle_s, self._sweep_idle)
            seat.idle_since = asyncio.get_running_loop().time()
        self._seats.give_back(seat)

    def _sweep_idle(self) -> None:
        loop = asyncio.get_running_loop()
        self._sweep = None
        oldest = loop.time() - self._settings.idle_s
        rest = []
        for seat, connection in self._seats.idle():
            if seat.idle_since > oldest:
                rest.append(seat.idle_since)
            else:
                connection.leave(self._settings.quit_timeout_s)
        if rest:
            self._sweep = loop.call_at(min(rest) + self._settings.idle_s, self._sweep_idle)


def _welcome(heard: Heard) -> Reply:
    """Give a positive reply; raises Unreachable for any other, and for none."""
    if heard.failure or not heard.replies[0].positive:
        raise Unreachable(heard.failure or NOT_WELCOME)
    return heard.replies[0]
