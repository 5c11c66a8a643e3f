"""The page of contact arrangements kept current: what it would say now, beside the one that the party has (PHSO-20).

Belongs here: when a party is owed a new page, read from the file and the clock; and all that waits on one file. An
office that changes its own name or lines is not seen here: those are settings, and on no file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from gateway.casework.notice_matter import Matter, addresses
from gateway.notices.composing import compose
from gateway.notices.concealing import NamesStaff
from gateway.notices.phrases import MissingPhrase, shipped
from gateway.notices.position import ArrangementsFacts, Office, Position
from rules.casework.file import CaseFile
from rules.casework.notices import ARRANGEMENTS
from rules.casework.owed import PageOnFile
from rules.casework.shelf import Shelf
from rules.casework.waiting import OWED, Waiting, late_from, waiting
from rules.policies import Policy
from rules.waiting_for import WaitingFor

_ANY_OFFICE = Office("", "")


def waiting_on(file: CaseFile, shelf: Shelf, policy: Policy, now: datetime) -> tuple[Waiting, ...]:
    """Give all that waits on one file at `now` (aware UTC), the page with it, the earliest due first."""
    found = waiting(shelf, policy, now)
    page = () if any(one.what in OWED for one in found) else _page(file, shelf, policy, now)
    return tuple(sorted((*found, *page), key=lambda one: (one.due, one.about)))


def says(position: Position) -> str:
    """Give the digest of what the page says of a position, whatever its day; empty where it cannot be written."""
    neutral = replace(position, office=_ANY_OFFICE, staff=frozenset())
    try:
        return compose(ArrangementsFacts(), neutral, shipped()).lasting
    except (NamesStaff, MissingPhrase):
        return ""


def _page(file: CaseFile, shelf: Shelf, policy: Policy, now: datetime) -> Iterator[Waiting]:
    """Give the page where it is owed anew; any other letter that is owed brings it along."""
    under = [one for one in shelf.live(now) if one.known]
    if not under or _current(file, shelf, policy, now):
        return
    since = _since(file, shelf, policy, now, min(one.begins for one in under))
    yield Waiting(
        WaitingFor.PAGE, ARRANGEMENTS, since, late_from(since, policy), next(filter(None, _owners(shelf, now)), "")
    )


def _owners(shelf: Shelf, now: datetime) -> Iterator[str]:
    return (one.owner or one.drafted_by for one in shelf.live(now) if one.known)


def _current(file: CaseFile, shelf: Shelf, policy: Policy, now: datetime) -> bool:
    """Tell whether the party has a page that says what holds now, at an address that is still theirs alone."""
    page = shelf.page
    if page is None or _astray(page, file):
        return False
    return page.digest == _digest(file, shelf, page, policy, now)


def _astray(page: PageOnFile, file: CaseFile) -> bool:
    """Tell whether the page lies in a letter box that is the party's no more, or that others open too."""
    return bool(page.to) and page.to not in addresses(file)


def _digest(file: CaseFile, shelf: Shelf, page: PageOnFile, policy: Policy, now: datetime) -> str:
    """Give what the page says now, or of the day of the page that was sent where that is still to come."""
    told_of = shelf.restrictions.get(page.about)
    at = max(now, told_of.begins) if told_of is not None else now
    return says(Matter(ARRANGEMENTS, file, policy, at, now).position(_ANY_OFFICE, frozenset()))


def _since(file: CaseFile, shelf: Shelf, policy: Policy, now: datetime, first: datetime) -> datetime:
    """Give since when the page is owed: the first moment from which it has said something else ever since."""
    page = shelf.page
    if page is None:
        return min(max(first, shelf.opened or first), now)
    if _astray(page, file):
        about = (one.at for one in file.papers if page.to in str(getattr(one.act, "identifier", "")))
        return next((at for at in about if at > page.at), page.at)
    since = None
    for moment in sorted({*_moments(file, shelf, page.at, now)}, reverse=True):
        then = replace(file, papers=tuple(one for one in file.papers if one.at <= moment))
        if since is not None and page.digest == _digest(then, shelf, page, policy, moment):
            break
        since = moment
    return since or page.at


def _moments(file: CaseFile, shelf: Shelf, after: datetime, now: datetime) -> Iterator[datetime]:
    """Give the moments since the page at which something on the file or by the clock may have changed it."""
    found = [one.at for one in file.papers]
    found += [moment for one in shelf.restrictions.values() for moment in (one.begins, one.stops)]
    found += [one.ends for one in shelf.adjustments.values() if one.ends is not None]
    return (moment for moment in found if after < moment <= now)
