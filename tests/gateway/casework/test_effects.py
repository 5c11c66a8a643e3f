"""What is held is decided anew once less is on a party."""

from storage.entries import State
from tests.gateway.casework.desk import Desk
from tests.gateway.office import mail, office

SUNDAY = {"kind": "time_window", "channels": ["email"], "days": ["sun"], "from": "14:00", "to": "15:00"}
ONE = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week", "email": "hold"}


async def test_what_is_held_goes_when_its_restriction_is_lifted(folder):
    """Days before its hours come round, in the order in which it came."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party()
        restriction = desk.restriction(party, SUNDAY)
        for number in range(3):
            await here.post(mail(number))
        assert here.states() == ["held"] * 3
        assert await here.gateway.holds.release_due() == 0
        desk.do(party, "lift_restriction", restriction=restriction, reason="it is not needed")
        assert await here.gateway.holds.release_due() == 3
        assert (here.states(), here.used(party)) == (["delivered"] * 3, 3)


async def test_what_is_held_is_decided_by_what_is_left(folder):
    """Of two restrictions one is lifted: the oldest passes within the other's limit and counts, the rest stays held."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(ONE)
        restriction = desk.restriction(party, SUNDAY)
        for number in range(3):
            await here.post(mail(number))
        desk.do(party, "lift_restriction", restriction=restriction, reason="it is not needed")
        assert await here.gateway.holds.release_due() == 1
        assert (here.states(), here.used(party)) == (["delivered", "held", "held"], 1)
        assert all(entry.release_at > here.clock() for entry in here.queue(State.HELD))


async def test_an_adjustment_opens_what_is_held(folder):
    """Mail stays open for somebody who cannot use the phone: what was held of them goes."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(SUNDAY)
        await here.post(mail())
        desk.do(party, "agree_adjustment", need="cannot use the phone", open=["email"])
        assert await here.gateway.holds.release_due() == 1
        assert here.states() == ["delivered"]


async def test_other_acts_leave_it_held(folder):
    """What changes nothing that a decision is made by leaves what is held where it is."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(SUNDAY)
        await here.post(mail())
        before = here.only()
        desk.do(party, "note_incident", category="persistent_contact", what="Eleven calls")
        assert here.only().release_at == before.release_at
