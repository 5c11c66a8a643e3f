"""The law: what four published policies demand of restrictions in force, written from shared/policies.md.

Belongs here: plain dates and plain rows, and nothing of the product. Whoever changes a rule here must find it in a
policy. The judge sees what was asked for and what was answered (the journal), and the rows that are enforced.
"""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
CHANNELS = frozenset({"email", "call", "sms", "letter", "visit", "web", "online"})


@dataclass(frozen=True)
class Law:
    """Hold what one policy says: months, who approves, who hears appeals, whether four eyes are asked for."""

    warning_months: int
    restriction_months: int
    renewal_months: int
    four_eyes: bool
    every: frozenset[str]
    every_fallback: frozenset[str]
    block_approvers: frozenset[str]
    block_fallback: frozenset[str]
    guarded_parties: frozenset[str]
    appeal_to: frozenset[str] | None


@dataclass
class Done:
    """Hold one act that was accepted: its paper's id, when, by whom with which roles, which act, with which fields."""

    id: str
    at: datetime
    by: str
    roles: frozenset[str]
    act: str
    fields: dict[str, Any]


@dataclass
class Journal:
    """Hold what was accepted on one party, in order, and when each restriction was seen in force."""

    party_kind: str
    done: list[Done] = field(default_factory=list)
    seen: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)

    def of(self, *acts: str, about: str | None = None) -> list[Done]:
        """Give the acts of these names, about one paper where one is named."""
        return [one for one in self.done if one.act in acts and (about is None or about in _about(one))]


def _about(one: Done) -> set[str]:
    return {str(one.fields.get(name)) for name in ("restriction", "about", "warning", "appeal", "adjustment")}


def months_later(day: date, months: int) -> date:
    """Give the day so many calendar months later, or the last of that month (PHSO-7)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def in_force(row: dict[str, Any], now: datetime) -> bool:
    """Tell whether a row of the record is enforced at a moment."""
    at = now.timestamp() * 1_000_000
    return row["starts"] <= at < row["ends"] and row["approved_by"] != "" and row["told"] != "no"


def judge(
    law: Law, journal: Journal, rows: list[dict[str, Any]], adjustments: list[dict[str, Any]], now: datetime
) -> list[str]:
    """Give every way in which what is in force at `now` breaks the law; empty where nothing does."""
    found: list[str] = []
    biting = [row for row in rows if in_force(row, now)]
    for row in biting:
        found += [f"{row['id']}: {wrong}" for wrong in _of_one(law, journal, row, rows, now)]
    if _shut(biting, adjustments, now) == CHANNELS and not any(
        _block_approved(law, journal, row["id"]) for row in biting
    ):
        found.append("PHSO-18: nothing is open any more, and nobody who may has approved that")
    for row in biting:
        first, _ = journal.seen.get(row["id"], (now, now))
        journal.seen[row["id"]] = (first, now)
    return found


def _of_one(
    law: Law, journal: Journal, row: dict[str, Any], rows: list[dict[str, Any]], now: datetime
) -> Iterable[str]:
    number = row["id"]
    interim = [one for one in journal.of("protect_interim") if one.id == number]
    if interim:
        yield from _interim(journal, interim[0], now)
        return
    draft = next((one for one in journal.of("draft_restriction") if one.id == number), None)
    proposals = journal.of("propose_restriction", about=number)
    if draft is None or not proposals:
        yield "PHSO-3: it is in force and nobody proposed it"
        return
    if journal.of("decline_restriction", about=number):
        yield "it was declined and is in force"
    proposal = proposals[-1]
    approvals = journal.of("approve_restriction", about=number)
    warned = _basis(law, journal, draft, proposal)
    alone = not law.four_eyes and bool(proposal.roles & law.every)  # MP-8
    if not warned and not (proposal.fields.get("exception") and (approvals or alone)):
        yield "PHSO-9: no warning, no earlier restriction, no zero tolerance, no approved exception"
    authors = {one.by for one in (draft, proposal, *journal.of("change_draft", about=number))}
    if law.four_eyes and any(one.by in authors for one in approvals):
        yield "PHSO-18: somebody approved their own"
    if journal.party_kind in law.guarded_parties and not _block_approved(law, journal, number):
        yield "PHSO-19: a professional or an organisation, without the approval for it"
    agreed = approvals[-1] if approvals else proposal
    if law.every and not (_in_role(agreed, law.every, law.every_fallback) or _block_approved(law, journal, number)):
        yield "SPSO-22, MP-8, HO-4: nobody who may has approved it"
    yield from _told(journal, number, agreed)
    yield from _over(law, journal, draft, number, now)


def _interim(journal: Journal, act: Done, now: datetime) -> Iterable[str]:
    days, day = 0, act.at.astimezone(LONDON).date()
    while day < now.astimezone(LONDON).date():
        day += timedelta(days=1)
        days += day.weekday() < 5
    # Bank holidays are no working days: at most four of them in a row with their week-ends.
    if days > 2 + 4:
        yield "PHSO-2: interim protection of more than two working days"
    same = [one for one in journal.of("protect_interim") if one.fields["incident"] == act.fields["incident"]]
    if len(same) > 1:
        yield "PHSO-2: interim protection was renewed"


def _basis(law: Law, journal: Journal, draft: Done, proposal: Done) -> bool:
    """Tell whether when proposed it rested on a warning, an earlier restriction or zero tolerance (PHSO-9, PHSO-17)."""
    if draft.fields["ground"] == "zero_tolerance":
        return bool(draft.fields.get("police"))
    today = proposal.at.astimezone(LONDON).date()
    # In the order in which they were done: many share one moment.
    earlier = journal.done[: journal.done.index(proposal)]
    for warning in (one for one in earlier if one.act == "warn"):
        words = [one for one in earlier if one.act in ("communicate_warning", "notice_came_back")]
        words = [one for one in words if warning.id in _about(one)]
        day = None
        if words and words[-1].act == "communicate_warning":
            day = words[-1].fields.get("day") or words[-1].at.astimezone(LONDON).date()
        elif warning.fields.get("spoken") and not words:
            day = warning.fields.get("day") or warning.at.astimezone(LONDON).date()
        if day is not None and today <= months_later(day, law.warning_months):
            return True
    # It is seen in force at the moments at which somebody looked; it may have ended up to a day after the last.
    for other, (first, last) in journal.seen.items():
        interim = any(one.id == other for one in journal.of("protect_interim"))  # nobody's decision (PHSO-2)
        if other == draft.id or interim or first > proposal.at:
            continue
        ended = (last + timedelta(days=1)).astimezone(LONDON).date()
        if today <= months_later(ended, law.renewal_months):
            return True
    return False


def _block_approved(law: Law, journal: Journal, number: str) -> bool:
    """Tell whether somebody approved it who may approve a block, in that role or standing in with the reason."""
    appeals = [one.id for one in journal.of("appeal", about=number)]
    acts = journal.of("approve_restriction", "extend_restriction", "review_restriction", about=number)
    acts += [one for appeal in appeals for one in journal.of("decide_appeal", about=appeal)]
    if any(_in_role(one, law.block_approvers, law.block_fallback) for one in acts):
        return True
    if not law.four_eyes:
        return any(one.roles & law.block_approvers for one in journal.of("propose_restriction", about=number))
    return False


def _in_role(act: Done, roles: frozenset[str], fallback: frozenset[str]) -> bool:
    return bool(act.roles & roles) or (bool(act.roles & fallback) and bool(act.fields.get("fallback")))


def _told(journal: Journal, number: str, agreed: Done) -> Iterable[str]:
    """Nothing is in force before its notice was sent or the reason for none is on record (PHSO-20)."""
    words = [one for one in journal.done if one.act in ("send_notice", "record_no_notice", "notice_came_back")]
    words = [one for one in words if one.fields.get("about") == number]
    if not words or words[-1].act == "notice_came_back":
        yield "PHSO-20: it is in force and the party was not told"
    elif words[0].at < agreed.at:
        yield "PHSO-20: the party was told of it before it was approved"


def _over(law: Law, journal: Journal, draft: Done, number: str, now: datetime) -> Iterable[str]:
    """What was lifted is over, and so is what has come to its end: months as the calendar has them (PHSO-16)."""
    lifted = journal.of("lift_restriction", about=number)
    lifted += [one for one in journal.of("review_restriction", about=number) if one.fields["outcome"] == "lift"]
    for appeal in journal.of("appeal", about=number):
        lifted += [one for one in journal.of("decide_appeal", about=appeal.id) if one.fields["outcome"] == "upheld"]
        if law.appeal_to is None:
            yield "PHSO-21: an appeal where decisions are final"
    if lifted:
        yield "it was lifted and is in force"
    first, last = _days(law, journal, draft, number)
    today = now.astimezone(LONDON).date()
    if not first <= today <= last:
        yield f"PHSO-16: it is in force on {today}, and was for {first} to {last}"


def _days(law: Law, journal: Journal, draft: Done, number: str) -> tuple[date, date]:
    """Give first and last day, from what was asked for; a change stands once the party was told of it."""
    first = draft.fields.get("starts") or draft.at.astimezone(LONDON).date()
    last = draft.fields.get("ends") or months_later(first, law.restriction_months)
    for change in journal.of("change_draft", about=number):
        starts, ends = change.fields.get("starts"), change.fields.get("ends")
        first = starts or max(first, change.at.astimezone(LONDON).date())
        last = ends or (months_later(first, law.restriction_months) if starts else last)
    for more in journal.of("extend_restriction", about=number):
        words = journal.of("send_notice", "record_no_notice", "notice_came_back", about=more.id)
        if words and words[-1].act != "notice_came_back":
            incident = next(one for one in journal.done if one.id == more.fields["incident"])
            happened = incident.fields.get("day") or incident.at.astimezone(LONDON).date()
            last = more.fields.get("ends") or months_later(happened, law.restriction_months)
    return first, last


_SHUT = {
    "automated_line": frozenset({"call"}),
    "return_mail": frozenset({"email", "sms"}),
    "return_letters": frozenset({"letter"}),
}


def _shut(rows: list[dict[str, Any]], adjustments: list[dict[str, Any]], now: datetime) -> frozenset[str]:
    """Name the channels by which nothing reaches a person or is read (PHSO-18): by the catalogue's own words."""
    at = now.timestamp() * 1_000_000
    shut: set[str] = set()
    for row in rows:
        for data in json.loads(row["measures"]):
            shut |= _shut_by(data)
    for one in adjustments:
        if (one["agreed"] is None or one["agreed"] <= at) and (one["ends"] is None or at < one["ends"]):
            shut -= set(json.loads(one["open"]))
    return frozenset(shut)


def _shut_by(data: dict[str, Any]) -> frozenset[str]:
    kind = data["kind"]
    # What is filed is looked at by a person.
    read = frozenset({"email", "sms"}) if data.get("email") == "file" else frozenset[str]()
    if kind == "block":
        return frozenset(data.get("channels", CHANNELS)) - read
    if kind == "channel_only":
        return CHANNELS - frozenset(data["allowed"]) - read
    return _SHUT.get(kind, frozenset())


def utc(day: date, hour: int = 9) -> datetime:
    """Give a moment of a day in the office's zone, aware UTC."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=LONDON).astimezone(UTC)
