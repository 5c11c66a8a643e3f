"""Sends what was made, and judges every answer.

Belongs here: the law of the door. 250 only where the message is on record and where its outcome put it; else 4xx, or a
5xx that some rule of ours says; no exception anywhere inside, no second of work on one item, one message for one 250.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import structlog

from storage.entries import State
from tests.gateway.office import CLERK, Office, wire
from tests.hostile import documents
from tests.hostile.dialogues import dialogue
from tests.hostile.messages import ADDRESSES, message
from tests.hostile.office import hostile_office

BATCH = 200
OFFICE = 20
"""Batches that one office meets, so that its record stays as small as what is looked at after each."""
MOST_CPU_S = 1.0
SILENCE_S = 60.0
_REPLY = re.compile(rb"([2345][0-5][0-9])([ -])[ -~]*\r\n")
_TAKEN = re.compile(rb"250 2\.0\.0 Ok ([0-9a-z]{10,40})\r\n")
_SENDERS = (*(one.decode() for one in ADDRESSES[:7]), "<>")
# Words of ours for what went wrong inside; "record unavailable" is here too, for nothing was done to the record.
_FAULTS = frozenset({"smtp_incident", "incident", "record unavailable", "shunted"})


@dataclass
class Findings:
    """Hold what was sent, what came back, and what must not be."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest_s: float = 0.0


class Listener:
    """Hear what the product logs about its own faults."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def __call__(self, logger: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        """Keep what is a fault of ours; all else is dropped."""
        if method in ("error", "critical", "exception") or event.get("event") in _FAULTS:
            self.heard.append(
                f"{event.get('event')} {event.get('kind', event.get('fault', ''))} {event.get('frames', '')}"
            )
        raise structlog.DropEvent


def run(folder: Path, seeds: list[int], seconds: float | None = None) -> Findings:
    """Try every batch of these seeds, in `OFFICE` of them in one office; stop once the seconds are over."""
    return asyncio.run(_run(folder, seeds, seconds))


async def _run(folder: Path, seeds: list[int], seconds: float | None) -> Findings:
    findings, listener = Findings(), Listener()
    structlog.configure(processors=[listener])
    asyncio.get_running_loop().set_exception_handler(lambda _, context: listener.heard.append(str(context)))
    end = None if seconds is None else time.monotonic() + seconds
    for start in range(0, len(seeds), OFFICE):
        place = folder / str(start)
        place.mkdir(parents=True)
        async with hostile_office(place) as here:
            wrong = await documents.tried(here, seeds[start], findings.counts)
            findings.failures += [f"documents of seed {seeds[start]}: {why}" for why in (*wrong, *listener.heard)]
            listener.heard.clear()
            for seed in seeds[start : start + OFFICE]:
                if findings.failures or (end is not None and time.monotonic() > end):
                    return findings
                await _batch(here, seed, findings, listener)
    return findings


async def _batch(here: Office, seed: int, findings: Findings, listener: Listener) -> None:
    """Send a batch over connections of its own, then look whether the record has what was promised."""
    taken: list[bytes] = []
    before = len(here.contacts())
    for number in range(BATCH):
        chance = Random(f"{seed}:{number}")
        where = f"seed {seed} item {number}"
        began = time.process_time()
        kind = "message" if chance.random() < 0.7 else "dialogue"
        try:
            async with asyncio.timeout(SILENCE_S):
                said = await (_one_message(here, chance) if kind == "message" else _one_dialogue(here, chance))
        except TimeoutError:
            findings.failures.append(f"{where}: no answer within {SILENCE_S:.0f} s")
            return
        spent = time.process_time() - began
        findings.slowest_s = max(findings.slowest_s, spent)
        findings.counts[kind] += 1
        findings.failures += [f"{where}: {why}" for why in _judge(said, kind, findings, taken)]
        if spent > MOST_CPU_S:
            findings.failures.append(f"{where}: {spent:.1f} s of work")
        findings.failures += [f"{where}: {one}" for one in listener.heard]
        listener.heard.clear()
    findings.failures += [f"seed {seed}: {why}" for why in _missing(here, taken, before)]
    here.clock.advance(hours=26)


async def _one_message(here: Office, chance: Random) -> bytes:
    """Send a message by an honest dialogue."""
    sender = chance.choice(_SENDERS)
    path = "<>" if sender == "<>" else f"<{sender.strip('<>')}>"
    lines = [b"EHLO client.example.net\r\n", f"MAIL FROM:{path}\r\n".encode(), f"RCPT TO:<{CLERK}>\r\n".encode()]
    return await _converse(here, [*lines, b"DATA\r\n", wire(message(chance)), b"QUIT\r\n"], in_turn=True)


async def _one_dialogue(here: Office, chance: Random) -> bytes:
    return await _converse(here, dialogue(chance), in_turn=chance.random() < 0.8)


async def _converse(here: Office, pieces: list[bytes], *, in_turn: bool) -> bytes:
    """Say pieces, waiting for an answer to each or for none; give all that the door said until it closed."""
    with socket.create_connection(("127.0.0.1", here.gateway.smtp.port)) as client:
        client.setblocking(False)
        ear = _Ear(client)
        said = await ear.line() if in_turn else b""
        try:
            for piece in pieces:
                await asyncio.get_running_loop().sock_sendall(client, piece)
                if in_turn and piece.endswith(b"\r\n"):
                    said += await _reply(ear)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the door closed first, which it may; what it said before is still to be heard
        return said + await ear.rest()


class _Ear:
    """Hear all that a door says until it closes, whoever has stopped waiting for it meanwhile.

    A stream of asyncio forgets what was not read when the door closes on us; a read that is given up loses its data.
    """

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._heard = b""
        self._news = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())
        self._listening.add_done_callback(lambda _: self._news.set())

    async def line(self) -> bytes:
        """Give one line; what there is of it where the door closed."""
        while b"\n" not in self._heard and not self._listening.done():
            self._news.clear()
            await self._news.wait()
        line, end, self._heard = self._heard.partition(b"\n")
        return line + end

    async def rest(self) -> bytes:
        """Give all that comes until the door closes."""
        await self._listening
        return self._heard

    async def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while more := await asyncio.get_running_loop().sock_recv(self._client, 1 << 16):
                self._heard += more
                self._news.set()


async def _reply(ear: _Ear) -> bytes:
    """Read one reply, or what comes within a moment where the door waits for more."""
    lines = b""
    try:
        async with asyncio.timeout(0.02):
            while line := await ear.line():
                lines += line
                if line[3:4] == b" ":
                    break
    except TimeoutError:
        pass
    return lines


def _judge(said: bytes, kind: str, findings: Findings, taken: list[bytes]) -> list[str]:
    """Say what is wrong with all that the door said in one conversation."""
    wrong = []
    for line in said.splitlines(keepends=True):
        match = _REPLY.fullmatch(line)
        if match is None:
            wrong.append(f"not a reply: {line[:80]!r}")
            continue
        if match[2] == b" ":
            findings.counts[f"{kind} answered {match[1].decode()}"] += 1
        if (found := _TAKEN.fullmatch(line)) is not None:
            taken.append(found[1])
    return wrong


def _missing(here: Office, taken: list[bytes], before: int) -> list[str]:
    """Say which promise of a batch the record does not keep."""
    contacts = {entry.id: entry for entry in here.contacts()}
    files = {path.name.partition(":")[0] for path in here.settings.config.maildir.rglob("*") if path.is_file()}
    wrong = []
    for number in {one.decode() for one in taken}:
        entry = contacts.get(number)
        if entry is None:
            wrong.append(f"{number} was answered 250 and is not on record")
        elif entry.state in (State.INTENDED, State.DEFERRED):
            wrong.append(f"{number} was answered 250 and is {entry.state.value}")
        elif not (number in files or here.raw(entry) is not None or entry.state is State.RETURNED):
            wrong.append(f"{number} was answered 250 and lies nowhere")
    accepted = [entry for entry in contacts.values() if entry.state not in (State.REFUSED, State.DEFERRED)]
    if len(accepted) > before + len(taken):
        wrong.append(f"{len(accepted) - before} messages were taken and {len(taken)} were answered 250")
    return wrong
