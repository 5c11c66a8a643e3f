"""Suspended measures: their owner is told once, in the commit of the contact that passed for it."""

from email import message_from_bytes, policy

import pytest

from rules import measures
from rules.standing import Restriction
from tests.gateway.office import ALERTS, NOW, mail, office
from tests.gateway.twilio import CALLER, Twilio, dial

ENDED = {"kind": "third_party", "advocates": [{"name": "A. Advocate", "until": "2026-03-08"}]}
HOLDS = {"kind": "time_window", "channels": ["email"], "from": "14:00", "to": "15:00"}


def alerts(here):
    """Give what the letters to the alert address say, the oldest first."""
    return [
        message_from_bytes(letter.message, policy=policy.default).get_content()
        for letter in sorted(here.letters(), key=lambda letter: letter.id)
        if letter.rcpt == ALERTS
    ]


async def test_the_owner_is_told_once(folder):
    """Three mails pass for want of an advocate: one alert, in the first one's commit, with restriction and party."""
    async with office(folder) as here:
        here.party(ENDED)
        for number in range(3):
            await here.post(mail(number))
        assert here.states() == ["delivered"] * 3
        (told,) = alerts(here)
        assert told.startswith(
            "Suspended: nobody has authority to speak for the party any more (the last day was Sunday 8 March 2026)"
        )
        assert "restriction r1 on R. Example" in told
        assert "Its owner: Head of Casework." in told  # it was imported: who approved it
        assert "parley party show 'R. Example'" in told


async def test_nobody_is_told_while_somebody_speaks(folder):
    """An authority that holds up to and with its last day suspends nothing."""
    async with office(folder) as here:
        here.party({"kind": "third_party", "advocates": [{"name": "A. Advocate", "until": "2026-03-09"}]})
        await here.post(mail())
        assert alerts(here) == []
        here.clock.at = NOW.replace(day=10, hour=0)
        await here.post(mail(2))
        assert len(alerts(here)) == 1


async def test_two_restrictions_are_two_alerts(folder):
    """Each restriction has an owner of its own."""
    async with office(folder) as here:
        here.restrict(here.party(ENDED), ENDED)
        await here.post(mail())
        assert sorted("restriction r1" in one for one in alerts(here)) == [False, True]


async def test_amended_and_suspended_again_it_is_news(folder):
    """A new advocate's authority ended too: the owner hears of that one as well."""
    async with office(folder) as here:
        party = here.party(ENDED)
        await here.post(mail(1))
        (kept,) = here.record.read_now(lambda reader: reader.party_file(party)).restrictions
        other = measures.parse({"kind": "third_party", "advocates": [{"name": "B. Advocate", "until": "2026-03-10"}]})
        amended = Restriction(
            kept.id, (other,), kept.starts, kept.ends, reason=kept.reason, approved_by=kept.approved_by
        )
        here.record.write_now(lambda tx: tx.put_restriction(party, amended))
        await here.post(mail(2))
        assert len(alerts(here)) == 1
        here.clock.at = NOW.replace(day=11)
        await here.post(mail(3))
        assert "the last day was Tuesday 10 March 2026" in alerts(here)[1]


async def test_a_call_tells_the_owner_too(folder):
    """The call is put through; the mail after it tells nobody anew."""
    async with office(folder, phone=True) as here, Twilio(here) as twilio:
        here.party(ENDED, phones=[CALLER])
        _, document = await twilio.call()
        assert dial(document)[0]
        assert len(alerts(here)) == 1
        await here.post(mail())
        assert len(alerts(here)) == 1


async def test_a_release_tells_the_owner(folder):
    """Held while the advocate spoke, released when nobody does: the release is the first to find it."""
    speaking = {"kind": "third_party", "email": "file", "advocates": [{"name": "A. Advocate", "until": "2026-03-09"}]}
    async with office(folder) as here:
        party = here.party(HOLDS)
        await here.post(mail())
        here.restrict(party, speaking)
        assert alerts(here) == []
        here.clock.at = NOW.replace(day=10, hour=14)
        assert await here.gateway.holds.release_due() == 1
        assert (here.states(), len(alerts(here))) == (["delivered"], 1)


async def test_in_observe_mode_the_owner_is_told(folder):
    """What an office finds out while it observes is found out."""
    async with office(folder) as here:
        here.party(ENDED)
        here.observe()
        await here.post(mail())
        assert len(alerts(here)) == 1


@pytest.mark.parametrize("sender", ["somebody.else@example.org", "a.advocate@example.org"])
async def test_others_tell_nobody(sender, folder):
    """Mail of other people, the advocate's own included, says nothing of the party's restriction."""
    async with office(folder) as here:
        here.party(ENDED)
        await here.post(mail(sender=sender), sender=sender)
        assert alerts(here) == []
