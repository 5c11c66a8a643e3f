"""Looks over a notice for what a measure conceals: names, direct lines and inboxes of colleagues (PHSO-M6, SPSO-21.2).

Belongs here: the last look before a draft is shown. What a colleague typed is looked over too: a reason names people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from gateway.notices.notice import Notice
from gateway.notices.phrases import Phrases, shipped
from gateway.notices.position import Position
from gateway.notices.readability import sentences_of
from rules.measures.conceal_staff import ConcealStaff
from rules.measures.interim_protection import InterimProtection
from rules.measures.named_contact import NamedContact
from rules.measures.third_party import ThirdParty
from rules.standing import Restriction

_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,255}")
_NUMBER = re.compile(r"(?<![\w/])(?:\+|00|0)(?:[\s().-]{0,2}\d){9,14}(?![\w/])")
_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST_PART = 3
"""Letters of a part of a name that is looked for by itself."""


class NamesStaff(ValueError):
    """Say to a person that a notice would name a colleague or a direct line though a measure conceals them."""


def name_nobody(
    notice: Notice, position: Position, ended: Sequence[Restriction] = (), phrases: Phrases | None = None
) -> None:
    """Raise NamesStaff where a notice names whom a measure conceals; the sentence does not repeat the name.

    `ended` are restrictions that the notice is about and that stand no longer: it still names nobody. `phrases` are
    those of its language, whose words are no names.
    """
    about = (*position.standing.restrictions, *ended)
    if not _conceals(about):
        return
    said = " ".join(notice.texts())
    digits = re.sub(r"[\s()-]", "", said)
    shared = set(_shared(position, about))
    concealed = set(_concealed(position, about)) - shared
    ordinary = _ordinary(position, phrases or shipped())
    if (
        any(_stands_in(one, said, digits) for one in concealed)
        or any(_named(part, said) for part in _parts(concealed, position) if part not in ordinary)
        or any(_inboxes(said, position, shared))
        or any(_lines(said, position, about, shared))
    ):
        raise NamesStaff(
            "The notice would give out a colleague's name, direct line or inbox, which a measure conceals. "
            "Write it without."
        )


def names_perhaps(notice: Notice, position: Position, ended: Sequence[Restriction] = ()) -> tuple[str, ...]:
    """Give the sentences in which a word stands that is a colleague's name as well, for a person to look at.

    In small letters it is mostly the word, and a name that is an ordinary word too is not told from it.
    """
    about = (*position.standing.restrictions, *ended)
    if not _conceals(about):
        return ()
    parts = _parts(set(_concealed(position, about)) - set(_shared(position, about)), position)
    ordinary = _ordinary(position, shipped())
    sentences = dict.fromkeys(each for text in notice.texts() for each in sentences_of(text))
    return tuple(each for each in sentences if any(_perhaps(part, each, part in ordinary) for part in parts))


def _perhaps(part: str, sentence: str, ordinary: bool) -> bool:
    """Tell of a name that is no ordinary word by any letters; of another by its capital within a sentence alone."""
    if ordinary:
        return _named(part, " ".join(sentence.split()[1:]))
    return part in {word.lower() for word in _WORD.findall(sentence)}


def _conceals(about: Iterable[Restriction]) -> bool:
    return any(isinstance(measure, ConcealStaff) for one in about for measure in one.measures)


def _parts(concealed: Iterable[str], position: Position) -> frozenset[str]:
    """Give the parts of whole names, in small letters, that are not the party's own or an advocate's as well."""
    known = " ".join((position.party.name, position.office.name, *(one.name for one in position.advocates))).lower()
    found = {part.lower() for name in concealed if " " in name.strip() for part in _WORD.findall(name)}
    return frozenset(part for part in found - set(_WORD.findall(known)) if len(part) >= _SHORTEST_PART)


def _ordinary(position: Position, phrases: Phrases) -> frozenset[str]:
    """Give the words that our letters use anyhow: the months, and what the policy says."""
    policy = position.policy
    texts = (*phrases.words.values(), str(policy.texts), *policy.roles.values(), *policy.grounds.values())
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text))


def _named(part: str, said: str) -> bool:
    """Tell whether a part of a name stands there as a name is written: with a capital."""
    return any(word[0].isupper() and word.lower() == part for word in _WORD.findall(said))


def _inboxes(said: str, position: Position, shared: set[str]) -> Iterator[str]:
    """Give the addresses at the office that are nobody's to know: everybody's inbox is a shared one, or always open."""
    for address in (one.lower().rstrip(".") for one in _ADDRESS.findall(said)):
        if address.rpartition("@")[2] in position.office.domains and address not in shared:
            yield address


def _lines(said: str, position: Position, about: Sequence[Restriction], shared: set[str]) -> Iterator[str]:
    """Give the numbers that are neither shared, nor the party's own, an advocate's, or the policy's for all to know."""
    measures = [measure for one in about for measure in one.measures]
    advocates = [
        f"{each.name} {each.contact}" for one in measures if isinstance(one, ThirdParty) for each in one.advocates
    ]
    own = [one.value for one in position.party.identifiers]
    known = {_dialled(one) for one in (*shared, *own)}
    known |= {
        _dialled(one)
        for one in _NUMBER.findall(" ".join((*advocates, str(position.policy.texts), position.office.post)))
    }
    yield from (one for one in _NUMBER.findall(said) if _dialled(one) not in known)


def _dialled(number: str) -> str:
    """Give a number's last nine digits, the same however its beginning is dialled."""
    return re.sub(r"\D", "", number)[-9:]


def _concealed(position: Position, about: Sequence[Restriction]) -> Iterator[str]:
    """Name what is concealed: what the caller knows of, who approved, whom contact is routed to."""
    yield from position.staff
    titles = {*position.policy.roles, *position.policy.roles.values(), "-"}
    for restriction in about:
        yield from {restriction.approved_by} - titles
        for measure in restriction.measures:
            if isinstance(measure, NamedContact):
                yield from filter(None, (measure.inbox, measure.phone, measure.deputy))
            elif isinstance(measure, InterimProtection):
                yield from filter(None, (measure.inbox, measure.phone))


def _shared(position: Position, about: Sequence[Restriction]) -> Iterator[str]:
    """Name what everybody may know: the office's own ways in, and those that the measure itself shares."""
    office = position.office
    yield from (office.name, office.address.lower(), office.phone, *position.policy.always_open)
    for measure in (measure for one in about for measure in one.measures):
        if isinstance(measure, ConcealStaff):
            yield from filter(None, (measure.inbox, measure.phone))


def _stands_in(concealed: str, said: str, digits: str) -> bool:
    text = concealed.strip()
    if len(text) < 3:
        return False
    if text.startswith("+") and text[1:].isdigit():
        return text in digits or f"0{text[3:]}" in digits  # as it is dialled at home
    return re.search(rf"(?<!\w){re.escape(text)}(?!\w)", said, re.IGNORECASE) is not None
