"""Levels counted once more, by a plain loop over plain values: it imports nothing of Parley.

Belongs here: what a level means, said a second time. Contacts are `Plain`, windows are told by the wall clock.
"""

import re
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
ROLLING = {"hour": 3600, "day": 86_400, "week": 7 * 86_400, "month": 30 * 86_400}
CHANNELS = ("email", "call", "sms", "letter", "visit", "web", "online")
READING, UNREAD, CUT_OFF = 200, 150, 30
HANDLING = {"email": 6, "call": 4, "sms": 2, "letter": 15, "visit": 20, "web": 6, "online": 4}
AWAY = {"refused", "returned", "automated_line", "missed", "deferred", "passed_back", "intended", "ringing"}
# Of England and Wales, as gov.uk listed them.
HOLIDAYS = {
    *(date(2024, 1, 1), date(2024, 3, 29), date(2024, 4, 1), date(2024, 5, 6), date(2024, 5, 27), date(2024, 8, 26)),
    *(date(2024, 12, 25), date(2024, 12, 26), date(2025, 1, 1), date(2025, 4, 18), date(2025, 4, 21)),
    *(date(2025, 5, 5), date(2025, 5, 26), date(2025, 8, 25), date(2025, 12, 25), date(2025, 12, 26)),
}


@dataclass
class Plain:
    """Hold one contact as somebody would write it into a table."""

    id: str
    who: str
    channel: str
    at: object
    state: str = "delivered"
    carried: str = "deliver"
    forged: bool = False
    automatic: bool = False
    claimed: bool = False
    nobody: bool = False
    words: int | None = None
    talk_s: int | None = None
    pages: int = 0
    files_not_counted: int = 0
    repeats: str = ""
    recipients: tuple = ()
    to: tuple = ()
    cc: tuple = ()
    subject: str = ""
    thread: str = ""
    cases: tuple = ()
    minutes: int | None = None


def inside(at, now, per, mode):
    """Tell whether `at` is in the window that holds `now`, up to `now`."""
    if at > now:
        return False
    if mode == "rolling":
        return (now - at).total_seconds() < ROLLING[per]
    then, today = at.astimezone(LONDON), now.astimezone(LONDON)
    if per == "hour":
        return (then.date(), then.hour, then.utcoffset()) == (today.date(), today.hour, today.utcoffset())
    if per == "day":
        return then.date() == today.date()
    if per == "week":
        return then.isocalendar()[:2] == today.isocalendar()[:2]
    return (then.year, then.month) == (today.year, today.month)


def measure(contacts, who, channels=CHANNELS, case=None, chosen=lambda one: True):
    """Give every level of `who` over the contacts that are chosen."""
    found = dict.fromkeys(
        (
            *("contacts", "attempts", "unanswered", "let_through", "talk_minutes", "words", "pages", "exact_repeats"),
            *("near_repeats", "staff_addressed", "only_cc", "out_of_hours", "matters", "staff_minutes", "claimed"),
            *("failed", "files_not_counted"),
        ),
        0,
    )
    places, matters = set(), set()
    for one in contacts:
        if one.who != who or one.channel not in channels or one.state in ("ours", "taken_back") or not chosen(one):
            continue
        if case is not None and ("case", same(case)) not in matters_of(one):
            continue
        if one.forged:
            found["failed"] += 1
            continue
        if one.automatic:
            continue
        found["attempts"] += 1
        if came(one):
            found["contacts"] += 1
        if unanswered(one):
            found["unanswered"] += 1
        elif one.carried in ("deliver", "route", "connect") and one.state not in AWAY - {
            "refused",
            "returned",
            "automated_line",
        }:
            found["let_through"] += 1
        found["talk_minutes"] += (one.talk_s or 0) / 60
        found["words"] += one.words or 0
        found["pages"] += one.pages
        found["files_not_counted"] += one.files_not_counted
        found["exact_repeats"] += one.repeats == "copy"
        found["near_repeats"] += one.repeats == "near_copy"
        found["claimed"] += one.claimed
        found["only_cc"] += only_cc(one)
        found["out_of_hours"] += out_of_hours(one.at)
        found["staff_minutes"] += minutes(one)
        places |= {each.lower() for each in one.recipients}
        matters |= matters_of(one)
    return found | {"staff_addressed": len(places), "matters": len(matters)}


def came(one):
    """Tell whether an attempt came about."""
    cut = one.channel == "call" and one.state == "answered" and one.talk_s is not None and one.talk_s < CUT_OFF
    return one.state not in AWAY and not cut


def unanswered(one):
    """Tell whether nobody of ours answered a call that was put through."""
    put_through = one.channel == "call" and one.carried in ("connect", "route")
    return put_through and one.state in ("missed", "voicemail", "looked_at") and not one.talk_s


def minutes(one):
    """Give the minutes that one contact took."""
    if one.minutes is not None:
        return one.minutes
    if not came(one):
        return 0
    written = one.channel not in ("call", "visit")
    words = one.words if one.words is not None else UNREAD if written else 0
    return HANDLING[one.channel] + words / READING + (one.talk_s or 0) / 60


def out_of_hours(at):
    """Tell whether nobody was in: nine to five, Monday to Friday, no bank holidays."""
    local = at.astimezone(LONDON)
    return not (local.weekday() < 5 and 9 <= local.hour < 17 and local.date() not in HOLIDAYS)


def only_cc(one):
    """Tell whether a message names us in Cc alone."""
    ours = {each.lower() for each in one.recipients}
    named = {each.lower() for each in one.cc}
    return one.channel == "email" and bool(ours) and ours <= named and not ours & {each.lower() for each in one.to}


def same(reference):
    """Give what two spellings of a reference have in common."""
    return tuple(re.findall(r"[a-z]+|[0-9]+", reference.lower()))


def matters_of(one):
    """Name the matters of a contact: references, else its thread."""
    named = [*one.cases, *re.findall(r"[A-Z]{2}/\d{4}-\d+", one.subject)]
    if named:
        return {("case", same(each)) for each in named}
    return {("thread", one.thread)} if one.thread else set()


def office(contacts, chosen, channels=CHANNELS):
    """Give the minutes of each known sender, and of those whom nobody knows."""
    each, nobody = {}, 0
    for one in contacts:
        if one.state in ("ours", "taken_back") or one.forged or one.automatic or one.channel not in channels:
            continue
        if not chosen(one):
            continue
        if one.nobody:
            nobody += minutes(one)
        else:
            each[one.who] = each.get(one.who, 0) + minutes(one)
    return each, nobody


def spread(each):
    """Give median and 99th percentile by nearest rank, counted off one by one."""
    ranked = sorted(each.values())
    if not ranked:
        return 0, 0
    half = next(value for place, value in enumerate(ranked, 1) if 2 * place >= len(ranked))
    most = next(value for place, value in enumerate(ranked, 1) if 100 * place >= 99 * len(ranked))
    return half, most
