"""One SMTP session: what each command means, with the cures of THREATS S2 to S14.

Belongs here: the order of commands and the life of a transaction. The promise: after any reply the next transaction is
judged from nothing, and 250 after the final dot is reception's own answer.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from adapters.mail import smtp_in_commands as say
from adapters.mail import xforward
from adapters.mail.message import Incoming
from adapters.mail.smtp_commands import Offers
from adapters.mail.smtp_in_commands import Refused, client_name, recipient_path, sender_path
from adapters.mail.smtp_in_conversation import Command, Conversation, Transaction, said
from adapters.mail.smtp_in_replies import answer_reply, reply
from adapters.mail.smtp_in_room import Room, listed
from adapters.mail.smtp_in_wire import TOO_BIG, Body
from adapters.mail.xforward import Forwarded
from rules.answers import Answer, Delivered


@dataclass(frozen=True, slots=True)
class Reception:
    """Hold whom the door asks: may this recipient be taken, take this message, is there room, what time is it.

    `offers` is what the path behind can do, so that no more is promised (THREATS S11).
    """

    take_recipient: Callable[[str, str], Awaitable[Answer]]
    take_message: Callable[[Incoming], Awaitable[Answer]]
    ready: Callable[[], Answer]
    now: Callable[[], datetime]
    offers: Callable[[], Offers]


@lru_cache(maxsize=64)
def _offered(hostname: str, octets: int, path: Offers, starttls: bool, forwards: bool) -> bytes:
    """Render the answer to EHLO: what the whole path can do, and what this client may say."""
    lines = [hostname, f"SIZE {octets}", "8BITMIME", "PIPELINING"]
    lines += ["SMTPUTF8"] * path.utf8 + ["DSN"] * path.dsn + ["STARTTLS"] * starttls + [xforward.OFFER] * forwards
    return "".join(f"250-{line}\r\n" for line in lines).encode("ascii") + b"250 ENHANCEDSTATUSCODES\r\n"


_NOBODY = Forwarded()


class SmtpSession(Conversation):
    """Obey one client; `sessions` makes them."""

    def __init__(self, room: Room, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(room, loop)
        self._reception = reception
        self._helo = ""
        self._extended = False
        self._forwarded = _NOBODY
        self._recipients_refused = 0

    def _command(self, line: bytes) -> tuple[Command, str]:
        verb, argument = said(line)
        command = _COMMANDS.get(verb) or _COMMANDS.get(verb.upper())
        if command is None:
            raise Refused(say.UNKNOWN_COMMAND)
        return command, argument

    # -- small talk; the names are aiosmtpd's

    async def smtp_EHLO(self, hostname: str) -> None:
        """Name what the whole path can do (THREATS S11), and forget any transaction (RFC 5321 4.1.4)."""
        settings = self._settings
        starttls = settings.tls == "starttls" and not self.secured
        path = self._reception.offers()
        offers = _offered(settings.hostname, settings.most_message_bytes, path, starttls, self._may_forward())
        self._greet(hostname, offers)
        self._extended = True

    async def smtp_HELO(self, hostname: str) -> None:
        """Greet a client that knows no extensions."""
        self._greet(hostname, f"250 {self.hostname}\r\n".encode("ascii"))
        self._extended = False

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
        """Forget the transaction, and for whom a listed peer speaks; the name is aiosmtpd's."""
        self._transaction = Transaction()
        self._forwarded = _NOBODY
        self._recipients_refused = 0

    async def smtp_STARTTLS(self, arg: str) -> None:
        """Go on under TLS, and forget all that was said before (RFC 3207 4.2, THREATS S4)."""
        if self._settings.tls != "starttls" or self.secured:
            raise Refused(say.NOT_OFFERED)
        if arg:
            raise Refused(say.BAD_ARGUMENT)
        if not self._intake.waiting:
            self._replies.append(say.TLS_READY)
            await self._send()
        if self._intake.waiting:
            # It would be obeyed as though it had come under TLS.
            self._leave(say.TLS_IN_TURN)
        elif await self._secure():
            self._helo = ""
            self._set_rset_state()

    def _may_forward(self) -> bool:
        return listed(self._peer, self._settings.xforward_from)

    async def smtp_XFORWARD(self, arg: str) -> None:
        """Hear from a listed peer for whom the next message is sent (THREATS S11)."""
        if not self._may_forward():
            raise Refused(say.NOT_OFFERED)
        if self._transaction.begun:
            raise Refused(say.ONE_AT_A_TIME)
        try:
            self._forwarded = xforward.forwarded(arg, self._forwarded)
        except ValueError:
            raise Refused(say.BAD_ARGUMENT) from None
        self._idle(say.OK)

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
        """Decline, as AUTH and others that EHLO does not name."""
        raise Refused(say.NOT_OFFERED)

    # -- the transaction

    async def smtp_MAIL(self, arg: str | None) -> None:
        """Begin a transaction, where there is room for its message (THREATS S17)."""
        self._begin_transaction(arg or "")

    def _begin_transaction(self, argument: str) -> None:
        if not self._helo:
            raise Refused(say.HELLO_FIRST)
        if self._transaction.begun:
            raise Refused(say.ONE_AT_A_TIME)
        settings = self._settings
        if settings.tls_required and not self.secured:
            raise Refused(say.TLS_FIRST)
        offers = self._reception.offers()
        sender = sender_path(argument, self._getaddr, most_bytes=settings.most_message_bytes, offers=offers)
        if not self._room.may_send(self, self.loop.time()):
            raise Refused(say.TOO_FAST)
        ready = self._reception.ready()
        if isinstance(ready, Delivered):
            self._transaction.sender = sender
        self._answer(answer_reply(ready, done=say.SENDER_TAKEN, put_off=(452, "4.3.1")))

    async def smtp_RCPT(self, arg: str | None) -> None:
        """Add a recipient, if reception takes it (THREATS S13)."""
        now = self._transaction
        if now.sender is None:
            raise Refused(say.SENDER_FIRST if self._helo else say.HELLO_FIRST)
        offers = self._reception.offers()
        address, wish = recipient_path(arg or "", self._getaddr, offers=offers, utf8=now.sender.utf8)
        if len(now.recipients) >= self._settings.most_recipients:
            self._refuse_recipient(say.TOO_MANY_RECIPIENTS)
            return
        if not self._room.may_name(self, self.loop.time()):
            self._refuse_recipient(say.TOO_FAST)
            return
        self._at_work, self._due = True, math.inf
        try:
            answer = await self._reception.take_recipient(now.sender.address, address)
        finally:
            self._at_work = False
        if isinstance(answer, Delivered):
            now.recipients.append(address)
            if wish.notify or wish.original:
                now.wished[address] = wish
            self._replies.append(say.RECIPIENT_TAKEN)
        else:
            self._refuse_recipient(answer_reply(answer, done=say.RECIPIENT_TAKEN))

    def _refuse_recipient(self, answer: bytes) -> None:
        """Say no to a recipient; only who goes on and on makes errors, for the recipients taken await their message."""
        self._recipients_refused += 1
        if self._recipients_refused > self._settings.most_recipients:
            self._refuse(answer)
        else:
            self._answer(answer)

    async def smtp_DATA(self, arg: str | None) -> None:
        """Take the message and give reception's answer; the transaction is over before that (THREATS S5)."""
        now = self._transaction
        if self._intake.waiting:
            # Whoever does not wait for 354 would have a refused message read as commands.
            self._leave(say.NOT_IN_TURN)
            return
        if arg:
            raise Refused(say.BAD_ARGUMENT)
        if now.sender is None or not now.recipients:
            raise Refused(say.SENDER_FIRST if now.sender is None else say.RECIPIENT_FIRST)
        self._replies.append(say.GO_ON)
        await self._send()
        body = Body(self._room)
        try:
            whole = await self._receive(body)
            client = self._client()
            self._set_rset_state()
            if whole:
                await self._hand_over(body, now, now.sender.address, client)
        finally:
            body.release()

    def _client(self) -> tuple[str, str]:
        """Give whose message it is, address and name: the client's, or of whom a listed peer speaks."""
        address, helo = self._forwarded
        return self._peer if address is None else address, self._helo if helo is None else helo

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

    async def _hand_over(self, body: Body, now: Transaction, mail_from: str, client: tuple[str, str]) -> None:
        if body.shed:
            raise Refused(say.MESSAGE_TOO_BIG if body.shed == TOO_BIG else say.NO_ROOM_NOW)
        recipients = tuple(dict.fromkeys(now.recipients))
        at, protocol, wishes = self._reception.now(), self._protocol(now), now.wishes
        message = Incoming(*client, mail_from, recipients, body.message(), at, protocol, wishes)
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

    def _protocol(self, now: Transaction) -> str:
        """Name the protocol as Received has it (RFC 3848, RFC 6531 4.3)."""
        utf8 = now.sender is not None and now.sender.utf8
        return ("UTF8SMTP" if utf8 else "ESMTP" if self._extended else "SMTP") + "S" * self.secured


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
    "STARTTLS": SmtpSession.smtp_STARTTLS,
    "XFORWARD": SmtpSession.smtp_XFORWARD,
    **dict.fromkeys(("EXPN", "AUTH", "BDAT", "ETRN", "TURN", "XCLIENT"), SmtpSession.smtp_EXPN),
}


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
