"""Messages as they came, for as long as they are needed: held, filed, returned.

Promises that the bytes that go in are the bytes that come out.
"""

from __future__ import annotations

from sqlalchemy import bindparam, select

from storage.desk import Desk
from storage.entries import Raw
from storage.schema import raw as table
from storage.statements import Statement, add_unless
from storage.words import storable

_RAW = Statement(
    select(table.c.contact_id, table.c.mail_from, table.c.message).where(table.c.contact_id == bindparam("contact"))
)
_ADD = add_unless(table, "contact_id")
_DROP = Statement(table.delete().where(table.c.contact_id == bindparam("contact")))


def raw(desk: Desk, contact_id: str) -> Raw | None:
    """Give the message of a contact, where it is kept."""
    row = desk.row(_RAW, {"contact": contact_id})
    return Raw(row[0], row[1], bytes(row[2])) if row else None


def keep_raw(desk: Desk, contact_id: str, mail_from: str, message: bytes) -> None:
    """Keep the message of a contact; one that is kept already stays."""
    desk.run(_ADD, {"contact_id": contact_id, "mail_from": storable(mail_from), "message": message})


def drop_raw(desk: Desk, contact_id: str) -> None:
    """Keep the message of a contact no longer."""
    desk.run(_DROP, {"contact": contact_id})
