"""Requests of ours on the record: answers are the party's own contacts, and what may be one is known."""

import pytest

from gateway.casework.requests import expects_answer, names_own_contact
from gateway.config import read_policy
from rules.casework.refused import Refused
from rules.contact import Assurance
from tests.gateway.casework.casework_office import CLERK, Office
from tests.storage.office import add

ASKED = {"what": "A summary.", "difficulty": "None."}


@pytest.fixture
def office(folder):
    """An office under PHSO's policy, whose desk knows the record's contacts."""
    office = Office(folder, "phso", guards=(names_own_contact(read_policy("phso", folder)),))
    yield office
    office.record.close()


def expected(office):
    """Tell whether an answer of the party may come now."""
    return office.record.read_now(lambda reader: expects_answer(reader, office.party, office.policy, office.clock.at))


def test_PHSO_26_an_answer_is_expected_until_it_came(office):
    """Nothing before the request, nothing after its answer, and nothing of a party that is not there."""
    assert not expected(office)
    number = office.do("request", **ASKED).paper.id
    assert expected(office)
    own = add(office.record, sender=str(office.address), party_id=office.party, whose=f"party:{office.party}")
    office.do("answer_request", request=number, contact=own.id)
    assert not expected(office)
    assert not office.record.read_now(lambda reader: expects_answer(reader, 999, office.policy, office.clock.at))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("answer_request", {}),
        ("stop_reading", {"passed_to": "M. Manager"}),
        ("highlight", {"passages": [{"start": 0, "end": 4, "digest": "a" * 64}], "note": "Please leave this out."}),
    ],
)
def test_PHSO_26_a_contact_that_is_named_is_the_partys_own(office, name, fields):
    """Somebody else's, and one that is not there, are refused; nothing is on file."""
    if name == "answer_request":
        fields = fields | {"request": office.do("request", **ASKED).paper.id}
    before = len(office.file().papers)
    stranger = add(office.record)
    for contact in (stranger.id, "none"):
        with pytest.raises(Refused, match="no contact"):
            office.do(name, CLERK, contact=contact, **fields)
    assert len(office.file().papers) == before
    own = add(office.record, party_id=office.party)
    office.do(name, CLERK, contact=own.id, **fields)


def test_PHSO_M13_an_advocate_may_answer_for_the_party(office):
    """While they speak for the party: not before, not forged, and never another stranger."""
    advice = {"sender": "email:advice@centre.example.org", "whose": "email:advice@centre.example.org"}
    number = office.do("request", **ASKED).paper.id
    office.do(
        "authorise_advocate",
        advocate="Q. Voice",
        identifiers=["Advice@centre.example.org"],
        until="2026-09-01",
        consent="By letter.",
    )
    office.clock.advance(days=1)
    too_early = add(office.record, **advice)
    forged = add(office.record, **advice, at=office.clock.at, assurance=Assurance.FAILED)
    stranger = add(office.record, at=office.clock.at)
    for contact in (too_early, forged, stranger):
        with pytest.raises(Refused, match="no contact"):
            office.do("answer_request", request=number, contact=contact.id)
    answer = add(office.record, **advice, at=office.clock.at)
    with pytest.raises(Refused, match="no contact"):
        office.do("stop_reading", contact=answer.id, passed_to="M. Manager")
    office.do("answer_request", request=number, contact=answer.id)
    assert not expected(office)


def test_PHSO_M4_an_agreed_contract_is_enforced(folder):
    """Once it is agreed, decisions are made by the contract alone, and the file read back says so."""
    office = Office(folder, "phso")
    incident = office.do("note_incident", category="abusive_behaviour", what="Shouted.").paper.id
    office.do("warn", incidents=[incident], text="Please stop.", spoken=True)
    incident = office.do("note_incident", category="abusive_behaviour", what="Shouted again.").paper.id
    draft = office.do(
        "draft_restriction",
        measures=[
            {"kind": "behaviour_contract", "conditions": ["No shouting"]},
            {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"},
        ],
        ground="abusive_behaviour",
        reason="It keeps us from other work.",
        incidents=[incident],
        adjustments_considered="Asked; none needed.",
    ).paper.id
    office.do("propose_restriction", restriction=draft)
    office.do("send_notice", about=draft)

    def bearing():
        (one,) = office.record.read_now(lambda reader: reader.party_file(office.party)).restrictions
        return [each.kind for each in one.bearing(office.clock.at)]

    assert bearing() == ["behaviour_contract", "volume_limit"]
    office.do("agree_contract", restriction=draft, how="Signed.")
    assert bearing() == ["behaviour_contract"]
    office.record.close()
