"""A party's file in plain data: what the API answers and `parley party show --json` prints, and who may see how much.

Belongs here: reading a file aloud for programs. Days are the office's, moments are given in its zone. Staff who need no
more see the instruction and not the history (SPSO-68).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gateway.casework.arrangements import waiting_on
from gateway.legal_clocks import clock_object
from rules import measures
from rules.casework import catalogue
from rules.casework.actor import Actor
from rules.casework.breaches import as_waiting, open_of
from rules.casework.file import CaseFile, Mark, Paper
from rules.casework.identifiers import stale
from rules.casework.lookup import last_day
from rules.casework.removed import Removed
from rules.casework.shelf import AdjustmentOnFile, RestrictionOnFile, Shelf, WarningOnFile
from rules.casework.waiting import Waiting
from rules.legal_clocks import LegalClock
from rules.levels.kinds import Level
from rules.policies import Policy

READ_FILE, LIST_FILES = "read_file", "list_files"
RECEIVED = (Level.ATTEMPTS, Level.WORDS, Level.PAGES, Level.FILES_NOT_COUNTED)
"""Levels that a file shows by themselves; `parley levels show` has them all."""
Data = dict[str, Any]


def sees_history(policy: Policy, by: Actor) -> bool:
    """Tell whether somebody sees a whole file, or the instruction alone (SPSO-68)."""
    roles = policy.may(READ_FILE)
    return not roles or bool(by.any_of(roles))


def outline(
    file: CaseFile,
    shelf: Shelf,
    policy: Policy,
    by: Actor,
    now: datetime,
    clocks: Iterable[LegalClock] = (),
    received: Mapping[Level, float] | None = None,
) -> Data:
    """Give a file as `by` may see it at `now` (aware UTC); `history` is None where they see the instruction alone.

    `clocks` are the legal clocks of the party's contacts, `received` what came of it in the last 30 days.
    """
    if not sees_history(policy, by):
        return brief(file, shelf, policy, now, by) | {"history": None}
    came = None if received is None else {level.value: int(received[level]) for level in RECEIVED}
    history = _history(file, shelf, policy, now, clocks) | {"received": came}
    return brief(file, shelf, policy, now, by) | {"history": history}


def brief(file: CaseFile, shelf: Shelf, policy: Policy, now: datetime, by: Actor) -> Data:
    """Give what everybody needs who meets the party: who it is, and what to do now.

    How and by whom an identifier was established is history: empty for those who see none (SPSO-68).
    """
    zone, hidden = policy.zone, {} if sees_history(policy, by) else {"how": "", "by": ""}
    return {
        "id": file.party.id,
        "name": file.party.name,
        "kind": file.party.kind.value,
        "version": file.version,
        "stage": shelf.stage(now).value,
        "identifiers": [_mark(one, policy, now) | hidden for one in file.marks],
        "instructions": [_instruction(one, now, zone) for one in shelf.in_force(now)],
        "open_channels": sorted(_open(shelf, now)),
        "forms": sorted({form for one in _standing(shelf, now) for form in one.forms}),
    }


def _standing(shelf: Shelf, now: datetime) -> list[AdjustmentOnFile]:
    return [one for one in shelf.adjustments.values() if one.value().in_force(now)]


def _open(shelf: Shelf, now: datetime) -> set[str]:
    return {channel.value for one in _standing(shelf, now) for channel in one.open}


def _instruction(one: RestrictionOnFile, now: datetime, zone: ZoneInfo) -> Data:
    enforced = one.enforced()
    bearing = enforced.bearing(now) if enforced is not None else ()  # without what rests under an agreed contract
    return {
        "restriction": one.id,
        "measures": [measures.dump(each) for each in bearing],
        "words": [each.staff_words for each in bearing],
        "until": last_day(one.stops, zone).isoformat(),
    }


def _history(file: CaseFile, shelf: Shelf, policy: Policy, now: datetime, clocks: Iterable[LegalClock]) -> Data:
    zone = policy.zone
    return {
        "warnings": [_warning(one, now, zone) for one in shelf.warnings.values()],
        "restrictions": [restriction(one, now, zone) for one in shelf.restrictions.values()],
        "adjustments": [_adjustment(one, now, zone) for one in shelf.adjustments.values()],
        "appeals": [
            {
                "id": one.id,
                "restriction": one.restriction,
                "grounds": one.grounds,
                "received": one.received.isoformat(),
                "decided": one.decided,
            }
            for one in shelf.appeals.values()
        ],
        "waiting": [
            {
                "what": one.what.value,
                "about": one.about,
                "due": said(one.due, zone),
                "owner": one.owner,
                "overdue": one.overdue(now),
            }
            for one in _waiting(file, shelf, policy, now)
        ],
        "legal_clocks": [
            clock_object(one, policy) | {"overdue": one.stopped_at is None and one.due(policy) <= now} for one in clocks
        ],
        "papers": [paper(one, zone) for one in file.papers],
    }


def _waiting(file: CaseFile, shelf: Shelf, policy: Policy, now: datetime) -> list[Waiting]:
    found = [*waiting_on(file, shelf, policy, now), *map(as_waiting, open_of(file.papers))]
    return sorted(found, key=lambda one: (one.due, one.about))


def paper(one: Paper, zone: ZoneInfo) -> Data:
    """Give one paper with the whole act, as far as its contents are kept."""
    act = one.act
    return {
        "id": one.id,
        "at": said(one.at, zone),
        "by": one.by,
        "role": one.role,
        "act": act.was if isinstance(act, Removed) else act.name,
        "data": {"contents": act.staff_words} if isinstance(act, Removed) else catalogue.dump(act),
    }


def restriction(one: RestrictionOnFile, now: datetime, zone: ZoneInfo) -> Data:
    """Give one restriction with its state at `now`."""
    approval = one.approval
    return {
        "id": one.id,
        "state": one.state(now).value,
        "measures": [measures.dump(each) for each in one.measures],
        "ground": one.ground,
        "reason": one.reason,
        "starts": _day(one.starts, zone),
        "ends": last_day(one.ends, zone).isoformat(),
        "review": _day(one.review_at, zone),
        "no_review": one.no_review,
        "drafted_by": one.drafted_by,
        "proposed_by": one.proposed_by,
        "owner": one.owner,
        "incidents": list(one.incidents),
        "exception": one.exception,
        "approval": approval
        and {
            "by": approval.by,
            "role": approval.role,
            "at": said(approval.at, zone),
            "fallback": approval.fallback,
            "as_block": approval.as_block,
        },
        "declined": one.declined,
        "told": said(one.told_at, zone),
        "no_notice": one.no_notice,
        "notice_came_back": one.came_back,
        "lifted": said(one.lifted_at, zone),
        "changes_untold": [number for number, _ in one.untold],
        "imported": one.imported,
    }


def _warning(one: WarningOnFile, now: datetime, zone: ZoneInfo) -> Data:
    return {
        "id": one.id,
        "text": one.text,
        "incidents": list(one.incidents),
        "by": one.by,
        "communicated": _iso(one.communicated),
        "last_day": _iso(one.last_day),
        "stands": one.stands(now, zone),
    }


def _adjustment(one: AdjustmentOnFile, now: datetime, zone: ZoneInfo) -> Data:
    return {
        "id": one.id,
        "need": one.need,
        "open": sorted(channel.value for channel in one.open),
        "forms": list(one.forms),
        "detail": one.detail,
        "agreed": said(one.agreed, zone),
        "ends": last_day(one.ends, zone).isoformat() if one.ends else None,
        "stands": one.value().in_force(now),
    }


def _mark(one: Mark, policy: Policy, now: datetime) -> Data:
    zone = policy.zone
    return {
        "kind": one.identifier.kind.value,
        "value": one.identifier.value,
        "shared": one.shared,
        "exception": one.exception,
        "how": one.how,
        "by": one.by,
        "established": said(one.established, zone),
        "confirmed": said(one.confirmed, zone),
        "stale": stale(one, now, policy.identifier_stale),
    }


def said(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """Write a moment in the office's zone."""
    if moment is None:
        return None
    local = moment.astimezone(zone)
    # Until 1847 London was 75 seconds behind; RFC 3339 has no such offset, and programs do not read it.
    offset = local.utcoffset() or timedelta()
    return (moment if offset % timedelta(minutes=1) else local).isoformat()


def _day(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).date().isoformat() if moment is not None else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
