"""Sealed evidence: the bytes of a piece, kept once by their digest, and the papers that sealed them (SPSO-66).

Promises that the bytes that go in are the bytes that come out, that a piece is never replaced, and that no bytes stay
that no paper speaks of. Who may see them is for others to say; nothing here looks inside.
"""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import bindparam, exists, select

from storage.desk import Desk
from storage.schema import evidence as table
from storage.schema import evidence_contents as contents
from storage.statements import Statement, add, add_unless

_CONTENT = Statement(
    select(contents.c.content)
    .join_from(table, contents, table.c.digest == contents.c.digest)
    .where(table.c.paper == bindparam("number"))
)
_DIGEST = Statement(select(table.c.digest).where(table.c.paper == bindparam("number")))
_KEEP = add_unless(contents, "digest")
_ADD = add(table)
_DROP = Statement(table.delete().where(table.c.paper == bindparam("number")))
_DROP_UNUSED = Statement(
    contents.delete().where(
        contents.c.digest == bindparam("digest"), ~exists().where(table.c.digest == contents.c.digest)
    )
)


def evidence(desk: Desk, paper: str) -> bytes | None:
    """Give the bytes that a paper sealed; None where there are none."""
    row = desk.row(_CONTENT, {"number": paper})
    return bytes(row[0]) if row else None


def has_evidence(desk: Desk, paper: str) -> bool:
    """Tell whether there are bytes that a paper sealed, without fetching them."""
    return desk.row(_DIGEST, {"number": paper}) is not None


def keep_evidence(desk: Desk, paper: str, content: bytes) -> None:
    """Keep the bytes that a paper sealed, once however many sealed them.

    RecordRefused where the paper has some, or is not on record.
    """
    digest = sha256(content).hexdigest()
    # Whoever takes the last paper off the same bytes waits, or is waited for.
    desk.link.lock(f"evidence:{digest}")
    desk.run(_KEEP, {"digest": digest, "content": content})
    desk.run(_ADD, {"paper": paper, "digest": digest})


def drop_evidence(desk: Desk, paper: str) -> None:
    """Keep the bytes that a paper sealed no longer, unless another paper sealed the same; the paper itself stays."""
    row = desk.row(_DIGEST, {"number": paper})
    if row is None:
        return
    digest = row[0]
    desk.link.lock(f"evidence:{digest}")
    desk.run(_DROP, {"number": paper})
    desk.run(_DROP_UNUSED, {"digest": digest})
