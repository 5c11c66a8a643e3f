"""`report restrictions`: what restrictions there were over a period, on what ground, how long, by whose approval.

Belongs here: reading the record and laying the counts out in tables, the same rows for every office and period, so that
which rows there are says nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from statistics import median

from gateway.brief_words import CHANNELS
from gateway.casework.reading import Unreadable, read_for_lists
from gateway.reports.lives import BEARING, MOST_YEARS, Life, Lives, add_file, longest_runs
from gateway.reports.table import Adds, Cell, Hidden, Median, Period, Report, Row, Table, adding_up
from rules import measures
from rules.contact import Channel
from rules.decision import Outcome
from rules.policies import Policy
from rules.standing import PartyKind
from storage.record import Record
from storage.report_rows import LookOwed, Restricted
from storage.transaction import Reader

TITLE = "Contact restrictions"
_COUNTS = "A restriction counts from the day on which it could be enforced: approved, told, and begun."
_NUMBER = (("number", "Number"),)
_STANDING = (("in_force", "In force at the end"), ("ended", "Ended in the period"))
_OTHER = ("", "Other, or not on record")
_LENGTHS = {
    "0": "One year or less",
    "1": "Over one year",
    "2": "Over two years",
    "3": "Over three years",
    "4": "Over four years",
}
_KINDS = {
    PartyKind.PERSON.value: "Person",
    PartyKind.PROFESSIONAL.value: "Professional",
    PartyKind.ORGANISATION.value: "Organisation",
}
_OUTCOMES = {
    Outcome.DELIVER: "Delivered",
    Outcome.CONNECT: "Put through",
    Outcome.ROUTE: "Sent to one person or inbox",
    Outcome.HOLD: "Held",
    Outcome.FILE: "Filed, not answered",
    Outcome.RETURN: "Returned",
    Outcome.VOICEMAIL: "To voicemail",
    Outcome.AUTOMATED_LINE: "Recorded message",
    Outcome.REFUSE: "Refused",
}
# Calls alone are put through or hear a message, mail alone is held, what is logged by hand always passes: beside the
# table of channels such rows would give others away. Of these each outcome may be of each channel.
_COARSE_OUTCOMES = (
    ("through", "Let through", ("deliver", "connect")),
    ("route", "Sent to one person or inbox", ("route",)),
    ("aside", "Put aside for a person, or for later", ("hold", "file", "voicemail")),
    ("away", "Turned away, or to a recorded message", ("return", "automated_line", "refuse")),
)
_COARSE_CHANNELS = (
    *((one.value, CHANNELS[one], (one.value,)) for one in (Channel.EMAIL, Channel.CALL)),
    ("others", "Text, letter, visit, web form or online", ("sms", "letter", "visit", "web", "online")),
)
_LOOKED = {
    "in_time": "Looked at in time",
    "late": "Looked at late",
    "ahead": "Still to be looked at, not yet due",
    "overdue": "Not looked at, overdue",
    "otherwise": "Went on another way before anybody had to look",
}


def restrictions_report(record: Record, policy: Policy, period: Period, *, now: datetime) -> Report:
    """Draw up the report on a period as it was at its end, or at `now` (aware UTC) where that is earlier."""
    return record.read_now(partial(_drawn_up, policy, period, now))


def _drawn_up(policy: Policy, period: Period, now: datetime, reader: Reader) -> Report:
    since, until = period.start(policy.zone), min(period.end(policy.zone), now)
    lives, unreadable = _lives(reader, policy, since, until)
    tables = (
        _overview(lives),
        *_of_restrictions(lives.restrictions, policy),
        _under(lives.restrictions, until, policy),
        *_of_casework(lives),
        *contact_tables(reader.restricted_contacts(since, until)),
        *look_tables(reader.looks_owed(since, until), until),
    )
    return Report(TITLE, period, until, tables, (_COUNTS,), tuple(_inside(lives, unreadable)))


def _lives(reader: Reader, policy: Policy, since: datetime, until: datetime) -> tuple[Lives, list[int]]:
    lives, unreadable = Lives(), []
    for number, found in read_for_lists(reader, reader.files_with(BEARING), policy):
        if isinstance(found, Unreadable):
            unreadable.append(number)
        else:
            add_file(lives, found.file, policy, since, until)
    return lives, unreadable


def _inside(lives: Lives, unreadable: Sequence[int]) -> Iterable[str]:
    if lives.removed:
        yield f"Restrictions whose papers were deleted under retention are not in it: {lives.removed}."
    if unreadable:
        yield f"Files that cannot be read are not in it: party {', '.join(map(str, unreadable))}."


def _overview(lives: Lives) -> Table:
    found = lives.restrictions
    ended = sum(one.ended for one in found)
    rows = (
        Row("any", "In force at any time in the period", (len(found),), sum_of=("in_force", "ended")),
        Row("in_force", "In force at the end of the period", (len(found) - ended,)),
        Row("ended", "Ended in the period", (ended,)),
        Row("declined", "Proposed and not approved in the period", (lives.proposals_declined,)),
    )
    return Table("overview", "Restrictions", _NUMBER, rows)


def _of_restrictions(found: Sequence[Life], policy: Policy) -> Iterable[Table]:
    standing = [one for one in found if not one.ended], [one for one in found if one.ended]
    counted = partial(_counted, standing)
    kinds = {kind: _in_words(kind) for kind in measures.KINDS}
    yield _overlapping("measures", "By measure", standing, lambda one: one.measures, kinds, "measure")
    yield counted("grounds", "By ground", lambda one: one.ground, {**policy.grounds, **dict([_OTHER])})
    yield counted("lengths", "By length so far", lambda one: str(one.years), _LENGTHS)
    channels = {channel.value: CHANNELS[channel] for channel in Channel} | {"none": "No channel of its own"}
    bearing: Callable[[Life], Iterable[str]] = lambda one: {each.value for each in one.channels} or {"none"}  # noqa: E731  (one line of a table)
    yield _overlapping("channels", "By channel", standing, bearing, channels, "channel")
    yield counted("kinds", "By kind of party", lambda one: one.kind.value, _KINDS)
    yield counted("roles", "By the role that approved", lambda one: one.role, {**policy.roles, **dict([_OTHER])})
    yield counted("approval", "How it was approved", _approval, _APPROVED)
    blocks = {"block": "As a total block", "less": "As less than a total block"}
    yield counted("blocks", "What it was approved as", lambda one: "block" if one.as_block else "less", blocks)
    yield _counted(standing[1:], "ends", "How they ended", _end, _ENDS, columns=_STANDING[1:])
    yield _counted(standing[:1], "reviews_due", "Reviews at the end", lambda one: one.review, _DUE, _STANDING[:1])


# What was brought in comes first, as a hidden number takes the last with it: this one is nearly that of no known role.
_APPROVED = {
    "imported": "Brought in from before",
    "second": "By somebody else than who proposed it",
    "alone": "By who proposed it, as the policy allows",
}
_ENDS = {"last_day": "With its last day", "early": "Lifted before that"}
_DUE = {"overdue": "Review overdue", "ahead": "Review still to come", "none": "No review to come"}


def _approval(one: Life) -> str:
    return "imported" if one.imported else "alone" if one.alone else "second"


def _end(one: Life) -> str:
    return "early" if one.early else "last_day"


def _counted(
    standing: Sequence[Sequence[Life]],
    name: str,
    title: str,
    key: Callable[[Life], str],
    labels: Mapping[str, str],
    columns: tuple[tuple[str, str], ...] = _STANDING,
) -> Table:
    return adding_up(name, title, columns, [Counter(map(key, each)) for each in standing], labels)


def _overlapping(
    name: str,
    title: str,
    standing: Sequence[Sequence[Life]],
    keys: Callable[[Life], Iterable[str]],
    labels: Mapping[str, str],
    what: str,
) -> Table:
    counts = [Counter(key for one in each for key in keys(one)) for each in standing]
    rows = tuple(Row(key, label, tuple(each[key] for each in counts)) for key, label in labels.items())
    note = f"A restriction with more than one {what} is in each of its rows."
    return Table(name, title, _STANDING, rows, Adds.OVER, tuple(map(len, standing)), note)


def _under(found: list[Life], until: datetime, policy: Policy) -> Table:
    runs = longest_runs(found, until, policy.zone)
    counts = {str(years): runs[years] for years in range(MOST_YEARS + 1)}
    note = "Counted from when they were last under none: restrictions that followed each other are one length."
    return adding_up("parties", "Parties under restriction at the end", _NUMBER, [counts], _LENGTHS, note)


def _of_casework(lives: Lives) -> Iterable[Table]:
    outcomes = {"continue": "To go on", "amend": "To be changed", "lift": "Lifted"}
    yield adding_up("reviews", "Reviews done in the period", _NUMBER, [lives.reviews], outcomes)
    times = {"in_time": "By their day", "late": "Late", "unasked": "Without a day set"}
    yield adding_up("review_times", "Reviews done, by time", _NUMBER, [lives.review_times], times)
    received = Row("received", "Received in the period", (lives.appeals_received,))
    undecided = Row("open", "Open at the end", (lives.appeals_open,))
    yield Table("appeals", "Appeals", _NUMBER, (received, undecided))
    decided = {"upheld": "Upheld", "varied": "Varied", "dismissed": "Dismissed"}
    yield adding_up("appeals_decided", "Appeals decided in the period", _NUMBER, [lives.appeals], decided)
    adjusted = lives.adjustments
    rows = (
        Row("agreed", "Agreed in the period", (adjusted["agreed"],)),
        Row("declined", "Declined in the period", (adjusted["declined"],)),
        Row("closed", "Closed again in the period", (adjusted["closed"],)),
        Row("standing", "In force at the end", (lives.adjustments_standing,)),
    )
    yield Table("adjustments", "Adjustments", _NUMBER, rows)


def contact_tables(found: Sequence[Restricted]) -> Iterable[Table]:
    """Lay out the contacts on which restrictions bore: by outcome, by channel, and whether it was carried out."""
    decided: Counter[str] = Counter()
    came: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for one in found:
        decided[one.decided.value] += one.count
        came[one.channel.value] += one.count
        done["observed" if one.carried is not one.decided else "carried_out"] += one.count
    note = "Contacts in the period on which a restriction of their party bore, those that it let through among them."
    outcomes = {outcome.value: label for outcome, label in _OUTCOMES.items()}
    table = adding_up("contacts", "Contacts affected, by what was decided", _NUMBER, [decided], outcomes, note)
    yield replace(table, coarse=_COARSE_OUTCOMES)
    channels = {channel.value: CHANNELS[channel] for channel in Channel}
    table = adding_up("contact_channels", "Contacts affected, by channel", _NUMBER, [came], channels)
    yield replace(table, coarse=_COARSE_CHANNELS)
    words = {"carried_out": "Carried out as decided", "observed": "Only observed, and let through"}
    table = adding_up("carried_out", "Contacts affected, by what was done", _NUMBER, [done], words)
    yield replace(table, follows="contacts")


def look_tables(found: Sequence[LookOwed], until: datetime) -> Iterable[Table]:
    """Lay out the looks that were owed, as they were at `until` (aware UTC), with the median time to one."""
    counts = Counter(_looked(one, until) for one in found)
    note = "Of contacts that came in the period and that a person has to look at by a day."
    yield adding_up("looks", "Looks by a person", _NUMBER, [counts], _LOOKED, note)
    taken = [
        (one.looked_at - one.at).total_seconds() / 3600 for one in found if one.looked_at and one.looked_at < until
    ]
    middle: Cell = Median(median(taken), len(taken)) if taken else Hidden.NONE
    yield Table("look_time", "Time to a person's look", _NUMBER, (Row("median", "Median", (middle,)),))


def _looked(one: LookOwed, until: datetime) -> str:
    if one.looked_at is not None and one.looked_at < until:
        return "in_time" if one.looked_at <= one.look_by else "late"
    if one.waits or one.looked_at is not None:
        return "overdue" if one.look_by <= until else "ahead"
    return "otherwise"


def _in_words(kind: str) -> str:
    return kind.replace("_", " ").capitalize()
