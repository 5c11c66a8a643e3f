"""The public by mail: sessions that send each message until they are told 250 or 5xx, as a sender's server does.

Some messages are sent twice on purpose: at once over two sessions, later again, or again for one recipient more.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter, deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.crash.ledger import Ledger, Letter
from tests.crash.office import CASEWORK, INBOXES, OPEN_INBOX, RELEASED, RETURNS_EACH, Office, Party

ON_THE_WAY = b"Received: from relay.example.net by border.example.net; Mon, 9 Mar 2026 10:00:00 +0000\r\n"
"""What a server on the way adds: the message stays the same message."""
STRANGERS, UNCERTAIN = "stranger", "uncertain"
_SHARES = {STRANGERS: 40, "routed": 10, "filed": 8, "refused": 5, UNCERTAIN: 2, "returned": 3, "held": 6}
_SHARES |= {"held, limited": 5, "limited, filed": 8, "limited, returned": 3, "limited, held": 4, "limited, both": 4}
_MESSAGES_EACH = {"limited, filed": 9, "limited, returned": 9, "limited, held": 6, "limited, both": 8}
_MESSAGES_EACH["returned"] = RETURNS_EACH
_MOST_ANSWERED = 400
_GREETING_S = 5.0
"""How long to wait for a greeting (RFC 5321 4.5.3.2.1 says minutes): who connects while a door closes hears nothing."""
"""Returns and notes that may be asked for in all: below the product's cap of 500 a day."""


class Lost(Exception):
    """The connection went away, or was refused; nobody knows what of the message."""


@dataclass(eq=False, slots=True)
class Errand:
    """Hold one thing to get done: a message for these recipients, until it is answered for good."""

    letter: Letter
    recipients: tuple[str, ...]
    raw: bytes
    not_before: float = 0.0


class Connection:
    """Speak SMTP with the office; every method raises Lost where the office has gone."""

    def __init__(self, port: int) -> None:
        """Prepare."""
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Connect and say EHLO where that is not done."""
        if self._writer is not None:
            return
        try:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
            async with asyncio.timeout(_GREETING_S):
                code, _ = await self.reply()
        except OSError:
            raise Lost from None
        if code != 220:
            raise Lost
        await self.say(b"EHLO sender.example.net")

    async def say(self, command: bytes) -> tuple[int, str]:
        """Say a command and hear its reply; 421 is the end."""
        self.write(command + b"\r\n")
        return await self.reply()

    def write(self, data: bytes) -> None:
        """Send octets."""
        if self._writer is None:
            raise Lost
        self._writer.write(data)

    async def reply(self) -> tuple[int, str]:
        """Hear one reply, of several lines perhaps."""
        assert self._reader is not None
        try:
            line = await self._reader.readline()
            while line[3:4] == b"-":
                line = await self._reader.readline()
        except OSError:
            raise Lost from None
        if not line.endswith(b"\n") or line.startswith(b"421"):
            raise Lost
        return int(line[:3]), line[4:].decode().strip()

    async def gone(self) -> None:
        """Hang up and wait until the connection is gone; one that was killed is gone already."""
        writer = self._writer
        self.close()
        if writer is not None:
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


class Public:
    """Write messages and carry them to the office by several sessions at once."""

    def __init__(self, office: Office, ledger: Ledger, chance: random.Random, *, pause_s: float = 0.02) -> None:
        """Prepare; `pause_s` is the longest pause of a session between two messages."""
        self._office, self._ledger, self._chance, self._pause_s = office, ledger, chance, pause_s
        self._waiting: deque[Errand] = deque()
        self._sent: Counter[str] = Counter()
        self._strangers = 0
        self._answers_asked = 0
        self.writing = True

    async def session(self) -> None:
        """Carry messages until nothing is written any more and all errands are done."""
        connection = Connection(self._office.smtp)
        try:
            await self._carry(connection)
        finally:
            await connection.gone()

    async def _carry(self, connection: Connection) -> None:
        while (errand := self._next()) is not None or self.writing or self._ledger.open_errands:
            if errand is None:
                await asyncio.sleep(0.02)
                continue
            await self._until_answered(connection, errand)
            errand.letter.errands -= 1
            self._think_again(errand)
            if self.writing:
                await asyncio.sleep(self._chance.random() * self._pause_s)
            if self._chance.random() < 0.05:
                connection.close()

    def _next(self) -> Errand | None:
        now = asyncio.get_running_loop().time()
        for _ in range(len(self._waiting)):
            errand = self._waiting.popleft()
            if errand.not_before <= now or not self.writing:
                return errand
            self._waiting.append(errand)
        return self._write() if self.writing else None

    async def _until_answered(self, connection: Connection, errand: Errand) -> None:
        while True:
            try:
                await connection.open()
                code, text = await self._transact(connection, errand)
            except Lost:
                connection.close()
                await asyncio.sleep(0.01)
                continue
            self._ledger.heard(f"mail: {code}")
            if code == 250:
                errand.letter.ids.add(text.rpartition(" ")[2])
                errand.letter.taken |= set(errand.recipients)
                return
            if code >= 500:
                errand.letter.refused += 1
                return
            errand.letter.put_off += 1
            await asyncio.sleep(0.03 + self._chance.random() * 0.05)

    async def _transact(self, connection: Connection, errand: Errand) -> tuple[int, str]:
        """Send once and give the reply that ended it; what was said to the end and not answered is counted."""
        commands = [b"MAIL FROM:<%s>" % errand.letter.mail_from.encode()]
        commands += [b"RCPT TO:<%s>" % recipient.encode() for recipient in errand.recipients]
        for command in commands:
            code, text = await connection.say(command)
            if code != 250:
                await connection.say(b"RSET")
                return code, text
        code, text = await connection.say(b"DATA")
        if code != 354:
            return code, text
        try:
            self._ledger.in_flight.add(errand)
            stuffed = errand.raw.replace(b"\r\n.", b"\r\n..")
            connection.write(stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n")
            return await connection.reply()
        except Lost:
            errand.letter.lost += 1
            self._ledger.unanswered("mail")
            raise
        finally:
            self._ledger.in_flight.discard(errand)

    # What is written

    def _think_again(self, errand: Errand) -> None:
        """Send some messages again, as relays and impatient people do."""
        letter, roll = errand.letter, self._chance.random()
        if not self.writing or roll > 0.12:
            return
        recipients, raw = letter.recipients, ON_THE_WAY + letter.raw
        more = [inbox for inbox in INBOXES if inbox not in letter.taken]
        if roll < 0.03 and more and letter.kind in (STRANGERS, "filed", "held"):
            recipients, raw = (self._chance.choice(more),), letter.raw
        later = asyncio.get_running_loop().time() + self._chance.random() * 2
        letter.errands += 1
        self._waiting.append(Errand(letter, recipients, raw, later))

    def _write(self) -> Errand | None:
        kind = self._chance.choices(list(_SHARES), list(_SHARES.values()))[0]
        party = self._party(kind)
        letter = self._letter(kind, party) if party is not None or kind == UNCERTAIN else self._stranger()
        self._ledger.letters.append(letter)
        letter.errands = 1
        if self._chance.random() < 0.03:
            letter.errands = 2
            self._waiting.append(Errand(letter, letter.recipients, letter.raw))
        return Errand(letter, letter.recipients, letter.raw)

    def _party(self, kind: str) -> Party | None:
        """Choose a party of a kind; None where all are used up."""
        parties = self._office.parties.get(kind, [])
        if kind in RELEASED:
            soon = datetime.now(UTC) + timedelta(seconds=0.2)
            return next((party for party in parties if party.ends is not None and party.ends > soon), None)
        most = _MESSAGES_EACH.get(kind)
        if most is None:
            return self._chance.choice(parties) if parties else None
        party = next((party for party in parties if self._sent[party.name] < most), None)
        if party is not None and "returned" in kind:
            self._answers_asked += 1
            party = party if self._answers_asked < _MOST_ANSWERED else None
        if party is not None:
            self._sent[party.name] += 1
        return party

    def _stranger(self) -> Letter:
        """Write as somebody whom nobody knows, some of whom write often."""
        if self._strangers == 0 or self._chance.random() < 0.5:
            self._strangers += 1
        name = f"s{self._strangers}@strangers-{self._strangers % 50}.example.org"
        return self._letter(STRANGERS, Party(name, STRANGERS, name, ""))

    def _letter(self, kind: str, party: Party | None) -> Letter:
        number = len(self._ledger.letters)
        author = party.email if party is not None else f"u{number}@unknown.example.org"
        recipients = tuple(self._chance.sample(INBOXES, 2 if self._chance.random() < 0.15 else 1))
        if kind == "routed" and OPEN_INBOX in recipients and self._chance.random() < 0.5:
            recipients = (INBOXES[1],)
        authors = f"<{author}>"
        if kind == UNCERTAIN:  # it may be from a party under a restriction: a person must look
            authors += f", <{self._office.parties['refused'][0].email}>"
        message_id = f"<crash-{number}@sender.example.net>"
        raw = (
            f"From: {authors}\r\nTo: <{recipients[0]}>\r\nSubject: number {number}\r\n"
            f"Message-ID: {message_id}\r\nX-Crash-Number: {number}\r\nDate: Mon, 9 Mar 2026 10:00:00 +0000\r\n\r\n"
        ).encode() + self._body()
        name = party.name if party is not None else ""
        return Letter(number, kind, name, author, recipients, raw, message_id)

    def _body(self) -> bytes:
        lines = [b"Dear office,", b".", b"..dots", "with an \N{POUND SIGN} sign".encode(), b"From here on: \xff\xfe"]
        size = self._chance.choice((3, 30, 30, 300, 1500))
        lines += [self._chance.randbytes(30).hex().encode() for _ in range(self._chance.randrange(size))]
        return b"\r\n".join(lines) + b"\r\n"


def expected_places(letter: Letter, recipient: str, outcome: str) -> str:
    """Say to which inbox a message goes that was let through or filed for a recipient."""
    if letter.kind == "routed" and recipient != OPEN_INBOX and outcome in ("deliver", "route"):
        return CASEWORK
    return recipient
