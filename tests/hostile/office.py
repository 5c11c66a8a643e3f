"""The office that hostile mail meets: parties under every handling of mail, on a record and mailboxes on disk.

Belongs here: who is restricted how. Everything is the product's own; nothing of it is made easier.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.gateway import office as offices

MEASURES: dict[str, tuple[dict[str, Any], ...]] = {
    "filed": ({"kind": "file_unanswered", "channels": ["email"]},),
    "returned": ({"kind": "return_mail", "note": "Please write again without these words."},),
    "held": ({"kind": "time_window", "channels": ["email"], "days": ["tue"], "from": "10:00", "to": "11:00"},),
    "closed": ({"kind": "issue_limit", "cases": ["2026/00017"], "subjects": ["drains"]},),
    "limited": ({"kind": "volume_limit", "channels": ["email"], "count": 3, "per": "day"},),
    "r.example": ({"kind": "block"},),
}


@asynccontextmanager
async def hostile_office(folder: Path) -> AsyncIterator[offices.Office]:
    """Serve the office in a folder; its clock is the test's."""
    async with offices.office(folder, mail={"largest_mb": 1, "connections": 50, "connections_per_client": 50}) as here:
        for name, measures in MEASURES.items():
            here.party(*measures, emails=(f"{name}@example.org",), name=f"Party {name}")
        yield here
