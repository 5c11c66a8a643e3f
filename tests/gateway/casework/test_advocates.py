"""Advocates through the door: marked as such, never counted, and a measure that rests on them suspended at once."""

from __future__ import annotations

from gateway.standing import standing_of
from rules.contact import Assurance, Channel, Contact
from rules.decide import decide
from rules.identity import email
from tests.gateway.casework.desk import Desk
from tests.gateway.office import ALERTS, mail, office

ADVOCATE = "a.advocate@centre.example.net"
SPOKEN_FOR = {"kind": "third_party", "advocates": [{"name": "A. Advocate", "contact": "01632 960500"}]}
ALLOWED = {"advocate": "A. Advocate", "identifiers": [ADVOCATE], "until": "2026-12-01", "consent": "By letter."}


def decided(here, sender):
    """Decide on a mail from an address as reception does."""
    now, policy = here.clock(), here.settings.policy
    known = email(sender)
    contact = Contact(
        id="c", channel=Channel.EMAIL, at=now, sender=known, candidates=(known,), assurance=Assurance.CLAIMED
    )
    standing = here.record.read_now(lambda reader: standing_of(reader, contact, policy, now=now))
    return decide(contact, standing, policy, now=now)


async def test_PHSO_M13_an_advocates_mail_is_marked_and_counts_for_nobody(folder):
    """Whoever they are to us otherwise; once their authority ends the mark goes, by the clock."""
    async with office(folder) as here:
        party = here.party()
        Desk(here).do(party, "authorise_advocate", **ALLOWED)
        assert decided(here, ADVOCATE).marks == ("speaks for R. Example",)
        for number in range(7):
            await here.post(mail(number, sender=ADVOCATE), sender=ADVOCATE)
        assert here.states() == ["delivered"] * 7
        assert here.flags() == []
        assert {entry.counts for entry in here.contacts()} == {False}
        assert "speaks for R. Example" in here.contacts()[0].reasons[-1].text
        here.clock.advance(days=300)
        assert decided(here, ADVOCATE).marks == ()


async def test_PHSO_M13_an_authority_that_is_ended_suspends_the_measure_and_its_owner_is_told(folder):
    """At once and once: what the party sends next passes, and tells nobody again; given anew the measure stands."""
    async with office(folder) as here:
        party, desk = here.party(), Desk(here)
        authority = desk.do(party, "authorise_advocate", **ALLOWED).id
        desk.restriction(party, SPOKEN_FOR)
        here.clock.advance(hours=1)
        await here.post(mail(1))
        desk.do(party, "end_authority", authority=authority, reason="She no longer acts for them")
        (alert,) = [one for one in here.letters() if b"needs its owner" in one.message]
        assert alert.rcpt == ALERTS
        here.clock.advance(hours=1)
        await here.post(mail(2))
        assert here.states() == ["returned", "delivered"]
        assert len([one for one in here.letters() if b"needs its owner" in one.message]) == 1
        desk.do(party, "authorise_advocate", **ALLOWED)
        here.clock.advance(hours=1)
        await here.post(mail(3))
        assert here.states()[-1] == "returned"
