"""The public by telephone, as the provider tells it: signed webhooks, asked again until they are answered.

After a connection come the callbacks: in any order, some of them twice. Talk time is said, not spent.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import random
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlencode

from tests.crash.ledger import Call, Ledger, TextSent
from tests.crash.office import ACCOUNT, KINDS, LINE, TOKEN, Office, phone_numbers

STRANGERS, WITHHELD = "stranger", "withheld"
_SHARES = {STRANGERS: 40, WITHHELD: 5, "routed": 8, "refused": 6, "returned": 6, "limited, both": 12, "talk": 14}
_CALLS_EACH = {"limited, both": 6, "talk": 8}
_TIME_LIMIT = re.compile(rb'timeLimit="(\d+)"')
_CLOSED = ConnectionError, asyncio.IncompleteReadError


class Provider:
    """Make calls to the office and report what became of them."""

    def __init__(self, office: Office, ledger: Ledger, chance: random.Random, *, pause_s: float = 0.06) -> None:
        """Prepare; `pause_s` is the longest pause of a line between two calls."""
        self._office, self._ledger, self._chance, self._pause_s = office, ledger, chance, pause_s
        self._made: Counter[str] = Counter()
        taken = {party.phone for parties in office.parties.values() for party in parties}
        self._strangers = [number for number in phone_numbers() if number not in taken]
        self.calling = True

    async def line(self) -> None:
        """Make one call after the other, each to its end."""
        while self.calling:
            call = self._new_call()
            self._ledger.calls.append(call)
            await self._one(call)
            call.finished = True
            await asyncio.sleep(self._chance.random() * self._pause_s)

    def _new_call(self) -> Call:
        kind = self._chance.choices(list(_SHARES), list(_SHARES.values()))[0]
        sid = f"CA{len(self._ledger.calls):032d}"
        parties = [
            party
            for party in self._office.parties.get(kind, [])
            if self._made[party.name] < _CALLS_EACH.get(kind, 1 << 30)
        ]
        if kind == WITHHELD:
            return Call(sid, kind, "", "anonymous")
        if not parties:
            number = self._strangers[int(self._chance.random() ** 2 * len(self._strangers))]
            return Call(sid, STRANGERS, "", number)
        party = parties[0] if kind in _CALLS_EACH else self._chance.choice(parties)
        self._made[party.name] += 1
        return Call(sid, kind, party.name, party.phone)

    async def _one(self, call: Call) -> None:
        form = {"CallSid": call.sid, "From": call.caller, "To": LINE, "CallStatus": "ringing", "Direction": "inbound"}
        document = await self._ask_for_document(call, form)
        again = self._chance.random()
        if again < 0.15:
            await self._ask_for_document(call, form)
        if b"/calls/dial" in document:
            await self._dialled(call, document)
        elif b"/calls/recorded" in document:
            await self._leave_message(call)
        if again > 0.9:
            await self._ask_for_document(call, form)
        for _ in range(2 if self._chance.random() < 0.2 else 1):
            await self.post("/calls/status", {"CallSid": call.sid, "CallStatus": "completed", "SequenceNumber": "9"})

    async def _ask_for_document(self, call: Call, form: dict[str, str]) -> bytes:
        document = await self.post("/calls", form, call)
        if b"<Dial" in document and b"/calls/dial" not in document:
            call.fallbacks += 1
        else:
            call.documents.add(document)
        return document

    async def _dialled(self, call: Call, document: bytes) -> None:
        """Say what became of a connection: by the dial's own report and by those on the leg, in any order."""
        limit = _TIME_LIMIT.search(document)
        most = int(limit[1]) if limit else 2400
        wanted = self._chance.choice((None, 5, 29, 30, 200, 900, 2400))
        call.talk_s = None if wanted is None else min(most, wanted)
        leg = {"CallSid": f"{call.sid}L", "ParentCallSid": call.sid}
        done = {"CallSid": call.sid, "DialCallSid": f"{call.sid}L", "DialCallStatus": "no-answer"}
        reports = [("/calls/status", leg | {"CallStatus": "ringing", "SequenceNumber": "0"})]
        if call.talk_s is None:
            reports.append(("/calls/status", leg | {"CallStatus": "no-answer", "SequenceNumber": "1"}))
        else:
            seconds = str(call.talk_s)
            reports.append(("/calls/status", leg | {"CallStatus": "in-progress", "SequenceNumber": "1"}))
            last = leg | {"CallStatus": "completed", "SequenceNumber": "2", "CallDuration": seconds}
            reports.append(("/calls/status", last))
            done |= {"DialCallStatus": "completed", "DialCallDuration": seconds}
        reports.append(("/calls/dial", done))
        reports += [report for report in reports if self._chance.random() < 0.25]
        if self._chance.random() < 0.5:
            self._chance.shuffle(reports)
        for path, form in reports:
            await self.post(path, form)
        call.reported = True
        if call.talk_s is None and self._chance.random() < 0.5:
            await self._leave_message(call)

    async def _leave_message(self, call: Call) -> None:
        form = {"CallSid": call.sid, "RecordingSid": f"RE{call.sid[2:]}", "RecordingUrl": "", "RecordingDuration": "7"}
        for _ in range(self._chance.randint(1, 2)):
            await self.post("/calls/recorded", form)
        call.recorded = True

    async def post(self, path: str, form: dict[str, str], call: Call | TextSent | None = None) -> bytes:
        """Post until it is answered with 2xx; give the body."""
        words = f"{path.removeprefix('/calls').removeprefix('/') or 'call'}"
        while True:
            try:
                status, body = await self._once(path, form, call)
            except OSError:
                await asyncio.sleep(0.01)
                continue
            self._ledger.heard(f"{words}: {status}")
            if status in (200, 204):
                return body
            await asyncio.sleep(0.03)

    async def _once(self, path: str, form: dict[str, str], call: Call | TextSent | None) -> tuple[int, bytes]:
        form = form | {"AccountSid": ACCOUNT}
        reader, writer = await asyncio.open_connection("127.0.0.1", self._office.http)
        flight = object()
        try:
            body = urlencode(form).encode()
            head = [
                f"POST {path} HTTP/1.1",
                f"Host: 127.0.0.1:{self._office.http}",
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(body)}",
                f"X-Twilio-Signature: {signature(self._office.public_url + path, form)}",
                "Connection: close",
            ]
            self._ledger.in_flight.add(flight)
            writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
            status, headers = await _head(reader)
            return status, await reader.readexactly(int(headers.get("content-length", "0")))
        except _CLOSED:
            self._ledger.unanswered("texts" if path == "/texts" else "calls")
            if call is not None:
                call.lost += 1
            raise ConnectionError from None
        finally:
            self._ledger.in_flight.discard(flight)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    return int(lines[0].split()[1]), dict(_fields(lines[1:]))


def _fields(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            yield name.lower(), value.strip()


def signature(url: str, form: dict[str, str]) -> str:
    """Sign as Twilio does."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return b64encode(hmac.digest(TOKEN.encode(), signed.encode(), hashlib.sha1)).decode()


def states_of(call: Call) -> tuple[str, ...]:
    """Say in which states a call may be, by what the provider reported of it."""
    if call.kind in KINDS and not call.reported:
        lawful = tuple(state for state in KINDS[call.kind].calls if state not in ("answered", "missed"))
        return ("voicemail",) if call.recorded else lawful
    if not call.reported:
        return ("voicemail",) if call.recorded else ()
    if call.talk_s is None:
        return ("voicemail",) if call.recorded else ("missed",)
    return ("answered",)
