"""The file as somebody outside may see it: what happened and when, and nobody's name (SPSO-19).

Belongs here: the pseudonymised export. Promises that only what is known to be harmless goes in: days, numbers, choices
from our own lists, kinds of measure. A free text goes in only where somebody passed it, and never one with a name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.measures import Measure
from rules.policies import Policy
from rules.standing import PartyKind

_GROUNDS = ("ground", "category")
_STAFF = frozenset(
    {
        "about",
        "asked_by",
        "colleague",
        "decided_by",
        "decided_with",
        "deciders",
        "discussed_with",
        "owner",
        "passed_to",
        "read_by",
        "reporter",
        "taken_over_by",
        "targets",
        "who",
        "witnesses",
    }
)
"""Fields of acts that name people."""
_NAMED = frozenset(
    {"advocate", "adviser", "handle", "identifiers", "inbox", "manager_inbox", "phone", "manager_phone", "sender"}
)
_TELLING_DIGITS = 7
_LONGEST_NAME = 4
_NO_NAMES = frozenset({"and", "dame", "for", "lady", "lord", "miss", "mrs", "sir", "the"})
_WHAT = {
    PartyKind.PERSON: "the person",
    PartyKind.PROFESSIONAL: "the professional",
    PartyKind.ORGANISATION: "the organisation",
}


def pseudonymised(file: CaseFile, policy: Policy, passed: Mapping[str, str]) -> dict[str, object]:
    """Give the file without identities; `passed` are free texts that somebody wrote for it, by the id of their paper.

    Raises Refused for a text that names somebody on the file, and for one that belongs to no paper of it.
    """
    known = identities(file)
    numbers = {paper.id: f"paper {number}" for number, paper in enumerate(file.papers, 1)}
    staff = {name: f"colleague {number}" for number, name in enumerate(dict.fromkeys(p.by for p in file.papers), 1)}
    for number, text in passed.items():
        if number not in numbers:
            raise Refused(f"There is no paper {number} on this file.")
        if named := names_in(text, known):
            raise Refused(
                f"The text for {numbers[number]} names {', '.join(sorted(named))}, who is on this file.",
                clause=policy.clause("seek_advice"),
                way="Write it without names, addresses and numbers.",
            )
    return {
        "about": _WHAT[file.party.kind],
        "papers": [_paper(paper, policy, numbers, staff, passed.get(paper.id, "")) for paper in file.papers],
    }


def identities(file: CaseFile) -> frozenset[str]:
    """Give all names, addresses and numbers that are known from a file."""
    found = {file.party.name, *(mark.identifier.value for mark in file.marks), *(mark.by for mark in file.marks)}
    found |= {identifier.value for identifier in file.party.identifiers}
    for paper in file.papers:
        found.add(paper.by)
        for field in (_STAFF | _NAMED) & type(paper.act).model_fields.keys():
            found |= set(_texts(getattr(paper.act, field)))
        found |= set(_long_texts(paper.act))
    return frozenset(one for one in found if one.strip())


def names_in(text: str, known: Collection[str]) -> frozenset[str]:
    """Give those of the known names that stand in a text: whole, or a word of a person's name of three letters or more.

    A number counts by its last seven digits, an address also by what stands before its @ if that is like no word.
    """
    plain = f" {_plain(text)} "
    digits = "".join(each for each in text if each.isdecimal())
    return frozenset(one for one in known if _stands(one, plain, digits))


def _stands(name: str, plain: str, digits: str) -> bool:
    number = "".join(each for each in name if each.isdecimal())
    if len(number) >= _TELLING_DIGITS and number[-_TELLING_DIGITS:] in digits:
        return True
    return any(f" {part} " in plain for part in (_plain(name), *_parts(name)) if part)


def _parts(name: str) -> Iterator[str]:
    """Give the parts of a name by which somebody would know whose it is.

    Only where each word begins as a name does: "Head of Casework" or "the receptionist" has no such parts.
    """
    if "@" in name:
        local = _plain(name.partition("@")[0])
        if not local.isalpha():
            yield local
        return
    words = name.split()
    if len(words) <= _LONGEST_NAME and all(word[0].isupper() for word in words):
        yield from (part for part in _plain(name).split() if len(part) > 2 and part not in _NO_NAMES)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(each if each.isalnum() else " " for each in folded).split())


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)


def _long_texts(act: BaseModel) -> Iterator[str]:
    """Give what measures say of people: inboxes, numbers, advocates."""
    for measure in _measures(act):
        for field in ("inbox", "phone", "deputy"):
            yield from _texts(getattr(measure, field, None))
        yield from (each.name for each in getattr(measure, "advocates", ()))


def _measures(act: BaseModel) -> tuple[Measure, ...]:
    found = getattr(act, "measures", None) or ()
    return tuple(each for each in found if isinstance(each, Measure))


def _paper(
    paper: Paper, policy: Policy, numbers: Mapping[str, str], staff: Mapping[str, str], text: str
) -> dict[str, object]:
    shown: dict[str, object] = {
        "paper": numbers[paper.id],
        "day": paper.at.astimezone(policy.zone).date().isoformat(),
        "by": staff[paper.by],
        "role": policy.roles.get(paper.role, ""),
        "act": paper.act.name,
    }
    for name, field in type(paper.act).model_fields.items():
        harmless = _harmless(name, getattr(paper.act, name), _choices(field.annotation), policy, numbers)
        if harmless not in (None, "", []):
            shown[name] = harmless
    return shown | ({"text": text} if text else {})


def _harmless(name: str, value: object, choices: frozenset[str], policy: Policy, numbers: Mapping[str, str]) -> Any:  # noqa: ANN401  # plain data
    """Give a value if it can name nobody, else None."""
    if isinstance(value, Measure):
        return _measure(value)
    if isinstance(value, tuple | frozenset):
        found = (_harmless(name, each, choices, policy, numbers) for each in value)
        return [each for each in found if each is not None]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bool | int):
        return value
    if not isinstance(value, str):
        return None
    if value in choices or (name in _GROUNDS and value in policy.grounds):
        return value
    return numbers.get(value)


def _measure(measure: Measure) -> dict[str, object]:
    """Give a measure's kind with those parameters that are numbers or choices."""
    shown: dict[str, object] = {"kind": measure.kind}
    for name, field in type(measure).model_fields.items():
        value = getattr(measure, name)
        if isinstance(value, Enum):
            shown[name] = value.value
        elif isinstance(value, bool | int) or (isinstance(value, str) and value in _choices(field.annotation)):
            shown[name] = value
    return shown


def _choices(annotation: object) -> frozenset[str]:
    """Give the words that a field chooses from, where it does."""
    if get_origin(annotation) is Literal:
        return frozenset(each for each in get_args(annotation) if isinstance(each, str))
    return frozenset().union(*(_choices(each) for each in get_args(annotation)))
