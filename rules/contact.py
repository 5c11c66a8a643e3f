"""One inbound interaction, as every door reports it.

Belongs here: what is known of a contact before anything is decided. Times are aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    """Name the ways in which a party can reach an office (PHSO-1, HO-1, SPSO-5)."""

    EMAIL = "email"
    CALL = "call"
    SMS = "sms"
    LETTER = "letter"
    VISIT = "visit"
    WEB = "web"
    ONLINE = "online"


WAYS_IN = frozenset({Channel.EMAIL, Channel.CALL, Channel.LETTER, Channel.VISIT})
"""The channels by which an office is reached unless it says otherwise: few have texts or a web form, and what people
write elsewhere online is no way to anybody."""


class Assurance(StrEnum):
    """Say how far a sender is known to be who they say they are (THREATS I4)."""

    VERIFIED = "verified"
    CLAIMED = "claimed"
    FAILED = "failed"


class Nature(StrEnum):
    """Say what wrote a contact: a person, or which kind of machine; no machine is ever answered (THREATS C4)."""

    PERSON = "person"
    LIST = "list"
    AUTO_REPLY = "auto_reply"
    MACHINE = "machine"
    """Sent by a program, for what reason is not known."""
    BOUNCE = "bounce"
    DELAY = "delay"
    """Told by a server that it goes on trying to deliver mail of ours."""
    RECEIPT = "receipt"
    COMPLAINT = "complaint"
    """Told by a provider that somebody called mail of ours unwanted."""
    OUR_OWN = "our_own"
    """Mail of ours that came back as it was."""


class IdentifierKind(StrEnum):
    """Name what an identifier is."""

    EMAIL = "email"
    DOMAIN = "domain"
    PHONE = "phone"
    HANDLE = "handle"


class Caller(StrEnum):
    """Say what the network told us of a caller: a number, or why there is none (THREATS T5).

    ODD is something else in a number's place: a SIP address, a name, a short code, digits that are no number.
    """

    NUMBER = "number"
    WITHHELD = "withheld"
    UNAVAILABLE = "unavailable"
    ODD = "odd"


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """Hold one normalised way to recognise a sender; `rules.identity` makes them."""

    kind: IdentifierKind
    value: str

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.value}"


@dataclass(frozen=True, slots=True)
class Resent:
    """Hold that a message is one sent again that went back with passages marked (PHSO-M3).

    `first` is the contact that went back, `still` how many of its passages are in this one. `near` tells that the words
    are nearly the same; else it only answers what went back.
    """

    first: str
    still: int = 0
    near: bool = True


@dataclass(frozen=True, slots=True)
class Contact:
    """Hold one contact. `nature` is what it says of itself; only `automatic` exempts it from anything (THREATS C5).

    `sender` is None where the identity is uncertain or the number is withheld; `candidates` are all identifiers
    that the contact might be from (for a certain sender: that one). `at` is when we received it, aware UTC.
    `duration_s` is talk time in seconds, for calls of the past; None where unknown or still to come.
    `more_candidates` tells that an uncertain sender may be somebody who is not among the candidates. `automatic` is an
    automatic reply to us, `answerable` whether anything may be sent back. `safeguards` names what must reach a person
    whatever is restricted (PHSO-27, SPSO-32). `opening` is the first part of what was written, without quotes, read
    only where a measure asks for it; `cases` are the matters that the contact belongs to by its thread, or by the word
    of whoever logged it. `linked` are addresses that a certain sender names beside their own (Sender, Reply-To,
    envelope): they suggest, and never restrict (THREATS I3). `resent` is what went back before, if it is that.
    """

    id: str
    channel: Channel
    at: datetime
    sender: Identifier | None
    candidates: tuple[Identifier, ...] = ()
    assurance: Assurance = Assurance.CLAIMED
    caller: Caller = Caller.NUMBER
    recipients: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str = ""
    size: int = 0
    words: int | None = None
    duration_s: int | None = None
    nature: Nature = Nature.PERSON
    automatic: bool = False
    answerable: bool = True
    in_reply_to: str = ""
    safeguards: tuple[str, ...] = ()
    doubt: str = ""
    more_candidates: bool = False
    opening: str = ""
    cases: tuple[str, ...] = ()
    linked: tuple[Identifier, ...] = ()
    resent: Resent | None = None

    @property
    def uncertain(self) -> bool:
        """Tell whether nobody can say who sent it (THREATS I1)."""
        return self.sender is None and self.caller is Caller.NUMBER
