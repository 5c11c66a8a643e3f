"""The law of single acts: what four published policies let nobody do, and what they let everybody do at once.

Belongs here: what is judged at the moment at which an act was accepted or refused; nothing of the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from tests.casework.files import EXCEPTED, OWN
from tests.casework.law import LONDON, Done, Journal, Law

_Wrong = Iterable[str]


def judge_act(law: Law, journal: Journal, done: Done) -> list[str]:
    """Give every way in which an act that was accepted, and is not in the journal yet, breaks the law."""
    if done.party in journal.files.into:
        return ["W10: somebody acted on a party that was merged into another"]
    ask = _OF.get(done.act)
    return [f"{done.act}: {wrong}" for wrong in ask(law, journal, done)] if ask else []


def must_be_let(journal: Journal, party: int, act: str, fields: dict[str, object]) -> bool:
    """Tell whether any colleague may do it at once: say that the wrong person was met (issue 3, mistakes)."""
    return act == "correct" and journal.files.known_as(party, str(fields["identifier"]))


def _appeal(law: Law, journal: Journal, done: Done) -> _Wrong:
    if law.appeal_to is None:
        yield "PHSO-21: decisions are final"


def _decide_appeal(law: Law, journal: Journal, done: Done) -> _Wrong:
    if law.appeal_to is not None and not done.roles & law.appeal_to:
        yield "SPSO-22, HO-6: it is for others to hear"
    number = next(one for one in journal.of("appeal") if one.id == done.fields["appeal"]).fields["restriction"]
    parts = journal.of("change_draft", "propose_restriction", "approve_restriction", about=number)
    parts += [one for one in journal.of("draft_restriction") if one.id == number]
    changes = journal.of("extend_restriction", "review_restriction", about=number)
    changes += [one for appeal in journal.of("appeal", about=number) for one in _decided(journal, appeal.id)]
    parts += [one for one in changes if one.act == "extend_restriction" or one.fields.get("measures")]
    if done.by in {one.by for one in parts}:
        yield "SPSO-22, HO-6: whoever had a part in it heard the appeal against it"


def _decided(journal: Journal, appeal: str) -> list[Done]:
    return journal.of("decide_appeal", about=appeal)


def _communicate_warning(law: Law, journal: Journal, done: Done) -> _Wrong:
    warning = next(one for one in journal.of("warn") if one.id == done.fields["warning"])
    if _day(done) < warning.at.astimezone(LONDON).date():
        yield "PHSO-7: its letter left before it was written"


def _end_adjustment(law: Law, journal: Journal, done: Done) -> _Wrong:
    if law.four_eyes and done.by == done.fields["asked_by"]:
        yield "PHSO-23: somebody approved their own"
    if not (done.fields.get("advice") and done.fields.get("route")):
        yield "PHSO-23: closed without advice or another route"


def _decline_adjustment(law: Law, journal: Journal, done: Done) -> _Wrong:
    if not str(done.fields.get("advice", "")).strip():
        yield "PHSO-23: declined without advice"


def _judge_request(law: Law, journal: Journal, done: Done) -> _Wrong:
    """Silence is judged once its day has passed and the person was reminded on an earlier day (PHSO-26, SPSO-53)."""
    if done.fields["judgement"] == "more_time":
        return
    number, today = done.fields["request"], done.at.astimezone(LONDON).date()
    asked = next(one for one in journal.of("request") if one.id == number)
    more = [one for one in journal.of("judge_request", about=number) if one.fields["judgement"] == "more_time"]
    last = more[-1] if more else asked
    due = last.fields.get("due")
    if due is not None and today <= due:
        yield "PHSO-26: judged before its day had passed"
    reminders = [one for one in journal.of("remind_request", about=number) if _after(journal, one, last)]
    if not any(_day(one) < today for one in reminders):
        yield "PHSO-26: judged though nobody was reminded"


def _after(journal: Journal, one: Done, other: Done) -> bool:
    return journal.done.index(one) > journal.done.index(other)


def _day(done: Done) -> date:
    return done.fields.get("day") or done.at.astimezone(LONDON).date()


def _answer_request(law: Law, journal: Journal, done: Done) -> _Wrong:
    number = done.fields["request"]
    judged = [one for one in journal.of("judge_request", about=number) if one.fields["judgement"] != "more_time"]
    if judged or journal.of("answer_request", about=number):
        yield "PHSO-26: it was closed already"


def _police(law: Law, journal: Journal, done: Done) -> _Wrong:
    deciders = {done.by, *done.fields.get("decided_with", ())}
    if not done.fields["told"] and done.fields.get("immediate"):
        yield "SPSO-34: danger is immediate and the police are not told"
    if not done.fields["told"] and deciders <= set(done.fields["targets"]):
        yield "SPSO-33: whoever was threatened decided alone against telling the police"


def _open_evidence(law: Law, journal: Journal, done: Done) -> _Wrong:
    if not done.fields.get("warned"):
        yield "SPSO-66: opened by somebody who had not read the warning"


def _merge(law: Law, journal: Journal, done: Done) -> _Wrong:
    other = int(done.fields["other"])
    if journal.kinds[other] != journal.kinds[done.party]:
        yield "PHSO-19: what was approved for the one kind of party stands on the other"
    if other in journal.files.into:
        yield "W10: merged twice"


def _add_identifier(law: Law, journal: Journal, done: Done) -> _Wrong:
    """One's own is nobody else's too (I6); that it is not a party's says nothing of another's."""
    name, shared = done.fields["identifier"], bool(done.fields.get("shared"))
    if done.fields.get("exception"):
        return
    others = [marks[name] for party, marks in journal.files.marks.items() if party != done.party and name in marks]
    if any(mark == OWN or (mark != EXCEPTED and not shared) for mark in others):
        yield "I6: one party's own stands on another too"


def _report_concern(law: Law, journal: Journal, done: Done) -> _Wrong:
    if done.fields["owner"] in done.fields.get("about", ()):
        yield "PHSO-28: a concern is looked at by whom it is about"


def _outside_contact(law: Law, journal: Journal, done: Done) -> _Wrong:
    if done.fields["discussed_with"] == done.by:
        yield "SPSO-45: discussed with nobody"


def _stop_reading(law: Law, journal: Journal, done: Done) -> _Wrong:
    if done.fields["passed_to"] == done.by:
        yield "SPSO-59: passed to nobody else"


def _end_call(law: Law, journal: Journal, done: Done) -> _Wrong:
    at_once = done.fields["code"] in ("threat", "abuse_of_a_protected_kind", "recording_to_publish")
    if not at_once and not done.fields.get("asked"):
        yield "PHSO-5: ended without one request"
    if done.fields["follow_up"] == "none" and not done.fields.get("why_none"):
        yield "PHSO-5: nothing follows in writing, and nobody says why"


def _shield(law: Law, journal: Journal, done: Done) -> _Wrong:
    if not done.fields.get("manager_inbox") or done.fields["manager_inbox"] == done.fields["inbox"]:
        yield "PHSO-24: no manager takes over"


def _debrief(law: Law, journal: Journal, done: Done) -> _Wrong:
    if done.fields.get("off_case") and done.fields.get("taken_over_by") in (None, done.fields["colleague"]):
        yield "SPSO-63: off the case, and nobody takes it over"


_OF: dict[str, Callable[[Law, Journal, Done], _Wrong]] = {
    "appeal": _appeal,
    "communicate_warning": _communicate_warning,
    "decide_appeal": _decide_appeal,
    "end_adjustment": _end_adjustment,
    "decline_adjustment": _decline_adjustment,
    "judge_request": _judge_request,
    "answer_request": _answer_request,
    "police": _police,
    "open_evidence": _open_evidence,
    "merge": _merge,
    "add_identifier": _add_identifier,
    "report_concern": _report_concern,
    "outside_contact": _outside_contact,
    "stop_reading": _stop_reading,
    "end_call": _end_call,
    "shield": _shield,
    "debrief": _debrief,
}
