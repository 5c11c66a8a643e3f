"""The next hop fails at every step in every way: nothing is lost, nothing counted twice."""

import asyncio

import pytest

from rules.answers import Delivered
from storage.entries import State
from tests.gateway.hop import CELLS, Hop, expected
from tests.gateway.office import CLERK, HEAD, mail, office, settled, untraced

LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}
HASTY = {"reply_timeout_s": 0.6, "data_timeout_s": 0.6}
IDS = [f"{fault} at {step}" for step, fault in CELLS]


def settings(hop, **mail_settings):
    """Give the mail settings of an office before this hop."""
    return {"next_hop": f"127.0.0.1:{hop.port}"} | mail_settings


@pytest.mark.parametrize(("step", "fault"), CELLS, ids=IDS)
async def test_every_fault_on_a_connection_in_use(folder, step, fault):
    """A party that may write once a day is passed the refusal or told to try later; healed, it is let through once."""
    hasty = HASTY if fault == "hang" else {}
    async with Hop() as hop, office(folder, mail=settings(hop, **hasty)) as here:
        party = here.party(LIMIT)
        assert (await here.post(mail(0, sender="someone@example.net"), sender="someone@example.net"))[:3] == "250"
        hop.fail(step, fault)
        reply = await here.post(mail())
        assert reply.startswith(expected(step, fault)), reply
        (entry,) = here.contacts(whose=f"party:{party}")
        delivered = step == "QUIT"
        passed_back = not delivered and reply.startswith("5")
        awaited = State.DELIVERED if delivered else State.PASSED_BACK if passed_back else State.DEFERRED
        assert (entry.state, here.used(party)) == (awaited, int(delivered))
        assert here.raw(entry) is None

        hop.heal()
        assert await here.post(mail()) == f"250 2.0.0 Ok {entry.id}\r\n"
        (entry,) = here.contacts(whose=f"party:{party}")
        assert (entry.state, here.used(party)) == (State.DELIVERED, 1)
        assert [goal.done for goal in entry.targets] == [True]
        taken = [untraced(took.octets) for took in hop.messages]
        assert taken == [mail(0, sender="someone@example.net"), mail()]


@pytest.mark.parametrize(("step", "fault"), CELLS, ids=IDS)
async def test_every_fault_at_the_first_word(folder, step, fault):
    """An unknown sender on a connection yet to be made: what is not passed on leaves no trace and no loss."""
    hasty = HASTY if fault == "hang" else {}
    async with Hop() as hop, office(folder, mail=settings(hop, **hasty)) as here:
        hop.fail(step, fault)
        reply = await here.post(mail())
        assert reply.startswith(expected(step, fault)), reply
        refused_by_the_message = step in ("DATA", ".") and fault == "5xx"
        assert here.states() == (["delivered"] if step == "QUIT" else ["passed_back"] * refused_by_the_message)

        hop.heal()
        assert (await here.post(mail())).startswith("250 2.0.0 Ok ")
        assert here.only().state is State.DELIVERED
        assert [untraced(took.octets) for took in hop.messages] == [mail()]


async def test_a_reply_that_is_lost_after_the_final_dot(folder):
    """The hop took it and said so to nobody: 451, the sender repeats it, it is one contact (RFC 1047, S16)."""
    async with Hop() as hop, office(folder, mail=settings(hop)) as here:
        party = here.party(LIMIT)
        hop.say(".", "drop", "250 2.0.0 Ok")
        assert (await here.post(mail())).startswith("451 4.")
        assert here.only().state is State.DEFERRED
        assert (await here.post(mail())).startswith("250 ")
        assert (here.only().state, here.used(party)) == (State.DELIVERED, 1)
        assert (await here.post(mail())).startswith("250 ")
        assert len(hop.messages) == 1


async def test_an_unknown_recipient_is_refused_in_time(folder):
    """What the next hop says of a recipient is said to the sender, while the others are taken (S10)."""
    async with Hop() as hop, office(folder, mail=settings(hop)) as here:
        hop.say("RCPT", "550 5.1.1 No such person here")
        assert await here.post(mail()) == "550 5.1.1 No such person here\r\n"
        hop.heal()
        hop.say("RCPT", "550 5.1.1 No such person here", "250 2.1.5 Ok")
        assert (await here.post(mail(), CLERK, HEAD)).startswith("250 ")
        assert [goal.recipient for goal in here.only().targets] == [HEAD]


async def test_part_of_it_is_refused_by_the_next_hop(folder):
    """A recipient that was known and is refused at the transfer: accepted, kept, and before a person."""
    async with Hop() as hop, office(folder, mail=settings(hop)) as here:
        await here.post(mail(0), CLERK, HEAD)
        hop.say("RCPT", "550 5.2.1 Mailbox disabled", "250 2.1.5 Ok")
        assert (await here.post(mail(), CLERK, HEAD)).startswith("250 ")
        entry = here.contacts()[-1]
        assert entry.state is State.UNCLEAR
        assert [(goal.recipient, goal.done) for goal in entry.targets] == [(CLERK, False), (HEAD, True)]
        assert here.raw(entry) == mail()
        assert here.queue() == [entry]

        hop.heal()
        assert "was delivered" in await here.gateway.holds.release(entry.id, "a clerk")
        assert hop.messages[-1].rcpts == (f"RCPT TO:<{CLERK}>",)
        assert here.contacts()[-1].state is State.DELIVERED
        assert here.raw(entry) is None


async def test_a_retry_after_partial_success_delivers_the_rest_alone(folder):
    """One of two was put off: 451; the repeat goes to that one only, and counts once."""
    async with Hop() as hop, office(folder, mail=settings(hop)) as here:
        party = here.party(LIMIT)
        await here.gateway.delivery.verify("<>", CLERK)
        await here.gateway.delivery.verify("<>", HEAD)
        hop.say("RCPT", "450 4.2.1 Busy", "250 2.1.5 Ok")
        assert (await here.post(mail(), CLERK, HEAD)).startswith("450 4.2.1 Busy")
        assert (here.only().state, here.used(party)) == (State.DEFERRED, 0)
        hop.heal()
        assert (await here.post(mail(), CLERK, HEAD)).startswith("250 ")
        assert [took.rcpts for took in hop.messages] == [(f"RCPT TO:<{HEAD}>",), (f"RCPT TO:<{CLERK}>",)]
        assert (here.only().state, here.used(party)) == (State.DELIVERED, 1)
        assert sorted(goal.recipient for goal in here.only().targets if goal.done) == [CLERK, HEAD]


async def test_filed_mail_has_an_inbox_of_its_own(folder):
    """Where the next hop cannot sort by the trace, what is filed goes to `filed_to`, under the trace that says so."""
    async with Hop() as hop, office(folder, mail=settings(hop, filed_to="filed@office.example.org")) as here:
        here.party({"kind": "file_unanswered"})
        assert (await here.post(mail())).startswith("250 ")
        (took,) = hop.messages
        assert took.rcpts == ("RCPT TO:<filed@office.example.org>",)
        assert b"; outcome=file; " in took.octets.partition(b"\r\n")[0]
        assert here.only().state is State.FILED
        assert here.raw(here.only()) == mail()


async def test_a_bare_postmaster_is_taken(folder):
    """`RCPT TO:<postmaster>` names no domain and is every server's own (RFC 5321 4.5.1)."""
    async with Hop() as hop, office(folder, mail=settings(hop)) as here:
        assert (await here.post(mail(), "postmaster")).startswith("250 ")
        assert hop.messages[0].rcpts == ("RCPT TO:<postmaster>",)


async def test_stopping_ends_what_is_under_way(folder):
    """A message that the next hop is at work on when the office is told to stop is answered with 250."""
    async with Hop() as hop:
        hop.before_data_reply = asyncio.Event()
        async with office(folder, mail=settings(hop)) as here:
            assert isinstance(await here.gateway.delivery.verify("<>", CLERK), Delivered)
            posting = asyncio.create_task(here.post(mail()))
            await settled(lambda: hop.commands and hop.commands[-1] == "DATA")
            asyncio.get_running_loop().call_later(0.05, hop.before_data_reply.set)
        assert (await posting).startswith("250 ")


@pytest.mark.parametrize(("step", "fault"), [(".", "5xx"), (".", "4xx")], ids=["refused", "put off"])
async def test_what_was_not_delivered_does_not_count(folder, step, fault):
    """Of a known party under no restriction: what was passed back or put off for one of two uses up no later limit."""
    async with Hop() as hop, office(folder, mail=settings(hop)) as here:
        party = here.party()
        for inbox in (CLERK, HEAD):
            await here.gateway.delivery.verify("<>", inbox)
        if fault == "5xx":
            hop.fail(step, fault)
        else:
            hop.say("RCPT", "450 4.2.1 Busy", "250 2.1.5 Ok")
        assert (await here.post(mail(), CLERK, HEAD))[0] == fault[0]
        assert (here.states(), here.used(party)) == (["passed_back" if fault == "5xx" else "deferred"], 0)
        hop.heal()
        assert (await here.post(mail(), CLERK, HEAD)).startswith("250 ")
        assert here.used(party) == 1


async def test_a_further_recipient_is_put_off(folder):
    """The first has it; for the second the hop is busy: 451, and the repeat goes to the second alone."""
    async with Hop() as hop, office(folder, mail=settings(hop)) as here:
        party = here.party(LIMIT)
        await here.gateway.delivery.verify("<>", HEAD)
        assert (await here.post(mail(), CLERK)).startswith("250 ")
        hop.say("RCPT", "450 4.2.1 Busy")
        assert (await here.post(mail(), HEAD)).startswith("450 4.2.1 Busy")
        assert (here.states(), [goal.recipient for goal in here.only().targets]) == (["delivered"], [CLERK])
        hop.heal()
        assert (await here.post(mail(), HEAD)).startswith("250 ")
        assert [took.rcpts for took in hop.messages] == [(f"RCPT TO:<{CLERK}>",), (f"RCPT TO:<{HEAD}>",)]
        assert (here.states(), here.used(party)) == (["delivered"], 1)


async def test_some_further_recipients_are_refused(folder):
    """Of two added recipients one is refused for good: the message is kept and before a person."""
    async with Hop() as hop, office(folder, mail=settings(hop)) as here:
        desk = "desk@office.example.org"
        for inbox in (HEAD, desk):
            await here.gateway.delivery.verify("<>", inbox)
        await here.post(mail(), CLERK)
        hop.say("RCPT", "550 5.2.1 Mailbox disabled", "250 2.1.5 Ok")
        assert (await here.post(mail(), HEAD, desk)).startswith("250 ")
        assert (here.only().state, here.raw(here.only())) == (State.UNCLEAR, mail())
        assert {goal.recipient: goal.done for goal in here.only().targets} == {CLERK: True, HEAD: False, desk: True}


async def test_a_part_that_is_done_is_not_asked_for_again(folder):
    """Put off for one of two; the sender brings the other alone once more: it is done. The first may still follow."""
    async with Hop() as hop, office(folder, mail=settings(hop)) as here:
        party = here.party(LIMIT)
        for inbox in (CLERK, HEAD):
            await here.gateway.delivery.verify("<>", inbox)
        hop.say("RCPT", "450 4.2.1 Busy", "250 2.1.5 Ok")
        assert (await here.post(mail(), CLERK, HEAD)).startswith("450 ")
        assert (await here.post(mail(), HEAD)).startswith("250 ")
        assert (here.states(), len(hop.messages), here.used(party)) == (["delivered"], 1, 1)
        assert (await here.post(mail(), CLERK)).startswith("250 ")
        assert (here.states(), len(hop.messages), here.used(party)) == (["delivered"], 2, 1)


@pytest.mark.parametrize("code", ["452 4.2.2", "550 5.2.1"])
async def test_words_about_another_mailbox_are_kept_from_the_sender(folder, code):
    """The next hop names the colleague whose mail it does not take: the sender, routed there, is told none of it."""
    async with Hop() as hop, office(folder, mail=settings(hop)) as here:
        here.party({"kind": "named_contact", "inbox": HEAD})
        await here.gateway.delivery.verify("<>", CLERK)
        hop.say("RCPT", f"{code} <{HEAD}> does not take it")
        reply = await here.post(mail(), CLERK)
        assert reply[:4] == ("451 " if code[0] == "4" else "250 ")
        assert HEAD not in reply
        assert here.states() == ["deferred" if code[0] == "4" else "unclear"]


ELSEWHERE = {
    "filed in an inbox that takes no more": {"kind": "block"},
    "routed to a mailbox that is gone": {"kind": "named_contact", "inbox": HEAD},
}


@pytest.mark.parametrize("on", ELSEWHERE.values(), ids=ELSEWHERE)
@pytest.mark.parametrize("later", [False, True], ids=["at once", "as a further recipient"])
async def test_what_we_sent_elsewhere_is_never_refused_to_its_sender(folder, on, later):
    """Nobody decided to refuse it: the target of our own did. It is kept before a person, and is taken."""
    async with Hop() as hop, office(folder, mail=settings(hop, filed_to="filed@office.example.org")) as here:
        here.party(on)
        for inbox in (CLERK, "desk@office.example.org"):
            await here.gateway.delivery.verify("<>", inbox)
        words = mail(body="I am going to kill myself tonight.")
        if later:
            assert (await here.post(words, "desk@office.example.org")).startswith("250 ")
        hop.say("RCPT", "552 5.2.2 Mailbox full")
        assert (await here.post(words, CLERK)).startswith("250 ")
        entry = here.only()
        assert (entry.state, here.raw(entry)) == (State.UNCLEAR, words)
        assert (entry.look_by is not None, entry.owner, entry.targets[-1].done) == (True, "duty", False)


async def test_what_is_held_for_one_is_not_refused_for_another(folder):
    """Held for one recipient, refused by the next hop for the other: accepted, and nothing of it is lost (S10)."""
    hours = {"kind": "time_window", "channels": ["email"], "from": "20:00", "to": "21:00"}
    policy = {"always_open": frozenset({HEAD})}
    async with Hop() as hop, office(folder, mail=settings(hop), policy=policy) as here:
        here.party(hours)
        for inbox in (CLERK, HEAD):
            await here.gateway.delivery.verify("<>", inbox)
        hop.say("RCPT", "550 5.1.1 No such person here")
        assert (await here.post(mail(), CLERK, HEAD)).startswith("250 ")
        assert here.raw(here.only()) == mail()
        assert here.states() == ["unclear"]


async def test_what_was_filed_before_stays_on_the_list(folder):
    """Filed for one recipient and put off for the other: the repeat delivers the other, and the first still waits."""
    policy = {"always_open": frozenset({HEAD})}
    async with Hop() as hop, office(folder, mail=settings(hop), policy=policy) as here:
        here.party({"kind": "block", "email": "file"})
        for inbox in (CLERK, HEAD):
            await here.gateway.delivery.verify("<>", inbox)
        hop.say("RCPT", "250 2.1.5 Ok", "450 4.2.1 Busy")
        assert (await here.post(mail(), CLERK, HEAD)).startswith("450 ")
        hop.heal()
        assert (await here.post(mail(), CLERK, HEAD)).startswith("250 ")
        entry = here.only()
        assert (entry.state, entry.look_by is not None) == (State.FILED, True)
        assert here.raw(entry) == mail()
