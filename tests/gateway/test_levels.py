"""Flags: once where a threshold is reached, with one alert to the staff inbox, in the commit of the contact itself."""

import asyncio
from email import message_from_bytes, policy
from functools import partial

import pytest

from gateway import levels as levels_module
from rules.levels.kinds import Level
from rules.policies import Threshold
from rules.windows import Per
from storage.entries import LetterState
from tests.gateway.office import ALERTS, PARTY, mail, office
from tests.gateway.twilio import Twilio

FIVE_A_DAY = "email:5/day/rolling"
FIFTEEN_A_WEEK = "email:15/week/rolling"


async def test_the_fifth_mail_of_a_day_raises_a_flag(folder):
    """The fifth and not the sixth; the alert names the party and says that nothing was restricted."""
    async with office(folder) as here:
        party = here.party(name="R. Example")
        for number in range(4):
            await here.post(mail(number))
        assert here.flags() == []
        commits = here.record.commits
        await here.post(mail(4))
        assert here.record.commits == commits + 1
        await here.post(mail(5))
        (flag,) = here.flags()
        assert (flag.whose, flag.threshold, flag.level) == (f"party:{party}", FIVE_A_DAY, 5)
        assert flag.contact_id == here.contacts()[4].id
        (alert,) = here.letters()
        assert (alert.kind, alert.rcpt, alert.contact_id) == ("alert", ALERTS, flag.contact_id)
        told = message_from_bytes(alert.message, policy=policy.default)
        assert "R. Example: 5 contacts by email in any 24 hours" in told.get_content()
        assert "Nothing has been restricted" in told.get_content()
        assert told["Auto-Submitted"] == "auto-generated"
        assert await here.gateway.outbox.send_due() == 1
        assert here.mailbox(ALERTS) == [here.letters(LetterState.SENT)[0].message]


async def test_an_alert_holds_no_command_of_a_senders_making(folder):
    """What a sender calls itself is nothing that staff are asked to paste into a shell."""
    odd = "`reboot`@example.org"
    async with office(folder) as here:
        for number in range(5):
            await here.post(b"From: " + odd.encode() + b"\r\nSubject: %d\r\n\r\nHello\r\n" % number, sender=odd)
        (alert,) = here.letters()
        commands = [line for line in alert.message.decode().splitlines() if "parley " in line]
        assert commands
        assert not any("`" in line for line in commands)


async def test_again_only_after_the_level_fell(folder):
    """It is raised again when the level was below the threshold in between, a day later."""
    async with office(folder) as here:
        for number in range(8):
            await here.post(mail(number))
        assert len(here.flags()) == 1
        here.clock.advance(hours=23)
        await here.post(mail(8))
        assert len(here.flags()) == 1
        here.clock.advance(hours=2)
        for number in range(9, 14):
            await here.post(mail(number))
        assert [flag.threshold for flag in here.flags()] == [FIVE_A_DAY] * 2
        await here.post(mail(14))
        assert [flag.threshold for flag in here.flags()] == [FIVE_A_DAY] * 2 + [FIFTEEN_A_WEEK]


@pytest.mark.parametrize("measure", [{"kind": "block"}, {"kind": "file_unanswered"}, {"kind": "return_mail"}])
async def test_levels_see_every_attempt(folder, measure):
    """What is refused, filed or returned is an attempt all the same; a repeat of one message is one."""
    async with office(folder) as here:
        here.party(measure)
        for number in range(4):
            for _ in range(2):
                await here.post(mail(number))
        assert here.flags() == []
        await here.post(mail(4))
        assert len(here.flags()) == 1


async def test_levels_fall_to_the_party_whichever_address_it_uses(folder):
    """Three mails from one address and two from another of the same party are five of the party."""
    async with office(folder) as here:
        party = here.party(emails=[PARTY, "r.e@example.net"])
        for number in range(5):
            sender = (PARTY, "r.e@example.net")[number % 2]
            await here.post(mail(number, sender=sender), sender=sender)
        assert [flag.whose for flag in here.flags()] == [f"party:{party}"]


async def test_a_flag_restricts_nobody(folder):
    """After the flag the mail goes on as before."""
    async with office(folder) as here:
        for number in range(20):
            assert (await here.post(mail(number))).startswith("250 ")
        assert len(here.mailbox()) == 20


@pytest.mark.xdist_group("postgres")
async def test_five_at_once_raise_one_flag(folder, postgres_url):
    """Mails at the same moment on PostgreSQL raise one flag and one alert."""
    async with office(folder, record_url=postgres_url) as here:
        await asyncio.gather(*(here.post(mail(number)) for number in range(10)))
        assert [flag.threshold for flag in here.flags()] == [FIVE_A_DAY]
        assert len(here.letters()) == 1


TALK = Threshold(level=Level.TALK_MINUTES, at_least=10, per=Per.DAY)
COLLEAGUES = Threshold(level=Level.STAFF_ADDRESSED, at_least=3, per=Per.DAY)


@pytest.mark.parametrize(
    ("threshold", "ringing", "over"),
    [
        pytest.param(TALK, 0, 1, id="talk is known when the call is over"),
        pytest.param(COLLEAGUES, 1, 1, id="whom it addresses at once"),
    ],
)
async def test_a_call_is_looked_at_when_it_adds_to_a_sum(folder, threshold, ringing, over):
    """Not before: in a flood of calls nobody looks at levels that cannot have changed."""
    async with office(folder, policy={"thresholds": (threshold,)}, phone=True) as here, Twilio(here) as twilio:
        due = partial(here.record.read_now, lambda reader: len(reader.due_levels(10)))
        sid, _ = await twilio.call()
        assert due() == ringing
        await twilio.dialled(sid, duration=700)
        assert due() == over
        await here.look_at_levels()
        assert [flag.level for flag in here.flags()] == ([11] if threshold is TALK else [])


async def test_a_flood_after_its_flag_is_measured_once_and_not_for_each_contact(folder, monkeypatch):
    """Of a hill that has its flag nobody asks again where it was reached; what nothing reaches is asked for once."""
    asked, measured_of = [], levels_module.measured_of

    def counted(reader, whose, policy):
        measured = measured_of(reader, whose, policy)
        return lambda *of: asked.append(of) or measured(*of)

    monkeypatch.setattr(levels_module, "measured_of", counted)
    words = Threshold(level=Level.WORDS, at_least=1000, per=Per.DAY)
    async with office(folder, policy={"thresholds": (words, TALK)}) as here:
        here.party()
        for number in range(4):
            await here.post(mail(number, body="word " * 300))
        await here.look_at_levels()
        (flag,) = here.flags()
        assert flag.contact_id == here.contacts()[3].id
        asked.clear()
        for number in range(4, 12):
            await here.post(mail(number, body="word " * 300))
        await here.look_at_levels()
        assert (len(asked), len(here.flags())) == (2, 1)
