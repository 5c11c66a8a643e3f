"""The law of contacts: what may happen to one, given who is who and what is in force; written from shared/policies.md.

Belongs here: what is enforced after a correction, a merge, a split, a shared address; adjustments, shields, contracts,
answers to us, closed cases. It knows a decision by its plain words and shares no code with the product.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.casework.files import Opened
from tests.casework.law import Done, Journal, Law, changes_told, in_force

PASSES = frozenset({"deliver", "route", "connect"})
_KEPT_FOR_SOMEBODY = PASSES | {"hold", "voicemail"}


@dataclass(frozen=True)
class Met:
    """Hold a contact and what was decided: by which restrictions, and with which of their measures."""

    sender: str
    channel: str
    to: str
    case: str
    outcome: str
    goals: tuple[str, ...]
    why: tuple[tuple[str, str], ...]
    counts: bool


@dataclass(frozen=True)
class _On:
    """Hold what stands on the party that a contact is from."""

    party: int
    biting: list[dict[str, Any]]
    opened: list[Opened]
    shields: list[Done]
    asked: bool
    answers_pass: bool
    closed: bool


def judge_contact(law: Law, journal: Journal, rows: list[dict[str, Any]], met: Met, now: datetime) -> list[str]:
    """Give every way in which a decision breaks the law."""
    party = journal.files.holder(met.sender)
    if party is None:
        return [f"{met}: {wrong}" for wrong in _nobodys(met)]
    asked = bool(open_requests(journal, party)) and met.channel != "call"
    on = _On(
        party,
        [row for row in rows if row["party_id"] == party and in_force(row, now)],
        [one for one in journal.files.standing(party, now) if met.channel in one.channels],
        shields(journal, party),
        asked,
        asked and journal.kinds[party] in ("professional", "organisation"),  # PHSO-19
        met.case in closed_cases(journal, party),
    )
    found = [*_named(on, met), *_shielded(on, met), *_answers(on, met), *_closed(law, on, met)]
    found += _stays_open(journal, on, met)
    found += [wrong for row in on.biting for wrong in _enforced(journal, row, on, met, now)]
    return [f"{met}: {wrong}" for wrong in found]


def _nobodys(met: Met) -> Iterable[str]:
    """What is nobody's, or shared, is never restricted: a correction ends all enforcement on it (I6)."""
    if met.outcome not in PASSES or any(number for number, _ in met.why):
        yield "I6: restricted though it is nobody's own"


def _named(on: _On, met: Met) -> Iterable[str]:
    known = {row["id"] for row in on.biting}
    if {number for number, _ in met.why if number} - known:
        yield "a restriction was applied that is not in force on this party"
    if not known and not on.shields and not on.closed and met.outcome not in PASSES:
        yield "nothing is in force on this party, and it was not let through"


def _shielded(on: _On, met: Met) -> Iterable[str]:
    if {one.fields["inbox"] for one in on.shields} & set(met.goals):
        yield "PHSO-24: it reaches a shielded colleague"


def _answers(on: _On, met: Met) -> Iterable[str]:
    """What may answer us is not counted; what answers nothing counts once it is let through (PHSO-26)."""
    if on.asked and met.counts:
        yield "PHSO-26: what may answer a request of ours was counted"
    if not on.asked and met.channel != "call" and met.outcome in PASSES and not met.counts:
        yield "PHSO-26: nothing was asked, and it was not counted"


def _closed(law: Law, on: _On, met: Met) -> Iterable[str]:
    lets = not on.closed or bool(on.opened) or on.answers_pass
    if law.closed_unread and not lets and met.channel == "email" and met.outcome in PASSES:
        yield "PHSO-22: on a closed case, and not filed"


def _stays_open(journal: Journal, on: _On, met: Met) -> Iterable[str]:
    """An adjustment outranks every measure (PHSO-23), and a professional's answer to us always passes (PHSO-19).

    A shield sends it to somebody else, or keeps it for somebody; interim protection keeps it for the duty manager.
    """
    interim = {one.id for one in journal.of("protect_interim")} & {row["id"] for row in on.biting}
    kept = on.shields or (interim and not on.opened)
    if (on.opened or on.answers_pass) and met.outcome not in (_KEPT_FOR_SOMEBODY if kept else PASSES):
        yield "PHSO-19, PHSO-23: it always passes, and was not let through"


def _enforced(journal: Journal, row: dict[str, Any], on: _On, met: Met, now: datetime) -> Iterable[str]:
    measures = json.loads(row["measures"])
    contract = any(one["kind"] == "behaviour_contract" for one in measures)
    if contract and agreed(journal, row["id"]):
        if any(number == row["id"] and kind != "behaviour_contract" for number, kind in met.why):
            yield "PHSO-M4: the contract was agreed, and another measure was applied"
        return
    if on.opened or on.answers_pass or met.outcome not in PASSES:
        return
    if any(_stops(one, met) for one in measures):
        yield "MP-4: this channel is blocked, and it was let through"


def _stops(measure: dict[str, Any], met: Met) -> bool:
    kind = measure["kind"]
    if kind == "block":
        return met.channel in measure.get("channels", [met.channel])
    if kind == "channel_only":
        return met.channel not in measure["allowed"]
    return kind == "automated_line" and met.channel == "call"


def agreed(journal: Journal, number: str) -> bool:
    """Tell whether the party agreed to the contract under the terms that stand (PHSO-M4)."""
    words = journal.of("agree_contract", about=number)
    if not words:
        return False
    # New measures may hold new conditions. A change that the party never heard of changes nothing.
    changes = [one for one in changes_told(journal, number) if one.fields.get("measures")]
    told = [one for change in changes for one in journal.of("send_notice", "record_no_notice", about=change.id)]
    latest = max((journal.done.index(one) for one in told), default=-1)
    return journal.done.index(words[-1]) > latest


def shields(journal: Journal, party: int) -> list[Done]:
    """Give the shields that stand on a party's file (PHSO-24)."""
    over = {one.fields["shield"] for one in journal.of("unshield")}
    return [one for one in journal.of("shield") if one.id not in over and journal.files.on[one.id] == party]


def open_requests(journal: Journal, party: int) -> list[Done]:
    """Give the requests of ours to a party that nobody answered and nobody judged (PHSO-26)."""
    over = {one.fields["request"] for one in journal.of("answer_request")}
    over |= {one.fields["request"] for one in journal.of("judge_request") if one.fields["judgement"] != "more_time"}
    return [one for one in journal.of("request") if one.id not in over and journal.files.on[one.id] == party]


def closed_cases(journal: Journal, party: int) -> set[str]:
    """Give the cases of a party that are closed (PHSO-22)."""
    open_again = {one.fields["case"] for one in journal.of("reopen_case")}
    closed = (one for one in journal.of("close_case") if one.id not in open_again)
    return {str(one.fields["reference"]) for one in closed if journal.files.on[one.id] == party}
