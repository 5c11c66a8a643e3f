"""Advocates: who may speak for a party, for what, until when, and with what consent."""

from datetime import date, timedelta

import pytest

from rules import identity
from rules.casework.advocates import authorities
from rules.casework.facts import facts_of
from rules.casework.file import Mark
from rules.casework.refused import Refused
from tests.rules.casework.acts.clerk import NOW, OWN, Clerk

ADVICE = "advice@centre.example.org"
ALLOWED = {
    "advocate": "A. Advocate",
    "identifiers": [ADVICE, "01632 960500"],
    "until": "2026-03-29",
    "consent": "By letter, on the case file.",
}


def test_PHSO_M13_an_advocate_is_known_by_address_and_number():
    """However they are written, and nobody else is."""
    clerk = Clerk()
    number = clerk.do("authorise_advocate", **ALLOWED, scope="the appeal").id
    for sender in (identity.email("Advice@Centre.example.org"), identity.phone("+44 1632 960500")):
        (one,) = facts_of(clerk.shelf).speaking(str(sender), NOW)
        assert (one.name, one.scope) == ("A. Advocate", "the appeal")
    assert facts_of(clerk.shelf).speaking(str(OWN), NOW) == ()
    assert clerk.shelf.authorities[number].consented == date(2026, 3, 11)


def test_PHSO_M13_the_authority_ends_with_its_last_day():
    """Summer time begins on that Sunday, so it ends at 23:00 UTC; no job has to have run."""
    clerk = Clerk()
    clerk.do("authorise_advocate", **ALLOWED)
    end = NOW.replace(day=29, hour=23)
    assert len(authorities(clerk.shelf, end - timedelta(microseconds=1))) == 1
    assert authorities(clerk.shelf, end) == ()


def test_PHSO_M13_it_can_be_ended_before_and_only_once():
    """From then on nobody speaks for the party, and there is nothing left to end."""
    clerk = Clerk()
    number = clerk.do("authorise_advocate", **ALLOWED).id
    clerk.wait(days=1)
    clerk.do("end_authority", authority=number, reason="The person asked for it.")
    assert authorities(clerk.shelf, clerk.now) == ()
    assert len(authorities(clerk.shelf, NOW)) == 1
    with pytest.raises(Refused, match="no such authority"):
        clerk.do("end_authority", authority=number, reason="Again.")


def test_PHSO_M13_what_is_over_cannot_be_ended():
    """An authority past its last day is in force no more."""
    clerk = Clerk()
    number = clerk.do("authorise_advocate", **ALLOWED).id
    clerk.wait(days=60)
    with pytest.raises(Refused, match="no such authority"):
        clerk.do("end_authority", authority=number, reason="Late.")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param({"until": "2026-03-10"}, "is past", id="it is over already"),
        pytest.param({"until": "9999-12-31"}, "beyond the calendar", id="it never ends"),
        pytest.param({"consented": "2026-03-12"}, "still to come", id="the consent is to come"),
        pytest.param({"identifiers": ["R.Example@example.org"]}, "person's own", id="the address is the party's own"),
    ],
)
def test_PHSO_M13_an_authority_has_an_end_and_a_consent_and_an_address_of_its_own(fields, why):
    """Anything else is refused."""
    with pytest.raises(Refused, match=why):
        Clerk().do("authorise_advocate", **ALLOWED | fields)


def test_PHSO_M13_an_address_that_the_party_shares_may_be_the_advocates():
    """A hostel's address is on both."""
    clerk = Clerk("phso", Mark(OWN, shared=True))
    clerk.do("authorise_advocate", **ALLOWED | {"identifiers": [OWN.value]})
    assert len(facts_of(clerk.shelf).speaking(str(OWN), NOW)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"identifiers": []}, id="nobody could recognise them"),
        pytest.param({"identifiers": ["the centre"]}, id="neither address nor number"),
        pytest.param({"consent": " "}, id="no consent"),
        pytest.param({"until": None}, id="no end"),
    ],
)
def test_SPSO_21_3_an_authority_is_described_in_full(fields):
    """What is missing is named."""
    with pytest.raises(ValueError, match=next(iter(fields))):
        Clerk("spso").do("authorise_advocate", **ALLOWED | fields)


def test_PHSO_M13_an_address_under_the_partys_domain_is_the_partys():
    """It would be limited as theirs, so it is refused, until it is said to be an exception."""
    domain, address = identity.domain("centre.example.org"), identity.email(ADVICE)
    with pytest.raises(Refused, match="limited as theirs"):
        Clerk("phso", Mark(domain)).do("authorise_advocate", **ALLOWED)
    excepted = Clerk("phso", Mark(domain), Mark(address, exception=True))
    assert excepted.do("authorise_advocate", **ALLOWED).id
