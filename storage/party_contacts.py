"""What waits of one party or of one sender: made due, listed, given back to the clock.

Promises that what is released is never lost: it is held and due until a door has taken it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, literal_column, or_, select, update

from rules.contact import Channel, Identifier, IdentifierKind
from storage.contacts import entry_of
from storage.desk import Desk
from storage.entries import Entry, State
from storage.parties import of_domain
from storage.schema import at_of_all, contacts, in_state
from storage.statements import Statement
from storage.times import stamp

CLAIMED = "hold:"
"""Before the name of a process, in `node` of a held contact: that process is releasing it until `release_at`."""
_c = contacts.c
_HELD = in_state(_c.state, State.HELD)
# Those that wait for a person by a fault of ours stay with that person; so does what somebody is releasing.
_RELEASE_NOW = Statement(
    update(contacts)
    .where(_HELD, _c.whose == bindparam("party"), _c.release_at > bindparam("at"))
    .where(~_c.node.startswith(bindparam("claimed")))
    .values(release_at=bindparam("due"), updated_at=bindparam("due"))
)
_CLAIM = Statement(
    update(contacts)
    .where(_HELD, _c.id == bindparam("contact"))
    .where(
        or_(
            _c.release_at <= bindparam("at"),
            and_(bindparam("by_hand") == literal_column("1"), _c.release_at.is_(None)),
            and_(bindparam("by_hand") == literal_column("1"), ~_c.node.startswith(bindparam("claimed"))),
        )
    )
    .values(node=bindparam("node"), release_at=bindparam("until"), updated_at=bindparam("at"))
)
_UNCLAIM = Statement(
    update(contacts)
    .where(_HELD, _c.node == bindparam("claim"), _c.release_at > bindparam("at"))
    .values(release_at=bindparam("due"), node=bindparam("nobody"))
)


def release_now(desk: Desk, party_id: int, at: datetime) -> int:
    """Make what is held of a party by the clock due at `at`, to be decided anew in order of arrival; gives how many.

    What is held until a person releases it stays so.
    """
    return _release_now(desk, f"party:{party_id}", at)


def release_sender_now(desk: Desk, identifier: Identifier, at: datetime) -> int:
    """Make what is held of somebody whom nobody has put on a party due, as `release_now` does."""
    return _release_now(desk, str(identifier), at)


def _release_now(desk: Desk, whose: str, at: datetime) -> int:
    return desk.run(_RELEASE_NOW, {"party": whose, "at": stamp(at), "due": stamp(at), "claimed": CLAIMED})


def claim_hold(desk: Desk, contact_id: str, node: str, at: datetime, until: datetime, *, by_hand: bool = False) -> bool:
    """Claim the release of a held contact until `until`; False where it is not held, not due, or another's just now.

    By hand it need not be due. A claim of a process that died runs out, or ends when that process comes back.
    """
    values = {
        "contact": contact_id,
        "at": stamp(at),
        "until": stamp(until),
        "node": f"{CLAIMED}{node}",
        "claimed": CLAIMED,
        "by_hand": int(by_hand),
    }
    return desk.run(_CLAIM, values) == 1


def unclaim_holds(desk: Desk, node: str, at: datetime) -> int:
    """Make due again what this process was releasing when it ended; gives how many."""
    return desk.run(_UNCLAIM, {"claim": f"{CLAIMED}{node}", "at": stamp(at), "due": stamp(at), "nobody": ""})


def of_sender(desk: Desk, identifier: Identifier, party_id: int, states: Collection[State]) -> tuple[Entry, ...]:
    """List what came from an identifier as a party's and is in one of these states, the oldest first.

    From a domain: what came from its addresses that are not on record by themselves.
    """
    query = select(contacts).where(_c.whose == f"party:{party_id}", _sent_by(identifier))
    query = query.where(_c.state.in_([state.value for state in states])).order_by(_c.at, _c.id)
    return tuple(entry_of(row) for row in desk.ask(query))


def _sent_by(identifier: Identifier) -> ColumnElement[bool]:
    if identifier.kind is IdentifierKind.DOMAIN:
        return of_domain(_c.sender, identifier)
    return _c.sender == str(identifier)


def unknown_senders(desk: Desk, limit: int = 1000) -> tuple[tuple[Identifier, int], ...]:
    """List senders of mail whom nobody has put on a party, with how often they wrote; the newest first."""
    newest = select(_c.sender, _c.at).where(
        _c.party_id.is_(None), _c.channel == Channel.EMAIL.value, _c.sender.startswith("email:"), _c.counts
    )
    found: dict[str, int] = {}
    for sender, _ in desk.ask(newest.order_by(at_of_all.desc()).limit(limit * 20)):
        found[sender] = found.get(sender, 0) + 1
    return tuple(
        (Identifier(IdentifierKind.EMAIL, sender.partition(":")[2]), times) for sender, times in found.items()
    )[:limit]
