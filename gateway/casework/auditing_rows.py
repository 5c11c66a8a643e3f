"""Looks whether what is enforced and kept is what papers and the chain of acts say (THREATS W4).

Belongs here: what ought to be in the tables, and a sentence for each difference; no address and no number of anybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields

from gateway.casework.notice_drafts import DRAFTED
from gateway.casework.reading import Unreadable, read_for_lists
from gateway.imports import IMPORT
from gateway.tokens import TOKEN_ADD, TOKEN_REVOKE
from rules.casework import catalogue
from rules.casework.file import CaseFile
from rules.casework.shelf import RestrictionOnFile, Shelf
from rules.policies import Policy
from rules.standing import Adjustment, Restriction
from storage.proofs import Enforced, adjustment_as_kept, restriction_as_kept
from storage.transaction import Reader
from storage.words import storable

_AT_ONCE = 500
_NAMES = {
    "measures": "the measures",
    "starts": "the start",
    "ends": "the end",
    "reason": "the reason",
    "ground": "the ground",
    "approved_by": "who approved",
    "told": "whether the party was told",
    "review_at": "the review",
    "contract_agreed": "when its contract was agreed",
    "need": "the need",
    "open": "the ways that stay open",
    "agreed": "when it was agreed",
    "forms": "the forms of letters",
    "detail": "the detail",
}


@dataclass(slots=True)
class Rows:
    """Hold what was found: a sentence for each difference, and how many rows nothing vouches for, by what they are."""

    differences: list[str] = field(default_factory=list)
    unvouched: Counter[str] = field(default_factory=Counter)


def compared(reader: Reader, policy: Policy) -> Rows:
    """Compare every row that decides something, or was shown to somebody, with the papers and acts that made it."""
    found = Rows()
    imported = _imported(reader)
    seen: set[str] = set()
    sealed: dict[str, tuple[int, str]] = {}
    after = 0
    while numbers := reader.party_numbers(after, _AT_ONCE):
        after = numbers[-1]
        shelved = dict(read_for_lists(reader, numbers, policy))
        for party, there in reader.enforced(numbers):
            seen.update(there.restrictions)
            found.unvouched["adjustments"] += there.unpapered
            one = shelved[party]
            if isinstance(one, Unreadable):
                found.differences.append(f"Party {party}: {one.words} So what is enforced could not be compared.")
                continue
            sealed |= {paper: (party, each.digest) for paper, each in one.shelf.evidence.items()}
            enforced = (*_restrictions(one.file, one.shelf, there, imported, found), *_adjustments(one.shelf, there))
            found.differences += (f"Party {party}: {sentence}" for sentence in enforced)
    gone = imported.keys() - seen - reader.removed_by_retention("restrictions")
    found.differences += (
        f"Restriction {number} was imported, and is not on record any more." for number in sorted(gone)
    )
    found.differences += _evidence(reader, sealed)
    found.differences += _notices(reader)
    found.differences += _tokens(reader)
    found.unvouched["identifiers"] += reader.count_identifiers()
    return found


# What is enforced


def _imported(reader: Reader) -> dict[str, str]:
    """Give what imports say in the chain: the digest of each restriction's row, by its id."""
    found: dict[str, str] = {}
    for act in reader.acts_named(IMPORT):
        numbers, digests = act.detail.get("restrictions"), act.detail.get("digest")
        if isinstance(numbers, list) and isinstance(digests, list):
            found.update(zip(map(str, numbers), map(str, digests), strict=False))
    return found


def _restrictions(
    file: CaseFile, shelf: Shelf, there: Enforced, imported: Mapping[str, str], found: Rows
) -> Iterator[str]:
    for number, one in shelf.restrictions.items():
        row, digest = there.restrictions.get(number, (None, ""))
        if one.imported:
            yield from _of_an_import(file, one, row, digest, imported, found)
        elif number in there.restrictions:
            yield from _restriction(one, row)
        elif one.enforced() is not None:
            yield f"restriction {number} stands on its papers, and is not enforced."
    for number in there.restrictions.keys() - shelf.restrictions.keys():
        yield f"restriction {number} is enforced, and no paper on this file made it."


def _restriction(one: RestrictionOnFile, row: Restriction | None) -> Iterator[str]:
    meant = one.enforced()
    if row is None:
        yield f"restriction {one.id} cannot be read as it is enforced."
    elif meant is None:
        if row.starts < row.ends:
            yield f"restriction {one.id} is enforced, and its papers say that it is not in force at any time."
    elif others := _others(row, restriction_as_kept(meant)):
        yield f"restriction {one.id} is enforced otherwise than its papers say: {others}."


def _of_an_import(
    file: CaseFile,
    one: RestrictionOnFile,
    row: Restriction | None,
    digest: str,
    imported: Mapping[str, str],
    found: Rows,
) -> Iterator[str]:
    """Hold a restriction that no paper made against its import; once papers changed it, against its lifting alone."""
    lifted = one.lifted_at if one.approval is not None else None
    if one.id not in imported:
        yield f"restriction {one.id} is enforced, and neither a paper nor an import made it."
    elif row is not None and lifted is not None and row.ends > max(row.starts, lifted):
        yield f"restriction {one.id} is enforced, and its papers say that it was lifted."
    elif digest == imported[one.id]:
        return
    elif any(one.id in catalogue.dump(paper.act).values() for paper in file.papers):
        found.unvouched["imported restrictions that papers changed"] += 1
    else:
        yield f"restriction {one.id} is not as it was imported."


def _adjustments(shelf: Shelf, there: Enforced) -> Iterator[str]:
    for number, one in shelf.adjustments.items():
        if one.imported:
            continue
        if number not in there.adjustments:
            yield f"adjustment {number} was agreed on its paper, and is not kept to."
            continue
        row = there.adjustments[number]
        others = _others(row, adjustment_as_kept(one.value())) if row is not None else "it cannot be read"
        if others:
            yield f"adjustment {number} is otherwise than its papers say: {others}."
    for number in there.adjustments.keys() - shelf.adjustments.keys():
        yield f"adjustment {number} is kept to, and no paper on this file made it."


def _others(row: Restriction | Adjustment, meant: Restriction | Adjustment) -> str:
    """Name what differs."""
    names = (one.name for one in fields(row))
    return ", ".join(_NAMES.get(name, name) for name in names if getattr(row, name) != getattr(meant, name))


# What was shown to somebody, and who may come in


def _evidence(reader: Reader, sealed: Mapping[str, tuple[int, str]]) -> Iterator[str]:
    kept = dict(reader.sealed_contents())
    for paper, (party, digest) in sealed.items():
        if paper not in kept:
            yield f"Party {party}: what paper {paper} sealed is not on record."
        elif kept[paper] != digest:
            yield f"Party {party}: what is kept under paper {paper} is not what it sealed."
    for paper in kept.keys() - sealed.keys():
        yield f"Something is kept as sealed by paper {paper}, which sealed nothing."


def _notices(reader: Reader) -> Iterator[str]:
    drafted = _by_thing(reader, DRAFTED, "notice:")
    emptied = reader.removed_by_retention("notices")
    for number, detail, empty in reader.kept_notices():
        said = drafted.pop(number, None)
        where = f"Party {detail['party']}: notice {number}"
        if said is None:
            yield f"{where} is on record, and nobody drafted it."
        elif empty != (number in emptied):
            yield f"{where} says {'nothing any more' if empty else 'something again'}, which no run of retention did."
        elif any(said.get(key) != value for key, value in detail.items() if key != "kept" or not empty):
            yield f"{where} is not as it was drafted."
    for number, said in drafted.items():
        yield f"Party {said.get('party')}: notice {number} was drafted, and is not on record any more."


def _tokens(reader: Reader) -> Iterator[str]:
    made = _by_thing(reader, TOKEN_ADD, "token:")
    revoked = _by_thing(reader, TOKEN_REVOKE, "token:").keys()
    for token in reader.tokens():
        said = made.pop(token.id, None)
        expires = token.expires and token.expires.isoformat()
        there = {"roles": sorted(token.roles), "digest": token.digest, "expires": expires}
        if said is None:
            yield f"Token {token.id} is on record, and nobody made it."
        elif token.name != storable(str(said.get("name"))) or any(said.get(key) != one for key, one in there.items()):
            yield f"Token {token.id} is not as it was made: its name, its roles, its secret or its end is another."
        elif token.revoked is None and token.id in revoked:
            yield f"Token {token.id} was revoked, and opens the door again."
        elif token.revoked is not None and token.id not in revoked:
            yield f"Token {token.id} opens the door no more, and nobody revoked it."
    for number in made:
        yield f"Token {number} was made, and is not on record any more."


def _by_thing(reader: Reader, name: str, prefix: str) -> dict[str, Mapping[str, object]]:
    return {act.about.removeprefix(prefix): act.detail for act in reader.acts_named(name)}
