"""One client's connection to the SMTP door: in and out of the room, its deadlines, its replies, its way under TLS.

Belongs here: aiosmtpd's SMTP with the cures of PERFORMANCE.md; what commands mean is in smtp_in_session. The promise:
our own fault is 451, a disconnect interrupts no message being taken, and 421 always closes.
"""

from __future__ import annotations

import asyncio
import math
import secrets
import ssl
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP

from adapters.mail import smtp_in_commands as say
from adapters.mail.proxy_header import NoHeader, client_of
from adapters.mail.smtp_commands import NO_WISHES, RecipientWish, Wishes
from adapters.mail.smtp_in_commands import Refused, Sender
from adapters.mail.smtp_in_room import Room, listed
from adapters.mail.smtp_in_wire import OVERLONG, Intake

log = structlog.get_logger()

Command = Callable[[Any, str], Awaitable[None]]
"""A session's method for one verb; the session is its first argument."""


class Transaction:
    """Hold what one transaction has so far; the next one begins from nothing (THREATS S5)."""

    __slots__ = ("recipients", "sender", "wished")

    def __init__(self) -> None:
        self.sender: Sender | None = None
        self.recipients: list[str] = []
        self.wished: dict[str, RecipientWish] = {}

    @property
    def begun(self) -> bool:
        """Tell whether MAIL was taken."""
        return self.sender is not None

    @property
    def wishes(self) -> Wishes:
        """Give what the sender wishes of the whole path."""
        sender = self.sender
        if sender is None or not (self.wished or sender.utf8 or sender.ret or sender.envelope_id):
            return NO_WISHES
        return Wishes(sender.utf8, sender.ret, sender.envelope_id, self.wished)


class Conversation(SMTP):
    """Talk with one client; what it says is looked up by `_command` and obeyed."""

    def __init__(self, room: Room, loop: asyncio.AbstractEventLoop) -> None:
        settings = room.settings
        super().__init__(None, hostname=settings.hostname, loop=loop)
        self._room, self._settings = room, settings
        self._peer = ""
        self._errors = self._idle_commands = 0
        self._in_body = self._at_work = self._at_rest = self._leaving = self._admitted = False
        self._speaks_for_others = self.secured = False
        self._due = math.inf

    def begin(self) -> None:
        """Make what each connection has of its own; all else is shared with the first session of the door."""
        asyncio.StreamReaderProtocol.__init__(self, None, None, self.loop)  # type: ignore[arg-type]  # it takes None
        self._intake = Intake(self.loop)
        self._replies: list[bytes] = []
        self._transaction = Transaction()

    def _command(self, line: bytes) -> tuple[Command, str]:
        raise NotImplementedError

    def _begin_transaction(self, argument: str) -> None:
        raise NotImplementedError

    # -- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the client in, or say 421 and close where there is no room (THREATS S7)."""
        peername = transport.get_extra_info("peername")
        self._peer = str(peername[0]) if isinstance(peername, tuple) else ""
        self._speaks_for_others = listed(self._peer, self._settings.proxy_from)
        refusal = self._room.enter(self._peer, self, self.loop.time(), balancer=self._speaks_for_others)
        self._admitted = refusal is None
        if refusal is None:
            self._intake.begin(transport)  # type: ignore[arg-type]  # asyncio types it as the base
            self._await_command()
            self.secured = self._settings.tls == "implicit"
            super().connection_made(transport)
        else:
            transport.write(refusal)  # type: ignore[attr-defined]  # asyncio types it as the base
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the client, but never interrupt reception: a message that came whole is settled (RFC 1047).

        aiosmtpd would cancel its task here, and so a delivery half done.
        """
        self._intake.end(error)
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        self.transport = None
        if self._handler_coroutine is not None and not self._at_work:
            self._handler_coroutine.cancel()
        self._depart()

    def data_received(self, data: bytes) -> None:
        """Hear the client; a StreamReader in between would cost as much again."""
        if not (self._at_rest and data[:5] == b"MAIL " and self._begun_at_once(data)):
            self._intake.hear(data)

    def _begun_at_once(self, line: bytes) -> bool:
        """Obey MAIL without waking the task, which costs more than the command; False, and nothing done, for any doubt.

        Whatever is not one plain line that begins a transaction goes the usual way, and is refused there.
        """
        whole = self._intake.at_line_start and line.find(b"\n") == len(line) - 1
        if not whole or self._room.closing or self._leaving:
            return False
        try:
            self._begin_transaction(self._command(line)[1])
        except Exception:  # it is met again on the usual way
            return False
        self._flush()
        if not self._leaving:
            self._await_command()
        return True

    def eof_received(self) -> bool | None:
        """Read on what the client sent before it closed its side; aiosmtpd would cancel its task here."""
        self._intake.end()
        return not self.secured  # under TLS nobody can close one side only

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Do without aiosmtpd's timer for each command: the door looks at the deadlines of all sessions."""

    def _await_command(self) -> None:
        self._due = self.loop.time() + self._settings.command_timeout_s

    def _depart(self) -> None:
        """Leave the room, once the client is gone and reception has answered."""
        if self.transport is None and self._admitted and not self._at_work:
            self._admitted = False
            self._room.leave(self)

    def sweep(self, now: float) -> None:
        """Close a client that is past its deadline (the loop's time); cut it off where it cannot be closed."""
        if now < self._due or self.transport is None:
            return
        if self._leaving:
            self.transport.abort()  # type: ignore[attr-defined]  # aiosmtpd types it as the base
        else:
            self._leave(say.TIMED_OUT)

    def finish(self) -> None:
        """Close where no transaction is open; else the session closes after it."""
        if not (self._leaving or self._at_work or self._in_body or self._transaction.begun):
            self._leave(say.STOPPING)

    async def dismiss(self) -> None:
        """Close in the middle of whatever is going on; reception is cancelled as a crash would cancel it."""
        if not self._leaving:
            self._leave(say.STOPPING)
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
            await asyncio.wait([self._handler_coroutine])
        if self.transport is not None:
            self.transport.abort()  # type: ignore[attr-defined]  # aiosmtpd types it as the base

    def _leave(self, last: bytes) -> None:
        """Say a last reply and close; 421 always closes (THREATS S8)."""
        self._leaving = True
        self._replies.append(last)
        self._flush()
        self._due = self.loop.time() + self._settings.closing_s
        if self.transport is not None:
            self.transport.close()

    # -- commands in, replies out

    async def _handle_client(self) -> None:
        """Obey one command after the other; replies to pipelined commands leave together (RFC 2920)."""
        try:
            if self._speaks_for_others and not await self._hear_of_client():
                return
            self._replies.append(f"220 {self.hostname} ESMTP\r\n".encode("ascii"))
            while not self._leaving and self.transport is not None:
                line = self._intake.line()
                if line is not None:
                    await self._obey(line)
                    continue
                await self._send()
                self._at_rest = True
                if not self._leaving and not await self._intake.more():
                    break
                self._at_rest = False
        except ConnectionError:
            return
        finally:
            self._at_rest = False
            self._flush()
            if self.transport is not None:
                self.transport.close()
            self._depart()

    async def _hear_of_client(self) -> bool:
        """Read the PROXY header; False, and closed, where none came or the client it names may not come in."""
        start = b""
        try:
            while (found := client_of(start)) is None:
                if not await self._intake.more():
                    return False
                start += self._intake.pour()
        except NoHeader:
            return False
        client, octets = found
        self._intake.put_back(start[octets:])
        self._peer = client or self._peer
        refusal = self._room.become(self._peer, self, self.loop.time()) if client else None
        if refusal is not None:
            self._leave(refusal)
        return refusal is None

    async def _secure(self) -> bool:
        """Go on under TLS; False, and closed, where the handshake fails."""
        certificate, transport = self._settings.certificate, self.transport
        assert certificate is not None
        assert transport is not None
        try:
            secured = await self.loop.start_tls(
                transport,  # type: ignore[arg-type]  # aiosmtpd types it as the base
                self,
                certificate.context(),
                server_side=True,
                ssl_handshake_timeout=self._settings.handshake_s,
            )
        except (OSError, ssl.SSLError):
            secured = None
        if secured is None:
            transport.abort()  # type: ignore[attr-defined]  # aiosmtpd types it as the base
            # asyncio does not tell a protocol of the end of a connection whose handshake failed.
            self.connection_lost(None)
            return False
        self.transport, self.secured = secured, True
        self._intake.begin(secured)
        self._await_command()
        return True

    async def _send(self) -> None:
        """Send what is to be said, and wait while the client does not read it."""
        self._flush()
        if self._paused:  # type: ignore[attr-defined]  # of asyncio's FlowControlMixin, as is the next line's
            await self._drain_helper()  # type: ignore[attr-defined]

    def _flush(self) -> None:
        if self._replies and self.transport is not None:
            self.transport.write(b"".join(self._replies))  # type: ignore[attr-defined]  # aiosmtpd types it as the base
        self._replies.clear()

    async def _obey(self, line: bytes) -> None:
        """Obey one command line, and look afterwards whether the door is closing."""
        try:
            command, argument = self._command(line)
            await command(self, argument)
        except Refused as refused:
            self._refuse(refused.answer)
        except Exception as error:  # ours, whatever it is: 451
            self._replies.append((await self.handle_exception(error)).encode("ascii") + b"\r\n")
        if not self._leaving:
            self._await_command()
        if self._room.closing:
            self.finish()

    async def handle_exception(self, error: Exception) -> str:
        """Say 451 with an incident id; what went wrong is logged without any value in it (THREATS S2)."""
        incident = secrets.token_hex(4)
        frames = [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__)[-8:]]
        log.error("smtp_incident", incident=incident, kind=type(error).__name__, frames=frames)
        return f"451 4.3.0 Something went wrong on our side, please try again later (incident {incident})"

    def _refuse(self, answer: bytes) -> None:
        """Say no, and goodbye at the last error that a client may make without sending a message."""
        self._errors += 1
        if self._errors >= self._settings.most_errors:
            self._leave(say.TOO_MANY_ERRORS)
        else:
            self._replies.append(answer)

    def _answer(self, answer: bytes) -> None:
        """Give an answer of reception; it is the last one where it is 421 (THREATS S8)."""
        if answer.startswith(b"421"):
            self._leave(answer)
        else:
            self._replies.append(answer)

    def _idle(self, answer: bytes) -> None:
        """Answer a command that brings no message nearer; there is an end to those too."""
        self._idle_commands += 1
        if self._idle_commands > self._settings.most_idle_commands:
            self._leave(say.TOO_MANY_COMMANDS)
        else:
            self._replies.append(answer)


def said(line: bytes) -> tuple[str, str]:
    """Read verb and argument of one command line; raises Refused for what is none (THREATS S3).

    A bare CR or LF ends nothing. Only MAIL and RCPT may go beyond ASCII (RFC 6531 3.3).
    """
    if line is OVERLONG:
        raise Refused(say.LINE_TOO_LONG)
    if not line.endswith(b"\r\n") or b"\0" in line or b"\r" in line[:-2]:
        raise Refused(say.BAD_LINE)
    if not line.isascii() and line[:5].upper() not in (b"MAIL ", b"RCPT "):
        raise Refused(say.BAD_LINE)
    try:
        verb, _, argument = line[:-2].decode("utf-8").partition(" ")
    except UnicodeDecodeError:
        raise Refused(say.BAD_LINE) from None
    return verb, argument.strip(" ")
