"""Shielded colleagues: this party never reaches them, and a manager takes over."""

from dataclasses import replace

import pytest

from rules.casework.refused import Refused
from rules.casework.shields import shields, taken_over
from tests.rules.casework.acts.clerk import CLERK, MANAGER, Clerk

CLERKS, HEAD, DEPUTY = "clerk@office.example.org", "head@office.example.org", "deputy@office.example.org"
CLERKS_PHONE, HEADS_PHONE = "+441632960001", "+441632960002"
BOTH = {
    "colleague": "A. Clerk",
    "inbox": CLERKS,
    "manager_inbox": HEAD,
    "phone": CLERKS_PHONE,
    "manager_phone": HEADS_PHONE,
    "reason": "Threatened at home.",
}


def test_PHSO_24_the_manager_takes_over_mail_and_calls():
    """Each way of the colleague leads to that of the manager, however it is written."""
    clerk = Clerk()
    clerk.do("shield", MANAGER, **BOTH | {"inbox": "Clerk@Office.Example.ORG", "phone": "01632 960001"})
    assert taken_over(clerk.shelf, clerk.now) == {CLERKS: HEAD, CLERKS_PHONE: HEADS_PHONE}


def test_PHSO_24_a_shield_ends_when_it_is_ended():
    """Until then it stands, without an end of its own; ended twice is refused."""
    clerk = Clerk()
    number = clerk.do("shield", MANAGER, **BOTH).id
    clerk.wait(days=1000)
    assert [one.id for one in shields(clerk.shelf, clerk.now)] == [number]
    ended = {"shield": number, "reason": "They moved to another team.", "asked": "Agrees."}
    clerk.do("unshield", MANAGER, **ended)
    assert taken_over(clerk.shelf, clerk.now) == {}
    with pytest.raises(Refused, match="no such shield"):
        clerk.do("unshield", MANAGER, **ended)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param({"inbox": None, "phone": None}, "what is shielded", id="nothing is shielded"),
        pytest.param({"manager_inbox": None}, "Nobody takes over", id="nobody takes the mail"),
        pytest.param({"manager_phone": None}, "Nobody takes over", id="nobody takes the calls"),
        pytest.param({"manager_inbox": CLERKS}, "Nobody takes over", id="the colleague takes over from themselves"),
        pytest.param({"phone": None}, "name both", id="a manager's number without the colleague's"),
        pytest.param({"incident": "none"}, "no incident", id="an incident that is not on the file"),
    ],
)
def test_PHSO_24_somebody_takes_over(fields, why):
    """Whatever would leave mail or calls with nobody is refused."""
    clerk = Clerk()
    with pytest.raises(Refused, match=why):
        clerk.do("shield", MANAGER, **BOTH | fields)
    assert not clerk.shelf.shields


@pytest.mark.parametrize(
    ("second", "why"),
    [
        pytest.param({"inbox": CLERKS, "manager_inbox": DEPUTY}, "shielded already", id="the same colleague again"),
        pytest.param({"inbox": DEPUTY, "manager_inbox": CLERKS}, "shielded from this", id="a shielded one takes over"),
        pytest.param({"inbox": HEAD, "manager_inbox": DEPUTY}, "takes over for", id="one who takes over is shielded"),
    ],
)
def test_PHSO_24_no_shield_leads_to_a_shielded_colleague(second, why):
    """Two shields together never hand on to somebody who is shielded too."""
    clerk = Clerk()
    clerk.do("shield", MANAGER, **BOTH)
    with pytest.raises(Refused, match=why):
        clerk.do("shield", MANAGER, colleague="B. Clerk", reason="As before.", **second)


def test_PHSO_24_an_inbox_that_is_always_open_cannot_be_shielded():
    """What no measure closes needs another colleague instead."""
    clerk = Clerk()
    clerk.policy = replace(clerk.policy, always_open=frozenset({CLERKS}))
    with pytest.raises(Refused, match="always open"):
        clerk.do("shield", MANAGER, **BOTH)


@pytest.mark.parametrize(("field", "value"), [("inbox", "clerk"), ("manager_inbox", "a b@c"), ("phone", "ring me")])
def test_PHSO_24_ways_are_addresses_and_numbers(field, value):
    """Anything else is no act at all."""
    with pytest.raises(ValueError, match=field):
        Clerk().do("shield", MANAGER, **BOTH | {field: value})


def test_SPSO_60_a_manager_decides_it():
    """A caseworker may not."""
    with pytest.raises(Refused, match="may not do this"):
        Clerk("spso").do("shield", CLERK, **BOTH)
