"""Reads mail of the past for the import, in this process or in others: who wrote, when, and what levels need of it.

Belongs here: from a message's bytes to a `PastContact`. Of the bytes nothing is kept; what a machine sent, what is
forged and what is our own is told by the recognisers that the doors use (THREATS C4, I4).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from adapters.mail.authentication_results import Border
from adapters.mail.automatic import nature_of
from adapters.mail.bounces import may_report, report
from adapters.mail.message import Heading, Incoming
from adapters.mail.trace import content_digest, content_key, valid_trace
from gateway.fingerprints import Said, said
from gateway.incident import where
from gateway.mail_kind import NATURES
from gateway.past_contact import LeftAside, PastContact, Read
from gateway.past_files import MOST_OCTETS, TOO_LONG, Dated, Piece, cleaned, dated, delivered_at
from gateway.shunt import key_sender
from gateway.vouching import Vouching
from rules import identity
from rules.contact import Contact, Nature
from rules.levels import thresholds as levels
from rules.levels.particulars import particulars_of
from rules.policies import Policy

UNDATED = "Nothing in it says when it came, or a clock that nobody had set."
AHEAD = "Its time is still to come."
OUR_OWN = "It is from an address of the office's own domains."
_UNREADABLE = "It cannot be read."
_FAILED = "We failed at it; the log says where."
# What programs write into the messages that they keep: the doors never saw it.
_KEPT_WITH = re.compile(
    rb"(?im)^(?:x-)?(?:status|uid|keywords|mozilla-[!-9;-~]++|gmail-[!-9;-~]++|gm-[!-9;-~]++|evolution[!-9;-~]*+"
    rb"|imapbase|content-length|lines)[ \t]*+:[^\r\n]*+\r\n(?>(?:[ \t][^\r\n]*+\r\n)*)"
)
# A person who writes by a list is one, at the doors too.
_PEOPLE = frozenset({Nature.PERSON, Nature.LIST})
_LONGEST_HEADER = 256 * 1024

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reading:
    """Say how mail of the past is read: what the office is called by, whom it knows, who vouched for its senders.

    `known` are addresses and domains of parties, whose mail alone is looked into. `secret` is that of our traces.
    """

    domains: frozenset[str]
    office: str
    known: frozenset[str]
    now: datetime
    policy: Policy
    border: Border | None = None
    secret: bytes = b""


def read_pieces(reading: Reading, pieces: Sequence[Piece]) -> list[Read]:
    """Read messages of one file; what cannot be read is left aside, by name."""
    found: list[Read] = []
    try:
        with pieces[0].file.open("rb") as opened:
            for piece in pieces:
                if piece.end - piece.start > MOST_OCTETS:
                    found.append(LeftAside(piece.place, TOO_LONG, wrong=True))
                    continue
                opened.seek(piece.start)
                raw = opened.read(piece.end - piece.start)
                one = read_message(reading, cleaned(raw), piece.place, piece.envelope)
                if isinstance(one, LeftAside) and one.why == UNDATED and (at := delivered_at(piece.file)):
                    one = read_message(reading, cleaned(raw), piece.place, arrived=at)
                found.append(one)
    except OSError:
        found += [LeftAside(piece.place, _UNREADABLE, wrong=True) for piece in pieces[len(found) :]]
    return found


def read_message(
    reading: Reading, raw: bytes, place: str, envelope: bytes = b"", arrived: datetime | None = None
) -> Read:
    """Read one message with CRLF line ends; `arrived` is when its mailbox got it, where the mailbox says so."""
    try:
        return _read(reading, raw, place, envelope, arrived)
    except Exception as fault:  # none is known; a message that we fail at is named, and keeps no other from its place
        log.error("message of the past not read", **where(fault))
        return LeftAside(place, _FAILED, wrong=True)


def _read(reading: Reading, raw: bytes, place: str, envelope: bytes, arrived: datetime | None) -> Read:
    one = dated(raw, envelope, place, reading.domains)
    at = one.at if one.received else arrived or one.at
    if at is None:
        return LeftAside(place, UNDATED, wrong=True)
    if at > reading.now:
        return LeftAside(place, AHEAD, wrong=True)
    contact, heading = one.contact, one.heading
    office = (heading.sender or "").lower() == reading.office.lower()
    if not office and contact.sender and contact.sender.value.rpartition("@")[2] in reading.domains:
        return LeftAside(place, OUR_OWN)
    nature = Nature.OUR_OWN if office else _nature(one, raw)
    incoming = Incoming("", "", one.mail_from, contact.recipients, raw)
    contact = Vouching(reading.border).at_once(replace(contact, at=at), incoming)
    plain = _without_programs(raw)
    digest = content_digest(plain)
    live_key = content_key(key_sender(heading.sender, one.mail_from), plain, digest)
    counts = levels.counted(contact) and nature in _PEOPLE
    read = _said(reading, contact, raw) if counts else None
    return PastContact(
        place,
        _key(heading, contact, live_key),
        contact.channel,
        at,
        contact.sender,
        counts,
        contact.assurance,
        nature,
        contact.recipients,
        len(raw),
        live_key=live_key,
        digest=digest,
        traced=any(valid_trace(value, reading.secret, digest) for value in heading.traces) if reading.secret else False,
        said=read,
        # What an import reads is counted by nobody: a file a quarter of a second, and there may be very many.
        known=particulars_of(
            contact,
            reading.policy,
            to=heading.to,
            thread=heading.root,
            files_not_counted=read.documents if read is not None else 0,
        ),
    )


def _nature(one: Dated, raw: bytes) -> Nature:
    nature = nature_of(one.heading, one.mail_from)
    told = report(raw) if may_report(one.heading, one.mail_from) else None
    return NATURES[told.tells] if told is not None else nature


def _said(reading: Reading, contact: Contact, raw: bytes) -> Said | None:
    """Look into the mail of parties, and of nobody else; the words themselves stay here."""
    sender = contact.sender
    domain = identity.domain_of(sender) if sender else None
    if sender is None or (sender.value not in reading.known and (domain is None or domain.value not in reading.known)):
        return None
    return replace(said(raw), text="", beside="")


def _key(heading: Heading, contact: Contact, live_key: str) -> str:
    """Name a message by what it says of itself, or it would be another in every mailbox that keeps it differently.

    A Message-ID alone would let whoever uses one again be counted once (THREATS C3): date and subject go with it.
    """
    if not heading.message_id:
        return f"past {live_key}"
    parts = (str(contact.sender), heading.message_id, heading.date_line, heading.subject)
    whole = "\n".join(parts).encode("utf-8", "surrogatepass")
    return f"past {hashlib.blake2b(whole, digest_size=20, usedforsecurity=False).hexdigest()}"


def _without_programs(raw: bytes) -> bytes:
    end = raw.find(b"\r\n\r\n", 0, _LONGEST_HEADER)
    if end < 0:
        return raw
    return _KEPT_WITH.sub(b"", raw[: end + 2]) + raw[end + 2 :]
