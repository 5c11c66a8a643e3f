"""Measures of casework through the doors: who gets what, what is counted, what a sender is told."""

from email import message_from_bytes
from functools import partial

from gateway.standing import standing_of
from rules import identity, measures
from rules.contact import Channel, Contact
from rules.decide import decide
from rules.standing import Restriction, Told
from storage.entries import State
from tests.gateway.office import ALERTS, APPEALS, CLERK, DOMAIN, HEAD, NOW, mail, office
from tests.gateway.twilio import CALLER, Twilio, dial, verbs

SHARED, DUTY = f"casework@{DOMAIN}", f"duty@{DOMAIN}"
ADVOCATE = "a.advocate@example.org"
OTHER, DUTY_NUMBER = "+441632960002", "+441632960200"
SPOKEN_FOR = {"kind": "third_party", "advocates": [{"name": "A. Advocate", "contact": "01632 960500"}]}


async def test_mail_to_colleagues_lies_in_the_shared_inbox(folder):
    """Written to two colleagues and an inbox that is always open: one copy shared, the open inbox has its own."""
    async with office(folder, policy={"always_open": frozenset({APPEALS})}) as here:
        party = here.party({"kind": "conceal_staff", "inbox": SHARED})
        await here.post(mail(), CLERK, HEAD, APPEALS)
        assert [len(here.mailbox(inbox)) for inbox in (SHARED, APPEALS, CLERK, HEAD)] == [1, 1, 0, 0]
        assert (here.states(), here.used(party), here.told()) == (["delivered"], 1, [])


async def test_a_party_with_an_advocate_is_told_how_to_reach_them(folder):
    """Their own mail goes back with the advocate's words, is on file and uses up nothing."""
    async with office(folder) as here:
        party = here.party(SPOKEN_FOR)
        await here.post(mail())
        assert (here.states(), here.used(party)) == (["returned"], 0)
        (letter,) = here.told()
        told = message_from_bytes(letter.message).get_payload(decode=True).decode()
        assert "Please contact us through the person who speaks for you: A. Advocate, 01632 960500." in told


async def test_what_an_advocate_sends_is_never_limited_and_never_the_partys(folder):
    """Six mails in a day with the party in copy: all delivered, and neither counted nor flagged against the party."""
    once_a_week = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"}
    async with office(folder) as here:
        party = here.party(SPOKEN_FOR, once_a_week)
        here.party(name="A. Advocate", emails=[ADVOCATE])
        for number in range(6):
            await here.post(mail(number, sender=ADVOCATE, Cc="r.example@example.org"), sender=ADVOCATE)
        assert (here.states(), here.used(party)) == (["delivered"] * 6, 0)
        assert here.contacts(whose=f"party:{party}") == []
        assert f"party:{party}" not in {flag.whose for flag in here.flags()}


async def test_once_nobody_speaks_for_the_party_their_own_mail_passes(folder):
    """The day after the last authority ended the measure is suspended, whether or not any job ran."""
    until = {"kind": "third_party", "advocates": [{"name": "A. Advocate", "until": "2026-03-09"}]}
    async with office(folder) as here:
        party = here.party(until)
        await here.post(mail(1))
        here.clock.at = NOW.replace(day=10, hour=0)
        await here.post(mail(2))
        assert (here.states(), here.used(party)) == (["returned", "delivered"], 1)


async def test_interim_protection_bites_at_once_and_lapses(folder):
    """Nobody approved it and nobody was told: all the same mail reaches the duty manager, for two working days."""
    async with office(folder) as here:
        party = here.party()
        protect(here, party, inbox=DUTY)
        await here.post(mail(1), CLERK, HEAD)
        here.clock.at = NOW.replace(day=11, hour=23, minute=59)
        await here.post(mail(2))
        here.clock.at = NOW.replace(day=12, hour=0)
        await here.post(mail(3))
        assert [len(here.mailbox(inbox)) for inbox in (DUTY, CLERK, HEAD)] == [2, 1, 0]


async def test_without_a_duty_inbox_mail_is_held_for_the_duty_manager(folder):
    """It has an owner and a time to look by, no release by the clock, and nobody is told that it waits."""
    async with office(folder) as here:
        protect(here, here.party())
        assert (await here.post(mail())).startswith("250")
        entry = here.only()
        assert (entry.state, entry.owner, entry.release_at) == (State.HELD, "duty", None)
        assert entry.look_by is not None
        assert here.told() == []
        assert all(letter.rcpt == ALERTS for letter in here.letters())
        assert "was delivered" in await here.gateway.holds.release(entry.id, "duty manager")


async def test_calls_go_to_the_duty_manager_or_leave_a_message(folder):
    """The number in the measure is dialled; where none is known the caller leaves a message."""
    async with office(folder, phone=True) as here, Twilio(here) as twilio:
        protect(here, here.party(phones=[CALLER]), phone=DUTY_NUMBER)
        protect(here, here.party(name="S. Sample", emails=[], phones=[OTHER]))
        _, routed = await twilio.call()
        _, recorded = await twilio.call(caller=OTHER)
        assert (dial(routed), verbs(recorded)[:2]) == ((DUTY_NUMBER, None), ["Say", "Record"])
        assert here.contacts()[-1].owner == "duty"


async def test_an_answer_is_counted_from_the_newest_contact_on_record(folder):
    """A letter logged late is answered with what came after it; what was filed, or another party's, moves nothing."""
    slow = {"kind": "slow_response", "working_days": 10, "counted_from": "latest_contact"}
    async with office(folder) as here:
        party = here.party(slow)
        here.party(name="S. Sample", emails=["s.sample@example.org"])
        letter = Contact("L1", Channel.LETTER, NOW, identity.email("r.example@example.org"))
        assert due(here, letter) == "2026-03-23"
        here.clock.advance(days=1)
        await here.post(mail(1))
        here.clock.advance(days=1)
        await here.post(mail(2, sender="s.sample@example.org"), sender="s.sample@example.org")
        assert due(here, letter) == "2026-03-24"
        here.restrict(party, {"kind": "file_unanswered"})
        await here.post(mail(3))
        assert (here.states()[-1], due(here, letter)) == ("filed", "2026-03-24")


def protect(here, party, **measure):
    """Put a party under interim protection, as any colleague may."""
    interim = measures.parse({"kind": "interim_protection", **measure})
    one = Restriction(f"i{party}", (interim,), here.clock(), here.clock().replace(month=12), told=Told.NO)
    here.record.write_now(lambda tx: tx.add_restriction(party, one))


def due(here, contact):
    """Say by when a contact that staff log now is answered."""
    policy, now = here.settings.policy, here.clock()
    known = here.record.read_now(partial(standing_of, contact=contact, policy=policy, now=now))
    return decide(contact, known, policy, now=now).respond_by.isoformat()
