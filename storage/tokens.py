"""Tokens by which programs and people without a keyboard here come in: whose, which roles, until when.

Promises that the secret of a token is nowhere in the record: only its SHA-256 digest is (THREATS W2).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update

from storage.desk import Desk, Row
from storage.schema import tokens
from storage.statements import Statement, add
from storage.times import moment, moment_or_none, stamp
from storage.words import storable

_t = tokens.c
_FIELDS = (_t.id, _t.name, _t.roles, _t.digest, _t.made_at, _t.made_by, _t.expires_at, _t.revoked_at, _t.used_at)
_ONE = Statement(select(*_FIELDS).where(_t.id == bindparam("id")))
_ALL = Statement(select(*_FIELDS).order_by(_t.made_at, _t.id))
_ADD = add(tokens)
_REVOKE = Statement(
    update(tokens)
    .where(_t.id == bindparam("number"), _t.revoked_at.is_(None))
    .values(revoked_at=bindparam("revoked_at"))
)
_USE = Statement(update(tokens).where(_t.id == bindparam("number")).values(used_at=bindparam("used_at")))


@dataclass(frozen=True, slots=True)
class Token:
    """Hold one token as it is on record: times are aware UTC, `expires` None where it does not, `digest` in hex."""

    id: str
    name: str
    roles: frozenset[str]
    digest: str
    made: datetime
    made_by: str
    expires: datetime | None = None
    revoked: datetime | None = None
    used: datetime | None = None

    def good(self, now: datetime) -> bool:
        """Tell whether it opens the door at `now` (aware UTC)."""
        return self.revoked is None and (self.expires is None or now < self.expires)


def add_token(desk: Desk, token: Token) -> None:
    """Put a token on record."""
    values = {
        "id": token.id,
        "name": storable(token.name),
        "roles": json.dumps(sorted(token.roles)),
        "digest": token.digest,
        "made_at": stamp(token.made),
        "made_by": storable(token.made_by),
        "expires_at": stamp(token.expires),
        "revoked_at": stamp(token.revoked),
        "used_at": stamp(token.used),
    }
    desk.run(_ADD, values)


def token(desk: Desk, number: str) -> Token | None:
    """Give a token by its id, whether or not it still opens the door."""
    row = desk.row(_ONE, {"id": storable(number)})
    return _token(row) if row else None


def all_tokens(desk: Desk) -> tuple[Token, ...]:
    """List all tokens there ever were, the oldest first."""
    return tuple(_token(row) for row in desk.rows(_ALL, {}))


def revoke_token(desk: Desk, number: str, at: datetime) -> bool:
    """Have a token open nothing any more; False where there is none that did."""
    return desk.run(_REVOKE, {"number": storable(number), "revoked_at": stamp(at)}) == 1


def use_token(desk: Desk, number: str, at: datetime) -> None:
    """Write down when a token was last used."""
    desk.run(_USE, {"number": number, "used_at": stamp(at)})


def _token(row: Row) -> Token:
    number, name, roles, digest, made, by, expires, revoked, used = row
    return Token(
        number,
        name,
        frozenset(json.loads(roles)),
        digest,
        moment(made),
        by,
        moment_or_none(expires),
        moment_or_none(revoked),
        moment_or_none(used),
    )
