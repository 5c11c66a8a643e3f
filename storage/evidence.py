"""Sealed evidence: the bytes of a piece, under the paper that sealed it (SPSO-66).

Promises that the bytes that go in are the bytes that come out, and that a piece is never replaced. Who may see them is
for others to say; nothing here looks inside.
"""

from __future__ import annotations

from sqlalchemy import bindparam, select

from storage.desk import Desk
from storage.schema import evidence as table
from storage.statements import Statement, add

_CONTENT = Statement(select(table.c.content).where(table.c.paper == bindparam("number")))
_ADD = add(table)


def evidence(desk: Desk, paper: str) -> bytes | None:
    """Give the bytes that a paper sealed; None where there are none."""
    row = desk.row(_CONTENT, {"number": paper})
    return bytes(row[0]) if row else None


def keep_evidence(desk: Desk, paper: str, content: bytes) -> None:
    """Keep the bytes that a paper sealed; RecordRefused where it has some, or is not on record."""
    desk.run(_ADD, {"paper": paper, "content": content})
