"""Advice from outside: the file without a name, and a question without one."""

import json
from dataclasses import replace

import pytest

from rules.casework.acts.seek_advice import SeekAdvice
from rules.casework.advice import pseudonymised
from rules.casework.file import Mark
from rules.casework.refused import Refused
from rules.contact import Identifier, IdentifierKind
from tests.rules.casework.acts.clerk import CLERK, LEADER, MANAGER, OWN, Clerk

NUMBER = Identifier(IdentifierKind.PHONE, "+441632960123")
SECRETS = (
    *("Rosa", "r.example", "960123", "A. Clerk", "M. Manager", "L. Leader", "Witness", "Voice", "centre.example.org"),
    *("fool", "head@office", "Shouted", "Came to my door"),
)


def full():
    """Give a clerk with a file on which names, numbers and free words stand in many places."""
    clerk = Clerk("phso", Mark(OWN, by="I. Intake"), Mark(NUMBER))
    incident = clerk.incident(reporter="W. Witness", channel="call")
    clerk.do("warn", incidents=[incident], text="Rosa was called a fool.", spoken=True)
    clerk.restriction(
        {"kind": "named_contact", "inbox": "head@office.example.org", "phone": "+441632960002"},
        {"kind": "volume_limit", "channels": ["call"], "count": 2, "per": "week"},
    )
    clerk.do(
        "police",
        LEADER,
        incident=incident,
        told=True,
        reason="Rosa said so.",
        targets=["A. Clerk"],
        witnesses=["W. Witness"],
        third_party="There is none.",
        person="No.",
    )
    clerk.do(
        "authorise_advocate",
        advocate="Q. Voice",
        identifiers=["advice@centre.example.org"],
        until="2026-06-01",
        consent="By letter.",
    )
    clerk.do("outside_contact", MANAGER, discussed_with="L. Leader", recorded=True, reason="x", what="Came to my door")
    return clerk


def test_SPSO_19_the_export_names_nobody():
    """No name, address, number, colleague nor free word of the file stands in it."""
    clerk = full()
    text = json.dumps(pseudonymised(clerk.file, clerk.policy, {}))
    assert not [secret for secret in SECRETS if secret.casefold() in text.casefold()]


def test_SPSO_19_the_export_says_what_happened_and_when():
    """Acts in order, days, roles, grounds and measures; papers refer to each other by number."""
    clerk = full()
    shown = pseudonymised(clerk.file, clerk.policy, {})
    papers = shown["papers"]
    assert shown["about"] == "the person"
    assert [one["act"] for one in papers] == [paper.act.name for paper in clerk.file.papers]
    assert papers[0] == {
        "paper": "paper 1",
        "by": "colleague 1",
        "role": "Caseworker",
        "act": "note_incident",
        "category": "abusive_behaviour",
        "channel": "call",
        "day": "2026-03-11",
    }
    assert papers[1]["incidents"] == ["paper 1"]
    (draft,) = [one for one in papers if one["act"] == "draft_restriction"]
    assert [one["kind"] for one in draft["measures"]] == ["named_contact", "volume_limit"]
    assert draft["measures"][1]["count"] == 2
    assert {one["by"] for one in papers} == {"colleague 1", "colleague 2", "colleague 3"}


def test_SPSO_19_free_text_goes_in_only_where_somebody_passed_it():
    """Under the paper that it was written for."""
    clerk = full()
    number = clerk.file.papers[0].id
    shown = pseudonymised(clerk.file, clerk.policy, {number: "Somebody shouted for a while."})
    assert [one.get("text") for one in shown["papers"]][:2] == ["Somebody shouted for a while.", None]


NAMING = [
    pytest.param("Rosa Example shouted.", id="the person"),
    pytest.param("rosa shouted.", id="a part of the person's name"),
    pytest.param("She wrote from R.Example@Example.org.", id="an address"),
    pytest.param("It came from r.example on another server.", id="the part of an address before the @"),
    pytest.param("She rang from 01632 960123.", id="a number written otherwise"),
    pytest.param("A. Clerk took the call.", id="a colleague"),
    pytest.param("The advocate, Q. Voice, wrote.", id="an advocate"),
    pytest.param("W\uff29tness saw it.", id="a witness in full-width letters"),
    pytest.param("I. Intake put it down.", id="who established an address"),
]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Is a limit of two calls proportionate for an example like this?", id="words beside the name"),
        pytest.param("It happened on 11 March 2026, reference 12345.", id="other numbers"),
        pytest.param("We took advice and the head of the centre agreed.", id="words out of addresses and roles"),
    ],
)
def test_SPSO_19_plain_words_are_no_names(text):
    """What only looks a little like somebody is passed."""
    clerk = full()
    clerk.file = replace(clerk.file, party=replace(clerk.file.party, name="Rosa Fictional"))
    assert pseudonymised(clerk.file, clerk.policy, {clerk.file.papers[0].id: text})["papers"]


@pytest.mark.parametrize("text", NAMING)
def test_SPSO_19_a_text_that_names_somebody_is_refused(text):
    """Passed to the export or asked as the question: neither leaves."""
    clerk = full()
    with pytest.raises(Refused, match=r"names .+, who"):
        pseudonymised(clerk.file, clerk.policy, {clerk.file.papers[0].id: text})
    with pytest.raises(Refused, match=r"names .+, who"):
        clerk.do("seek_advice", CLERK, adviser="An outside body", question=text)


def test_SPSO_19_a_text_belongs_to_a_paper_of_the_file():
    """One for another paper is refused."""
    clerk = full()
    with pytest.raises(Refused, match="no paper"):
        pseudonymised(clerk.file, clerk.policy, {"none": "Words."})


def test_SPSO_19_what_was_asked_and_answered_is_on_record():
    """A question without a name is taken."""
    clerk = full()
    clerk.do("seek_advice", adviser="An outside body", question="May we limit calls here?", answer="Yes.")
    ((_, act),) = clerk.file.of(SeekAdvice)
    assert act.answer == "Yes."
