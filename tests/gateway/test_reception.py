"""What becomes of a message, through a whole office: where its octets end up, what is on record, what is told."""

import asyncio

import pytest

from rules.contact import Channel
from storage.entries import State
from tests.adapters.mail.door import Client
from tests.gateway.office import (
    APPEALS,
    CLERK,
    FILED,
    HEAD,
    NOW,
    PARTY,
    deliver,
    mail,
    office,
    untraced,
)

LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}
HOURS = {"kind": "time_window", "channels": ["email"], "from": "14:00", "to": "15:00"}
BLOCK = {"kind": "block"}
OPEN_APPEALS = {"always_open": frozenset({APPEALS})}

OUTCOMES = {
    "a named contact gets it": (
        {"kind": "named_contact", "inbox": HEAD},
        {"reply": "250 ", "state": "delivered", "at": HEAD, "counted": 1},
    ),
    "within its limit it is delivered": (
        LIMIT,
        {"reply": "250 ", "state": "delivered", "at": CLERK, "counted": 1},
    ),
    "outside the hours it is held": (HOURS, {"reply": "250 ", "state": "held", "kept": True}),
    "it is filed, unanswered": (
        {"kind": "file_unanswered"},
        {"reply": "250 ", "state": "filed", "filed": True, "kept": True},
    ),
    "it is returned with a note": (
        {"kind": "return_mail", "note": "Please write by post."},
        {"reply": "250 ", "state": "returned", "kept": True, "letters": ["return"]},
    ),
    "a block refuses it": (BLOCK, {"reply": "550 5.7.1 This message was not accepted.", "state": "refused"}),
    "another channel is agreed": (
        {"kind": "channel_only", "allowed": ["letter"]},
        {"reply": "250 ", "state": "returned", "kept": True, "letters": ["return"]},
    ),
    "a measure on calls leaves mail alone": (
        {"kind": "call_length_limit", "minutes": 5},
        {"reply": "250 ", "state": "delivered", "at": CLERK, "counted": 1},
    ),
}


@pytest.mark.parametrize(("measure", "then"), OUTCOMES.values(), ids=OUTCOMES)
async def test_each_outcome(folder, measure, then):
    """The reply, the state on record, the one place where the octets are, the copy kept, the letters written."""
    async with office(folder) as here:
        party = here.party(measure)
        reply = await here.post(mail())
        entry = here.only()
        assert reply.startswith(then["reply"])
        assert entry.state == then["state"]
        assert (entry.party_id, entry.whose) == (party, f"party:{party}")
        assert entry.reasons
        places = {place: here.mailbox(place) for place in (CLERK, HEAD)} | {"filed": here.mailbox(CLERK, FILED)}
        there = [place for place, found in places.items() if found]
        assert there == ["filed" if then.get("filed") else then["at"]] if "at" in then or "filed" in then else not there
        assert all(untraced(one) == mail() for one in here.everything_delivered())
        assert here.raw(entry) == (mail() if then.get("kept") else None)
        assert [letter.kind for letter in here.letters()] == then.get("letters", [])
        assert here.used(party) == then.get("counted", 0)
        waits = entry.state in {State.HELD, State.FILED}
        assert [one.id for one in here.queue()] == [entry.id] * waits


async def test_filed_mail_is_marked_read_and_has_a_look_by_time(folder):
    """It claims nobody's attention in the mailbox and waits in the queue, to be looked at in two working days."""
    async with office(folder) as here:
        here.party({"kind": "file_unanswered"})
        await here.post(mail())
        (path,) = (here.settings.config.maildir / CLERK / f".{FILED}" / "cur").iterdir()
        assert path.name.endswith(":2,S")
        entry = here.only()
        assert (entry.look_by - NOW).days in (2, 3)
        assert here.record.write_now(lambda tx: tx.look(entry.id, "a clerk", here.clock()))
        assert (here.only().state, here.only().looked_by, here.queue()) == (State.LOOKED_AT, "a clerk", [])


async def test_observe_mode_lets_everything_through(folder):
    """Whatever is decided is recorded; the message is delivered, nobody is told, shut or counted out."""
    async with office(folder) as here:
        here.party(BLOCK, LIMIT, {"kind": "return_mail"})
        here.observe()
        assert (await here.post(mail())).startswith("250 ")
        entry = here.only()
        assert (entry.decided, entry.carried, entry.state) == ("refuse", "deliver", State.DELIVERED)
        assert [untraced(one) for one in here.mailbox()] == [mail()]
        assert here.letters() == []
        here.observe("off")
        assert (await here.post(mail(2))).startswith("550 5.7.1 ")


async def test_limits_of_an_observing_office_count_what_was_decided(folder):
    """Under observe mode the second message of a day is let through, recorded as filed, and does not count."""
    async with office(folder) as here:
        party = here.party(LIMIT)
        here.observe()
        for number in range(3):
            await here.post(mail(number))
        assert [entry.decided for entry in here.contacts()] == ["deliver", "file", "file"]
        assert len(here.mailbox()) == 3
        assert here.used(party) == 1


# Several recipients


async def test_recipients_with_different_outcomes(folder):
    """Routed for one, open for the other, always open for the third: each copy is where it belongs."""
    async with office(folder, policy=OPEN_APPEALS) as here:
        desk = "desk@office.example.org"
        here.party({"kind": "named_contact", "inbox": HEAD, "open": [desk]})
        assert (await here.post(mail(), CLERK, desk, APPEALS)).startswith("250 ")
        assert [len(here.mailbox(inbox)) for inbox in (CLERK, HEAD, desk, APPEALS)] == [0, 1, 1, 1]
        outcomes = {goal.recipient: (goal.outcome, goal.to, goal.done) for goal in here.only().targets}
        assert outcomes == {
            CLERK: ("route", HEAD, True),
            desk: ("deliver", desk, True),
            APPEALS: ("deliver", APPEALS, True),
        }


async def test_nothing_is_refused_for_one_recipient_alone(folder):
    """A blocked party writes to an inbox that is always open and to the clerk: delivered there, filed here."""
    async with office(folder, policy=OPEN_APPEALS) as here:
        here.party(BLOCK)
        assert (await here.post(mail(), APPEALS, CLERK)).startswith("250 ")
        assert (len(here.mailbox(APPEALS)), here.mailbox(CLERK), len(here.mailbox(CLERK, FILED))) == (1, [], 1)
        assert here.only().state is State.FILED


async def test_two_transactions_for_two_recipients_are_one_contact(folder):
    """The same message for a second recipient counts once and passes a limit that it used up itself."""
    async with office(folder) as here:
        party = here.party(LIMIT)
        first, second = await here.post(mail(), CLERK), await here.post(mail(), HEAD)
        assert first == second
        assert first.startswith("250 ")
        assert [untraced(one) for inbox in (CLERK, HEAD) for one in here.mailbox(inbox)] == [mail(), mail()]
        assert (len(here.contacts()), here.used(party)) == (1, 1)
        await here.post(mail(2), CLERK)
        assert here.states() == ["delivered", "filed"]


async def test_the_same_message_twice_is_delivered_once(folder):
    """A repeat with other Received fields and another path in is answered like the first, and does nothing."""
    async with office(folder) as here:
        party = here.party(LIMIT)
        first = await here.post(mail())
        again = await here.post(b"Received: from b by c; Mon, 9 Mar 2026 10:00:01 +0000\r\n" + mail(), sender="<>")
        assert first == again
        assert (len(here.mailbox()), len(here.contacts()), here.used(party)) == (1, 1, 1)


async def test_an_open_inbox_is_no_way_round_a_block(folder):
    """The same message first to the inbox that is always open, then to the clerk: filed, as though sent at once."""
    async with office(folder, policy=OPEN_APPEALS) as here:
        here.party(BLOCK)
        assert (await here.post(mail(), APPEALS)).startswith("250 ")
        assert (await here.post(mail(), CLERK)).startswith("250 ")
        assert (len(here.mailbox(APPEALS)), here.mailbox(CLERK), len(here.mailbox(CLERK, FILED))) == (1, [], 1)
        entry = here.only()
        assert entry.state is State.FILED
        assert entry.look_by is not None
        assert here.raw(entry) == mail()


async def test_a_closed_inbox_is_no_way_to_close_an_open_one(folder):
    """The same message first to the clerk, filed, then to the inbox that is always open: delivered there."""
    async with office(folder, policy=OPEN_APPEALS) as here:
        here.party({"kind": "file_unanswered"})
        await here.post(mail(), CLERK)
        assert (await here.post(mail(), APPEALS)).startswith("250 ")
        assert (len(here.mailbox(APPEALS)), len(here.mailbox(CLERK, FILED))) == (1, 1)
        assert here.only().state is State.FILED


async def test_held_for_a_second_recipient_too(folder):
    """What is held is held for who is added, and released to both."""
    async with office(folder) as here:
        here.party(HOURS)
        await here.post(mail(), CLERK)
        await here.post(mail(), HEAD)
        assert here.states() == ["held"]
        here.clock.advance(hours=4, minutes=5)
        assert await here.gateway.holds.release_due() == 1
        assert (len(here.mailbox(CLERK)), len(here.mailbox(HEAD)), here.states()) == (1, 1, ["delivered"])


async def test_a_second_recipient_after_the_release(folder):
    """It was held, released and is no longer kept: for a further recipient it is delivered, and never lost."""
    async with office(folder) as here:
        here.party(HOURS)
        await here.post(mail(), CLERK)
        here.clock.advance(hours=4, minutes=5)
        await here.gateway.holds.release_due()
        assert (await here.post(mail(), HEAD)).startswith("250 ")
        assert [untraced(one) for one in here.mailbox(HEAD)] == [mail()]
        here.clock.advance(hours=2)
        assert (await here.post(mail(), APPEALS)).startswith("250 ")
        assert (here.mailbox(APPEALS), here.states(), here.raw(here.only())) == ([], ["held"], mail())
        here.clock.at = here.only().release_at
        assert await here.gateway.holds.release_due() == 1
        assert [len(here.mailbox(inbox)) for inbox in (CLERK, HEAD, APPEALS)] == [1, 1, 1]


async def test_a_returned_message_is_returned_once(folder):
    """A further recipient of what was returned is told nothing more."""
    async with office(folder) as here:
        here.party({"kind": "return_mail"})
        await here.post(mail(), CLERK)
        assert (await here.post(mail(), HEAD)).startswith("250 ")
        assert ([letter.kind for letter in here.letters()], here.states()) == (["return"], ["returned"])
        assert here.everything_delivered() == []


async def test_what_was_refused_is_welcome_when_the_block_has_ended(folder):
    """A restriction has its end by the clock, for the same message too; it is one contact all the time (W8)."""
    async with office(folder) as here:
        party = here.party()
        here.restrict(party, BLOCK, ends=here.clock().replace(hour=12))
        assert (await here.post(mail())).startswith("550 ")
        assert (await here.post(mail())).startswith("550 ")
        assert here.states() == ["refused"]
        here.clock.advance(hours=3)
        assert (await here.post(mail())).startswith("250 ")
        assert (here.states(), len(here.mailbox())) == (["delivered"], 1)


async def test_capitals_lead_to_the_same_mailbox(folder):
    """An address written with capitals is the same inbox."""
    async with office(folder) as here:
        await here.post(mail(), "Clerk@Office.Example.ORG")
        assert len(here.mailbox(CLERK)) == 1


# Limits under load


async def _race(here) -> list[str]:
    async def sender(number: int) -> str:
        async with Client.of(here.gateway.smtp) as client:
            return await deliver(client, mail(number), [CLERK], PARTY)

    return list(await asyncio.gather(*(sender(number) for number in range(20))))


@pytest.mark.parametrize("kept_in", ["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgres"))])
async def test_twenty_at_once_and_three_may_pass(folder, kept_in, request):
    """Of twenty messages at the same moment exactly three are let through, on both databases."""
    url = request.getfixturevalue("postgres_url") if kept_in == "postgresql" else ""
    async with office(folder, record_url=url) as here:
        party = here.party(LIMIT | {"count": 3})
        replies = await _race(here)
        assert all(reply.startswith("250 ") for reply in replies)
        assert (len(here.mailbox()), len(here.mailbox(CLERK, FILED)), here.used(party)) == (3, 17, 3)
        assert sorted(here.states()) == ["delivered"] * 3 + ["filed"] * 17


@pytest.mark.xdist_group("postgres")
async def test_two_gateways_share_one_limit(folder, tmp_path, postgres_url):
    """Two gateways over one PostgreSQL let three of twenty through together."""
    other = tmp_path / "other"
    other.mkdir()
    async with office(folder, record_url=postgres_url) as one, office(other, record_url=postgres_url) as two:
        one.party(LIMIT | {"count": 3})

        async def sender(number: int) -> str:
            return await (one, two)[number % 2].post(mail(number))

        replies = await asyncio.gather(*(sender(number) for number in range(20)))
        assert all(reply.startswith("250 ") for reply in replies)
        assert len(one.mailbox()) + len(two.mailbox()) == 3


@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize("measures", [(), (LIMIT,)], ids=["nobody restricted", "a limit involved"])
async def test_two_gateways_meet_the_same_message(folder, tmp_path, postgres_url, measures):
    """Handed to both at the same moment and repeated where that is asked for: one contact, one count."""
    other = tmp_path / "other"
    other.mkdir()
    async with office(folder, record_url=postgres_url) as one, office(other, record_url=postgres_url) as two:
        party = one.party(*measures)
        replies = await asyncio.gather(*(here.post(mail()) for here in (one, two) for _ in range(2)))
        assert {reply[:3] for reply in replies} <= {"250", "451"}
        assert [(await here.post(mail()))[:3] for here in (one, two)] == ["250", "250"]
        assert (one.states(), one.used(party)) == (["delivered"], 1)
        assert len(one.mailbox()) + len(two.mailbox()) in (1, 2)


async def test_the_same_message_at_the_same_moment(folder):
    """Two sessions bring it at once: one is told that it is being handled, and finds it done when it comes again."""
    async with office(folder) as here:
        replies = await asyncio.gather(here.post(mail(), CLERK), here.post(mail(), HEAD))
        assert {reply[:3] for reply in replies} <= {"250", "451"}
        assert "250" in {reply[:3] for reply in replies}
        for inbox in (CLERK, HEAD):
            assert (await here.post(mail(), inbox)).startswith("250 ")
        assert (len(here.contacts()), len(here.mailbox(CLERK)), len(here.mailbox(HEAD))) == (1, 1, 1)


# Who sent it


async def test_an_uncertain_sender_is_held_where_it_may_be_somebody_restricted(folder):
    """Two From fields: delivered while nobody of them is restricted, before a person once somebody is (I1)."""
    two = b"From: someone@example.net\r\n" + mail()
    async with office(folder) as here:
        assert (await here.post(two, sender="someone@example.net")).startswith("250 ")
        here.party(BLOCK)
        assert (await here.post(two + b"again\r\n", sender="someone@example.net")).startswith("250 ")
        delivered, held = here.contacts()
        assert (delivered.state, held.state) == (State.DELIVERED, State.HELD)
        assert (held.release_at, held.party_id, held.whose) == (None, None, "nobody")
        assert held.look_by is not None
        assert here.raw(held) == two + b"again\r\n"
        here.clock.advance(days=9)
        assert await here.gateway.holds.release_due() == 0
        assert "was delivered" in await here.gateway.holds.release(held.id, "a clerk")
        assert len(here.mailbox()) == 2


async def test_an_uncertain_sender_is_not_held_for_a_shared_address(folder):
    """One of two authors is an address that a restricted party shares: it restricts nobody here either (I6)."""
    async with office(folder) as here:
        here.party(BLOCK, shared=True)
        two = b"From: someone@example.net\r\n" + mail()
        assert (await here.post(two, sender="someone@example.net")).startswith("250 ")
        assert here.states() == ["delivered"]


async def test_an_address_that_no_letter_can_carry_is_not_answered(folder):
    """A sender at a host with an underscore is past the limit: filed once, without a note that could not be written."""
    odd = "r@odd_host.example.org"
    async with office(folder) as here:
        here.party(LIMIT, emails=(odd,))
        for number in range(3):
            message = b"From: <r@odd_host.example.org>\r\nSubject: %d\r\n\r\nHello\r\n" % number
            assert (await here.post(message, sender=odd)).startswith("250 ")
        assert here.states() == ["delivered", "filed", "filed"]
        assert here.told() == []


async def test_many_uncertain_senders_are_no_level_of_anybody(folder):
    """Ten messages of ten senders that nobody can name raise no flag."""
    async with office(folder) as here:
        for number in range(10):
            await here.post(b"From: x%d@example.net\r\n" % number + mail(number))
        assert here.flags() == []


async def test_a_shared_address_restricts_nobody(folder):
    """An address that several parties share is let through; none of them is charged with it (I6)."""
    async with office(folder) as here:
        here.party(BLOCK, shared=True)
        here.party(BLOCK, shared=True, name="S. Example")
        assert (await here.post(mail())).startswith("250 ")
        entry = here.only()
        assert (entry.state, entry.party_id, entry.counted_at) == (State.DELIVERED, None, None)
        assert "suggests" in entry.reasons[0].text


async def test_an_adjustment_keeps_mail_open(folder):
    """Where an adjustment keeps mail open, a block does not close it."""
    async with office(folder) as here:
        here.party(BLOCK, open_channels=[Channel.EMAIL])
        assert (await here.post(mail())).startswith("250 ")
        assert len(here.mailbox()) == 1


# Where it may not go


async def test_no_open_relay(folder):
    """Recipients of other domains are refused, whatever is tried to write them in (S13)."""
    async with office(folder) as here:
        for recipient in ("x@example.net", "x@office.example.org.example.net", '"x@office.example.org"@example.net'):
            assert (await here.post(mail(), recipient)).startswith("550 5.7.1 "), recipient
        assert (await here.post(mail(), "x%example.net@office.example.org")).startswith("250 ")
        assert len(here.mailbox("x%25example.net@office.example.org")) <= 1


ALARM = b"From: Lift <lift@example.net>\r\nTo: clerk@office.example.org\r\nSubject: ALARM\r\n\r\nSomebody is stuck\r\n"


def by(time: str) -> bytes:
    """Give what the first server on the way writes."""
    return f"Received: from lift by relay.example.net;\r\n Mon, 9 Mar 2026 {time} +0000\r\n".encode()


async def test_an_alarm_that_says_the_same_twice(folder):
    """Without Message-ID and Date the first Received tells one from another; a later try of either is still one."""
    async with office(folder) as here:
        for raw in (by("10:00:00") + ALARM, by("10:00:09") + ALARM, by("10:01:00") + by("10:00:09") + ALARM):
            assert (await here.post(raw, sender="lift@example.net")).startswith("250 ")
        assert (len(here.mailbox()), here.states()) == (2, ["delivered"] * 2)


async def test_an_alarm_without_any_mark(folder):
    """Nothing tells it from another: within an hour it is tried again, later it is another; so often as it comes."""
    async with office(folder) as here:
        for wait, there in ((0, 1), (30, 1), (60, 2), (30, 2), (120, 3), (59, 3), (4000, 4)):
            here.clock.advance(minutes=wait)
            assert (await here.post(ALARM, sender="lift@example.net")).startswith("250 ")
            assert len(here.mailbox()) == there, wait


async def test_an_alarm_that_was_put_off_is_the_same_however_late(folder):
    """What nobody was told that it was taken comes again under its own key: it is one contact, and arrives once."""
    async with office(folder) as here:
        here.party(LIMIT, emails=["lift@example.net"])
        await here.post(ALARM, sender="lift@example.net")
        here.record.write_now(lambda tx: tx.settle(here.only().id, state=State.DEFERRED))
        here.clock.advance(days=2)
        assert (await here.post(ALARM, sender="lift@example.net")).startswith("250 ")
        assert (len(here.mailbox()), here.states()) == (1, ["delivered"])


async def test_what_was_here_before_goes_round_no_more(folder):
    """Our own valid trace or fifty Received fields: refused; a trace that somebody else wrote means nothing (S13)."""
    async with office(folder) as here:
        await here.post(mail())
        (delivered,) = here.mailbox()
        assert (await here.post(delivered)).startswith("554 5.4.6 ")
        assert (await here.post(delivered.replace(b"Good morning", b"Good evening"))).startswith("250 ")
        assert (await here.post(b"Received: by a\r\n" * 51 + mail(3))).startswith("554 5.4.6 ")
        forged = b"Parley-Trace: v1; id=1; outcome=deliver; mac=0123456789abcdef0123456789abcdef\r\n" + mail(4)
        assert (await here.post(forged)).startswith("250 ")


async def test_what_a_colleague_redirects_unchanged_reaches_the_other(folder):
    """One contact, one count, each has it once; when it comes round to who has it, it is refused (S13)."""
    async with office(folder) as here:
        party = here.party(LIMIT)
        await here.post(mail(), CLERK)
        (passed_on,) = here.mailbox()
        assert (await here.post(passed_on, HEAD)).startswith("250 ")
        (again,) = here.mailbox(HEAD)
        for recipient in (CLERK, HEAD):
            assert (await here.post(again, recipient)).startswith("554 5.4.6 ")
        assert (await here.post(again, APPEALS, CLERK)).startswith("250 ")
        assert [len(here.mailbox(one)) for one in (CLERK, HEAD, APPEALS)] == [1, 1, 1]
        assert (here.states(), here.used(party)) == (["delivered"], 1)


async def test_what_was_routed_and_is_redirected_goes_round(folder):
    """It would be routed to the same colleague once more, and so on: it is refused, as what we never sent is."""
    async with office(folder) as here:
        here.party({"kind": "named_contact", "inbox": HEAD})
        await here.post(mail(), CLERK)
        (passed_on,) = here.mailbox(HEAD)
        assert (await here.post(passed_on, APPEALS)).startswith("554 5.4.6 ")
        assert len(here.mailbox(HEAD)) == 1


async def test_a_limit_counts_what_a_clock_ahead_of_ours_has_counted(folder):
    """Another worker was quicker, or its clock is ahead: what it let through a second later uses up the limit too."""
    async with office(folder) as here:
        here.party(LIMIT)
        here.clock.advance(seconds=1)
        assert (await here.post(mail(0))).startswith("250 ")
        here.clock.advance(seconds=-1)
        assert (await here.post(mail(1))).startswith("250 ")
        assert sorted(here.states()) == ["delivered", "filed"]
