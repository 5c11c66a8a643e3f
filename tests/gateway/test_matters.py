"""Mail on closed, stopped and resting cases, from the sender to the mailbox: by subject, first lines, thread."""

from __future__ import annotations

import json

import pytest

from adapters.mail import parts
from gateway import matters
from gateway.matters import Contents
from gateway.standing import standing_of
from rules import identity
from rules.contact import Assurance, Channel, Contact
from storage.entries import State
from tests.gateway.office import CLERK, FILED, HEAD, PARTY, mail, office, untraced

CLOSED = {"kind": "issue_limit", "cases": ["HO/2024-123"]}
BACK = CLOSED | {"email": "return"}
OTHER = "s.sample@example.org"


def about(number: int, subject: str, body: str = "Good morning", *, sender: str = PARTY, **fields: str) -> bytes:
    """Give a message with a subject of its own."""
    made = mail(number, sender=sender, body=body, **fields)
    return made.replace(f"Subject: Message {number}".encode(), f"Subject: {subject}".encode())


WAYS = {
    "its subject names the case": (CLOSED, about(1, "HO/2024-123"), State.FILED),
    "folded over two lines": (CLOSED, about(1, "about HO/2024-\r\n 123"), State.FILED),
    "in encoded full-width letters": (
        CLOSED,
        about(1, "=?utf-8?B?77yo77yv77yP77yS77yQ77yS77yU77yN77yR77yS77yT?="),
        State.FILED,
    ),
    "its first lines do": (CLOSED, about(1, "Again", "On ho 2024 123:\r\nno."), State.FILED),
    "a quote names it": (CLOSED, about(1, "Again", "New.\r\n> HO/2024-123"), State.DELIVERED),
    "a longer reference": (CLOSED, about(1, "HO/2024-1234"), State.DELIVERED),
    "nothing names it": (CLOSED, about(1, "Again"), State.DELIVERED),
    "its subject names it, and mail goes back": (BACK, about(1, "HO/2024-123"), State.RETURNED),
    "its first lines do, and mail goes back": (BACK, about(1, "Again", "HO/2024-123"), State.FILED),
    "another case beside it, and mail goes back": (BACK, about(1, "HO/2024-123", "and HO/2026-7"), State.FILED),
    "the case is stopped": ({"kind": "stop_case", "case": "HO/2024-123"}, about(1, "HO/2024-123"), State.FILED),
    "no new enquiries": ({"kind": "refuse_new"}, about(1, "Something new"), State.FILED),
    "the case that goes on": ({"kind": "refuse_new", "case": "HO/2024-123"}, about(1, "HO/2024-123"), State.DELIVERED),
    "work rests": (
        {"kind": "time_out", "case": "HO/2024-123", "until": "2026-03-09"},
        about(1, "HO/2024-123"),
        State.FILED,
    ),
    "work has rested": (
        {"kind": "time_out", "case": "HO/2024-123", "until": "2026-03-08"},
        about(1, "HO/2024-123"),
        State.DELIVERED,
    ),
}


@pytest.mark.parametrize(("measure", "message", "state"), WAYS.values(), ids=WAYS)
async def test_where_mail_on_a_case_goes(folder, measure, message, state):
    """It is answered 250, it is on record where it is, and the filed one lies where nobody is disturbed."""
    async with office(folder) as here:
        here.party(measure)
        assert (await here.post(message)).startswith("250 ")
        entry = here.only()
        assert entry.state is state
        assert len(here.mailbox()) == (state is State.DELIVERED)
        assert len(here.mailbox(CLERK, FILED)) == (state is State.FILED)
        assert (entry.look_by is not None) == (state is State.FILED)
        assert all(untraced(one) == message for one in here.everything_delivered())


async def test_html_alone_is_read_by_its_words(folder):
    """Mail without plain text says what it is about all the same."""
    async with office(folder) as here:
        here.party(CLOSED)
        await here.post(about(1, "Again", "<p>HO/2024-<b>123</b></p>", Content_Type="text/html; charset=utf-8"))
        assert here.states() == ["filed"]


# Threads


async def test_what_answers_mail_on_a_case_is_on_it_too(folder):
    """An answer without the reference is filed, and so is what answers that; never sent back, for it may object."""
    async with office(folder) as here:
        here.party(BACK)
        await here.post(about(1, "HO/2024-123"))
        await here.post(about(2, "Re: my letter", In_Reply_To="<1@example.org>"))
        await here.post(about(3, "Still", References="<1@example.org> <2@example.org> <of.staff@example.org>"))
        await here.post(about(4, "And", In_Reply_To="<3@example.org>"))
        await here.post(about(5, "New", In_Reply_To="<unknown@example.org>"))
        assert here.states() == ["returned", "filed", "filed", "filed", "delivered"]
        assert here.contacts()[1].reasons[0].text.startswith("It answers a message about HO/2024-123")


async def test_a_mention_beside_another_case_makes_no_thread(folder):
    """What answers mail on an open case is not barred for a case that was mentioned there."""
    async with office(folder) as here:
        here.party(CLOSED)
        await here.post(about(1, "HO/2026-7", "unlike HO/2024-123"))
        await here.post(about(2, "HO/2024-123 and HO/2026-7"))
        await here.post(about(3, "Re:", In_Reply_To="<1@example.org>"))
        await here.post(about(4, "Re:", In_Reply_To="<2@example.org>"))
        assert here.states() == ["delivered", "filed", "delivered", "delivered"]


async def test_a_thread_is_of_its_party_alone(folder):
    """Another party under the same measure that answers the same message is on nothing."""
    async with office(folder) as here:
        here.party(CLOSED)
        here.party(CLOSED, emails=[OTHER], name="S. Sample")
        await here.post(about(1, "HO/2024-123"))
        await here.post(about(2, "Re:", sender=OTHER, In_Reply_To="<1@example.org>"), sender=OTHER)
        assert here.states() == ["filed", "delivered"]


async def test_a_retry_is_one_message_in_its_thread(folder):
    """The same message again is answered alike, and known once."""
    async with office(folder) as here:
        here.party(CLOSED)
        for _ in range(2):
            await here.post(about(1, "HO/2024-123"))
        assert here.states() == ["filed"]
        assert here.record.read_now(lambda reader: reader.link.plain("SELECT count(*) FROM threads", {})) == [(1,)]


async def test_observing_lets_mail_on_a_case_through_and_knows_its_thread(folder):
    """In observe mode it is delivered; when the office enforces again, the thread is known."""
    async with office(folder) as here:
        here.party(CLOSED)
        here.observe()
        await here.post(about(1, "HO/2024-123"))
        here.observe("off")
        await here.post(about(2, "Re:", In_Reply_To="<1@example.org>"))
        assert here.states() == ["delivered", "filed"]


@pytest.mark.parametrize(
    ("assurance", "known"),
    [(Assurance.VERIFIED, ("ho 2024 123",)), (Assurance.CLAIMED, ("ho 2024 123",)), (Assurance.FAILED, ())],
)
async def test_forged_mail_makes_no_thread(folder, assurance, known):
    """Nobody else decides what the party's answers are about (THREATS I4)."""
    async with office(folder) as here:
        party = here.party(CLOSED)
        sender = identity.email(PARTY)
        forged = Contact("c1", Channel.EMAIL, here.clock(), sender, (sender,), assurance, subject="HO/2024-123")

        def job(tx):
            standing = standing_of(tx, forged, here.settings.policy, now=forged.at)
            matters.remember(tx, forged, Contents(lambda: about(1, "HO/2024-123")), standing, forged.at)
            return tx.thread_matters(party, ["<1@example.org>"])

        assert here.record.write_now(job) == known


async def test_a_restriction_that_ended_has_nothing_read(folder):
    """After its end the body is nobody's business, and its cases are open."""
    async with office(folder) as here:
        here.party(CLOSED, ends=here.clock())
        await here.post(about(1, "HO/2024-123"))
        assert here.states() == ["delivered"]
        assert here.record.read_now(lambda reader: reader.link.plain("SELECT count(*) FROM threads", {})) == [(0,)]


# Reading only where a measure asks


async def test_nobody_elses_mail_is_read(folder, monkeypatch):
    """The body of a sender without a restriction, or under one that asks for nothing, is not looked at."""

    def never(raw: bytes) -> str:
        raise AssertionError("the body was read")

    monkeypatch.setattr(matters, "opening", never)
    async with office(folder) as here:
        party = here.party({"kind": "file_unanswered"})
        here.restrict(party, CLOSED, ends=here.clock())
        here.party(emails=[OTHER], name="S. Sample")
        await here.post(about(1, "HO/2024-123"))
        await here.post(about(2, "HO/2024-123", sender=OTHER), sender=OTHER)
        assert here.states() == ["filed", "delivered"]


def test_a_message_is_read_once_and_late():
    """Nothing is read before somebody asks, and nothing twice."""
    asked: list[int] = []

    def raw() -> bytes:
        asked.append(1)
        return about(1, "x", "HO/2024-123")

    contents = Contents(raw)
    assert asked == []
    assert contents.read() is contents.read()
    assert (asked, contents.read().opening) == ([1], "HO/2024-123")


async def test_a_body_that_cannot_be_read_leaves_the_subject(folder):
    """Boundaries nested in boundaries tell nothing; what the subject says still holds (THREATS C1)."""
    nested = "--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" * (2 * parts.MOST_PARTS)
    async with office(folder) as here:
        here.party(CLOSED)
        await here.post(about(1, "HO/2024-123", nested, Content_Type="multipart/mixed; boundary=a"))
        await here.post(about(2, "Again", nested + "HO/2024-123", Content_Type="multipart/mixed; boundary=a"))
        assert here.states() == ["filed", "delivered"]


# Held mail, further recipients


async def test_held_mail_is_read_when_it_is_decided_anew(folder):
    """What hours held, and a case closed meanwhile: at its release it is filed by what its first lines say."""
    async with office(folder) as here:
        hours = {"kind": "time_window", "channels": ["email"], "days": ["tue"], "from": "09:00", "to": "12:00"}
        party = here.party(hours)
        await here.post(about(1, "Again", "HO/2024-123"))
        await here.post(about(2, "Again", "HO/2024-124"))
        here.restrict(party, CLOSED)
        here.clock.advance(days=1)
        assert await here.gateway.holds.release_due() == 2
        assert here.states() == ["filed", "delivered"]


async def test_for_a_further_recipient_it_is_read_too(folder):
    """A sender's server that sends one message for each recipient gets the same for each."""
    async with office(folder) as here:
        here.party(CLOSED)
        for recipient in (CLERK, HEAD):
            await here.post(about(1, "Again", "HO/2024-123"), recipient)
        assert here.states() == ["filed"]
        assert [len(here.mailbox(inbox, FILED)) for inbox in (CLERK, HEAD)] == [1, 1]


# Closed for good


@pytest.mark.parametrize("unread", [True, False], ids=["the policy says unread", "it does not"])
async def test_phso_22_a_closed_case_waits_for_nobody_where_the_policy_says_so(folder, unread):
    """It is logged and filed; nobody has to look at it, and a person can release it all the same."""
    async with office(folder, policy={"closed_unread": unread}) as here:
        here.party(CLOSED | {"closed": True})
        await here.post(about(1, "HO/2024-123"))
        entry = here.only()
        assert entry.state is (State.FILED_UNREAD if unread else State.FILED)
        assert (entry.look_by is None, entry.owner == "", here.queue() == []) == (unread, unread, unread)
        assert (len(here.mailbox(CLERK, FILED)), here.raw(entry)) == (1, about(1, "HO/2024-123"))
        await here.gateway.holds.release(entry.id, "a clerk")
        assert (here.only().state, len(here.mailbox())) == (State.DELIVERED, 1)


async def test_phso_22_a_mere_mention_of_a_closed_case_is_looked_at(folder):
    """Filed unread is what its subject says, and nothing else: by first lines or thread a person looks."""
    async with office(folder, policy={"closed_unread": True}) as here:
        here.party(CLOSED | {"closed": True})
        await here.post(about(1, "HO/2024-123"))
        await here.post(about(2, "Again", "HO/2024-123"))
        await here.post(about(3, "Again", In_Reply_To="<1@example.org>"))
        assert here.states() == ["filed_unread", "filed", "filed"]
        assert [one.look_by is not None for one in here.contacts()] == [False, True, True]


async def test_phso_22_a_further_recipient_is_filed_unread_too(folder):
    """One message, two transactions: one state, and nobody has to look."""
    async with office(folder, policy={"closed_unread": True}) as here:
        here.party(CLOSED | {"closed": True})
        for recipient in (CLERK, HEAD):
            await here.post(about(1, "HO/2024-123"), recipient)
        assert (here.states(), here.queue()) == (["filed_unread"], [])
        assert [len(here.mailbox(inbox, FILED)) for inbox in (CLERK, HEAD)] == [1, 1]


# What the sender is told


async def test_phso_m14_the_day_on_which_work_resumes_is_told_once(folder):
    """The first message on a resting case is answered with the day; the second is filed in silence."""
    async with office(folder) as here:
        here.party({"kind": "time_out", "case": "HO/2024-123", "until": "2026-03-20"})
        for number in (1, 2):
            await here.post(about(number, "HO/2024-123"))
        (letter,) = here.told()
        assert b"We resume it on Monday 23 March 2026." in letter.message
        assert b"2024-123" not in letter.message.partition(b"\r\n\r\n")[2]
        assert here.states() == ["filed", "filed"]


async def test_nothing_of_what_was_written_is_on_record(folder):
    """Neither subject nor first lines are kept with the contact: only what the office itself calls the case."""
    async with office(folder) as here:
        here.party(CLOSED)
        await here.post(about(1, "Mrs Sample and HO/2024-123", "my neighbour"))
        entry = here.only()
        written = json.dumps([entry.detail, [reason.text for reason in entry.reasons]])
        assert "Sample" not in written
        assert "neighbour" not in written
