"""Sealed evidence as the file names it: what it is in neutral words, never what is in it (SPSO-66, SPSO-67).

Belongs here: the view and the warning before it is opened. The bytes are the record's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

_ENDINGS: Mapping[str, str] = {
    **{"audio/mpeg": "mp3", "audio/wav": "wav", "audio/x-wav": "wav", "audio/mp4": "m4a", "audio/ogg": "ogg"},
    **{"video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm"},
    **{"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/heic": "heic"},
    **{"application/pdf": "pdf", "text/plain": "txt", "message/rfc822": "eml"},
}
_UNSAFE = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class SealedEvidence:
    """Hold one piece: `size` in bytes, `digest` the SHA-256 of them; `opened` when and by whom, the first one first.

    `media_type` is what whoever brought it said that it is: nobody looked.
    """

    id: str
    mark: str
    description: str
    digest: str
    size: int
    sealed_at: datetime
    sealed_by: str
    incident: str = ""
    media_type: str = ""
    opened: tuple[tuple[datetime, str], ...] = ()

    def warning(self) -> str:
        """Say to somebody who is about to open it what they will meet."""
        return (
            f"{self.mark}: {self.description.rstrip('.')}. It was sealed because it may distress whoever sees it. "
            "Open it only if you must, and not alone if you would rather not. That you opened it is put on record."
        )

    def opened_by(self, name: str, since: datetime) -> bool:
        """Tell whether somebody opened it since then (aware UTC)."""
        return any(who == name and at >= since for at, who in self.opened)

    def file_name(self) -> str:
        """Give a name for a file of it: letters, digits, hyphens, and an ending that no machine runs (THREATS C7)."""
        name = _UNSAFE.sub("-", self.mark).strip("-")[:60].strip("-")
        return f"{name or 'evidence'}-{_UNSAFE.sub('', self.id)[-8:]}.{_ENDINGS.get(self.media_type, 'bin')}"
