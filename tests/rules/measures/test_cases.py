"""Runs the cases of every measure: one TOML file a kind, with the whole finding and the sentence of each refusal."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from inspect import cleandoc
from pathlib import Path

import pytest

from rules.contact import Channel, Contact
from rules.decide import decide
from rules.decision import Finding, Note, Outcome, Reason
from rules.measures import KINDS, dump, parse
from rules.standing import Used
from tests.rules.office import NOW, POLICY, at, contact, restriction, standing

FILES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in Path(__file__).parent.glob("*.toml")}
SETUP = {"name", "measure", "contact", "usage", "away", "policy", "policy_text", "restriction"}
FOUND = {field.name for field in fields(Finding)} | {"once"}


def every(table: str) -> list:
    """Give all cases of one table, each with its kind and a sentence for an id."""
    return [
        pytest.param(kind, case, id=f"{kind}: {case['name']}")
        for kind, file in sorted(FILES.items())
        for case in file.get(table, ())
    ]


def heard(case: dict) -> Contact:
    """Give the contact of a case."""
    given = dict(case.get("contact", {}))
    channel = given.pop("channel", "email")
    return contact(channel, **given | ({"at": at(given["at"])} if "at" in given else {}))


def expected(case: dict) -> Finding | None:
    """Give the finding that a case expects: whatever it does not name is as a finding has it by itself."""
    if "outcome" not in case:
        return None
    words = getattr(POLICY.texts, case["policy_text"]) if "policy_text" in case else case.get("sender_text", "")
    return Finding(
        Outcome(case["outcome"]),
        case["text"],
        to=case.get("to"),
        open_recipients=frozenset(case.get("open_recipients", ())),
        until=at(case["until"]) if "until" in case else None,
        time_limit_s=case.get("time_limit_s"),
        respond_by=case.get("respond_by"),
        note=Note(case["once"], case["note"]) if "note" in case else None,
        sender_text=words,
    )


@pytest.mark.parametrize(("kind", "case"), every("case"))
def test_a_measure_finds(kind, case):
    """A measure finds on a contact exactly what its case says, down to the words, and its reason names the clause."""
    assert set(case) <= SETUP | FOUND
    one, policy = heard(case), POLICY.with_changes(**case.get("policy", {}))
    measure = parse({"kind": kind, **case.get("measure", {})})
    dates = {name: at(moment) for name, moment in case.get("restriction", {}).items()}
    on, usage = restriction(measure, **dates), dict(case.get("usage", {}))
    if "reached_at" in usage:
        usage["reached_at"] = at(usage["reached_at"])
    known = standing(on, now=one.at, used=Used(**usage), policy=policy, away=frozenset(case.get("away", ())))
    found = measure.check(one, known.under(on), policy, now=one.at)
    assert found == expected(case)
    reasons = decide(one, known, policy, now=one.at).reasons
    if found is None:
        assert reasons == (Reason("", "", "", "No measure in force bears on this contact"),)
    else:
        assert reasons[0] == Reason("1", kind, FILES[kind]["clause"], case["text"])


@pytest.mark.parametrize(("kind", "case"), every("refused"))
def test_a_parameter_out_of_range_is_one_sentence(kind, case):
    """What a measure cannot be is refused with the sentence of its case."""
    with pytest.raises(ValueError) as refused:
        parse({"kind": kind, **case.get("measure", {})})
    assert str(refused.value) == case["sentence"]


@pytest.mark.parametrize(("kind", "case"), every("case"))
def test_a_measure_is_written_as_it_is_read(kind, case):
    """Writing a measure and reading it back gives the same one, and writes nothing that it has by default."""
    measure = parse({"kind": kind, **case.get("measure", {})})
    written = dump(measure)
    assert parse(written) == measure
    assert set(written) <= {"kind", *case.get("measure", {})}


@pytest.mark.parametrize("data", [{"kind": "blok"}, {"kind": ["block"]}, {}], ids=["misspelt", "no text", "missing"])
def test_an_unknown_measure_is_named_with_those_there_are(data):
    """A kind that there is not is refused with the list of kinds."""
    with pytest.raises(
        ValueError,
        match=r"^there is no measure .*; the measures are automated_line, behaviour_contract, block, .*volume_limit$",
    ):
        parse(data)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_measure_is_whole(kind):
    """Every measure has cases, words, a clause, a module of its name, and a described schema of all its parameters."""
    measure, file = KINDS[kind], FILES[kind]
    assert len(file["case"]) >= 3
    assert file["refused"]
    assert POLICY.clause(kind) == file["clause"]
    assert measure.staff_words.endswith(".")
    assert measure.sender_words.endswith(".") or kind == "automated_line"  # whose words are its message
    assert measure.__module__ == f"rules.measures.{kind}"
    assert measure.__name__ == "".join(part.capitalize() for part in kind.split("_"))
    assert measure.__doc__
    schema = measure.model_json_schema()
    assert schema["description"] == cleandoc(measure.__doc__)
    assert schema["additionalProperties"] is False
    for name, parameter in schema["properties"].items():
        assert parameter.get("description", "").endswith("."), name


def test_every_file_of_cases_has_its_measure():
    """No case outlives its measure."""
    assert set(FILES) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_channel_has_an_outcome_that_its_doors_know(kind):
    """No measure gives a call what only mail can have, nor mail what only a call can; what staff log is delivered."""
    first = next(case for case in FILES[kind]["case"] if "outcome" in case)
    measure = parse({"kind": kind, **first.get("measure", {})})
    on = restriction(measure)
    known = standing(on, used=Used(reached_at=NOW, seconds=999_999)).under(on)
    outcomes = {channel: measure.check(contact(channel), known, POLICY, now=NOW) for channel in Channel}
    for channel, found in outcomes.items():
        if found is None:
            continue
        if channel is Channel.CALL:
            assert found.outcome not in {Outcome.DELIVER, Outcome.HOLD, Outcome.FILE, Outcome.RETURN}
        elif channel in {Channel.EMAIL, Channel.SMS}:
            assert found.outcome not in {Outcome.CONNECT, Outcome.VOICEMAIL, Outcome.AUTOMATED_LINE}
        else:
            assert found.outcome is Outcome.DELIVER
