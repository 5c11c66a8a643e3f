"""Runs the corpus of decisions: outcome, targets, every reason and every obligation, as strictly as each other."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from rules import identity, policies
from rules.contact import Assurance, Caller, Channel, Contact
from rules.decide import decide
from rules.decision import Decision, Outcome, Reason, Target
from rules.standing import Adjustment, Restriction, Standing, Told, Used, needs
from tests.rules.office import PARTY, at, contact, policy_data, restriction

FILES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in Path(__file__).parent.glob("*.toml")}
# Expected, where a file does not say otherwise; targets, reasons and outcome it always says.
USUAL = {
    "time_limit_s": None,
    "release_at": None,
    "respond_by": None,
    "note": None,
    "sender_text": "",
    "limited": True,
    "counts": True,
    "marks": [],
}


def heard(file: dict) -> Contact:
    """Give the contact of a file."""
    given = dict(file.get("contact", {}))
    channel = given.pop("channel", "email")
    readers = {"at": at, "assurance": Assurance, "caller": Caller, "sender": identity.anything}
    given = {key: readers.get(key, lambda value: value)(value) for key, value in given.items()}
    given |= {key: tuple(value) for key, value in given.items() if isinstance(value, list)}
    if "doubt" in given or given.get("caller", Caller.NUMBER) is not Caller.NUMBER:
        given["sender"] = None
    return contact(channel, **given)


def on_party(file: dict) -> tuple[Restriction, ...]:
    """Give the restrictions of a file, numbered from one, with their measures as the import format writes them."""
    made = []
    for number, written in enumerate(file.get("restriction", ()), start=1):
        changes = dict(written)
        measures = changes.pop("measures")
        readers = {"starts": at, "ends": at, "told": Told, "contract_agreed": at}
        changes = {key: readers.get(key, lambda value: value)(value) for key, value in changes.items()}
        made.append(restriction(*measures, id=str(number), **changes))
    return tuple(made)


def known(file: dict, restrictions: tuple[Restriction, ...], policy, now) -> Standing:
    """Give the standing of a file: its party with all that is on it, or nobody."""
    used = {one["kind"]: one for one in file.get("usage", ())}
    answers = {}
    for need in needs(restrictions, policy, now=now):
        row = used.get(need.usage.kind.value, {})
        answers[need] = Used(at(row["reached_at"]) if "reached_at" in row else None, row.get("seconds", 0))
    adjustments = tuple(
        Adjustment(row["need"], frozenset(map(Channel, row["open"])), ends=at(row["ends"]) if "ends" in row else None)
        for row in file.get("adjustments", ())
    )
    return Standing(
        party=None if file.get("nobody") else PARTY,
        restrictions=restrictions,
        adjustments=adjustments,
        used=answers,
        perhaps=tuple(file.get("perhaps", ())),
        restricted_candidates=file.get("restricted_candidates", False),
        away=frozenset(file.get("away", ())),
    )


def decided(name: str, *, observe: bool = False) -> Decision:
    """Decide the contact of a file."""
    file = FILES[name]
    policy, one = policies.parse(policy_data() | file.get("policy", {})), heard(file)
    return decide(one, known(file, on_party(file), policy, one.at), policy, now=one.at, observe=observe)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_decision_is_what_its_file_says(name):
    """A decision is the one of its file: what happens, to whom, for how long, and every reason in its order."""
    found, wanted = decided(name), USUAL | FILES[name]["expected"]
    assert [(one.restriction, one.measure, one.clause, one.text) for one in found.reasons] == [
        tuple(reason) for reason in wanted.pop("reasons")
    ]
    assert found.targets == tuple(Target(to, Outcome(what), goal) for to, what, goal in wanted.pop("targets"))
    release = wanted.pop("release_at")
    assert found.release_at == (at(release) if release else None)
    assert (found.note and found.note.text) == wanted.pop("note")
    assert found.marks == tuple(wanted.pop("marks"))
    assert found.outcome is found.carried
    assert set(wanted) <= {field.name for field in fields(Decision)}
    assert {key: getattr(found, key) for key in wanted} == wanted


@pytest.mark.parametrize("name", sorted(FILES))
def test_observing_lets_everything_through_and_keeps_the_decision(name):
    """In observe mode every contact gets where it was sent, unhurried and unanswered, with the same reasons."""
    enforced, observed = decided(name), decided(name, observe=True)
    opened = Outcome.CONNECT if FILES[name].get("contact", {}).get("channel") == "call" else Outcome.DELIVER
    assert observed.carried is opened
    assert all(one.outcome is opened and one.to == one.recipient for one in observed.targets)
    assert len(observed.targets) == len(enforced.targets)
    assert (observed.time_limit_s, observed.release_at, observed.note) == (None, None, None)
    assert (observed.outcome, observed.reasons, observed.counts) == (
        enforced.outcome,
        enforced.reasons,
        enforced.counts,
    )


def test_the_corpus_names_clauses():
    """There are enough decisions, each named after a clause or a row of threats, and each reason says something."""
    assert len(FILES) >= 25
    for name in FILES:
        assert re.fullmatch(r"(PHSO|SPSO|MP|HO|I|T)-?[0-9M.]+(-[a-z]+)+", name), name
        assert all(isinstance(reason, Reason) and reason.text for reason in decided(name).reasons)
