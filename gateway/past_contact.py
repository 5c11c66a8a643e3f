"""A contact of the past as it was read from mail or a call log, before the record was asked about it.

Belongs here: the values that readers give and the import takes. They pass between processes, hold no contents, and are
the same whoever reads them, whenever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.fingerprints import Said
from rules.contact import Assurance, Channel, Identifier, Nature
from rules.levels.particulars import Particulars

PLAIN = Particulars()


@dataclass(frozen=True, slots=True)
class PastContact:
    """Hold one contact of the past; `at` is aware UTC, `place` says to a person where it stood (file and number).

    `key` is the same wherever the contact is read again. `live_key` and `digest` are those that a door would have given
    a message, `sid` the provider's id of a call: by them it is known whether it came by a door. `traced` tells that we
    passed the message on ourselves. `counts` tells whether levels see it. `talk_s` is None for what is no call; 0 is a
    call that nobody answered. `folded` tells that its time stood twice on the clock, and the first was taken, `unsure`
    that its day stood before its month for want of anything in the log that says so. `said` is read of the mail of
    parties alone; `known` is what levels need to know beside all that.
    """

    place: str
    key: str
    channel: Channel
    at: datetime
    sender: Identifier | None
    counts: bool
    assurance: Assurance = Assurance.CLAIMED
    nature: Nature = Nature.PERSON
    recipients: tuple[str, ...] = ()
    size: int = 0
    talk_s: int | None = None
    live_key: str = ""
    digest: str = ""
    sid: str = ""
    traced: bool = False
    folded: bool = False
    unsure: bool = False
    said: Said | None = None
    known: Particulars = PLAIN


@dataclass(frozen=True, slots=True)
class LeftAside:
    """Hold what is not brought in, and why, in a sentence; `wrong` tells that a person should look at it."""

    place: str
    why: str
    wrong: bool = False


def sentence(text: str) -> str:
    """End a sentence that has no end yet."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


Read = PastContact | LeftAside
