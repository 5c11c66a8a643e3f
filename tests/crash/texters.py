"""The public by text, as the provider tells it: each text told until it is answered, some told again afterwards.

Belongs here: also what must be true of texts in the end: on record once, in its inbox, one answer to a number.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from tests.crash.callers import STRANGERS, Provider
from tests.crash.disk import Copy, Disk
from tests.crash.ledger import Ledger, TextSent
from tests.crash.office import CASEWORK, FILED_TO, LINE, TEXTS, Office, phone_numbers
from tests.crash.oracle import Verdict

_SHARES = {STRANGERS: 40, "routed": 15, "refused": 10, "returned": 35}
_INBOXES = {STRANGERS: TEXTS, "routed": CASEWORK}
_LAWFUL = {STRANGERS: ("delivered",), "routed": ("delivered",), "refused": ("refused",)}
_MOST_A_DAY = 50
"""The default policy's: what is returned beyond it is filed for a person."""


class Texters:
    """Send texts to the office by the provider, one after the other."""

    def __init__(self, provider: Provider, office: Office, ledger: Ledger, chance: random.Random) -> None:
        """Prepare."""
        self._provider, self._office, self._ledger, self._chance = provider, office, ledger, chance
        taken = {party.phone for parties in office.parties.values() for party in parties}
        self._strangers = [number for number in phone_numbers() if number not in taken]

    async def line(self) -> None:
        """Send texts until the provider makes no more calls; each is told until it is answered."""
        while self._provider.calling:
            text = self._new_text()
            self._ledger.texts.append(text)
            for _ in range(2 if self._chance.random() < 0.2 else 1):
                form = {"MessageSid": text.sid, "From": text.sender, "To": LINE, "NumMedia": "0"}
                form["Body"] = f"crash text {text.number}"
                text.documents.add(await self._provider.post("/texts", form, text))
            text.finished = True
            await asyncio.sleep(self._chance.random() * 0.15)

    def _new_text(self) -> TextSent:
        number = len(self._ledger.texts)
        sid = f"SM{number:032d}"
        (kind,) = self._chance.choices(list(_SHARES), list(_SHARES.values()))
        if kind == STRANGERS:
            return TextSent(number, sid, kind, "", self._chance.choice(self._strangers))
        party = self._chance.choice(self._office.parties[kind])
        return TextSent(number, sid, kind, party.name, party.phone)


def judge_texts(ledger: Ledger, disk: Disk, verdict: Verdict, *, maildir: bool, kills: int) -> None:
    """Find what was lost, doubled or answered twice; where the next hop may get a copy twice, count it (DESIGN)."""
    rows = {row["sid"]: row for row in disk.texts}
    contacts = {number for number, contact in disk.contacts.items() if contact["channel"] == "sms"}
    if len(disk.texts) != len(rows) or contacts != {row["contact_id"] for row in disk.texts}:
        verdict.find(f"{len(contacts)} contacts by text, {len(disk.texts)} texts")
    told = {text.number for text in ledger.texts}
    if strays := disk.text_copies.keys() - told:
        verdict.find(f"texts that nobody sent are in a mailbox: {sorted(strays)}")
    spent = sum(row["parts"] > 0 for row in disk.texts) >= _MOST_A_DAY
    twice = 0
    for text in ledger.texts:
        if not text.documents:
            continue
        row = rows.get(text.sid)
        if row is None:
            verdict.find(f"text {text.number} was answered and is not on record")
            continue
        if text.documents != {row["document"].encode()}:
            verdict.find(f"text {text.number} got {len(text.documents)} documents, not the one on record")
        contact, copies = disk.contacts[row["contact_id"]], disk.text_copies.get(text.number, [])
        verdict.counts[f"texts on record as {contact['state']}"] += 1
        for finding in _placed(text, contact, copies, maildir=maildir, spent=spent):
            verdict.find(f"text {text.number} ({text.kind}) {finding}")
        twice += max(0, len(copies) - 1)
    verdict.counts["copies of texts that were cut off"] += twice
    if twice > (0 if maildir else kills):
        verdict.find(f"{twice} texts lie in an inbox once too often, at {kills} kills")
    _answers(ledger, disk, verdict)


def _placed(
    text: TextSent, contact: dict[str, Any], copies: list[Copy], *, maildir: bool, spent: bool
) -> Iterator[str]:
    """Say what is wrong with where a text is."""
    state = contact["state"]
    if not maildir and state == "held" and contact["release_at"] is not None:
        return  # the next hop was busy, and gets it later, or again: `_settled` saw that nothing due was left
    if state not in _LAWFUL.get(text.kind, ("returned", "filed") if spent else ("returned",)):
        yield f"is {state}"
    if state in ("refused", "returned"):
        if copies:
            yield f"is {state}, and lies in a mailbox"
        return
    filed = state == "filed"
    inbox = FILED_TO if filed and not maildir else _INBOXES.get(text.kind, TEXTS)
    if not copies:
        yield f"is {state}, and lies nowhere"
    for copy in copies:
        if (copy.inbox, copy.filed, copy.id) != (inbox, filed, contact["id"]):
            yield f"lies in {copy.inbox} as {copy.outcome}, not in {inbox}"


def _answers(ledger: Ledger, disk: Disk, verdict: Verdict) -> None:
    """One text of ours to each number at most, the one on record, and one to whoever's text was returned."""
    said: dict[str, set[str]] = defaultdict(set)
    for text in ledger.texts:
        if any(b"<Message" in document for document in text.documents):
            said[text.sender].add(text.sid)
    sent = Counter(row["number"] for row in disk.texts if row["parts"])
    verdict.counts["texts of ours"] = sum(sent.values())
    for number in said.keys() | sent.keys():
        if len(said[number]) != 1 or sent[number] != 1:
            verdict.find(f"{len(said[number])} texts of a number were answered, {sent[number]} answers on record")
    returned = {row["contact_id"]: row for row in disk.texts if disk.contacts[row["contact_id"]]["state"] == "returned"}
    for number in {disk.contacts[contact]["sender"] for contact in returned}:
        if not sent[number.partition(":")[2]]:
            verdict.find("a number whose texts were returned was never told so")
