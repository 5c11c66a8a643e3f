"""What can be wrong with the record. Belongs here: the errors that leave storage; all else is a fault of ours."""

from __future__ import annotations


class RecordUnavailable(Exception):
    """Say that the record cannot be read or written now: locked, disk full, read-only, connection lost.

    The next job tries anew. Reception answers 451, 503 or the fallback document (THREATS S17).
    """


class RecordBroken(RecordUnavailable):
    """Say that the record failed in a way after which nothing is certain: an I/O or fsync error (THREATS S17).

    Every later write fails at once until the process is started anew: an fsync that failed is never tried again.
    """


class RecordLocked(RecordUnavailable):
    """Say that another program kept the record locked for longer than we wait."""


class RecordFull(RecordUnavailable):
    """Say that there is no room left for what was to be written; something smaller may still fit."""


class RecordContended(RecordUnavailable):
    """Say that another process wanted the same rows at the same time, so that the work must be done again."""


class RecordStale(Exception):
    """Say that what was to be changed has been changed by somebody else meanwhile; nothing was done."""


class PaperUnreadable(ValueError):
    """Say which paper of which party's file cannot be read: nobody acts on a file that shows less than is on it."""

    def __init__(self, party: int, paper: str) -> None:
        super().__init__(f"Paper {paper} on the file of party {party} cannot be read.")
        self.party = party
        self.paper = paper


class RecordRefused(Exception):
    """Say that a job wanted what the record does not allow, such as an id that is taken: the caller's fault."""
