"""A message as it came in, and what its header says: who sent it, what it is about, whether it may be answered.

Belongs here: the header's meaning, never the body. The promise (THREATS I1, C1, C2): no exception whatever the bytes,
exactly one author or a doubt that says why, and nothing decoded that could break a header or a screen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from adapters.mail.addresses import candidates, named, one_author
from adapters.mail.encoded_words import shown
from adapters.mail.header import OTHER_AUTHORS, Header, header

MOST_RECEIVED = 50
"""Received fields above which a message goes round in circles (THREATS S13, RFC 5321 6.3)."""
NULL_PATH = "<>"
LONGEST_SUBJECT = 500
MOST_NAMED = 100
_MOST_TRACES = 20
MOST_ANSWERED = 30
_LONGEST_LINE = 1_000
_LONGEST_REFERENCES = 8_000
_MESSAGE_ID = re.compile(rb"<[!-;=?-~]{1,250}>")
_BULK = frozenset((b"bulk", b"junk", b"list"))
# RFC 5230 4.6: senders to whom no vacation reply may go.
_MACHINE = re.compile(r"(?:mailer-daemon|owner-[^@]*|[^@]*-(?:request|owner|bounces?))(?:@.*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Incoming:
    """Hold one message as the door took it.

    `mail_from` is "<>" for the null path; `raw` has CRLF line ends only and is not dot-stuffed. `at` is when its last
    octet came, aware UTC.
    """

    peer: str
    helo: str
    mail_from: str
    recipients: tuple[str, ...]
    raw: bytes
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """Hold what a header says.

    `sender` is None where the identity is uncertain; `doubt` then says why, in a sentence for staff, and `candidates`
    are all addresses that any reading could take as the author. `incomplete` tells that there may be more of them than
    are listed: such a message belongs before a person. Addresses have their local part as written and their domain in
    lower case. Message ids keep their angle brackets. `traces` are raw values of Parley-Trace: claims, until
    `valid_trace` says otherwise, and so no part of `automatic`.
    """

    sender: str | None
    candidates: tuple[str, ...]
    doubt: str = ""
    incomplete: bool = False
    subject: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    received_count: int = 0
    automatic: bool = False
    auto_reply: bool = False
    asks_for_silence: bool = False
    traces: tuple[str, ...] = ()
    received_line: str = field(default="", repr=False)
    date_line: str = field(default="", repr=False)

    @property
    def received_at(self) -> datetime | None:
        """Give the time of the topmost Received field, aware UTC; None where it has none that can be read."""
        return _moment(self.received_line.rpartition(";")[2])

    @property
    def date(self) -> datetime | None:
        """Give the time of the Date field, aware UTC; the sender chose it (THREATS C3)."""
        return _moment(self.date_line)

    @property
    def answerable(self) -> bool:
        """Tell whether the header allows an answer; `answerable` looks at the envelope too."""
        return answerable(self, self.sender or NULL_PATH)


def read(raw: bytes) -> Heading:
    """Read the header of a message."""
    found = header(raw)
    sender, doubt = _author(found)
    names, incomplete = ((sender,), False) if sender else candidates(_author_fields(found))
    return Heading(
        sender=sender,
        candidates=names,
        doubt=doubt,
        incomplete=incomplete or found.cut,
        subject=shown(found.first(b"subject"), most=LONGEST_SUBJECT),
        message_id=_message_id(found.first(b"message-id")[:_LONGEST_LINE]),
        in_reply_to=_answered(found),
        to=_named(found, b"to"),
        cc=_named(found, b"cc"),
        received_count=len(found.every(b"received")),
        automatic=_automatic(found),
        auto_reply=_word(found.first(b"auto-submitted")) == b"auto-replied",
        asks_for_silence=_word(found.first(b"x-auto-response-suppress")) not in (b"", b"none"),
        traces=tuple(_line(value) for value in found.every(b"parley-trace")[:_MOST_TRACES]),
        received_line=_line(found.first(b"received")[-_LONGEST_LINE:]),
        date_line=_line(found.first(b"date")),
    )


def answerable(heading: Heading, mail_from: str) -> bool:
    """Tell whether anything may ever be sent back (THREATS C4, RFC 3834 2, RFC 5230 4.6).

    Any Parley-Trace silences us, whoever wrote it: an answer left out does little harm, a loop does much.
    """
    if heading.sender is None or mail_from in ("", NULL_PATH):
        return False
    if heading.automatic or heading.asks_for_silence or heading.traces:
        return False
    return not (_MACHINE.fullmatch(heading.sender) or _MACHINE.fullmatch(mail_from))


def _author(found: Header) -> tuple[str | None, str]:
    """Name the one author, or say why nobody can (THREATS I1)."""
    authors = found.every(b"from")
    if found.fault:
        return None, found.fault
    if found.odd_authors:
        return None, "A From field is written in an odd way."
    if len(authors) != 1:
        return None, f"There are {len(authors)} From fields." if authors else "There is no From field."
    if found.late:
        return None, "The From field stands after a line that is no field."
    return one_author(authors[0])


def _author_fields(found: Header) -> list[bytes]:
    """Collect what anybody might take for the author; From first, so that a limit cuts off the others."""
    odd = [whole.partition(b":")[2] for whole in found.odd_authors]
    return [*found.every(b"from"), *odd, *(value for name in OTHER_AUTHORS for value in found.every(name))]


def _automatic(found: Header) -> bool:
    """Tell whether a machine or a list says that it sent this (RFC 3834 5, RFC 2919, RFC 2369)."""
    if found.listed or _word(found.first(b"auto-submitted")) not in (b"", b"no"):
        return True
    return any(_word(value) in _BULK for value in found.every(b"precedence"))


def _word(value: bytes) -> bytes:
    """Give the first word of a value, in lower case, without parameters and comments."""
    return value[:_LONGEST_LINE].partition(b";")[0].partition(b"(")[0].strip().lower() if value else b""


def _line(value: bytes) -> str:
    return shown(value[:_LONGEST_LINE], most=_LONGEST_LINE) if value else ""


def _named(found: Header, name: bytes) -> tuple[str, ...]:
    values = found.every(name)
    return named(b",".join(values), MOST_NAMED) if values else ()


def _message_id(value: bytes) -> str:
    match = _MESSAGE_ID.search(value)
    return match[0].decode("ascii") if match else ""


def _answered(found: Header) -> str:
    """Give the message that this one answers: In-Reply-To, else the last of References."""
    answered = _message_id(found.first(b"in-reply-to")[:_LONGEST_LINE])
    if not answered and (references := found.first(b"references")):
        answered = (_MESSAGE_ID.findall(references[-_LONGEST_LINE:]) or [b""])[-1].decode("ascii")
    return answered


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except Exception:  # TypeError, ValueError, IndexError, OverflowError have been seen; any of them means no date
        return None


@dataclass(frozen=True, slots=True)
class Thread:
    """Hold a message's own id and those that it answers, with their angle brackets; the sender chose all of them."""

    message_id: str = ""
    answers: tuple[str, ...] = ()


def thread(raw: bytes) -> Thread:
    """Read which messages a message answers: In-Reply-To, then References from the last, `MOST_ANSWERED` at most.

    Nobody needs it of most mail, so that `read` leaves it out.
    """
    found = header(raw)
    fields = (found.first(b"in-reply-to")[:_LONGEST_LINE], found.first(b"references")[-_LONGEST_REFERENCES:])
    first, others = (_MESSAGE_ID.findall(value) for value in fields)
    answers = dict.fromkeys(one.decode("ascii") for one in (*first, *reversed(others)))
    return Thread(_message_id(found.first(b"message-id")[:_LONGEST_LINE]), tuple(answers)[:MOST_ANSWERED])
