"""The names of all parties, to find one by a part of its name. Belongs here: nothing else."""

from __future__ import annotations

from sqlalchemy import select

from storage.desk import Desk
from storage.schema import parties
from storage.statements import Statement

_NAMES = Statement(select(parties.c.id, parties.c.name).order_by(parties.c.id))


def parties_named(desk: Desk, part: str) -> tuple[tuple[int, str], ...]:
    """Find parties in whose name this part stands, by number; gives number and name.

    Compared here, without regard to case: SQLite knows the case of ASCII letters only.
    """
    wanted = part.strip().casefold()
    return tuple((number, name) for number, name in desk.rows(_NAMES, {}) if wanted in name.casefold())
