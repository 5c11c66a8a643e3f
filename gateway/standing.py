"""Gathers what is known of a contact's sender into a standing that `rules.decide` can judge.

Belongs here: which party an identifier leads to, and what of its file decisions are made by. Shared identifiers
suggest and never restrict (THREATS I6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from rules.closed_case import closings
from rules.contact import Contact, Identifier, IdentifierKind
from rules.decision import Target
from rules.facts import NOTHING, Facts
from rules.on_file import past_shields
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
        return _of_candidates(contact, [_file(reader, party) for party in _holding(reader, contact.candidates)], now)
    standing = _of_sender(reader, contact, contact.sender, policy, now, until)
    speaks_for = reader.speaks_for(contact.sender, now)
    return replace(standing, speaks_for=speaks_for) if speaks_for else standing


def _of_sender(
    reader: Reader, contact: Contact, sender: Identifier, policy: Policy, now: datetime, until: datetime | None
) -> Standing:
    holders = reader.holders((sender,))
    if not holders:
        beside = reader.holders(contact.linked) if contact.linked else ()
        return Standing(perhaps=_names(beside)) if beside else UNKNOWN
    own = sole_holder(holders)
    if own is None:
        return Standing(perhaps=_names(holders))
    return standing_of_party(reader, own.party_id, contact, policy, now=now, until=until)


def standing_of_party(
    reader: Reader, party: int, contact: Contact, policy: Policy, *, now: datetime, until: datetime | None = None
) -> Standing:
    """Load the standing of a party that a person named, as `standing_of` does for the sender of a contact."""
    file = _file(reader, party)
    restrictions = file.restrictions + closings(file.facts.closed, policy)
    answers = _answers(reader, contact, file)
    if not any(restriction.in_force(now) for restriction in restrictions):
        return Standing(file.party, adjustments=file.adjustments, facts=file.facts, answers=answers)
    known = Standing(file.party, restrictions, file.adjustments, facts=file.facts, answers=answers)
    return _in_full(reader, known, policy, now, until)


def _names(holders: Sequence[Holder]) -> tuple[str, ...]:
    return tuple(sorted({holder.name for holder in holders}))


def past_shields_of(
    reader: Reader, party: int | None, targets: Sequence[Target], policy: Policy, now: datetime
) -> list[Target]:
    """Send past shielded colleagues what a person releases to where it was written to (PHSO-24)."""
    known = reader.facts(party) if party is not None else NOTHING
    taken_over = known.taken_over(now)
    meant = (target if target.to else replace(target, to=target.recipient) for target in targets)
    return [past_shields(target, taken_over, policy) for target in meant]


def _file(reader: Reader, party_id: int) -> PartyFile:
    file = reader.party_file(party_id)
    assert file is not None  # whoever asks found it on record
    return file


def _in_full(reader: Reader, standing: Standing, policy: Policy, now: datetime, until: datetime | None) -> Standing:
    """Add the usage that the measures in force ask for, and who is away."""
    assert standing.party is not None
    used = reader.used(standing.party.id, needs(standing.restrictions, policy, now=now), until)
    away = frozenset((reader.setting(AWAY) or "").split())
    return replace(standing, used=used, away=away)


def _answers(reader: Reader, contact: Contact, file: PartyFile) -> int:
    """Count what was taken for an answer to our newest open request before this contact; asked only while one is."""
    since = None if file.facts is NOTHING else file.facts.asked_since(contact)
    return 0 if since is None else reader.answers(file.party.id, since, but_not=contact.id)


def sole_holder(holders: Sequence[Holder]) -> Holder | None:
    """Give the party that alone stands behind an identifier; None where it is shared or stands on several parties.

    An address that a party holds outranks the domain that another holds.
    """
    exact = [holder for holder in holders if holder.identifier.kind is not IdentifierKind.DOMAIN] or list(holders)
    if len({holder.party_id for holder in exact}) != 1 or any(holder.shared for holder in exact):
        return None
    return exact[0]


def _holding(reader: Reader, candidates: tuple[Identifier, ...]) -> list[int]:
    """Name the parties that a contact would be of, were a candidate the sender."""
    own = (sole_holder(reader.holders((candidate,))) for candidate in candidates)
    return sorted({holder.party_id for holder in own if holder is not None})


def _of_candidates(contact: Contact, files: Sequence[PartyFile], now: datetime) -> Standing:
    """Give the standing of a contact that nobody can say who sent: whoever is shielded from a candidate stays so."""
    restricted = any(one.in_force(now) for file in files for one in file.restrictions)
    shields = tuple(way for file in files for way in file.facts.shields)
    return Standing(
        restricted_candidates=contact.more_candidates or restricted, facts=Facts(shields) if shields else NOTHING
    )
