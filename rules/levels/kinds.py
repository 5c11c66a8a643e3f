"""Which levels of contact there are, in which unit, and how they are said to staff.

Belongs here: the one list of names; policies, reports and alerts use them as they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Level(StrEnum):
    """Name what is counted, or added up, of a party's contact over a window; of its attempts, unless it says more."""

    CONTACTS = "contacts"
    """Attempts that came about: neither sent away (refused, returned, to the recorded line), missed nor cut off."""
    ATTEMPTS = "attempts"
    """All that a known sender tries, forged and automatic contact left out: what thresholds on a count look at."""
    UNANSWERED = "unanswered"
    """Calls that we should have answered and did not: our doing, shown beside the rest (SPSO-14)."""
    LET_THROUGH = "let_through"
    """Brought to whom it was for, or to whom a measure routes it."""
    TALK_MINUTES = "talk_minutes"
    WORDS = "words"
    """Words of its own, without quotes; counted in the mail and texts of parties on record alone."""
    PAGES = "pages"
    """Pages of letters, as whoever logged them counted, and of what is attached to mail of parties on record.

    Of a Word or OpenDocument file it is the number that its sender's program wrote into it; pictures have none.
    """
    FILES_NOT_COUNTED = "files_not_counted"
    """Attached files that have pages which nobody could count: locked, broken, archives, or for want of time."""
    EXACT_REPEATS = "exact_repeats"
    NEAR_REPEATS = "near_repeats"
    STAFF_ADDRESSED = "staff_addressed"
    """Separate addresses and numbers of ours that were written to or called."""
    ONLY_CC = "only_cc"
    """Messages that address us in Cc alone."""
    OUT_OF_HOURS = "out_of_hours"
    MATTERS = "matters"
    """Separate matters raised, by case reference or thread."""
    STAFF_MINUTES = "staff_minutes"
    """An estimate of the office's time: reading, handling, talk; what staff put right stands instead."""
    CLAIMED = "claimed"
    """Attempts of which nothing vouches for the sender; they count and are marked."""
    FAILED = "failed"
    """Forged contact: shown apart, counts nowhere, and is no attempt of the party."""


WORDS: Mapping[Level, str] = {
    Level.CONTACTS: "contacts",
    Level.ATTEMPTS: "attempts",
    Level.UNANSWERED: "calls that we did not answer",
    Level.LET_THROUGH: "let through",
    Level.TALK_MINUTES: "minutes of talk",
    Level.WORDS: "words",
    Level.PAGES: "pages",
    Level.FILES_NOT_COUNTED: "files whose pages nobody counted",
    Level.EXACT_REPEATS: "exact repeats",
    Level.NEAR_REPEATS: "near repeats",
    Level.STAFF_ADDRESSED: "staff addressed",
    Level.ONLY_CC: "only in Cc",
    Level.OUT_OF_HOURS: "out of hours",
    Level.MATTERS: "separate matters",
    Level.STAFF_MINUTES: "minutes of staff time (estimate)",
    Level.CLAIMED: "by senders nobody vouches for",
    Level.FAILED: "forged, not counted",
}
