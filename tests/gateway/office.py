"""A small office in a folder, built and served in the test's own process on free ports, with a clock that a test sets.

Belongs here: what the end-to-end tests share: the office and its people, a sender's server, reading what arrived.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.mail.maildir_names import folder_directory, inbox_directory
from gateway import build, serve
from gateway.build_desk import casework_of, letters_of, traces_of
from gateway.config import Config, Settings, read_policy
from gateway.flag_round import FlagRound
from gateway.flags import FlagDesk
from gateway.levels import Levels
from gateway.mail_contact import OBSERVE
from gateway.serials import serial
from rules import identity, measures
from rules.casework.actor import Actor
from rules.contact import Channel
from rules.standing import Adjustment, Restriction
from storage.entries import Entry, Flag, Letter, LetterState, State
from storage.record import Record
from tests.adapters.mail.door import Client

NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)  # a Monday morning, no summer time
DOMAIN = "office.example.org"
CLERK, HEAD, APPEALS = f"clerk@{DOMAIN}", f"head@{DOMAIN}", f"appeals@{DOMAIN}"
ALERTS, ADDRESS = f"alerts@{DOMAIN}", f"office@{DOMAIN}"
SWITCHBOARD, LINE = "+441632960999", "+441632960100"
ACCOUNT, TOKEN = "AC" + "5" * 32, "0123456789abcdef0123456789abcdef"
PUBLIC_URL = "https://calls.example.org"
FILED, SENT = "Filed unanswered", "Sent out"
PARTY = "r.example@example.org"


class Clock:
    """Tell the time that a test chose, aware UTC."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **span: float) -> None:
        """Let time pass."""
        self.at += timedelta(**span)


class NoJobs:
    """Do nothing by itself: the test does the clock's work when it wants it done."""

    def start(self) -> None:
        """Do not begin."""

    async def stop(self) -> None:
        """Have nothing to end."""


@dataclass
class Office:
    """Hold one office while it runs."""

    state: Path
    settings: Settings
    record: Record
    clock: Clock
    gateway: build.Gateway
    web_port: int = 0
    _numbers: list[int] = field(default_factory=lambda: [0])

    # People and what is on them

    def party(
        self,
        *restricted: dict[str, Any],
        emails: Iterable[str] = (PARTY,),
        phones: Iterable[str] = (),
        name: str = "R. Example",
        shared: bool = False,
        open_channels: Iterable[Channel] = (),
        starts: datetime | None = None,
        ends: datetime | None = None,
    ) -> int:
        """Put a party on record, under one restriction of these measures."""

        def job(tx) -> int:
            number = tx.add_party(name)
            for identifier in [*map(identity.anything, emails), *map(identity.phone, phones)]:
                tx.add_identifier(identifier, number, shared=shared, how="it says so", by="test")
            if restricted:
                tx.add_restriction(number, self._restriction(restricted, starts, ends))
            if open_channels:
                tx.add_adjustment(number, Adjustment("a need", frozenset(open_channels)))
            return number

        return self.record.write_now(job)

    def restrict(self, party: int, *restricted: dict[str, Any], ends: datetime | None = None) -> None:
        """Put one more restriction on a party."""
        self.record.write_now(lambda tx: tx.add_restriction(party, self._restriction(restricted, None, ends)))

    def _restriction(self, restricted, starts, ends) -> Restriction:
        self._numbers[0] += 1
        return Restriction(
            f"r{self._numbers[0]}",
            tuple(map(measures.parse, restricted)),
            starts or self.clock() - timedelta(days=60),
            ends or self.clock() + timedelta(days=60),
            reason="for the test",
            approved_by="Head of Casework",
        )

    def observe(self, mode: str = "on") -> None:
        """Put the whole office into observe mode, or out of it."""
        self.record.write_now(lambda tx: tx.set_setting(OBSERVE, mode))

    # Mail in

    async def post(self, message: bytes, *recipients: str, sender: str = PARTY) -> str:
        """Send a message as a sender's server does; give the reply that ended it: to the final dot, or a refusal.

        A moment passes, so that what came later is later on record.
        """
        self.clock.advance(milliseconds=1)
        async with Client.of(self.gateway.smtp) as client:
            return await deliver(client, message, recipients or (CLERK,), sender)

    # What is there afterwards

    def contacts(self, **filters: Any) -> list[Entry]:
        """List the contacts on record, oldest first."""
        found = self.record.read_now(lambda reader: reader.contacts(limit=5000, **filters))
        return sorted(found, key=lambda entry: (entry.at, entry.id))

    def only(self) -> Entry:
        """Give the one contact on record."""
        (entry,) = self.contacts()
        return entry

    def states(self) -> list[str]:
        """List the states of the contacts on record, in the order in which they came."""
        return [entry.state.value for entry in self.contacts()]

    def raw(self, entry: Entry) -> bytes | None:
        """Give the copy of a message that the record keeps, less our own Received where it has one."""
        kept = self.record.read_now(lambda reader: reader.raw(entry.id))
        if kept is None:
            return None
        return unreceived(kept.message) if kept.message.startswith(b"Received: from client") else kept.message

    def letters(self, state: LetterState = LetterState.QUEUED) -> list[Letter]:
        """List our own letters in a state."""
        return list(self.record.read_now(lambda reader: reader.letters(state)))

    def told(self) -> list[Letter]:
        """List the letters to senders that wait to leave."""
        return [letter for letter in self.letters() if letter.kind != "alert"]

    def flags(self) -> list[Flag]:
        """List the flags, oldest first."""
        return sorted(
            self.record.read_now(lambda reader: reader.flags(limit=1000)), key=lambda flag: (flag.at, flag.id)
        )

    async def look_at_levels(self) -> int:
        """Do what the clock does each second: look at the sums that are due, and at flags that have slept."""
        return await flag_round(self.settings, self.record, self.clock).run()

    def dismiss(self, flag: Flag) -> None:
        """Dismiss a flag, as a member of staff."""
        casework = casework_of(self.settings, self.record, clock=self.clock)
        desk = FlagDesk(self.record, self.settings.policy, casework, self.clock)
        desk.dismiss(flag.id, "it is no matter", Actor("Ada", frozenset({"caseworker"})))

    def queue(self, *states: State) -> list[Entry]:
        """List what waits for a person."""
        return list(self.record.read_now(lambda reader: reader.queue(*states)))

    def used(self, party: int, channel: Channel = Channel.EMAIL) -> int:
        """Count the contacts of a party that limits count."""
        return sum(
            entry.party_id == party and entry.counted_at is not None and entry.channel is channel
            for entry in self.contacts()
        )

    def mailbox(self, inbox: str = CLERK, folder: str = "") -> list[bytes]:
        """Give the messages in an inbox or its folder, as they lie there."""
        place = self.settings.config.maildir / inbox_directory(inbox) / folder_directory(folder)
        return [path.read_bytes() for part in ("new", "cur") for path in sorted((place / part).glob("*"))]

    def everything_delivered(self) -> list[bytes]:
        """Give every message in every inbox and folder."""
        return [path.read_bytes() for path in self.settings.config.maildir.rglob("*") if path.is_file() and _mail(path)]


def flag_round(settings: Settings, record: Record, clock: Clock) -> FlagRound:
    """Build what looks at levels each second, as a gateway has it."""
    letters = letters_of(settings, traces_of(record))
    return FlagRound(record, Levels(settings.policy, letters, serial), clock)


def _mail(path: Path) -> bool:
    return path.parent.name in ("new", "cur")


def settings(
    state: Path, *, mail: dict[str, Any] | None = None, phone: bool = False, policy: dict[str, Any] | None = None, **top
) -> Settings:
    """Give the settings of an office that takes mail, and calls where asked to."""
    calls = {
        "public_url": PUBLIC_URL,
        "account": ACCOUNT,
        "tokens": (TOKEN,),
        "switchboard": SWITCHBOARD,
        "api_url": "",
    }
    office = {"name": "The Office", "address": ADDRESS, "alerts": ALERTS, "domains": (DOMAIN, "example.org")}
    config = Config(
        state=state,
        office=office | top.pop("office", {}),
        mail={"listen": "127.0.0.1:0", "reserve_mb": 0, "reply_timeout_s": 20.0, "data_timeout_s": 20.0} | (mail or {}),
        phone={"listen": "127.0.0.1:0"} | (calls if phone else {}) | top.pop("phone_changes", {}),
        **top,
    )
    return Settings(config, read_policy("default", state).with_changes(**(policy or {})))


@asynccontextmanager
async def office(
    folder: Path,
    *,
    record_url: str = "",
    clock: Clock | None = None,
    jobs: bool = False,
    busy_s: float = 5.0,
    **more: Any,
) -> AsyncIterator[Office]:
    """Build an office and serve it; with `jobs` the clock's work is done by itself, else by the test.

    It has no API unless asked for: to build one takes longer than most tests.
    """
    state = folder / "state"
    state.mkdir(exist_ok=True)
    more.setdefault("api", {"enabled": False})
    chosen = settings(state, **({"record": {"url": record_url}} if record_url else {}), **more)
    clock = clock or Clock()
    record = Record.open(chosen.config.record_url, now=clock, busy_s=busy_s)
    gateway = build.build(chosen, record, clock=clock)
    if not jobs:
        gateway = replace(gateway, jobs=NoJobs())
    whole = jobs or chosen.config.phone.configured or chosen.config.sip.tokens
    async with (serve.serving if whole else _mail_alone)(gateway) as web_port:
        yield Office(state, chosen, record, clock, gateway, web_port)


@asynccontextmanager
async def _mail_alone(gateway: build.Gateway) -> AsyncIterator[int]:
    """Serve mail and nothing else, as `serving` does: the web server takes long to stop."""
    await gateway.smtp.start()
    try:
        yield 0
    finally:
        await gateway.smtp.stop(serve.GRACE_S)
        if gateway.next_hop is not None:
            await gateway.next_hop.close()
        gateway.record.close()


def empty_record(folder: Path) -> Path:
    """Make a record with tables and nothing in it, to be copied: migrating takes longer than most tests."""
    path = folder / "parley.db"
    Record.open(f"sqlite:///{path}", now=Clock()).close()
    return path


def with_record(folder: Path, template: Path) -> Path:
    """Put a copy of an empty record where an office in this folder will look for it."""
    (folder / "state").mkdir()
    shutil.copyfile(template, folder / "state" / "parley.db")
    return folder


# A sender's server


async def deliver(client: Client, message: bytes, recipients: Iterable[str], sender: str) -> str:
    """Send one message over an open connection; give the reply that ended it, a refused recipient's where all are."""
    reply = await client.say(f"MAIL FROM:{'<>' if sender == '<>' else f'<{sender}>'}")
    if not reply.startswith("250"):
        return reply
    replies = [await client.say(f"RCPT TO:<{recipient}>") for recipient in recipients]
    if not any(one.startswith("250") for one in replies):
        await client.say("RSET")
        return replies[0]
    reply = await client.say("DATA")
    if not reply.startswith("354"):
        return reply
    await client.send(wire(message))
    return await client.reply()


def wire(message: bytes) -> bytes:
    """Give a message as it goes over the wire: CRLF line ends, dots doubled, ended."""
    text = message if message.endswith(b"\r\n") else message + b"\r\n"
    return (b"\r\n" + text).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


def mail(number: int = 1, *, sender: str = PARTY, body: str = "Good morning", **fields: str) -> bytes:
    """Give a plain message; the number makes it another one; `fields` are more header fields, `_` for `-`."""
    lines = [
        f"From: R. Example <{sender}>",
        f"To: {CLERK}",
        f"Subject: Message {number}",
        f"Message-ID: <{number}@example.org>",
        "Date: Mon, 9 Mar 2026 10:00:00 +0000",
        *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items()),
    ]
    return ("\r\n".join(lines) + f"\r\n\r\n{body}\r\n").encode()


def untraced(message: bytes) -> bytes:
    """Take our trace and our Received off a message, and insist that both are there, the trace first."""
    first, _, rest = message.partition(b"\r\n")
    assert first.startswith(b"Parley-Trace: v1; id="), first
    return unreceived(rest)


def unreceived(message: bytes) -> bytes:
    """Take our own Received off a message, and insist that it is there."""
    field = re.match(rb"Received: from \S+ [^\r]*\r\n\tby office\.example\.org with [^\r]*\r\n\t[^\r]*\r\n", message)
    assert field, message[:200]
    return message[field.end() :]


async def settled(condition, *, within_s: float = 10.0) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.01)
