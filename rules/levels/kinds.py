"""Which levels of contact there are, in which unit, and how they are said to staff.

Belongs here: the one list of names; policies, reports and alerts use them as they stand.
"""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """Name what is counted, or added up, of a party's contact over a window."""

    CONTACTS = "contacts"
    """What counts towards levels: of a known sender, neither forged nor automatic."""
    ATTEMPTS = "attempts"
    """All of them, and those that were refused, missed or cut off."""
    UNANSWERED = "unanswered"
    """Attempts that we left unanswered: our doing, shown beside the rest (SPSO-14)."""
    LET_THROUGH = "let_through"
    TALK_MINUTES = "talk_minutes"
    WORDS = "words"
    PAGES = "pages"
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
    """Of the contacts, those of which nothing vouches for the sender; they count and are marked."""
    FAILED = "failed"
    """Forged contact: shown apart, counts nowhere."""
