"""Looks over a notice for what a measure conceals: names, direct lines and inboxes of colleagues (PHSO-M6, SPSO-21.2).

Belongs here: the last look before a draft is shown. What a colleague typed is looked over too: a reason names people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gateway.notices.notice import Notice
from gateway.notices.position import Position
from rules.measures.conceal_staff import ConcealStaff
from rules.measures.interim_protection import InterimProtection
from rules.measures.named_contact import NamedContact
from rules.standing import Restriction


class NamesStaff(ValueError):
    """Say to a person that a notice would name a colleague or a direct line though a measure conceals them."""


def name_nobody(notice: Notice, position: Position, ended: Sequence[Restriction] = ()) -> None:
    """Raise NamesStaff where a notice names whom a measure conceals; the sentence does not repeat the name.

    `ended` are restrictions that the notice is about and that stand no longer: it still names nobody.
    """
    about = (*position.standing.restrictions, *ended)
    if not any(isinstance(measure, ConcealStaff) for one in about for measure in one.measures):
        return
    said = " ".join(notice.texts())
    digits = re.sub(r"[\s()-]", "", said)
    for concealed in set(_concealed(position, about)) - set(_shared(position, about)):
        if _stands_in(concealed, said, digits):
            raise NamesStaff(
                "The notice would give out a colleague's name, direct line or inbox, which a measure conceals. "
                "Write it without."
            )


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
