"""The wrong person was met: enforcement stops, what waited goes to its inbox, what was turned away is listed."""

from datetime import timedelta

import pytest

from gateway.casework import corrections
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from storage.entries import FlagState, State
from tests.gateway.casework.desk import Desk
from tests.gateway.hop import Hop
from tests.gateway.office import ALERTS, CLERK, FILED, PARTY, mail, office, untraced

SUNDAY = {"kind": "time_window", "channels": ["email"], "days": ["sun"], "from": "14:00", "to": "15:00"}
FILES = {"kind": "file_unanswered"}
RETURNS = {"kind": "return_mail"}
BLOCK = {"kind": "block"}
SISTER = "sister@example.org"


@pytest.mark.parametrize(
    ("measure", "state"),
    [pytest.param(SUNDAY, "held", id="held"), pytest.param(FILES, "filed", id="filed")],
)
async def test_what_waited_goes_to_its_inbox(folder, measure, state):
    """Released as it came, once, and taken out of the filed folder; what comes next is nobody's and delivered."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(measure)
        for number in range(2):
            await here.post(mail(number))
        assert here.states() == [state] * 2
        done = await desk.correct(party, PARTY)
        assert done.released == tuple(entry.id for entry in here.contacts())
        assert (done.on_their_way, done.turned_away) == ((), ())
        assert sorted(map(untraced, here.mailbox())) == sorted(mail(number) for number in range(2))
        assert (here.mailbox(CLERK, FILED), here.queue()) == ([], [])
        assert [(entry.whose, entry.party_id) for entry in here.contacts()] == [(f"email:{PARTY}", None)] * 2
        assert here.used(party) == 0
        await here.post(mail(9))
        assert here.states() == ["delivered"] * 3
        assert await here.gateway.holds.release_due() == 0
        assert len(here.mailbox()) == 3


async def test_what_somebody_looked_at_goes_too(folder):
    """A person has read it where it was filed; whom it was written to has not."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(FILES)
        await here.post(mail())
        here.record.write_now(lambda tx: tx.look(here.only().id, "a clerk", here.clock()))
        assert (await desk.correct(party, PARTY)).released == (here.only().id,)
        assert [untraced(one) for one in here.mailbox()] == [mail()]


async def test_others_of_the_party_are_left_alone(folder):
    """The party's own address stays restricted, and what is held of it stays held."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(SUNDAY, emails=[PARTY, SISTER])
        await here.post(mail(1))
        await here.post(mail(2, sender=SISTER), sender=SISTER)
        await desk.correct(party, SISTER)
        assert here.states() == ["held", "delivered"]
        await here.post(mail(3))
        assert here.states()[-1] == "held"


async def test_what_was_turned_away_is_listed(folder):
    """It cannot be undone: by id and time, for the person who writes the apology."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(BLOCK)
        reply = await here.post(mail(1))
        assert reply.startswith("550")
        here.restrict(party, RETURNS)
        done = await desk.correct(party, PARTY)
        (entry,) = here.contacts()
        assert [(one.id, one.at, one.state) for one in done.turned_away] == [(entry.id, entry.at, State.REFUSED)]
        assert done.released == ()
        (act,) = [one for one in desk.read(lambda reader: reader.acts_about(done.paper)) if one.act == "corrected"]
        assert act.detail["turned_away"] == [entry.id]


async def test_levels_are_recounted(folder):
    """The flag that the sister's mail brought about falls; a flag that her brother reached by himself stands."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(emails=[PARTY, SISTER])
        for number in range(5):
            sender = SISTER if number < 2 else PARTY
            await here.post(mail(number, sender=sender), sender=sender)
        assert [flag.state for flag in here.flags()] == [FlagState.OPEN]
        done = await desk.correct(party, SISTER)
        assert (done.flags_dismissed, [flag.state for flag in here.flags()]) == (1, [FlagState.DISMISSED])
        for number in range(5, 8):
            await here.post(mail(number))
        standing = [flag for flag in here.flags() if flag.state is FlagState.OPEN]
        assert [flag.whose for flag in standing] == [f"party:{party}"]


async def test_an_address_of_the_partys_domain_is_excepted(folder):
    """The organisation keeps its domain; the person is theirs no more."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(SUNDAY, emails=["@example.org"])
        await here.post(mail())
        assert (await desk.correct(party, PARTY)).released == (here.only().id,)
        await here.post(mail(2))
        assert here.states() == ["delivered"] * 2
        await here.post(mail(3, sender=SISTER), sender=SISTER)
        assert here.states()[-1] == "held"
        with pytest.raises(Refused, match="as not theirs already"):
            await desk.correct(party, PARTY)


async def test_while_the_next_hop_is_away_nothing_is_lost(folder):
    """What an inbox does not take at once is on its way: the clock brings it, once, when it can."""
    async with Hop() as hop, office(folder, mail={"next_hop": f"127.0.0.1:{hop.port}"}) as here:
        desk, party = Desk(here), here.party(SUNDAY)
        await here.post(mail())
        hop.fail("CONNECT", "421")
        done = await desk.correct(party, PARTY)
        assert (done.released, done.on_their_way) == ((), (here.only().id,))
        hop.heal()
        here.clock.advance(minutes=1)
        assert await here.gateway.holds.release_due() == 1
        assert (here.states(), len(hop.messages)) == (["delivered"], 1)


async def test_cut_off_before_anything_was_released(folder):
    """The process died after the act: all of it is held and due, and leaves the filed folder by the clock."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(FILES)
        await here.post(mail())
        desk.do(party, "correct", identifier=PARTY, reason="she rang")
        assert here.states() == ["held"]
        assert await here.gateway.holds.release_due() == 1
        assert ([untraced(one) for one in here.mailbox()], here.mailbox(CLERK, FILED)) == ([mail()], [])


async def test_a_breach_is_opened_and_the_manager_is_told(folder):
    """By a colleague without any role; 72 hours; the alert names the party and the paper, never the identifier."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(SUNDAY)
        done = await desk.correct(party, PARTY, by=Actor("n.body"))
        assert done.due == here.clock() + timedelta(hours=72)
        ((number, name, breach),) = desk.read(lambda reader: reader.open_breaches())
        assert (number, name, breach.id, breach.due) == (party, "R. Example", done.paper, done.due)
        (alert,) = here.letters()
        assert (alert.kind, alert.rcpt, PARTY.encode() in alert.message) == ("alert", ALERTS, False)
        assert here.told() == []
        assert "We are sorry" in done.apology
        fields = {"risk": "none", "regulator_told": False, "person_told": True, "why": "nothing was disclosed"}
        desk.do(party, "assess_breach", correction=done.paper, **fields)
        assert desk.read(lambda reader: reader.open_breaches()) == ()


async def test_all_or_nothing(folder, monkeypatch):
    """A fault half way leaves the party restricted, the mail held and the file without a paper."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(SUNDAY)
        await here.post(mail())

        def breaks(*_):
            raise RuntimeError("a fault of ours")

        monkeypatch.setattr(corrections, "recount", breaks)
        with pytest.raises(RuntimeError):
            await desk.correct(party, PARTY)
        assert (here.states(), here.only().party_id, desk.file(party).papers) == (["held"], party, ())
        assert len(desk.file(party).marks) == 1
