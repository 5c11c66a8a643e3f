"""Suggestions that two parties, or a party and an unknown sender, may be one (THREATS I3). A person decides.

Belongs here: what suggests a link and the words for it. Nothing here, and nothing that reads it, acts by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rules import identity
from rules.casework.file import CaseFile, Mark
from rules.casework.identifiers import words
from rules.contact import Identifier, IdentifierKind

PROVIDERS = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "live.com", "live.co.uk"),
        *("msn.com", "yahoo.com", "yahoo.co.uk", "ymail.com", "aol.com", "icloud.com", "me.com", "mac.com"),
        *("proton.me", "protonmail.com", "pm.me", "gmx.com", "gmx.co.uk", "fastmail.com", "btinternet.com"),
        *("sky.com", "talktalk.net", "virginmedia.com", "ntlworld.com", "blueyonder.co.uk", "tiscali.co.uk"),
    }
)
"""Where anybody has an address: two people there have nothing in common."""
MOST_OF_A_DOMAIN = 3
"""A domain with more parties than this links none of them."""
_LEAST_NAME = 6
"""Shorter names are had by many people at many providers."""


class Why(StrEnum):
    """Name what suggests a link."""

    SHARED = "shared"
    DOMAIN = "domain"
    COLLEAGUES = "colleagues"
    CANDIDATES = "candidates"
    SPELLING = "spelling"
    SAME_NAME = "same_name"


Other = tuple[int | None, str | None]
"""Another party by its number, or a sender as the record writes it."""


@dataclass(frozen=True, slots=True)
class Known:
    """Hold one party with its marks."""

    party: int
    name: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Hold one suggestion: a party, and another party or a sender whom nobody has put on a party; `words` say why."""

    why: Why
    party: int
    other: int | None
    sender: Identifier | None
    words: str


def dismissed(file: CaseFile) -> dict[str, Other]:
    """Give what people said this party is not one with, by the paper that says so; what was undone is left out."""
    found: dict[str, Other] = {}
    for paper in file.papers:
        fields = paper.act
        if fields.name == "dismiss_link":
            found[paper.id] = (getattr(fields, "other", None), getattr(fields, "sender", None))
        elif fields.name == "restore_link":
            found.pop(getattr(fields, "dismissal", ""), None)
    return found


def still_open(found: Iterable[Suggestion], files: Mapping[int, CaseFile]) -> tuple[Suggestion, ...]:
    """Give the suggestions that nobody dismissed, on the file of either party."""
    settled = {(number, *other) for number, file in files.items() for other in dismissed(file).values()}
    return tuple(one for one in found if not settled & _as_dismissed(one))


def _as_dismissed(one: Suggestion) -> set[tuple[int, int | None, str | None]]:
    if one.other is not None:
        return {(one.party, one.other, None), (one.other, one.party, None)}
    return {(one.party, None, str(one.sender))}


def suggestions(
    parties: Sequence[Known],
    senders: Mapping[Identifier, int] | None = None,
    candidates: Iterable[Collection[Identifier]] = (),
) -> tuple[Suggestion, ...]:
    """Suggest links; `senders` are addresses of nobody with how often they wrote, `candidates` the addresses of each
    contact that might be from any of several. The strongest kind of reason first, each pair once for each reason.
    """
    named = {one.party: one.name for one in parties}
    found = [
        *_shared(parties),
        *_domains(parties, named),
        *_candidates(parties, named, candidates),
        *_senders(parties, senders or {}),
    ]
    order = list(Why)
    unique = {(one.why, one.party, one.other, one.sender): one for one in found}
    return tuple(sorted(unique.values(), key=lambda one: (order.index(one.why), one.party, one.other or 0, one.words)))


def _own(one: Known) -> Iterator[Mark]:
    return (mark for mark in one.marks if not mark.exception)


def _pairs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    ordered = sorted(set(numbers))
    return ((one, other) for at, one in enumerate(ordered) for other in ordered[at + 1 :])


def _shared(parties: Sequence[Known]) -> Iterator[Suggestion]:
    """Suggest parties that stand on one identifier."""
    by_identifier: dict[Identifier, list[Known]] = defaultdict(list)
    for one in parties:
        for mark in _own(one):
            by_identifier[mark.identifier].append(one)
    for identifier, holders in by_identifier.items():
        names = {holder.party: holder.name for holder in holders}
        for first, second in _pairs(names):
            text = f"{names[first]} and {names[second]} both use {words(identifier)}"
            yield Suggestion(Why.SHARED, first, second, None, text)


def _domains(parties: Sequence[Known], named: Mapping[int, str]) -> Iterator[Suggestion]:
    """Suggest who writes from a domain that is another's, and the few who write from one domain."""
    owners: dict[str, set[int]] = defaultdict(set)
    writers: dict[str, set[int]] = defaultdict(set)
    excepted = {(one.party, mark.identifier) for one in parties for mark in one.marks if mark.exception}
    addresses = [(one.party, mark.identifier) for one in parties for mark in _own(one)]
    for party, identifier in addresses:
        if identifier.kind is IdentifierKind.DOMAIN:
            owners[identifier.value].add(party)
        elif identifier.kind is IdentifierKind.EMAIL:
            writers[identifier.value.rpartition("@")[2]].add(party)
    for writer, address in addresses:
        for owner in sorted(owners.get(address.value.rpartition("@")[2], ())):
            if address.kind is IdentifierKind.EMAIL and owner != writer and (owner, address) not in excepted:
                text = f"{named[writer]} writes from {address.value}, a domain of {named[owner]}"
                yield Suggestion(Why.DOMAIN, owner, writer, None, text)
    for domain, numbers in writers.items():
        if domain in PROVIDERS or domain in owners or len(numbers) > MOST_OF_A_DOMAIN:
            continue
        for one, other in _pairs(numbers):
            text = f"{named[one]} and {named[other]} both write from @{domain}"
            yield Suggestion(Why.COLLEAGUES, one, other, None, text)


def _candidates(
    parties: Sequence[Known], named: Mapping[int, str], seen: Iterable[Collection[Identifier]]
) -> Iterator[Suggestion]:
    """Suggest whose addresses stood together as the possible senders of one contact."""
    whose = {mark.identifier: one.party for one in parties for mark in _own(one) if not mark.shared}
    for addresses in seen:
        known = {whose[each] for each in addresses if each in whose}
        for one, other in _pairs(known):
            text = f"a message might be from {named[one]} or from {named[other]}"
            yield Suggestion(Why.CANDIDATES, one, other, None, text)
        for party in known:
            for each in sorted(set(addresses) - set(whose)):
                text = f"a message might be from {named[party]} or from {words(each)}, whom nobody knows"
                yield Suggestion(Why.CANDIDATES, party, None, each, text)


def _senders(parties: Sequence[Known], senders: Mapping[Identifier, int]) -> Iterator[Suggestion]:
    """Suggest unknown senders whose address is spelt like a party's, or has its name at another provider."""
    spelt: dict[str, list[tuple[Known, Identifier]]] = defaultdict(list)
    locals_: dict[str, list[tuple[Known, Identifier]]] = defaultdict(list)
    for one in parties:
        for mark in _own(one):
            if mark.identifier.kind is IdentifierKind.EMAIL and not mark.shared:
                spelt[_plain(mark.identifier)].append((one, mark.identifier))
                locals_[_local(mark.identifier)].append((one, mark.identifier))
    known = {mark.identifier for one in parties for mark in one.marks}
    for sender, times in senders.items():
        if sender in known or sender.kind is not IdentifierKind.EMAIL:
            continue
        wrote = f"{words(sender)} wrote {'once' if times == 1 else f'{times} times'}"
        for one, address in spelt.get(_plain(sender), ()):
            text = f"{wrote}, an address spelt like {words(address)} of {one.name}"
            yield Suggestion(Why.SPELLING, one.party, None, sender, text)
        for one, address in locals_.get(_local(sender), ()):
            elsewhere = identity.domain_of(sender) != identity.domain_of(address)
            if elsewhere and len(_local(sender)) >= _LEAST_NAME:
                text = f"{wrote}, the name of {words(address)} of {one.name} at another domain"
                yield Suggestion(Why.SAME_NAME, one.party, None, sender, text)


def _plain(identifier: Identifier) -> str:
    return f"{_local(identifier)}@{identifier.value.rpartition('@')[2]}"


def _local(identifier: Identifier) -> str:
    local = identifier.value.rpartition("@")[0]
    return (local.split("+", 1)[0] or local).replace(".", "").replace("_", "").replace("-", "")
