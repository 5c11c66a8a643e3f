"""What became of notices: only a letter that left tells anybody anything, and it is told once."""

from __future__ import annotations

import pytest

from gateway.build_desk import fate_of
from gateway.casework.notice_fate import Faster
from rules.casework import catalogue
from rules.casework.notices import NoticeState
from rules.waiting_for import WaitingFor
from storage.entries import LetterState
from storage.faults import RecordLocked
from tests.gateway.casework.desk import CLERK, MANAGER
from tests.gateway.casework.notice_desk import NoticeDesk
from tests.gateway.hop import DROP, Hop
from tests.gateway.office import SENT, office, settled
from tests.gateway.test_outbox import outbound


@pytest.fixture
async def desk(folder):
    """A desk in an office whose own mail goes into `Sent out`."""
    async with office(folder) as here:
        yield NoticeDesk(here)


async def test_W6_killed_between_the_letter_and_the_act_it_is_told_once(desk):
    """After the next start the act is done; who looked before that and comes late does nothing, and alerts nobody."""
    number = desk.untold()
    desk.leaving(number)
    await desk.here.gateway.outbox.send_due()  # and here it is killed
    (seen,) = desk.read_record(lambda reader: reader.notices_in(NoticeState.LEAVING))
    restarted = fate_of(desk.here.settings, desk.here.record, clock=desk.here.clock)
    assert [await restarted.follow(), await desk.fate.follow()] == [1, 0]
    with pytest.raises(Faster):
        await desk.fate._left(seen)
    assert (len(desk.acts("send_notice")), len(desk.here.mailbox(SENT)), desk.alerts()) == (1, 1, [])


async def test_W6_a_fault_in_the_middle_leaves_nothing_half_done(desk):
    """Act and state are one: where the record breaks between them neither is there, and the next run does both."""
    number = desk.untold()
    notice = desk.leaving(number)
    await desk.here.gateway.outbox.send_due()
    works = desk.fate._casework
    desk.fate._casework = works.also(_breaks)
    assert await desk.fate.follow() == 0
    assert (desk.state(number), desk.notice(notice).state) == ("awaiting_notice", "leaving")
    desk.fate._casework = works
    assert await desk.fate.follow() == 1
    assert (desk.state(number), desk.notice(notice).state, len(desk.acts("send_notice"))) == ("in_force", "sent", 1)


def _breaks(tx, done):
    raise RuntimeError("a power cut")


@pytest.mark.parametrize(
    ("step", "reply", "state", "waiting"),
    [
        pytest.param("RCPT", "550 5.1.1 No", "failed", WaitingFor.LETTER_FAILED, id="refused"),
        pytest.param(".", DROP, "unclear", WaitingFor.LETTER_UNCLEAR, id="nobody knows"),
    ],
)
async def test_a_letter_that_did_not_leave_tells_nobody(folder, step, reply, state, waiting):
    """Not in force, before a person, one alert however often it is looked at; posted instead, it is told."""
    async with Hop() as hop, office(folder, mail=outbound(hop)) as here:
        desk = NoticeDesk(here)
        number = desk.untold()
        notice = desk.leaving(number)
        hop.say(step, reply)
        for _ in range(3):
            await here.gateway.outbox.send_due()
            await desk.fate.follow()
        assert (desk.notice(notice).state, desk.state(number)) == (state, "awaiting_notice")
        assert waiting in desk.waits()
        here.clock.advance(days=1)
        every = [*here.letters(), *here.letters(LetterState.SENT), *_stuck(here)]
        assert len([one for one in every if one.kind == "alert" and notice in one.once]) == 1
        desk.notices.posted(notice, CLERK)
        assert desk.state(number) == "in_force"
        assert (desk.acts("send_notice")[0].act.how, desk.acts("send_notice")[0].by) == ("by post", CLERK.name)
        assert waiting not in desk.waits()


def _stuck(here):
    """Give the letters that did not leave."""
    return [*here.letters(LetterState.FAILED), *here.letters(LetterState.UNCLEAR)]


async def test_what_is_put_off_is_not_told_yet(folder):
    """A server that is busy is asked again; until it has taken the letter nobody is told."""
    async with Hop() as hop, office(folder, mail=outbound(hop)) as here:
        desk = NoticeDesk(here)
        number = desk.untold()
        desk.leaving(number)
        hop.say("RCPT", "450 4.2.1 Busy")
        assert (await desk.post(), desk.state(number)) == (0, "awaiting_notice")
        hop.heal()
        here.clock.advance(hours=1)
        assert (await desk.post(), desk.state(number)) == (1, "in_force")


async def test_PHSO_20_it_left_and_what_it_told_of_was_lifted_meanwhile(desk):
    """Nothing comes into force by it, and a person is told once that it left."""
    number = desk.untold()
    notice = desk.leaving(number)
    desk.act("lift_restriction", restriction=number, reason="It is quiet now.")
    await desk.post()
    await desk.post()
    assert (desk.state(number), desk.notice(notice).state, desk.acts("send_notice")) == ("lifted", "sent", [])
    assert "lifted" in desk.notice(notice).detail
    told = [*desk.alerts(), *desk.here.letters(LetterState.SENT)]
    assert len([one for one in told if one.kind == "alert" and notice in one.once]) == 1


async def test_one_that_cannot_be_followed_does_not_keep_the_others(desk):
    """A fault of ours with one notice is logged; the next one is told all the same."""
    first, second = desk.warning(), desk.warning()
    broken, whole = desk.leaving(first), desk.leaving(second)
    follows = desk.fate._follow

    async def follow(notice, state):
        if notice.id == broken:
            raise ValueError("secret")
        return await follows(notice, state)

    desk.fate._follow = follow
    assert await desk.post() == 1
    assert (desk.notice(broken).state, desk.notice(whole).state) == ("leaving", "sent")
    desk.fate._follow = follows
    assert await desk.post() == 1


async def test_a_record_that_is_locked_puts_it_off(desk):
    """It is not our loop's to swallow: the job is put off, and told at its next time."""
    number = desk.untold()
    desk.leaving(number)
    follows = desk.fate._follow

    async def locked(notice, state):
        raise RecordLocked("locked")

    desk.fate._follow = locked
    with pytest.raises(RecordLocked):
        await desk.post()
    desk.fate._follow = follows
    assert (await desk.fate.follow(), desk.state(number)) == (1, "in_force")


async def test_the_clock_follows_notices_by_itself(folder):
    """In an office that runs, a notice that was sent is told within seconds."""
    async with office(folder, jobs=True) as here:
        desk = NoticeDesk(here)
        number = desk.untold()
        desk.leaving(number)
        await settled(lambda: desk.state(number) == "in_force")
        assert len(here.mailbox(SENT)) == 1


async def test_a_party_that_was_merged_is_told_on_the_survivors_file(desk):
    """The letter was on its way; the restriction has moved, and it is told of there."""
    survivor = desk.here.party(emails=["s@example.org"], name="S. Example")
    number = desk.untold()
    notice = desk.leaving(number)
    desk.casework.do_now(survivor, catalogue.parse("merge", {"other": desk.party, "reason": "One person"}), MANAGER)
    assert await desk.post() == 1
    found = desk.file(survivor)
    assert [paper.act.about for paper in found.papers if paper.act.name == "send_notice"] == [number]
    assert [one.id for one in desk.notices.list(survivor, CLERK)] == [notice]
