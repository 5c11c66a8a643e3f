"""A party's file as a page for a person, made from the same data that programs get.

Belongs here: the page's words and their order: what to do now first, then what waits, then what led there.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from rules import measures
from rules.clarification import Asked
from rules.policies import Policy

Data = dict[str, Any]
_WIDTH = 80
_WAITS = {
    "approval": "an approval",
    "notice": "its notice to be sent",
    "notice_came_back": "a way to tell the person: the notice came back",
    "change_notice": "the notice of a change to be sent",
    "review": "its review",
    "appeal": "the decision on an appeal",
    "decision": "a decision, or interim protection lapses",
    "warning_letter": "the warning to be communicated",
    "breach": "the assessment of a data breach",
}
STATES = {
    "awaiting_approval": "waits for approval",
    "awaiting_notice": "approved, waits for its notice",
    "ahead": "approved and told, still to begin",
    "in_force": "in force",
}


def page(data: Data, policy: Policy) -> Iterator[str]:
    """Give the page line by line, for 80 columns; what parties and staff wrote in it is not escaped yet."""
    yield f"{data['name']}   {data['kind']}, party {data['id']}, version {data['version']}"
    yield f"Stage: {data['stage']}"
    for one in data["identifiers"]:
        marks = "".join(f", {name}" for name in ("shared", "exception", "stale") if one[name])
        known = f" ({one['how']})" if one["how"] else ""
        yield from _wrapped(f"{one['kind']}: {one['value']}{marks}{known}", "  ")
    yield from _now(data)
    if data["history"] is None:
        yield ""
        yield "The history is for others to read: your role sees what to do now."
    else:
        yield from _history(data["history"], policy)


def _now(data: Data) -> Iterator[str]:
    yield from _heading("What to do now")
    if not data["instructions"]:
        yield "  Nothing is restricted."
    for one in data["instructions"]:
        for measure in one["measures"]:
            words = measures.parse(measure).staff_words
            yield from _wrapped(f"{_measure(measure)}, until {_day(one['until'])}. {words}", "  ")
    if data["open_channels"]:
        yield from _wrapped(f"Adjustment: {', '.join(data['open_channels'])} always reaches a person.", "  ")
    if data["forms"]:
        yield from _wrapped(f"Adjustment: write and speak in these forms: {', '.join(data['forms'])}.", "  ")


def received_in_words(one: Data) -> str:
    """Say what came of a party, with what nobody could count."""
    amounts = ((one["attempts"], "contact"), (one["words"], "word"), (one["pages"], "page"))
    tried, *said = (f"{number} {what}{'s' * (number != 1)}" for number, what in amounts)
    lost = one["files_not_counted"]
    files = "file" if lost == 1 else "files"
    rest = f", beside {lost} attached {files} whose pages nobody counted" if lost else ""
    return f"In the last 30 days {tried}, with {' and '.join(said)}{rest}."


def _history(history: Data, policy: Policy) -> Iterator[str]:
    sections = (
        ("What waits", history["waiting"], _waiting),
        ("Requests with a time by law", history["legal_clocks"], _clock),
        ("Restrictions", history["restrictions"], lambda one: _restriction(one, policy)),
        ("Warnings", history["warnings"], _warning),
        ("Adjustments", history["adjustments"], _adjustment),
        ("Appeals", history["appeals"], _appeal),
        ("Papers", history["papers"], _paper),
    )
    if history["received"] is not None:
        yield from _heading("What came")
        yield from _wrapped(received_in_words(history["received"]), "  ")
    for title, entries, lines in sections:
        if entries:
            yield from _heading(title)
        for one in entries:
            yield from lines(one)


def _waiting(one: Data) -> Iterator[str]:
    what = _WAITS.get(one["what"], one["what"].replace("_", " "))
    owner = f" ({one['owner']})" if one["owner"] else ""
    late = "OVERDUE since" if one["overdue"] else "due by"
    yield from _wrapped(f"{one['about']} waits for {what}{owner}, {late} {_moment(one['due'])}.", "  ")


def _clock(one: Data) -> Iterator[str]:
    yield from _wrapped(f"{one['contact']}: {one['kind'].replace('_', ' ')}, {clock_in_words(one)}", "  ")


def clock_in_words(one: Data) -> str:
    """Say how a legal clock stands, and what moved its last day."""
    said = [f"received {_day(one['received'])}"]
    if one["stopped"]:
        said.append(f"{one['stopped'].replace('_', ' ')} {_moment(one['stopped_at'])} by {one['stopped_by']}")
    elif one["rests"]:
        question = one["questions"][-1]
        said.append(f"RESTS since {_day(question['asked'])}: we asked {Asked(question['asked_for']).words}")
        said += ["no answer for a month: remind them, or stop it"] if one["overdue"] else []
    else:
        said.append(f"{'OVERDUE: its last day was' if one['overdue'] else 'to answer by'} {_day(one['last_day'])}")
    if one["counted_from"] != one["received"]:
        said.append(f"begun anew on {_day(one['counted_from'])}")
    if one["days_waited"]:
        said.append(f"{one['days_waited']} {'day' if one['days_waited'] == 1 else 'days'} of waiting do not count")
    if one["extended"]:
        said.append(f"made longer by {one['extended_by']}: {one['extended_why']}")
    return f"{'; '.join(said)}."


def _restriction(one: Data, policy: Policy) -> Iterator[str]:
    state = STATES.get(one["state"], one["state"])
    yield from _wrapped(f"{one['id']}: {state}, {_day(one['starts'])} to {_day(one['ends'])}", "  ")
    yield from _wrapped("; ".join(map(_measure, one["measures"])), "    ")
    ground = policy.grounds.get(one["ground"], one["ground"])
    yield from _wrapped(f"Ground: {ground or 'none'}. Reason: {one['reason'] or 'none'}", "    ")
    review = f"Review: {_day(one['review'])}." if one["review"] else f"No review: {one['no_review'] or 'not said'}."
    yield from _wrapped(f"Owner: {one['owner'] or 'nobody'}. {review}", "    ")
    approval = one["approval"]
    if approval:
        role = f" as {policy.roles.get(approval['role'], approval['role'])}" if approval["role"] else ""
        block = ", as a total block" if approval["as_block"] else ""
        stood_in = f", standing in: {approval['fallback']}" if approval["fallback"] else ""
        yield from _wrapped(f"Approved by {approval['by']}{role}{block}{stood_in}.", "    ")
    for name, words in (("declined", "Declined"), ("no_notice", "No notice was sent"), ("exception", "An exception")):
        if one[name]:
            yield from _wrapped(f"{words}: {one[name]}", "    ")
    if one["told"]:
        yield f"    Told: {_moment(one['told'])}."


def _warning(one: Data) -> Iterator[str]:
    if one["communicated"] is None:
        state = "not communicated yet"
    else:
        state = f"{'stands' if one['stands'] else 'is over'}, {_day(one['communicated'])} to {_day(one['last_day'])}"
    yield from _wrapped(f"{one['id']}: {state}. {one['text']} ({one['by']})", "  ")


def _adjustment(one: Data) -> Iterator[str]:
    until = f", until {_day(one['ends'])}" if one["ends"] else ""
    what = ", ".join([*one["open"], *one["forms"]])
    state = "" if one["stands"] else " (over)"
    yield from _wrapped(f"{one['id']}{state}: {one['need']}: {what or 'see its paper'}{until}", "  ")


def _appeal(one: Data) -> Iterator[str]:
    state = f"decided: {one['decided']}" if one["decided"] else "open"
    said = f"{one['id']}: {state}, received {_day(one['received'])}, against {one['restriction']}. {one['grounds']}"
    yield from _wrapped(said, "  ")


def _paper(one: Data) -> Iterator[str]:
    role = f" ({one['role']})" if one["role"] else ""
    yield from _wrapped(f"{_moment(one['at'])} {one['by']}{role}: {one['act'].replace('_', ' ')} [{one['id']}]", "  ")
    for name, value in one["data"].items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield from _wrapped(f"{name}: {text}", "    ")


def _heading(title: str) -> Iterator[str]:
    yield ""
    yield title


def _measure(data: Data) -> str:
    """Name a measure with its parameters, as it is written on a command line."""
    rest = ", ".join(
        f"{key} {' '.join(map(str, value)) if isinstance(value, list) else value}"
        for key, value in data.items()
        if key != "kind"
    )
    return f"{data['kind']} ({rest})" if rest else str(data["kind"])


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False)


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%b %Y}"


def _moment(text: str) -> str:
    at = datetime.fromisoformat(text)
    return f"{at.day} {at:%b %Y %H:%M}"
