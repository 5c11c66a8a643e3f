"""What was held is released: by the clock, in order of arrival and decided anew, or by a person."""

import pytest

from adapters.mail.trace import content_digest
from gateway.delivery import Parcel
from rules.answers import Delivered, Temporary
from rules.decision import Outcome, Target
from storage.entries import State
from tests.gateway.hop import Hop
from tests.gateway.office import ALERTS, CLERK, FILED, HEAD, NOW, mail, office, untraced

HOURS = {"kind": "time_window", "channels": ["email"], "from": "14:00", "to": "15:00"}
HELD_OVER_TWO = {"kind": "volume_limit", "channels": ["email"], "count": 2, "per": "day", "email": "hold"}


async def test_released_when_the_hours_begin(folder):
    """Nothing is released a moment too early; at the hour it is delivered as it came, and no copy stays."""
    async with office(folder) as here:
        party = here.party(HOURS)
        await here.post(mail())
        entry = here.only()
        assert entry.release_at == NOW.replace(hour=14)
        here.clock.at = entry.release_at.replace(hour=13, minute=59, second=59)
        assert await here.gateway.holds.release_due() == 0
        here.clock.at = entry.release_at
        assert await here.gateway.holds.release_due() == 1
        assert await here.gateway.holds.release_due() == 0
        assert [untraced(one) for one in here.mailbox()] == [mail()]
        assert (here.only().state, here.raw(here.only()), here.used(party)) == (State.DELIVERED, None, 1)
        assert here.only().counted_at == entry.release_at


async def test_released_in_the_order_in_which_they_came(folder):
    """Five over a limit of two: the next day the oldest two pass and count, the others stay until the day after."""
    async with office(folder) as here:
        party = here.party(HELD_OVER_TWO)
        for number in range(7):
            await here.post(mail(number))
        assert here.states() == ["delivered"] * 2 + ["held"] * 5
        for day, delivered in ((1, 4), (2, 6), (3, 7)):
            here.clock.at = NOW.replace(day=9 + day, hour=0, minute=1)
            await here.gateway.holds.release_due()
            assert here.states() == ["delivered"] * delivered + ["held"] * (7 - delivered)
            assert here.used(party) == delivered
        assert len(here.mailbox()) == 7


async def test_decided_anew_by_what_is_on_the_party_then(folder):
    """A block that came meanwhile does not refuse what was accepted: it is filed, and nobody is told."""
    async with office(folder) as here:
        party = here.party(HOURS)
        await here.post(mail())
        here.restrict(party, {"kind": "block"})
        here.clock.advance(hours=4, minutes=1)
        assert await here.gateway.holds.release_due() == 1
        entry = here.only()
        assert (entry.state, here.mailbox(), len(here.mailbox(CLERK, FILED))) == (State.FILED, [], 1)
        assert entry.look_by is not None
        assert here.raw(entry) == mail()
        assert here.told() == []


async def test_the_end_of_a_restriction_releases(folder):
    """A hold ends with its restriction, though its hours are days away (W8)."""
    async with office(folder) as here:
        party = here.party()
        here.restrict(party, HOURS | {"days": ["sun"]}, ends=NOW.replace(hour=12))
        await here.post(mail())
        assert here.only().release_at == NOW.replace(hour=12)
        here.clock.advance(hours=2)
        assert await here.gateway.holds.release_due() == 1
        assert here.states() == ["delivered"]


async def test_observe_mode_releases_to_the_inbox(folder):
    """An office put back into observe mode delivers what it held when its time comes."""
    async with office(folder) as here:
        here.party(HELD_OVER_TWO | {"count": 1})
        for number in range(3):
            await here.post(mail(number))
        here.observe()
        here.clock.advance(days=1)
        assert await here.gateway.holds.release_due() == 2
        assert len(here.mailbox()) == 3


async def test_a_release_that_was_cut_off_does_not_stand_in_its_own_way(folder):
    """Decided and counted, then the process died: the next release decides without that count."""
    async with office(folder) as here:
        party = here.party(HELD_OVER_TWO | {"count": 1})
        for number in range(2):
            await here.post(mail(number))
        here.clock.advance(days=1)
        held = here.contacts()[-1]
        here.record.write_now(lambda tx: tx.settle(held.id, state=State.HELD, counted_at=here.clock()))
        assert await here.gateway.holds.release_due() == 1
        assert (here.states(), here.used(party)) == (["delivered"] * 2, 2)


async def test_put_off_while_the_next_hop_is_away(folder):
    """It counts for nothing while it cannot be delivered, keeps nobody waiting behind it, and goes when it can."""
    async with Hop() as hop, office(folder, mail={"next_hop": f"127.0.0.1:{hop.port}"}) as here:
        party = here.party(HOURS)
        await here.post(mail(1))
        await here.post(mail(2), HEAD)
        here.clock.advance(hours=4, minutes=1)
        hop.say("RCPT", "450 4.2.1 Busy", "250 2.1.5 Ok")
        assert await here.gateway.holds.release_due() == 1
        first, second = here.contacts()
        assert (first.state, second.state, here.used(party)) == (State.HELD, State.DELIVERED, 1)
        assert first.release_at > here.clock()
        here.clock.advance(minutes=1)
        assert await here.gateway.holds.release_due() == 1
        assert here.used(party) == 2


async def test_part_of_a_release_is_not_repeated(folder):
    """Two recipients, one busy: the other gets it once, the busy one later."""
    async with Hop() as hop, office(folder, mail={"next_hop": f"127.0.0.1:{hop.port}"}) as here:
        here.party(HOURS)
        await here.post(mail(), CLERK, HEAD)
        here.clock.advance(hours=4, minutes=1)
        hop.say("RCPT", "450 4.2.1 Busy", "250 2.1.5 Ok")
        await here.gateway.holds.release_due()
        here.clock.advance(minutes=1)
        await here.gateway.holds.release_due()
        assert [took.rcpts for took in hop.messages] == [(f"RCPT TO:<{HEAD}>",), (f"RCPT TO:<{CLERK}>",)]
        assert here.states() == ["delivered"]


async def test_refused_for_good_at_the_release(folder):
    """A next hop that will never take it: not tried for ever, but put before a person, who is told, and kept."""
    async with Hop() as hop, office(folder, mail={"next_hop": f"127.0.0.1:{hop.port}"}) as here:
        party = here.party(HOURS)
        await here.post(mail())
        here.clock.advance(hours=4, minutes=1)
        hop.say("RCPT", "550 5.1.1 Gone")
        assert await here.gateway.holds.release_due() == 0
        entry = here.only()
        assert (entry.state, entry.release_at, entry.owner, here.used(party)) == (State.HELD, None, "duty", 0)
        assert here.raw(entry) == mail()
        assert [(letter.kind, letter.rcpt) for letter in here.letters()] == [("alert", ALERTS)]
        hop.heal()
        assert "was delivered" in await here.gateway.holds.release(entry.id, "a clerk")
        assert len(hop.messages) == 1


async def test_one_that_breaks_keeps_nobody_waiting(folder):
    """The first of two cannot be decided by a fault of ours: it goes before a person, the second is released."""
    async with office(folder) as here:
        here.party(HOURS)
        await here.post(mail(1))
        await here.post(mail(2))
        here.clock.advance(hours=4, minutes=1)
        works = here.gateway.delivery._trace
        first = here.contacts()[0].id

        def breaks(number, outcome, digest):
            if number == first:
                raise ValueError("secret")
            return works(number, outcome, digest)

        here.gateway.delivery._trace = breaks
        assert await here.gateway.holds.release_due() == 1
        assert here.states() == ["held", "delivered"]
        assert here.contacts()[0].release_at is None
        assert b"secret" not in here.letters()[0].message


async def test_a_person_releases_what_was_filed(folder):
    """It leaves the filed folder for the inbox, once, and the act is on record."""
    async with office(folder) as here:
        here.party({"kind": "file_unanswered"})
        await here.post(mail())
        number = here.only().id
        assert await here.gateway.holds.release(number, "a clerk") == f"{number} was delivered to its inbox."
        assert (len(here.mailbox()), here.mailbox(CLERK, FILED), here.states()) == (1, [], ["delivered"])
        assert "nothing to release" in await here.gateway.holds.release(number, "a clerk")
        assert len(here.mailbox()) == 1
        (act,) = here.record.read_now(lambda reader: reader.acts())
        assert (act.who, act.act, act.about) == ("a clerk", "released", number)


async def test_a_person_releases_what_was_returned(folder):
    """The copy on file of a returned message can be put into the inbox after all."""
    async with office(folder) as here:
        here.party({"kind": "return_mail"})
        await here.post(mail())
        assert "was delivered" in await here.gateway.holds.release(here.only().id, "a clerk")
        assert [untraced(one) for one in here.mailbox()] == [mail()]
        assert "no contact" in await here.gateway.holds.release("nothing", "a clerk")


async def test_an_inbox_that_has_it_does_not_get_it_again(folder):
    """Filed for one, delivered to the other: releasing it moves the one and leaves the other alone."""
    appeals = "appeals@office.example.org"
    async with office(folder, policy={"always_open": frozenset({appeals})}) as here:
        here.party({"kind": "file_unanswered"})
        await here.post(mail(), CLERK, appeals)
        (path,) = (here.settings.config.maildir / appeals / "new").iterdir()
        path.unlink()
        await here.gateway.holds.release(here.only().id, "a clerk")
        assert (len(here.mailbox(CLERK)), here.mailbox(appeals)) == (1, [])


@pytest.mark.parametrize(
    ("on", "state"), [(HOURS, "held"), ({"kind": "file_unanswered"}, "filed")], ids=["held", "filed"]
)
async def test_it_comes_for_somebody_else_while_a_person_releases_it(folder, on, state):
    """The second is not forgotten: their copy waits, for the clock or for the person, who is told."""
    async with office(folder) as here:
        here.party(on)
        await here.post(mail())
        number, holds = here.only().id, here.gateway.holds
        works = holds._delivery

        class Slow:
            async def release(self, parcel, targets):
                answers = await works.release(parcel, targets)
                await here.post(mail(), HEAD)
                return answers

            async def take_out(self, parcel, targets):
                await works.take_out(parcel, targets)

        holds._delivery = Slow()
        assert "It came for somebody else meanwhile" in await holds.release(number, "a clerk")
        assert (here.states(), here.raw(here.only())) == ([state], mail())
        holds._delivery = works
        assert await holds.release(number, "a clerk") == f"{number} was delivered to its inbox."
        assert [len(here.mailbox(inbox)) for inbox in (CLERK, HEAD)] == [1, 1]
        assert here.states() == ["delivered"]


async def test_a_release_by_hand_that_fails_changes_nothing(folder):
    """The mailbox cannot be written just now: it stays where it is, and the person is told."""

    class Full:
        async def release(self, parcel, targets):
            return [Temporary("The disk is full.") for _ in targets]

    async with office(folder) as here:
        here.party(HOURS)
        await here.post(mail())
        holds = here.gateway.holds
        works, holds._delivery = holds._delivery, Full()
        assert "could not be delivered now" in await holds.release(here.only().id, "a clerk")
        assert (here.states(), here.raw(here.only())) == (["held"], mail())
        holds._delivery = works
        assert "was delivered" in await holds.release(here.only().id, "a clerk")


@pytest.mark.parametrize(
    ("on", "state"),
    [
        pytest.param(HOURS, "held", id="held"),
        pytest.param({"kind": "return_mail", "note": "Please write by post."}, "returned", id="returned"),
    ],
)
@pytest.mark.parametrize(("reply", "due"), [("550 5.1.1 Gone", False), ("450 4.2.1 Busy", True)], ids=["gone", "busy"])
async def test_a_release_by_hand_that_reaches_one_of_two(folder, on, state, reply, due):
    """However often it is tried, the first has it once; the second has it when it takes it. Gone, no clock tries it."""
    async with Hop() as hop, office(folder, mail={"next_hop": f"127.0.0.1:{hop.port}"}) as here:
        here.party(on)
        await here.post(mail(), CLERK, HEAD)
        number, release = here.only().id, here.gateway.holds.release
        hop.say("RCPT", "250 2.1.5 Ok", reply)
        assert await release(number, "a clerk") == f"{number} was delivered to 1 of 2; the rest stays where it is."
        entry = here.only()
        assert (entry.state.value, [goal.done for goal in entry.targets]) == (state, [True, False])
        assert (entry.release_at is not None, entry.look_by is not None) == (
            (due, not due) if on is HOURS else (False,) * 2
        )
        hop.say("RCPT", reply)
        assert "could not be delivered now" in await release(number, "a clerk")
        hop.heal()
        assert "was delivered to its inbox" in await release(number, "a clerk")
        to = [took.rcpts for took in hop.messages if b"Message" in took.octets and b"Parley-Trace" in took.octets]
        assert to == [(f"RCPT TO:<{CLERK}>",), (f"RCPT TO:<{HEAD}>",)]
        assert here.states() == ["delivered"]


async def test_a_mark_of_the_reader_does_not_matter(folder):
    """The release was cut off after the delivery and somebody has read the message meanwhile: it is not doubled."""
    async with office(folder) as here:
        here.party(HOURS)
        await here.post(mail())
        entry = here.only()
        parcel = Parcel(entry.id, "<>", mail(), content_digest(mail()))
        (answer,) = await here.gateway.delivery.carry_out(parcel, [Target(CLERK, Outcome.DELIVER, CLERK)])
        assert isinstance(answer, Delivered)
        inbox = here.settings.config.maildir / CLERK
        (path,) = (inbox / "new").iterdir()
        path.rename(inbox / "cur" / f"{path.name}:2,RS")
        here.clock.advance(hours=4, minutes=1)
        assert await here.gateway.holds.release_due() == 1
        assert len(here.mailbox()) == 1


async def test_what_the_hours_held_meets_its_limit_in_the_order_in_which_it_came(folder):
    """Held before the hours, over a limit of two a day: the oldest two pass and count, the others are filed."""
    limit = {"kind": "volume_limit", "channels": ["email"], "count": 2, "per": "day"}
    async with office(folder) as here:
        party = here.party(HOURS, limit)
        for number in range(5):
            await here.post(mail(number))
        assert here.states() == ["held"] * 5
        here.clock.at = NOW.replace(hour=14)
        assert await here.gateway.holds.release_due() == 5
        assert here.states() == ["delivered"] * 2 + ["filed"] * 3
        assert here.used(party) == 2
        assert [untraced(one) for one in here.mailbox()] == [mail(0), mail(1)]
        await here.post(mail(6))
        assert here.states()[-1] == "filed"


async def test_two_limits_of_their_own_are_both_met_in_the_order_in_which_it_came(folder):
    """A hold of the hours and a hold of a limit: what waits for the next day goes before what came after it."""
    async with office(folder) as here:
        party = here.party(HELD_OVER_TWO)
        here.restrict(party, HOURS)
        here.clock.at = NOW.replace(hour=14)
        for number in range(3):
            await here.post(mail(number))
        assert here.states() == ["delivered"] * 2 + ["held"]
        here.clock.at = NOW.replace(hour=16)
        await here.post(mail(3))
        assert here.contacts()[-1].release_at == NOW.replace(day=10, hour=14)
        here.clock.at = NOW.replace(day=10, hour=0, minute=1)
        assert await here.gateway.holds.release_due() == 0
        assert [entry.release_at for entry in here.contacts()[-2:]] == [NOW.replace(day=10, hour=14)] * 2
        here.clock.at = NOW.replace(day=10, hour=14)
        await here.gateway.holds.release_due()
        assert here.states() == ["delivered"] * 4
        assert [untraced(one) for one in here.mailbox()][-2:] == [mail(2), mail(3)]


SLOW = {"kind": "slow_response", "working_days": 10}


@pytest.mark.parametrize(
    ("measure", "due"),
    [
        (SLOW, "Monday 23 March 2026: 10 working days from its receipt"),
        (SLOW | {"latest_by": "2026-03-10"}, "Tuesday 10 March 2026: the last day to which answers are put off"),
        (
            SLOW | {"counted_from": "latest_contact"},
            "Tuesday 24 March 2026: 10 working days from the latest contact",
        ),
    ],
    ids=[
        "days from receipt count from when it came, not from when it was released",
        "it came before the last day to which answers are put off, though it was released after it",
        "days from the latest contact count from what came after it",
    ],
)
async def test_an_answer_is_due_from_receipt_and_hours_are_those_of_the_release(measure, due, folder):
    """It came on Monday and was held until Wednesday: judged by Wednesday's hours, answered by Monday's clock."""
    async with office(folder) as here:
        party = here.party(HOURS | {"days": ["tue", "wed"]})
        here.clock.at = NOW.replace(day=9, hour=10)
        await here.post(mail())
        held = here.only()
        here.restrict(party, measure)
        here.clock.at = NOW.replace(day=10, hour=14, minute=30)
        await here.post(mail(2))
        here.clock.at = NOW.replace(day=11, hour=14)
        assert await here.gateway.holds.release_due() == 1
        released = here.contacts()[0]
        assert (released.id, released.at, released.state) == (held.id, held.at, State.DELIVERED)
        said = [reason.text for reason in released.reasons]
        assert said[0].startswith("Outside the hours 14:00 to 15:00 on Tue, Wed"), "why it was held stays"
        assert "Within the hours 14:00 to 15:00 on Tue, Wed" in said, "the hours are those of the release"
        assert f"An answer is due by {due}" in said


async def test_what_is_due_from_receipt_is_the_same_before_and_after_the_hold(folder):
    """Slow before it came: one day by which it is answered, said once, though it waited two days."""
    async with office(folder) as here:
        here.party(HOURS | {"days": ["wed"]}, SLOW)
        await here.post(mail())
        here.clock.at = here.only().release_at
        assert await here.gateway.holds.release_due() == 1
        answers = [reason.text for reason in here.only().reasons if reason.measure == "slow_response"]
        assert answers == ["An answer is due by Monday 23 March 2026: 10 working days from its receipt"]
