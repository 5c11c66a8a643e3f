"""One SMTP session: aiosmtpd's SMTP with the cures of PERFORMANCE.md and of THREATS S2 to S14.

Belongs here: one client's connection, the order of its commands, its deadlines and errors. The promise: after any reply
the next transaction is judged from nothing, our own fault is 451, and a disconnect interrupts no message being taken.
"""

from __future__ import annotations

import asyncio
import math
import secrets
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from aiosmtpd.smtp import SMTP

from adapters.mail import smtp_in_commands as say
from adapters.mail.message import Incoming
from adapters.mail.smtp_in_commands import Refused, client_name, recipient_path, sender_path
from adapters.mail.smtp_in_replies import answer_reply, reply
from adapters.mail.smtp_in_room import Room
from adapters.mail.smtp_in_wire import OVERLONG, TOO_BIG, Body, Intake
from rules.answers import Answer, Delivered

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reception:
    """Hold whom the door asks: may this recipient be taken, take this message, is there room, what time is it."""

    take_recipient: Callable[[str, str], Awaitable[Answer]]
    take_message: Callable[[Incoming], Awaitable[Answer]]
    ready: Callable[[], Answer]
    now: Callable[[], datetime]


class SmtpSession(SMTP):
    """Talk with one client; `sessions` makes them."""

    def __init__(self, room: Room, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        settings = room.settings
        super().__init__(None, hostname=settings.hostname, loop=loop)
        self._room, self._settings, self._reception = room, settings, reception
        self._peer = self._helo = ""
        self._errors = self._idle_commands = self._recipients_refused = 0
        self._in_body = self._at_work = self._at_rest = self._leaving = self._admitted = False
        self._due = math.inf
        size = f"SIZE {settings.most_message_bytes}"
        first = f"250-{settings.hostname}\r\n250-{size}\r\n"
        self._offers = f"{first}250-8BITMIME\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n".encode("ascii")

    def begin(self) -> None:
        """Make what each connection has of its own; all else is shared with the first session of the door."""
        asyncio.StreamReaderProtocol.__init__(self, None, None, self.loop)  # type: ignore[arg-type]  # it takes None
        self._intake = Intake(self.loop)
        self._replies: list[bytes] = []

    # -- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the client in, or say 421 and close where there is no room (THREATS S7)."""
        peername = transport.get_extra_info("peername")
        self._peer = str(peername[0]) if isinstance(peername, tuple) else ""
        self._admitted = self._room.enter(self._peer, self)
        if self._admitted:
            self._intake.begin(transport)  # type: ignore[arg-type]  # asyncio types it as the base
            self._await_command()
            super().connection_made(transport)
        else:
            transport.write(say.TOO_MANY_CONNECTIONS)  # type: ignore[attr-defined]  # asyncio types it as the base
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the client, but never interrupt reception: a message that came whole is settled (RFC 1047).

        aiosmtpd would cancel its task here, and so a delivery half done.
        """
        self._intake.end(error)
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        if self._original_transport is not None:
            self._original_transport.close()
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
            self._begin_transaction(_command(line)[1])
        except Exception:  # it is met again on the usual way
            return False
        self._flush()
        if not self._leaving:
            self._await_command()
        return True

    def eof_received(self) -> bool | None:
        """Read on what the client sent before it closed its side; aiosmtpd would cancel its task here."""
        self._intake.end()
        return True

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Do without aiosmtpd's timer for each command: the door looks at the deadlines of all sessions."""

    def _await_command(self) -> None:
        self._due = self.loop.time() + self._settings.command_timeout_s

    def _depart(self) -> None:
        """Leave the room, once the client is gone and reception has answered."""
        if self.transport is None and self._admitted and not self._at_work:
            self._admitted = False
            self._room.leave(self._peer, self)

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
        assert self.envelope is not None
        if not (self._leaving or self._at_work or self._in_body or self.envelope.mail_from is not None):
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
        self._replies.append(f"220 {self.hostname} ESMTP\r\n".encode("ascii"))
        try:
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
            command, argument = _command(line)
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

    def _refuse_recipient(self, answer: bytes) -> None:
        """Say no to a recipient; only who goes on and on makes errors, for the recipients taken await their message."""
        self._recipients_refused += 1
        if self._recipients_refused > self._settings.most_recipients:
            self._refuse(answer)
        else:
            self._answer(answer)

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

    # -- small talk; the names are aiosmtpd's

    async def smtp_EHLO(self, hostname: str) -> None:
        """Name what the whole path can do (THREATS S11), and forget any transaction (RFC 5321 4.1.4)."""
        self._greet(hostname, self._offers)

    async def smtp_HELO(self, hostname: str) -> None:
        """Greet a client that knows no extensions."""
        self._greet(hostname, f"250 {self.hostname}\r\n".encode("ascii"))

    def _greet(self, hostname: str, answer: bytes) -> None:
        self._helo = client_name(hostname)
        self._set_rset_state()
        self._idle(answer)

    async def smtp_RSET(self, arg: str) -> None:
        """Forget the transaction."""
        if arg:
            raise Refused(say.BAD_ARGUMENT)
        self._set_rset_state()
        self._idle(say.OK)

    def _set_rset_state(self) -> None:
        super()._set_rset_state()  # type: ignore[no-untyped-call]  # aiosmtpd left it without types
        self._recipients_refused = 0

    async def smtp_NOOP(self, arg: str | None) -> None:
        """Do nothing."""
        self._idle(say.OK)

    async def smtp_QUIT(self, arg: str | None) -> None:
        """Part."""
        self._leave(say.GOODBYE)

    async def smtp_VRFY(self, arg: str | None) -> None:
        """Say neither yes nor no (RFC 5321 7.3)."""
        self._idle(say.CANNOT_VERIFY)

    async def smtp_HELP(self, arg: str | None) -> None:
        """Name the commands."""
        self._idle(say.HELP_TEXT)

    async def smtp_EXPN(self, arg: str | None) -> None:
        """Decline, as AUTH, STARTTLS and others that EHLO does not name."""
        raise Refused(say.NOT_OFFERED)

    # -- the transaction

    async def smtp_MAIL(self, arg: str | None) -> None:
        """Begin a transaction, where there is room for its message (THREATS S17)."""
        self._begin_transaction(arg or "")

    def _begin_transaction(self, argument: str) -> None:
        assert self.envelope is not None
        if not self._helo:
            raise Refused(say.HELLO_FIRST)
        if self.envelope.mail_from is not None:
            raise Refused(say.ONE_AT_A_TIME)
        address = sender_path(argument, self._getaddr, most_bytes=self._settings.most_message_bytes)
        ready = self._reception.ready()
        if isinstance(ready, Delivered):
            self.envelope.mail_from = address
        self._answer(answer_reply(ready, done=say.SENDER_TAKEN, put_off=(452, "4.3.1")))

    async def smtp_RCPT(self, arg: str | None) -> None:
        """Add a recipient, if reception takes it (THREATS S13)."""
        envelope = self.envelope
        assert envelope is not None
        if envelope.mail_from is None:
            raise Refused(say.SENDER_FIRST if self._helo else say.HELLO_FIRST)
        address = recipient_path(arg or "", self._getaddr)
        if len(envelope.rcpt_tos) >= self._settings.most_recipients:
            self._refuse_recipient(say.TOO_MANY_RECIPIENTS)
            return
        self._at_work, self._due = True, math.inf
        try:
            answer = await self._reception.take_recipient(envelope.mail_from, address)
        finally:
            self._at_work = False
        if isinstance(answer, Delivered):
            envelope.rcpt_tos.append(address)
            self._replies.append(say.RECIPIENT_TAKEN)
        else:
            self._refuse_recipient(answer_reply(answer, done=say.RECIPIENT_TAKEN))

    async def smtp_DATA(self, arg: str | None) -> None:
        """Take the message and give reception's answer; the transaction is over before that (THREATS S5)."""
        envelope = self.envelope
        assert envelope is not None
        if self._intake.waiting:
            # Whoever does not wait for 354 would have a refused message read as commands.
            self._leave(say.NOT_IN_TURN)
            return
        if arg:
            raise Refused(say.BAD_ARGUMENT)
        if envelope.mail_from is None or not envelope.rcpt_tos:
            raise Refused(say.SENDER_FIRST if envelope.mail_from is None else say.RECIPIENT_FIRST)
        self._replies.append(say.GO_ON)
        await self._send()
        body = Body(self._room)
        try:
            whole = await self._receive(body)
            self._set_rset_state()
            if whole:
                await self._hand_over(body, envelope.mail_from, tuple(dict.fromkeys(envelope.rcpt_tos)))
        finally:
            body.release()

    async def _receive(self, body: Body) -> bool:
        """Read up to the end of data; False where the client left or would not stop."""
        settings, now = self._settings, self.loop.time
        rated_from = now() + settings.body_grace_s
        self._in_body = True
        try:
            while not body.feed(self._intake.pour()):
                self._due = min(rated_from + body.received / settings.body_least_rate, now() + settings.body_pause_s)
                if body.received > 4 * settings.most_message_bytes:
                    self._leave(say.BODY_WITHOUT_END)
                if self._leaving or not await self._intake.more():
                    return False
            self._intake.put_back(body.rest)
            return not self._leaving
        finally:
            self._in_body = False

    async def _hand_over(self, body: Body, mail_from: str, recipients: tuple[str, ...]) -> None:
        if body.shed:
            raise Refused(say.MESSAGE_TOO_BIG if body.shed == TOO_BIG else say.NO_ROOM_NOW)
        message = Incoming(self._peer, self._helo, mail_from, recipients, body.message(), self._reception.now())
        # The client's deadline rests meanwhile, here and in RCPT, and its leaving interrupts nothing.
        self._at_work, self._due = True, math.inf
        try:
            answer = await self._reception.take_message(message)
        finally:
            self._at_work = False
        if isinstance(answer, Delivered):
            self._errors = self._idle_commands = 0
            self._replies.append(reply(250, "2.0.0", f"Ok {answer.detail}"))
        else:
            self._answer(answer_reply(answer, done=b""))


Command = Callable[[SmtpSession, str], Awaitable[None]]

_COMMANDS: dict[str, Command] = {
    "EHLO": SmtpSession.smtp_EHLO,
    "HELO": SmtpSession.smtp_HELO,
    "MAIL": SmtpSession.smtp_MAIL,
    "RCPT": SmtpSession.smtp_RCPT,
    "DATA": SmtpSession.smtp_DATA,
    "RSET": SmtpSession.smtp_RSET,
    "NOOP": SmtpSession.smtp_NOOP,
    "QUIT": SmtpSession.smtp_QUIT,
    "VRFY": SmtpSession.smtp_VRFY,
    "HELP": SmtpSession.smtp_HELP,
    **dict.fromkeys(("EXPN", "AUTH", "STARTTLS", "BDAT", "ETRN", "TURN", "XCLIENT", "XFORWARD"), SmtpSession.smtp_EXPN),
}


def _command(line: bytes) -> tuple[Command, str]:
    """Read one command line; raises Refused for what is none (a bare CR or LF ends nothing, THREATS S3)."""
    if line is OVERLONG:
        raise Refused(say.LINE_TOO_LONG)
    if not line.endswith(b"\r\n") or not line.isascii() or b"\0" in line or b"\r" in line[:-2]:
        raise Refused(say.BAD_LINE)
    verb, _, argument = line[:-2].decode("ascii").partition(" ")
    command = _COMMANDS.get(verb) or _COMMANDS.get(verb.upper())
    if command is None:
        raise Refused(say.UNKNOWN_COMMAND)
    return command, argument.strip(" ")


def sessions(room: Room, reception: Reception, loop: asyncio.AbstractEventLoop) -> Callable[[], SmtpSession]:
    """Give a maker of sessions that looks up commands and handlers once, where aiosmtpd does so for each connection."""
    first = SmtpSession(room, reception, loop)
    shared = dict(first.__dict__)

    def session() -> SmtpSession:
        one = SmtpSession.__new__(SmtpSession)
        one.__dict__.update(shared)
        one.begin()
        return one

    return session
