"""Sealed evidence as the file names it: what it is in neutral words, never what is in it (SPSO-66, SPSO-67).

Belongs here: the view and the warning before it is opened. The bytes are the record's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SealedEvidence:
    """Hold one piece: `size` in bytes, `digest` the SHA-256 of them; `opened` when and by whom, the first one first."""

    id: str
    mark: str
    description: str
    digest: str
    size: int
    sealed_at: datetime
    sealed_by: str
    incident: str = ""
    opened: tuple[tuple[datetime, str], ...] = ()

    def warning(self) -> str:
        """Say to somebody who is about to open it what they will meet."""
        return (
            f"{self.mark}: {self.description}. It was sealed because it may distress whoever sees it. "
            "Open it only if you must, and not alone if you would rather not. That you opened it is put on record."
        )
