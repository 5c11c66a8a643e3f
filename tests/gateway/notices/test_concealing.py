"""No notice names whom a measure conceals, whoever typed the name (PHSO-M6, SPSO-21.2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.notices.composing import compose
from gateway.notices.concealing import NamesStaff, names_perhaps
from gateway.notices.phrases import shipped
from gateway.notices.position import ArrangementsFacts, EndFacts, RestrictionFacts
from rules.contact import Identifier, IdentifierKind
from rules.measures import parse
from tests.gateway.notices.office import FACTS, OFFICE, OVER, PARTY, every_facts, position, restriction

CONCEAL = parse({"kind": "conceal_staff", "inbox": "team@example.org", "phone": "+441632960100"})
NAMED = parse({"kind": "named_contact", "inbox": "j.quill@example.org", "phone": "+441632960200"})

MOBILE = frozenset({Identifier(IdentifierKind.PHONE, "+447700900123")})


def everything(*measures, **changes) -> str:
    """Give all that a notice of a restriction says."""
    one = restriction(*measures, **changes)
    return "\n".join(compose(RestrictionFacts(one), position(one), shipped()).texts())


def test_without_the_measure_the_named_contact_is_named():
    """One colleague deals with the party, who is told where to write and call."""
    text = everything(NAMED)
    assert "j.quill@example.org" in text
    assert "01632 960200" in text


def test_with_the_measure_what_is_shared_is_named():
    """Under both measures the party is told the shared inbox and number, though mail goes to the named colleague."""
    text = everything(NAMED, CONCEAL)
    assert "j.quill" not in text
    assert "960200" not in text
    assert "team@example.org" in text
    assert "01632 960100" in text


@pytest.mark.parametrize("name", FACTS)
def test_no_kind_of_notice_names_anybody(name):
    """Who approved it, whose inbox it is and whom the caller names stand in no notice of any kind."""
    one = restriction(NAMED, CONCEAL, approved_by="Jo Quill")
    stand = position(*(() if name in OVER else (one,)), staff=frozenset({"Sam Roe"}))
    text = "\n".join(compose(every_facts(one)[name], stand, shipped()).texts())
    assert not any(secret in text for secret in ("Quill", "Roe", "j.quill", "960200"))


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param("You shouted at sam roe on the phone", id="a colleague's name in other letters"),
        pytest.param("You wrote to j.quill@example.org nine times", id="an inbox"),
        pytest.param("You called 01632 960200 nine times", id="a direct line as it is dialled at home"),
        pytest.param("You called +44 1632 960200 nine times", id="a direct line with its country"),
        pytest.param("Jo Quill decided this", id="who approved it"),
        pytest.param("You called Casey nine times", id="PHSO-M6 a first name alone"),
        pytest.param("You shouted at Ms Workman", id="a last name alone"),
        pytest.param("You shouted at MS WORKMAN", id="a last name in capitals"),
        pytest.param(
            "You wrote to Jo Bloggs, jo.bloggs@office.example.org.", id="an inbox at the office of nobody named"
        ),
        pytest.param("You called Jo Bloggs on 01632 960155 at night", id="a direct line that the settings do not know"),
        pytest.param("You called +44 (0)1632 960155 at night", id="the same with its country"),
    ],
)
def test_a_name_that_somebody_typed_is_refused(reason):
    """A reason that gives a colleague away is refused, and the refusal does not repeat the name."""
    one = restriction(NAMED, CONCEAL, reason=reason, approved_by="Jo Quill")
    office = replace(OFFICE, domains=frozenset({"office.example.org"}))
    staff = frozenset({"Sam Roe", "Casey Workman"})
    with pytest.raises(NamesStaff) as refused:
        compose(RestrictionFacts(one), position(one, staff=staff, office=office), shipped())
    assert not any(secret in str(refused.value) for secret in ("Roe", "Quill", "960200"))


def test_a_role_is_no_name():
    """A role that approved may be named as whoever an appeal goes to."""
    one = restriction(CONCEAL, approved_by="Head of the office")
    text = "\n".join(compose(ArrangementsFacts(), position(one), shipped()).texts())
    assert "Your appeal goes to: Head of the office." in text


def test_part_of_a_word_is_no_name():
    """Somebody called Ann does not forbid the word annual."""
    one = restriction(CONCEAL, reason="You asked about the annual report")
    assert compose(RestrictionFacts(one), position(one, staff=frozenset({"Ann"})), shipped())


def test_an_end_names_nobody_either():
    """A letter that the concealing restriction is over gives no name away with its reason."""
    one = restriction(NAMED, CONCEAL, approved_by="Jo Quill")
    with pytest.raises(NamesStaff):
        compose(EndFacts(one, "Jo Quill agreed"), position(), shipped())


def test_what_the_office_shares_is_no_secret():
    """Where mail is routed to the office's own inbox, or to the shared one, that may be told."""
    own = parse({"kind": "named_contact", "inbox": "enquiries@example.org", "deputy": "team@example.org"})
    text = everything(own, CONCEAL)
    assert "team@example.org" in text


@pytest.mark.parametrize(
    ("reason", "asked"),
    [
        pytest.param("You told us that Will is to blame", True, id="a name that is a word of ours, with its capital"),
        pytest.param("You told us that you will call again", False, id="the word itself"),
        pytest.param("You shouted at your support workman", True, id="a name in small letters"),
        pytest.param("You rang us from 07700 900123", False, id="the person's own number"),
        pytest.param("You wrote to team@office.example.org", False, id="the shared inbox"),
        pytest.param("You wrote to someone@example.com", False, id="an inbox of somebody else's house"),
    ],
)
def test_what_may_be_a_name_is_asked_about(reason, asked):
    """A word that is a name as well is no fault of the letter: its sentence is shown to whoever reads the draft."""
    conceal = parse({"kind": "conceal_staff", "inbox": "team@office.example.org", "phone": "+441632960100"})
    one = restriction(conceal, reason=reason)
    office = replace(OFFICE, domains=frozenset({"office.example.org"}))
    stand = position(one, staff=frozenset({"Will Workman"}), office=office, party=replace(PARTY, identifiers=MOBILE))
    notice = compose(RestrictionFacts(one), stand, shipped())
    assert [reason in each for each in names_perhaps(notice, stand)] == [True] * asked
