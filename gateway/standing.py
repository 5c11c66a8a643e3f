"""Gathers what is known of a contact's sender into a standing that `rules.decide` can judge.

Belongs here: which party an identifier leads to. Shared identifiers suggest and never restrict (THREATS I6).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rules.contact import Contact, Identifier, IdentifierKind
from rules.policies import Policy
from rules.standing import UNKNOWN, Standing, needs
from storage.entries import Holder, PartyFile
from storage.transaction import Reader

AWAY = "away"


def standing_of(
    reader: Reader, contact: Contact, policy: Policy, *, now: datetime, until: datetime | None = None
) -> Standing:
    """Load the standing of a contact's sender at `now` (aware UTC); what was counted after `until` is left out.

    `until` is for asking about another time. Who decides a contact gives none: whatever is counted by then counts.
    """
    if contact.sender is None:
        return Standing(
            restricted_candidates=contact.more_candidates or _any_restricted(reader, contact.candidates, now)
        )
    holders = reader.holders((contact.sender,))
    if not holders:
        return UNKNOWN
    own = sole_holder(holders)
    if own is None:
        return Standing(perhaps=tuple(sorted({holder.name for holder in holders})))
    file = _file(reader, own.party_id)
    if not any(restriction.in_force(now) for restriction in file.restrictions):
        return Standing(file.party)
    return _in_full(reader, Standing(file.party, file.restrictions, file.adjustments), policy, now, until)


def _file(reader: Reader, party_id: int) -> PartyFile:
    file = reader.party_file(party_id)
    assert file is not None  # its identifier refers to it
    return file


def _in_full(reader: Reader, standing: Standing, policy: Policy, now: datetime, until: datetime | None) -> Standing:
    """Add the usage that the measures in force ask for, and who is away."""
    assert standing.party is not None
    used = reader.used(standing.party.id, needs(standing.restrictions, policy, now=now), until)
    away = frozenset((reader.setting(AWAY) or "").split())
    return Standing(standing.party, standing.restrictions, standing.adjustments, used, away=away)


def sole_holder(holders: Sequence[Holder]) -> Holder | None:
    """Give the party that alone stands behind an identifier; None where it is shared or stands on several parties.

    An address that a party holds outranks the domain that another holds.
    """
    exact = [holder for holder in holders if holder.identifier.kind is not IdentifierKind.DOMAIN] or list(holders)
    if len({holder.party_id for holder in exact}) != 1 or any(holder.shared for holder in exact):
        return None
    return exact[0]


def _any_restricted(reader: Reader, candidates: tuple[Identifier, ...], now: datetime) -> bool:
    """Tell whether any candidate, taken for the sender, would be under a restriction in force."""
    own = (sole_holder(reader.holders((candidate,))) for candidate in candidates)
    parties = {holder.party_id for holder in own if holder is not None}
    return any(restriction.in_force(now) for party in parties for restriction in _file(reader, party).restrictions)
