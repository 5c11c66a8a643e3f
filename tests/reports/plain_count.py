"""Counts what `report restrictions` counts, from the rows of the record alone, sharing no line with the product.

Belongs here: plain loops over rows, slow and easy to follow: the oracle of tests/reports/test_restrictions.py.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/London")
ALL = {"email", "call", "sms", "letter", "visit", "web", "online"}
CHANNELS = {
    "interim_protection": ALL,
    "call_length_limit": {"call"},
    "named_contact": {"email", "call", "sms"},
    "meeting": set(),
}


def micro(day: date) -> int:
    """Give the first moment of a day of the office, in microseconds."""
    moment = datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def day(stamp: int) -> date:
    """Give the day of the office of a moment."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=stamp)).astimezone(ZONE).date()


def plain_count(link, first: date, last: date, now: int) -> dict[tuple[str, str, str], float]:
    """Count every cell: by table, row and column, `all` for the whole."""
    since, until = micro(first), min(micro(last + timedelta(days=1)), now)
    found: Counter[tuple[str, str, str]] = Counter()
    lives = []
    kinds = dict(link.plain("SELECT id, kind FROM parties", {}))
    for party in sorted(kinds):
        lives += one_file(link, party, since, until, found)
    for one in lives:
        one["kind"] = kinds[one["party"]]
    count_lives(lives, until, found)
    count_contacts(link, since, until, found)
    count_looks(link, since, until, found)
    return dict(found)


def one_file(link, party, since, until, found):
    held, appeals, adjustments = {}, {}, {}
    written = {row[0] for row in link.plain("SELECT id FROM papers", {})}
    for number, listed, starts, ends, ground, by, told, review in link.plain(
        "SELECT id, measures, starts, ends, ground, approved_by, told, review_at FROM restrictions "
        f"WHERE party_id = {party}",
        {},
    ):
        if number not in written:
            held[number] = {
                "measures": json.loads(listed), "ground": ground, "starts": starts, "ends": ends, "by": by,
                "role": "", "approved": starts, "told": None if told == "no" else starts, "review": review,
                "imported": True, "proposed": by, "block": False,
            }  # fmt: skip
    rows = link.plain(
        f"SELECT id, at, written_by, role, act, data FROM papers WHERE party_id = {party} ORDER BY seq", {}
    )
    for number, at, by, role, act, data in rows:
        if at < until:
            put(held, appeals, adjustments, number, at, by, role, act, json.loads(data), since, found)
    for received, decided in appeals.values():
        found["appeals", "received", "number"] += day(since) <= received <= day(until - 1)
        found["appeals", "open", "number"] += not decided
    for agreed, ended in adjustments.values():
        found["adjustments", "agreed", "number"] += agreed >= since
        found["adjustments", "standing", "number"] += ended is None or ended > until
    return [one | {"party": party} for one in held.values() if bit(one, since, until)]


def put(held, appeals, adjustments, number, at, by, role, act, data, since, found):
    within = at >= since
    one = held.get(data.get("restriction"))
    if act == "draft_restriction":
        held[number] = {
            "measures": data["measures"], "ground": data["ground"], "starts": micro(date.fromisoformat(data["starts"])),
            "ends": micro(date.fromisoformat(data["ends"]) + timedelta(days=1)),
            "review": micro(date.fromisoformat(data["review"])) if data.get("review") else None,
        }  # fmt: skip
    elif act == "protect_interim":
        ends = datetime.fromisoformat(data["ends_at"].replace("Z", "+00:00"))
        held[number] = {
            "measures": [{"kind": "interim_protection"}], "ground": "zero_tolerance", "starts": at, "approved": at,
            "ends": (ends - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1), "by": by, "role": role,
            "told": at, "proposed": by, "review": None, "block": False,
        }  # fmt: skip
    elif act == "propose_restriction":
        one["proposed"] = by
        if data.get("decided"):
            one |= {"by": by, "role": role, "approved": at, "block": bool(data.get("as_block"))}
    elif act == "approve_restriction":
        one |= {"by": by, "role": data["role_used"], "approved": at, "block": bool(data.get("as_block"))}
    elif act == "decline_restriction":
        one["declined"] = True
        found["overview", "declined", "number"] += within
    elif act in ("send_notice", "record_no_notice"):
        tell(held, data["about"], at)
    elif act == "lift_restriction":
        one |= {"lifted": at, "untold": {}}
    elif act == "extend_restriction":
        change = {"ends": micro(date.fromisoformat(data["ends"]) + timedelta(days=1))}
        if data.get("as_block"):
            change |= {"by": by, "role": data.get("role_used") or role, "block": True}
        changed(one, number, change)
    elif act == "review_restriction":
        reviewed(one, number, at, by, role, data, within, found)
    elif act == "appeal":
        appeals[number] = [date.fromisoformat(data["received"]), ""]
        held[number + "!"] = {"appealed": data["restriction"]}
    elif act == "decide_appeal":
        found["appeals_decided", data["outcome"], "number"] += within
        appeals[data["appeal"]][1] = data["outcome"]
        against = held[held[data["appeal"] + "!"]["appealed"]]
        if data["outcome"] == "upheld" and not against.get("lifted"):
            against |= {"lifted": at, "untold": {}}
        if data["outcome"] == "varied":
            change = {"measures": data["measures"], "by": by, "role": data["role_used"]}
            changed(against, number, change | {"block": bool(data.get("as_block"))})
    elif act == "agree_adjustment":
        adjustments[number] = [at, None]
    elif act == "decline_adjustment":
        found["adjustments", "declined", "number"] += within
    elif act == "end_adjustment":
        found["adjustments", "closed", "number"] += within
        adjustments[data["adjustment"]][1] = at


def reviewed(one, number, at, by, role, data, within, found):
    if within:
        found["reviews", data["outcome"], "number"] += 1
        due = one.get("review")
        late = due is not None and at >= micro(day(due) + timedelta(days=1))
        found["review_times", "unasked" if due is None else "late" if late else "in_time", "number"] += 1
    if data["outcome"] == "lift":
        one |= {"lifted": at, "untold": {}}
        return
    one["review"] = micro(date.fromisoformat(data["next_review"])) if data.get("next_review") else None
    if data["outcome"] == "amend":
        change = {"measures": data["measures"], "by": by, "role": data.get("role_used") or role}
        changed(one, number, change | {"block": bool(data.get("as_block"))})


def changed(one, number, change):
    same = "measures" in change
    kept = {about: each for about, each in one.get("untold", {}).items() if ("measures" in each) != same}
    one["untold"] = kept | {number: change}


def tell(held, about, at):
    if about in held:
        held[about]["told"] = held[about].get("told") or at
    for one in held.values():
        change = one.get("untold", {}).pop(about, None)
        if change is not None:
            one |= change


def bit(one, since, until):
    if "appealed" in one or one.get("declined") or not one.get("approved") or one.get("told") is None:
        return False
    begins = one["starts"] if one.get("imported") else max(one["starts"], one["approved"], one["told"])
    stops = min(one["ends"], one.get("lifted") or one["ends"])
    one |= {"begins": begins, "stops": stops}
    return begins < stops and begins < until and stops > since


def years(first: date, after: date) -> int:
    """Count by how many years one day is later than another, 4 at most."""
    count = 0
    for more in range(1, 5):
        last_of_month = first.replace(day=28) if (first.month, first.day) == (2, 29) else first
        leap = (first.year + more) % 4 == 0
        anniversary = (first if leap else last_of_month).replace(year=first.year + more)
        count += anniversary < after
    return count


def bears_on(measure) -> set[str]:
    kind = measure["kind"]
    if kind == "channel_only":
        return ALL - set(measure["allowed"])
    if kind == "file_unanswered":
        return ALL - {"call", "visit"}
    return set(measure.get("channels", CHANNELS.get(kind, ALL)))


def count_lives(lives, until, found):
    for one in lives:
        ended = one["stops"] <= until
        column = "ended" if ended else "in_force"
        found["overview", "any", "number"] += 1
        found["overview", column, "number"] += 1
        early = one.get("lifted") is not None and one["lifted"] < one["ends"]
        channels = set().union(*map(bears_on, one["measures"])) or {"none"}
        for name, row in (
            ("grounds", one["ground"]),
            ("lengths", str(years(day(one["begins"]), day(min(one["stops"], until))))),
            ("kinds", one["kind"]),
            ("roles", one["role"] or "other"),
            ("approval", "imported" if one.get("imported") else "alone" if one["by"] == one["proposed"] else "second"),
            ("blocks", "block" if one["block"] else "less"),
            *[("measures", kind) for kind in {each["kind"] for each in one["measures"]}],
            *[("channels", channel) for channel in channels],
        ):
            found[name, row, column] += 1
        for name in ("grounds", "lengths", "kinds", "roles", "approval", "blocks", "measures", "channels"):
            found[name, "all", column] += 1
        if ended:
            found["ends", "early" if early else "last_day", "ended"] += 1
        else:
            due = one.get("review")
            overdue = due is not None and micro(day(due) + timedelta(days=1)) <= until
            found["reviews_due", "none" if due is None else "overdue" if overdue else "ahead", "in_force"] += 1
    count_parties(lives, until, found)


def count_parties(lives, until, found):
    for party in {one["party"] for one in lives if one["stops"] > until}:
        since = min(one["begins"] for one in lives if one["party"] == party and one["stops"] > until)
        moved = True
        while moved:
            earlier = [
                one["begins"] for one in lives if one["party"] == party and one["begins"] < since <= one["stops"]
            ]
            moved = bool(earlier)
            since = min([since, *earlier])
        found["parties", str(years(day(since), day(until))), "number"] += 1


def count_contacts(link, since, until, found):
    rows = link.plain("SELECT channel, decided, carried, reasons, party_id, state, assurance, at FROM contacts", {})
    for channel, decided, carried, reasons, party, state, assurance, at in rows:
        theirs = party is not None and state not in ("ours", "taken_back") and assurance != "failed"
        if not theirs or not since <= at < until or not any(each[0] for each in json.loads(reasons)):
            continue
        found["contacts", decided, "number"] += 1
        found["contact_channels", channel, "number"] += 1
        found["carried_out", "carried_out" if carried == decided else "observed", "number"] += 1


def count_looks(link, since, until, found):
    taken = []
    rows = link.plain("SELECT at, look_by, looked_at, state, assurance FROM contacts", {})
    for at, look_by, looked, state, assurance in rows:
        if look_by is None or not since <= at < until or state in ("ours", "taken_back") or assurance == "failed":
            continue
        if looked is not None and looked < until:
            taken.append((looked - at) / 3_600_000_000)
            found["looks", "in_time" if looked <= look_by else "late", "number"] += 1
        elif looked is not None or state in ("filed", "voicemail", "unclear"):
            found["looks", "overdue" if look_by <= until else "ahead", "number"] += 1
        else:
            found["looks", "otherwise", "number"] += 1
    if taken:
        taken.sort()
        middle = len(taken) // 2
        found["look_time", "median", "number"] = round(
            taken[middle] if len(taken) % 2 else (taken[middle - 1] + taken[middle]) / 2, 2
        )
