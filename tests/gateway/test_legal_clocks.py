"""Legal clocks from the sender to the person who stops them: at the SMTP door, by hand, and for strangers."""

from __future__ import annotations

import pytest

from gateway.human_clock import all_that_waits
from gateway.legal_clocks import MOST_BY_WORDS, LegalClocks, NoSuchClock
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from rules.clarification import Asked
from rules.legal_clocks import ClockKind, Stopped
from rules.waiting_for import WaitingFor
from storage.entries import State
from tests.gateway.office import NOW, mail, office
from tests.rules.office import at
from tests.storage.office import entry

DATA = "This is a subject access request."
AGAINST = "I appeal against this restriction."
UNANSWERED = {"kind": "file_unanswered", "channels": ["email"]}
CLERK = Actor("A. Clerk", frozenset({"caseworker"}))


def clocks(here):
    """Give what staff do with clocks."""
    return LegalClocks(here.record, here.settings.policy, here.clock)


def waiting(here):
    """List all that waits for a person."""
    return here.record.read_now(lambda reader: all_that_waits(reader, here.settings.policy, here.clock()))


def acts(here):
    """Give the links of the chain about clocks, the oldest first."""
    found = here.record.read_now(lambda reader: reader.acts(limit=100))
    return [(one.who, one.act, one.detail) for one in reversed(found) if one.act.startswith("legal_clock")]


@pytest.mark.parametrize("restricted", [(), (UNANSWERED,)], ids=["delivered", "filed"])
async def test_a_request_starts_its_clock_whatever_becomes_of_it(folder, restricted):
    """In the contact's own commit, from its receipt, with a link in the chain that says what and not by whom."""
    async with office(folder) as here:
        number = here.party(*restricted)
        await here.post(mail(body=f"{DATA} {AGAINST}"))
        await here.post(mail(2, body="Good morning."))
        contact = here.contacts()[0]
        found = clocks(here).listed()
        assert [(one.clock.kind, one.clock.contact, one.party) for one in found] == [
            (ClockKind.APPEAL, contact.id, number),
            (ClockKind.OWN_DATA, contact.id, number),
        ]
        assert {one.clock.received for one in found} == {contact.at}
        assert acts(here) == [
            ("recogniser", "legal_clock_started", {"kind": "own_data"}),
            ("recogniser", "legal_clock_started", {"kind": "appeal"}),
        ]


async def test_C4_a_flood_of_requests_floods_no_list(folder):
    """So many clocks of a kind run for one party by words; each message is looked at all the same."""
    async with office(folder) as here:
        here.party(UNANSWERED)
        for number in range(MOST_BY_WORDS + 3):
            await here.post(mail(number, body=f"{DATA} {number}"))
        desk = clocks(here)
        assert len(desk.listed()) == MOST_BY_WORDS
        assert len([one for one in waiting(here) if one.waiting.what is WaitingFor.OWN_DATA]) == MOST_BY_WORDS
        assert here.states() == ["filed"] * (MOST_BY_WORDS + 3)
        # All are on record, with their links in the chain, and come into the list as others are answered.
        assert len(desk.listed(stopped=True)) == len(acts(here)) == MOST_BY_WORDS + 3
        listed = {one.clock.contact for one in desk.listed()}
        desk.stop(here.contacts()[0].id, ClockKind.OWN_DATA, Stopped.ANSWERED, "By letter.", CLERK)
        assert len({one.clock.contact for one in desk.listed()} - listed) == 1
        desk.start(here.contacts()[-1].id, ClockKind.INFORMATION, CLERK)
        assert len(desk.listed()) == MOST_BY_WORDS + 1


async def test_it_is_stopped_by_a_person_with_how_it_was_answered(folder):
    """Made longer, then answered; each in the chain, and off the list."""
    async with office(folder) as here:
        here.party()
        await here.post(mail(body=DATA))
        contact, desk = here.only().id, clocks(here)
        here.clock.advance(days=3)
        longer = desk.extend(contact, ClockKind.OWN_DATA, "It is complex.", CLERK)
        assert longer.last_day(here.settings.policy).isoformat() == "2026-06-09"
        desk.stop(contact, ClockKind.OWN_DATA, Stopped.ANSWERED, "By letter of today.", CLERK)
        assert desk.listed() == ()
        assert acts(here)[1:] == [
            ("A. Clerk", "legal_clock_extended", {"kind": "own_data"}),
            ("A. Clerk", "legal_clock_stopped", {"kind": "own_data", "as": "answered"}),
        ]
        (kept,) = desk.listed(stopped=True)
        assert (kept.clock.how, kept.clock.extended_why) == ("By letter of today.", "It is complex.")


async def test_it_rests_while_we_wait_and_goes_on_with_the_answer(folder):
    """On the list all the while with its own age, under its own kind; who and when is in the chain."""
    async with office(folder) as here:
        here.party()
        await here.post(mail(body=DATA))
        contact, desk, policy = here.only().id, clocks(here), here.settings.policy
        first = desk.listed()[0].clock.last_day(policy)
        here.clock.advance(days=2)
        desk.pause(contact, ClockKind.OWN_DATA, Asked.MEANING, "Which years?", CLERK)
        since = here.clock()
        here.clock.advance(days=5)
        (one,) = waiting(here)
        assert (one.waiting.what, one.waiting.since, one.age(here.clock()).days) == (WaitingFor.CLARIFICATION, since, 5)
        with pytest.raises(Refused, match="we wait for an answer"):
            desk.pause(contact, ClockKind.OWN_DATA, Asked.MEANING, "Again?", CLERK)
        goes_on = desk.resume(contact, ClockKind.OWN_DATA, "2024 and 2025.", CLERK)
        assert (goes_on.last_day(policy) - first).days == 5
        (one,) = waiting(here)
        assert (one.waiting.what, one.waiting.due) == (WaitingFor.OWN_DATA, goes_on.due(policy))
        assert acts(here)[1:] == [
            ("A. Clerk", "legal_clock_paused", {"kind": "own_data", "for": "meaning", "on": "2026-03-11"}),
            (
                "A. Clerk",
                "legal_clock_resumed",
                {"kind": "own_data", "on": "2026-03-16", "last_day": goes_on.last_day(policy).isoformat()},
            ),
        ]


async def test_of_two_who_change_a_clock_one_does(folder):
    """Both read it as it ran: one asks back, the other stops it, and the second of them is told."""
    async with office(folder) as here:
        here.party()
        await here.post(mail(body=DATA))
        (running,) = clocks(here).listed()
        clocks(here).pause(running.clock.contact, ClockKind.OWN_DATA, Asked.IDENTITY, "Who is it?", CLERK)
        stopped = running.clock.stop(Stopped.ANSWERED, "B", "By post.", here.clock())
        assert not here.record.write_now(lambda tx: tx.change_clock(running.clock, stopped))
        assert clocks(here).listed()[0].clock.rests


async def test_a_stranger_s_letter_has_its_clock(folder):
    """It was logged by hand and lay for days: the clock counts from the day it reached us."""
    async with office(folder) as here:
        letter = entry(at=NOW, whose="nobody", sender="", state=State.DELIVERED)
        here.record.write_now(lambda tx: tx.add_contact(letter))
        reached = at("2026-03-02T00:00Z")
        made = clocks(here).start(letter.id, ClockKind.INFORMATION, CLERK, why="By post.", received=reached)
        assert made.last_day(here.settings.policy).isoformat() == "2026-03-31"
        (one,) = clocks(here).listed()
        assert (one.party, one.whose, one.clock.started_by) == (None, "nobody", "A. Clerk")


async def test_what_cannot_be_is_said_in_a_sentence(folder):
    """No contact, no clock, a second one, the future, no words, the wrong role, no appeals."""
    async with office(folder, policy={"rights": {"legal_clock": frozenset({"caseworker"})}}) as here:
        contact = entry(at=NOW)
        here.record.write_now(lambda tx: tx.add_contact(contact))
        desk = clocks(here)
        with pytest.raises(NoSuchClock, match="no such contact"):
            desk.start("0" * 22, ClockKind.OWN_DATA, CLERK)
        with pytest.raises(NoSuchClock, match="No clock of this kind"):
            desk.stop(contact.id, ClockKind.OWN_DATA, Stopped.ANSWERED, "x", CLERK)
        with pytest.raises(Refused, match="future"):
            desk.start(contact.id, ClockKind.OWN_DATA, CLERK, received=at("2026-03-10T00:00Z"))
        desk.start(contact.id, ClockKind.OWN_DATA, CLERK)
        with pytest.raises(Refused, match="has, or had"):
            desk.start(contact.id, ClockKind.OWN_DATA, CLERK)
        with pytest.raises(Refused, match="Nothing is said"):
            desk.stop(contact.id, ClockKind.OWN_DATA, Stopped.ANSWERED, "  ", CLERK)
        with pytest.raises(Refused, match="longer than"):
            desk.stop(contact.id, ClockKind.OWN_DATA, Stopped.ANSWERED, "x" * 2001, CLERK)
        with pytest.raises(Refused, match="may not do this"):
            desk.start(contact.id, ClockKind.INFORMATION, Actor("B", frozenset()))
        final = LegalClocks(here.record, here.settings.policy.with_changes(appeal=None), here.clock)
        with pytest.raises(Refused, match="Decisions are final"):
            final.start(contact.id, ClockKind.APPEAL, CLERK)
        assert len(desk.listed()) == 1
