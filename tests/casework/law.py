"""The law of what is in force: what four published policies demand of it, written from shared/policies.md.

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

from tests.casework.files import Files

LONDON = ZoneInfo("Europe/London")
CHANNELS = frozenset({"email", "call", "sms", "letter", "visit", "web", "online"})
WAYS_IN = frozenset({"email", "call", "letter", "visit"})
"""What this office has: nobody can text to it, and it has no web form."""


@dataclass(frozen=True)
class Law:
    """Hold what one policy says: months, who approves, who hears appeals, whether four eyes are asked for."""

    warning_months: int
    restriction_months: int
    renewal_months: int
    from_last_instance: bool
    four_eyes: bool
    every: frozenset[str]
    every_fallback: frozenset[str]
    block_approvers: frozenset[str]
    block_fallback: frozenset[str]
    guarded_parties: frozenset[str]
    appeal_to: frozenset[str] | None
    closed_unread: bool = False
    careful_grounds: frozenset[str] = frozenset()
    careful_approvers: frozenset[str] = frozenset()
    careful_fallback: frozenset[str] = frozenset()
    exception_approvers: frozenset[str] = frozenset()
    exception_fallback: frozenset[str] = frozenset()


@dataclass
class Done:
    """Hold one act that was accepted: its paper's id, on whose file, when, by whom with which roles, act and fields."""

    id: str
    at: datetime
    by: str
    roles: frozenset[str]
    act: str
    fields: dict[str, Any]
    party: int


@dataclass
class Journal:
    """Hold what was accepted, in order, on whose file it is, and which restrictions were seen in force.

    `rested` are the proposals that rested on something when they were made.
    """

    kinds: dict[int, str]
    done: list[Done] = field(default_factory=list)
    seen: dict[str, datetime] = field(default_factory=dict)
    files: Files = field(default_factory=Files)
    rested: set[str] = field(default_factory=set)

    def enter(self, law: Law, done: Done) -> None:
        """Write down one act."""
        if done.act == "propose_restriction" and _basis(law, self, done):
            self.rested.add(done.id)
        self.done.append(done)
        ends = done.fields.get("ends") if done.act == "agree_adjustment" else None
        self.files.enter(done, utc(ends + timedelta(days=1), 0) if ends else None)

    def of(self, *acts: str, about: str | None = None) -> list[Done]:
        """Give the acts of these names, about one paper where one is named."""
        return [one for one in self.done if one.act in acts and (about is None or about in _about(one))]


_NAMES = ("restriction", "about", "warning", "appeal", "adjustment", "request", "shield", "case")


def _about(one: Done) -> list[object]:
    return [one.fields.get(name) for name in _NAMES]


def months_later(day: date, months: int) -> date:
    """Give the day so many calendar months later, or the last of that month (PHSO-7)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def in_force(row: dict[str, Any], now: datetime) -> bool:
    """Tell whether a row of the record is enforced at a moment."""
    at = now.timestamp() * 1_000_000
    return row["starts"] <= at < row["ends"] and row["approved_by"] != "" and row["told"] != "no"


def judge(law: Law, journal: Journal, rows: list[dict[str, Any]], now: datetime) -> list[str]:
    """Give every way in which what is in force at `now` breaks the law; empty where nothing does."""
    found: list[str] = []
    for row in rows:
        if row["party_id"] != journal.files.on.get(row["id"]):
            found.append(f"W10: {row['id']} is on the file of {row['party_id']}, where it does not belong")
    biting = [row for row in rows if in_force(row, now)]
    for row in biting:
        found += [f"{row['id']}: {wrong}" for wrong in _of_one(law, journal, row, now)]
    for party in {row["party_id"] for row in biting}:
        own = [row for row in biting if row["party_id"] == party]
        if _shut(own, journal, party, now) >= WAYS_IN and not any(
            _block_approved(law, journal, row["id"]) for row in own
        ):
            found.append("PHSO-18: nothing is open any more, and nobody who may has approved that")
    for row in biting:
        journal.seen[row["id"]] = now
    return found


def _of_one(law: Law, journal: Journal, row: dict[str, Any], now: datetime) -> Iterable[str]:
    number = row["id"]
    interim = [one for one in journal.of("protect_interim") if one.id == number]
    if interim:
        yield from _interim(journal, interim[0], row, now)
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
    alone = not law.four_eyes and bool(proposal.roles & law.every)  # MP-8
    if proposal.id not in journal.rested and not (proposal.fields.get("exception") and (approvals or alone)):
        yield "PHSO-9: no warning, no earlier restriction, no zero tolerance, no approved exception"
    authors = {one.by for one in (draft, proposal, *journal.of("change_draft", about=number))}
    if law.four_eyes and any(one.by in authors for one in approvals):
        yield "PHSO-18: somebody approved their own"
    if journal.kinds[row["party_id"]] in law.guarded_parties and not _block_approved(law, journal, number):
        yield "PHSO-19: a professional or an organisation, without the approval for it"
    agreed = approvals[-1] if approvals else proposal
    if law.every and not (_in_role(agreed, law.every, law.every_fallback) or _block_approved(law, journal, number)):
        yield "MP-8, HO-4: nobody who may has approved it"
    if draft.fields["ground"] in law.careful_grounds and not (
        _in_role(agreed, law.careful_approvers, law.careful_fallback) or _block_approved(law, journal, number)
    ):
        yield "SPSO-56: on such a ground only exceptionally, and by a manager's decision"
    yield from _stops_work(law, journal, row, agreed)
    yield from _changed(law, journal, row, draft, proposal)
    yield from _told(journal, number, agreed)
    yield from _over(law, journal, draft, number, now)


_STOPS_WORK = {"refuse_new", "stop_case"}


def _stops_work(law: Law, journal: Journal, row: dict[str, Any], agreed: Done) -> Iterable[str]:
    """Refusing further complaints, or work on a case, is approved as a block is, by whoever brought it in (PHSO-18)."""
    if not _STOPS_WORK & {data["kind"] for data in json.loads(row["measures"])}:
        return
    changes = [one for one in changes_told(journal, row["id"]) if one.fields.get("measures")]
    brought = changes[-1] if changes else agreed
    alone = not law.four_eyes and bool(brought.roles & law.block_approvers)
    if not (alone or _in_role(brought, law.block_approvers, law.block_fallback)):
        yield "PHSO-18, MP-7: it stops work, and whoever brought that in may not approve it"


def _changed(law: Law, journal: Journal, row: dict[str, Any], draft: Done, proposal: Done) -> Iterable[str]:
    """What is in force is what was decided last of all that the party was told of, and by whoever may (PHSO-20)."""
    changes = [one for one in changes_told(journal, row["id"]) if one.fields.get("measures")]
    drafts = [draft, *(one for one in journal.of("change_draft", about=row["id"]) if one.fields.get("measures"))]
    last = max(changes or drafts, key=journal.done.index)
    if _sorted(json.loads(row["measures"])) != _sorted(last.fields["measures"]):
        yield "HO-6, SPSO-22, PHSO-20: other measures are in force than were decided last"
    alone = not law.four_eyes and bool(last.roles & law.every)
    careful = (last.act == "review_restriction" and proposal.id not in journal.rested) and not alone
    may = law.exception_approvers | law.every | law.block_approvers | law.careful_approvers
    stands_in = law.exception_fallback | law.every_fallback | law.block_fallback | law.careful_fallback
    if careful and not _in_role(last, may, stands_in):
        yield "PHSO-9: a review made something else of an exception, by nobody who approves exceptions"


def _sorted(data: Any) -> Any:
    """Give lists in one order, for channels have none."""
    if isinstance(data, dict):
        return {key: _sorted(value) for key, value in data.items()}
    return sorted(map(_sorted, data), key=str) if isinstance(data, list) else data


def changes_told(journal: Journal, number: str) -> list[Done]:
    """Give the changes of a restriction that stand, in the order in which the party was told of them (PHSO-20)."""
    appeals = [one.id for one in journal.of("appeal", about=number)]
    changes = journal.of("extend_restriction", "review_restriction", about=number)
    changes += [one for appeal in appeals for one in journal.of("decide_appeal", about=appeal)]
    told: dict[str, Done] = {}
    for word in journal.of("send_notice", "record_no_notice", "notice_came_back"):
        change = next((one for one in changes if one.id == word.fields.get("about")), None)
        if change is None:
            continue
        told.pop(change.id, None)
        if word.act != "notice_came_back":
            told[change.id] = change
    return list(told.values())


def _interim(journal: Journal, act: Done, row: dict[str, Any], now: datetime) -> Iterable[str]:
    days, day = 0, act.at.astimezone(LONDON).date()
    while day < now.astimezone(LONDON).date():
        day += timedelta(days=1)
        days += day.weekday() < 5
    # Bank holidays are no working days: at most four of them in a row with their week-ends.
    if days > 2 + 4:
        yield "PHSO-2: interim protection of more than two working days"
    if [data["kind"] for data in json.loads(row["measures"])] != ["interim_protection"]:
        yield "PHSO-2: interim protection was made into something else"
    same = [one for one in journal.of("protect_interim") if one.fields["incident"] == act.fields["incident"]]
    if len(same) > 1:
        yield "PHSO-2: interim protection was renewed"


def _basis(law: Law, journal: Journal, proposal: Done) -> bool:
    """Tell whether, on one file, it rests on a warning, an earlier restriction or zero tolerance (PHSO-9, PHSO-17).

    The same or similar behaviour has come again since: while the warning was in place, or after that restriction began.
    """
    here = [one for one in journal.done if journal.files.on[one.id] == proposal.party]
    draft = next(one for one in here if one.id == proposal.fields["restriction"])
    incidents = {one.id: one for one in here if one.act == "note_incident"}
    named = [incidents[number] for number in draft.fields["incidents"] if number in incidents]
    zero = draft.fields["ground"] == "zero_tolerance" and bool(draft.fields.get("police"))
    if zero and any(one.fields["category"] == "zero_tolerance" for one in named):
        return True
    again = [_happened(one) for one in named]
    for cover, first, last in (*_warnings(law, here), *_restrictions(law, journal, here, draft)):
        before = cover.fields["incidents"] if cover.act == "warn" else ()
        about = {incidents[number].fields["category"] for number in before if number in incidents}
        about |= {cover.fields["ground"]} if cover.act == "draft_restriction" else set()
        new = [when for when in again if when[0] not in before]
        same = draft.fields["ground"] in about or bool(proposal.fields.get("similar"))
        if same and _within(new, cover.at, first, last):
            return True
    return False


def _warnings(law: Law, here: list[Done]) -> Iterable[tuple[Done, date, date]]:
    """Give the warnings that the party was told of, with first and last day (PHSO-7)."""
    for warning in (one for one in here if one.act == "warn"):
        day = _warned(warning, here)
        if day is not None:
            yield warning, day, months_later(day, law.warning_months)


def _restrictions(law: Law, journal: Journal, here: list[Done], draft: Done) -> Iterable[tuple[Done, date, date]]:
    """Give the others that were in force, from when they were drafted to when a new one may last rest on them."""
    for other in here:
        # Whoever won their appeal was wrongly restricted (SPSO-22, HO-6).
        appeals = [one.id for one in journal.of("appeal", about=other.id)]
        if any(
            one.act == "decide_appeal" and one.fields["outcome"] == "upheld" and one.fields["appeal"] in appeals
            for one in journal.done
        ):
            continue
        # Interim protection is nobody's decision (PHSO-2), so nothing rests on it.
        if other.act == "draft_restriction" and other.id != draft.id and other.id in journal.seen:
            lifts = [one.at.astimezone(LONDON).date() for one in _lifts(journal, other.id)]
            ended = min([_days(law, journal, other, other.id)[1], *lifts])
            yield other, other.at.astimezone(LONDON).date(), months_later(ended, law.renewal_months)


def _happened(incident: Done) -> tuple[str, datetime, date]:
    day = incident.fields.get("day") or incident.at.astimezone(LONDON).date()
    return incident.id, incident.at, date.fromisoformat(day) if isinstance(day, str) else day


def _warned(warning: Done, earlier: list[Done]) -> date | None:
    """Give the day on which a warning was communicated, as far as is known (PHSO-7)."""
    words = [one for one in earlier if one.act in ("communicate_warning", "notice_came_back")]
    words = [one for one in words if warning.id in _about(one)]
    if words and words[-1].act == "communicate_warning":
        return words[-1].fields.get("day") or words[-1].at.astimezone(LONDON).date()
    if warning.fields.get("spoken") and not words:
        return warning.fields.get("day") or warning.at.astimezone(LONDON).date()
    return None


def _within(happened: list[tuple[str, datetime, date]], noted: datetime, first: date, last: date) -> bool:
    """Tell whether any of it happened from a day to a day, and on the first day was noted after a moment."""
    return any(first < day <= last or (day == first <= last and at >= noted) for _, at, day in happened)


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
    if law.appeal_to is None and journal.of("appeal", about=number):
        yield "PHSO-21: an appeal where decisions are final"
    if _lifts(journal, number):
        yield "it was lifted and is in force"
    first, last = _days(law, journal, draft, number)
    today = now.astimezone(LONDON).date()
    if not first <= today <= last:
        yield f"PHSO-16: it is in force on {today}, and was for {first} to {last}"


def _lifts(journal: Journal, number: str) -> list[Done]:
    lifted = journal.of("lift_restriction", about=number)
    lifted += [one for one in journal.of("review_restriction", about=number) if one.fields["outcome"] == "lift"]
    for appeal in journal.of("appeal", about=number):
        lifted += [one for one in journal.of("decide_appeal", about=appeal.id) if one.fields["outcome"] == "upheld"]
    return lifted


def _days(law: Law, journal: Journal, draft: Done, number: str) -> tuple[date, date]:
    """Give first and last day, from what was asked for; a change stands once the party was told of it."""
    first = draft.fields.get("starts") or draft.at.astimezone(LONDON).date()
    noted = [one for one in journal.of("note_incident") if one.id in draft.fields["incidents"]]
    instance = max((_happened(one)[2] for one in noted), default=None)
    since = instance if law.from_last_instance and instance is not None else None
    last = draft.fields.get("ends") or months_later(since or first, law.restriction_months)
    for change in journal.of("change_draft", about=number):
        starts, ends = change.fields.get("starts"), change.fields.get("ends")
        first = starts or max(first, change.at.astimezone(LONDON).date())
        last = ends or (months_later(since or first, law.restriction_months) if starts else last)
    for more in (one for one in changes_told(journal, number) if one.act == "extend_restriction"):
        incident = next(one for one in journal.done if one.id == more.fields["incident"])
        happened = incident.fields.get("day") or incident.at.astimezone(LONDON).date()
        last = more.fields.get("ends") or months_later(happened, law.restriction_months)
    return first, last


_SHUT = {
    "automated_line": frozenset({"call"}),
    "return_mail": frozenset({"email", "sms"}),
    "return_letters": frozenset({"letter"}),
    "third_party": frozenset({"email", "sms", "call"}),
}


def _shut(rows: list[dict[str, Any]], journal: Journal, party: int, now: datetime) -> frozenset[str]:
    """Name the channels by which nothing reaches a person or is read (PHSO-18): by the catalogue's own words."""
    shut: set[str] = set()
    for row in rows:
        for data in json.loads(row["measures"]):
            shut |= _shut_by(data)
    for one in journal.files.standing(party, now):
        shut -= one.channels
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
