"""What of a party's file may go, of which class, and when: judged from the papers, the policy and the clock (PHSO-7).

Belongs here: the judgement alone. Papers that rest on each other are one matter, which goes as a whole or not at all.
Promises that nothing goes which is in force, waits for somebody, or could still be built upon (PHSO-17).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from rules.casework import catalogue
from rules.casework.acts.merge import Merge
from rules.casework.acts.note_incident import NoteIncident
from rules.casework.acts.seal_evidence import SealEvidence
from rules.casework.acts.split import Split
from rules.casework.breaches import open_of
from rules.casework.file import CaseFile, Paper
from rules.casework.notices import ARRANGEMENTS, NoticeOnFile, NoticeState
from rules.casework.removed import Removed
from rules.casework.shelf import RestrictionState, Shelf, shelf_of
from rules.casework.waiting import LETTERS_WAITING, waiting
from rules.policies import Policy
from rules.windows import end_of, months_after

NEVER = datetime.max.replace(tzinfo=UTC)
"""When something goes that is in force, or waits for somebody, as far as anybody can say now."""


class RecordClass(StrEnum):
    """Name a class of what is kept, by the key under which the policy says for how many months.

    A text's words are `messages`; what it was answered, and the number that got the answer, go with its contact. That a
    number wants no texts (STOP) is of no class: it protects whoever has it, and is kept until they send START.
    """

    WARNINGS = "warnings"
    INCIDENTS = "incidents"
    RESTRICTIONS = "restrictions"
    PAPERS = "papers"
    EVIDENCE = "evidence"
    LETTERS = "letters"
    ALERTS = "alerts"
    MESSAGES = "messages"
    CONTACTS = "contacts"
    CONFIDENTIAL = "confidential"
    PARTIES = "parties"


_ACTS: Mapping[RecordClass, frozenset[str]] = {
    RecordClass.WARNINGS: frozenset({"ask", "warn", "communicate_warning"}),
    RecordClass.INCIDENTS: frozenset({"note_incident", "debrief", "police", "end_call", "stop_reading"}),
    RecordClass.EVIDENCE: frozenset({"seal_evidence", "open_evidence"}),
    RecordClass.RESTRICTIONS: frozenset(
        {
            *("draft_restriction", "change_draft", "propose_restriction", "approve_restriction"),
            *("decline_restriction", "send_notice", "notice_came_back", "record_no_notice", "extend_restriction"),
            *("review_restriction", "lift_restriction", "appeal", "decide_appeal", "agree_contract"),
            "protect_interim",
        }
    ),
}
_BUILT_UPON = (RecordClass.WARNINGS, RecordClass.INCIDENTS, RecordClass.RESTRICTIONS)
_OPEN = (
    *(RestrictionState.DRAFT, RestrictionState.AWAITING_APPROVAL, RestrictionState.AWAITING_NOTICE),
    *(RestrictionState.AHEAD, RestrictionState.IN_FORCE),
)
_LETTERS_OPEN = (*LETTERS_WAITING, NoticeState.LEAVING)


@dataclass(frozen=True, slots=True)
class Matter:
    """Hold papers and imported restrictions that go together: how many of each class, and `due`, when (aware UTC)."""

    parts: frozenset[str]
    classes: Mapping[RecordClass, int]
    due: datetime


@dataclass(frozen=True, slots=True)
class Going:
    """Hold what of one party's file may go now, and when the next of each class may; `parts` as in `Matter`.

    `closed` tells that the party itself may go: its name, its identifiers and all that is left.
    """

    parts: frozenset[str] = frozenset()
    notices: tuple[str, ...] = ()
    closed: bool = False
    counts: Mapping[RecordClass, int] = field(default_factory=dict)
    next: Mapping[RecordClass, datetime] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.parts or self.notices or self.closed)


def class_of(act: str) -> RecordClass:
    """Give the class of an act's paper by the act's name."""
    return next((kind for kind, names in _ACTS.items() if act in names), RecordClass.PAPERS)


def months_of(kind: RecordClass, policy: Policy) -> int:
    """Give the months for which a class is kept: never less than a restriction may still rest on it.

    Behaviour under a warning, or within the renewal months of a restriction, carries a new one for as long as a warning
    lasts (PHSO-9, PHSO-17).
    """
    lasts, months = policy.durations, int(getattr(policy.retention, kind.value))
    if kind in (RecordClass.RESTRICTIONS, RecordClass.PARTIES):
        return max(months, lasts.renewal_months + lasts.warning_months)
    return max(months, lasts.warning_months) if kind in _BUILT_UPON else months


def due_after(kind: RecordClass, since: datetime, policy: Policy) -> datetime:
    """Give the moment from which something of a class may go that was over at `since`; NEVER beyond the calendar."""
    return _months_later(since.astimezone(policy.zone).date(), months_of(kind, policy), policy)


def _months_later(day: date, months: int, policy: Policy) -> datetime:
    try:
        return end_of(months_after(day, months), policy.zone)
    except ValueError:
        return NEVER


def over_before(kind: RecordClass, policy: Policy, now: datetime) -> datetime:
    """Give the moment before which something must have been over to go at `now`: `due_after` the other way round."""
    months = months_of(kind, policy)
    today = now.astimezone(policy.zone).date()
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    day = date(year, month + 1, 1) + timedelta(days=31)
    while _months_later(day, months, policy) > now:
        day -= timedelta(days=1)
    return end_of(day, policy.zone)


def going(
    file: CaseFile, notices: Sequence[NoticeOnFile], policy: Policy, now: datetime, *, since: datetime, contacts: bool
) -> Going:
    """Say what of a file may go at `now` (aware UTC).

    `since` is when the party was put on record, `contacts` whether any of its contacts is still on record.
    """
    shelf = shelf_of(file, policy)
    live = _live(file, shelf, notices, policy, now)
    matters = _matters(file, shelf, live, policy)
    closes = (
        NEVER
        if contacts or live - _ends_with_the_party(file, shelf, now)
        else _closes(file, shelf, notices, policy, since)
    )
    due = [one for one in matters if min(one.due, closes) <= now]
    letters = {one.id: min(_letter_due(one, matters, shelf, policy, now), closes) for one in notices if one.text}
    gone = tuple(number for number, when in letters.items() if when <= now)
    counts: Counter[RecordClass] = Counter()
    for one in due:
        counts.update(one.classes)
    counts[RecordClass.LETTERS] += len(gone)
    counts[RecordClass.PARTIES] += closes <= now
    ahead = [(kind, one.due) for one in matters if one not in due for kind in one.classes]
    ahead += [(RecordClass.LETTERS, when) for number, when in letters.items() if number not in gone]
    ahead += [(RecordClass.PARTIES, closes)] if closes > now else []
    return Going(
        frozenset().union(*(one.parts for one in due)),
        gone,
        closes <= now,
        +counts,
        soonest(ahead),
    )


def soonest(ahead: Iterable[tuple[RecordClass, datetime]]) -> Mapping[RecordClass, datetime]:
    """Give the earliest moment of each class; what nobody can say yet is left out."""
    found: dict[RecordClass, datetime] = {}
    for kind, when in ahead:
        if when < min(NEVER, found.get(kind, NEVER)):
            found[kind] = when
    return found


# What is one matter


def _papers(file: CaseFile) -> list[Paper]:
    return [paper for paper in file.papers if not isinstance(paper.act, Removed)]


def _matters(file: CaseFile, shelf: Shelf, live: frozenset[str], policy: Policy) -> list[Matter]:
    ends = _ends(shelf)
    groups = _groups(file, shelf)
    adjustments = {one.id for one in shelf.adjustments.values() if one.imported}
    # Evidence has months of its own, but stays as long as what it is evidence of is not over.
    proves = {paper.id: act.incident for paper, act in file.of(SealEvidence) if act.incident}
    standing = set().union(*(group for group in groups if group & live))
    by_id = {paper.id: paper for paper in _papers(file)}
    found = []
    for group in groups:
        nodes = [by_id.get(number, number) for number in sorted(group - adjustments)]
        if not nodes:
            continue
        parts = {each if isinstance(each, str) else each.id: _class(each) for each in nodes}
        pinned = group & live or any(proves.get(number) in standing for number in group)
        dues = (due_after(_class(each), _over(each, ends, shelf), policy) for each in nodes)
        found.append(Matter(frozenset(parts), Counter(parts.values()), NEVER if pinned else max(dues)))
    return found


def _class(node: Paper | str) -> RecordClass:
    return RecordClass.RESTRICTIONS if isinstance(node, str) else class_of(node.act.name)


def _over(node: Paper | str, ends: Mapping[str, datetime], shelf: Shelf) -> datetime:
    if isinstance(node, str):
        return ends[node]
    return max(node.at, ends.get(node.id, node.at))


def _ends(shelf: Shelf) -> dict[str, datetime]:
    """Give when what a paper began is over, by the id of the paper: a moment of its last day."""
    moment = timedelta(microseconds=1)
    found = {one.id: one.starts if one.declined else one.stops - moment for one in shelf.restrictions.values()}
    for warning in shelf.warnings.values():
        if warning.last_day is not None:
            found[warning.id] = end_of(warning.last_day, shelf.zone) - moment
    found |= {one.id: one.ends - moment for one in shelf.adjustments.values() if one.ends is not None}
    for authority in shelf.authorities.values():
        if authority.ended_at is None:
            found[authority.id] = end_of(authority.last_day, shelf.zone) - moment
    return found


def _groups(file: CaseFile, shelf: Shelf) -> list[frozenset[str]]:
    """Give the sets of ids that name each other, directly or not."""
    papers = _papers(file)
    imported = {one.id for one in shelf.restrictions.values() if one.imported}
    imported |= {one.id for one in shelf.adjustments.values() if one.imported}
    known = {paper.id for paper in papers} | imported
    group = {number: {number} for number in known}
    for paper in papers:
        for other in _names(paper, known):
            if group[other] is not group[paper.id]:
                group[other] |= group[paper.id]
                for each in group[other]:
                    group[each] = group[other]
    return [frozenset(one) for one in {id(each): each for each in group.values()}.values()]


def _names(paper: Paper, known: set[str]) -> Iterator[str]:
    fields = catalogue.dump(paper.act)
    if isinstance(paper.act, SealEvidence):
        fields.pop("incident", None)
    for text in _texts(fields):
        # What a restriction rests on is written `warning:<id>`.
        yield from {text, text.partition(":")[2]} & known


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from _texts(each)


# What stands


def _live(
    file: CaseFile, shelf: Shelf, notices: Iterable[NoticeOnFile], policy: Policy, now: datetime
) -> frozenset[str]:
    """Name what is in force, to come, or waits for somebody, and what ends with the party only."""
    restrictions = [one for one in shelf.restrictions.values() if one.state(now) in _OPEN]
    found = {one.id for one in restrictions}
    found |= {one.id for one in shelf.warnings.values() if one.communicated is None or one.stands(now, shelf.zone)}
    found |= {one.id for one in shelf.open_appeals()}
    found |= {one.id for one in shelf.adjustments.values() if one.ends is None or one.ends > now}
    found |= {one.id for one in shelf.requests.values() if one.closed_at is None or one.closed_at > now}
    found |= {one.id for one in shelf.shields.values() if one.until is None or one.until > now}
    found |= {one.id for one in shelf.authorities.values() if one.stands(now, shelf.zone)}
    found |= {one.id for one in shelf.closed.values() if one.reopened_at is None or one.reopened_at > now}
    found |= {one.id for one in open_of(file.papers)}
    found |= {one.about for one in waiting(shelf, policy, now)}
    found |= {one.about for one in notices if one.state in _LETTERS_OPEN}
    found |= _can_extend(file, min((one.begins for one in restrictions), default=None))
    found |= _page(file) if restrictions else set()
    return frozenset(found | _ends_with_the_party(file, shelf, now))


def _can_extend(file: CaseFile, since: datetime | None) -> set[str]:
    """Name the incidents by which a restriction that stands could still be extended (PHSO-16)."""
    return {paper.id for paper, _ in file.of(NoteIncident) if since is not None and paper.at > since}


def _page(file: CaseFile) -> set[str]:
    """Name the paper by which the party got its last page of arrangements."""
    return {paper.id for paper in [paper for paper in file.papers if getattr(paper.act, "page", "")][-1:]}


def _ends_with_the_party(file: CaseFile, shelf: Shelf, now: datetime) -> set[str]:
    """Name the merges that a split could still undo, and imported adjustments, which are of no class."""
    merges = {paper.id for paper, _ in file.of(Merge)} - {act.merge for _, act in file.of(Split)}
    over = {one.id for one in shelf.adjustments.values() if one.imported and one.ends is not None and one.ends <= now}
    return merges | over


def _letter_due(one: NoticeOnFile, matters: Iterable[Matter], shelf: Shelf, policy: Policy, now: datetime) -> datetime:
    standing = any(one.about in each.parts and each.due == NEVER for each in matters)
    if one.about == ARRANGEMENTS:
        standing = bool(shelf.live(now))
    if standing or one.state in _LETTERS_OPEN:
        return NEVER
    return due_after(RecordClass.LETTERS, one.changed_at or one.drafted_at, policy)


def _closes(file: CaseFile, shelf: Shelf, notices: Iterable[NoticeOnFile], policy: Policy, since: datetime) -> datetime:
    """Give when a party on whom nothing stands goes: so many months after the last that was on its file."""
    if is_closed(file):
        return NEVER
    last = max(
        [
            since,
            *(paper.at for paper in file.papers),
            *_ends(shelf).values(),
            *(one.changed_at or one.drafted_at for one in notices),
            *(mark.established for mark in file.marks if mark.established is not None),
            *(mark.confirmed for mark in file.marks if mark.confirmed is not None),
        ]
    )
    return due_after(RecordClass.PARTIES, last, policy)


def closed_name(party: int) -> str:
    """Give the name that a party has once retention has taken its own."""
    return f"Removed party {party}"


def is_closed(file: CaseFile) -> bool:
    """Tell whether retention has taken the party's name and identifiers."""
    return file.party.name == closed_name(file.party.id) and not file.marks
