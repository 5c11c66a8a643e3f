"""Notices that the net brought back: not told, without a person, once however often it is said (C6, PHSO-20)."""

from __future__ import annotations

import pytest

from rules.casework.notices import ARRANGEMENTS
from rules.waiting_for import WaitingFor
from storage.entries import LetterState
from tests.gateway.casework.desk import CLERK
from tests.gateway.casework.notice_desk import NoticeDesk, message
from tests.gateway.hop import DROP, Hop
from tests.gateway.office import SENT, office
from tests.gateway.test_outbox import outbound

WHY = "550 5.1.1 no such mailbox"


@pytest.fixture
async def desk(folder):
    """A desk in an office whose own mail goes into `Sent out`."""
    async with office(folder) as here:
        yield NoticeDesk(here)


def message_ids(desk):
    """Give the Message-IDs of the notices that left, by addressee."""
    left = [message(octets) for octets in desk.here.mailbox(SENT)]
    return {str(one["To"]): str(one["Message-ID"]) for one in left if "Auto-Submitted" in one}


def alerted(desk):
    """Count the alerts on notices that came back."""
    every = [*desk.here.letters(), *desk.here.letters(LetterState.SENT)]
    return len([one for one in every if one.kind == "alert" and "came back" in one.message.decode("utf-8", "replace")])


async def test_C6_a_returned_notice_means_not_told(desk):
    """By the Message-ID of what left: not enforced any more, on file in nobody's name, shown, and one alert."""
    number = desk.untold()
    notice = desk.leaving(number)
    await desk.post()
    assert desk.state(number) == "in_force"
    (reference,) = message_ids(desk).values()
    assert await desk.bounces.bounced(reference, WHY)
    assert (desk.state(number), desk.notice(notice).state) == ("awaiting_notice", "came_back")
    (paper,) = desk.acts("notice_came_back")
    assert (paper.by, paper.act.about, paper.act.detail) == ("(returned mail)", number, WHY)
    assert desk.notice(notice).paper == paper.id
    assert {WaitingFor.NOTICE_CAME_BACK, WaitingFor.LETTER_CAME_BACK} <= set(desk.waits())
    assert alerted(desk) == 1


async def test_said_twice_it_is_done_once(desk):
    """A report that comes again, and one by the notice's own id, change nothing and alert nobody."""
    number = desk.untold()
    notice = desk.leaving(number)
    await desk.post()
    (reference,) = message_ids(desk).values()
    assert [await desk.bounces.bounced(one, WHY) for one in (reference, reference.strip("<>"), notice)] == [
        True,
        False,
        False,
    ]
    assert (len(desk.acts("notice_came_back")), alerted(desk)) == (1, 1)


async def test_by_the_id_of_the_notice(desk):
    """Who knows the notice needs no Message-ID."""
    notice = desk.leaving(desk.untold())
    await desk.post()
    assert await desk.bounces.bounced(notice, WHY)
    assert desk.notice(notice).state == "came_back"


@pytest.mark.parametrize(
    "reference",
    ["", "<>", "nothing", "<x@example.org>", "{letter}@example.org", "<{letter}@example.org>", "{letter}", "%00 \n"],
)
async def test_C5_what_refers_to_no_letter_of_ours_is_passed_over(desk, reference):
    """An unknown id, or ours under another domain: nothing is done, nothing is said."""
    number = desk.untold()
    notice = desk.leaving(number)
    await desk.post()
    (letter,) = desk.notice(notice).letters
    assert not await desk.bounces.bounced(reference.format(letter=letter), WHY)
    assert (desk.state(number), alerted(desk)) == ("in_force", 0)


async def test_C5_a_letter_of_another_kind_is_no_notice(desk):
    """The alert that a manager got bounces: no party is told less by that."""
    number = desk.untold()
    notice = desk.leaving(number)
    desk.act("lift_restriction", restriction=number, reason="Quiet.")
    await desk.post()
    (alert,) = [one for one in desk.alerts() if notice in one.once]
    assert not await desk.bounces.bounced(alert.message_id, WHY)


async def test_it_comes_back_before_anybody_followed_it(desk):
    """The report is faster than our own clock: nobody is ever told, and no act says that they were."""
    number = desk.untold()
    notice = desk.leaving(number)
    await desk.here.gateway.outbox.send_due()
    (reference,) = message_ids(desk).values()
    assert await desk.bounces.bounced(reference, WHY)
    assert await desk.fate.follow() == 0
    assert (desk.state(number), desk.notice(notice).state) == ("awaiting_notice", "came_back")
    assert desk.acts("send_notice") == []


async def test_nobody_knew_whether_it_left_and_it_came_back(folder):
    """Then it did leave, and did not arrive."""
    async with Hop() as hop, office(folder, mail=outbound(hop)) as here:
        desk = NoticeDesk(here)
        notice = desk.leaving(desk.untold())
        hop.say(".", DROP)
        await desk.post()
        assert desk.notice(notice).state == "unclear"
        assert await desk.bounces.bounced(notice, WHY)
        assert desk.notice(notice).state == "came_back"


async def test_what_was_posted_since_is_told(folder):
    """A report on the mail that failed does not take back the letter that was posted after it."""
    async with Hop() as hop, office(folder, mail=outbound(hop)) as here:
        desk = NoticeDesk(here)
        number = desk.untold()
        notice = desk.leaving(number)
        hop.say(".", DROP)
        await desk.post()
        desk.notices.posted(notice, CLERK)
        assert not await desk.bounces.bounced(notice, WHY)
        assert desk.state(number) == "in_force"


async def test_what_it_told_of_has_changed_since(desk):
    """A restriction that was lifted meanwhile: the notice is noted as returned, and a person hears of it."""
    number = desk.untold()
    notice = desk.leaving(number)
    await desk.post()
    desk.act("lift_restriction", restriction=number, reason="Quiet.")
    assert await desk.bounces.bounced(notice, WHY)
    assert (desk.notice(notice).state, desk.acts("notice_came_back"), alerted(desk)) == ("came_back", [], 1)


async def test_a_page_and_an_owed_letter_come_back_too(desk):
    """Each is owed again."""
    number = desk.told()
    page = desk.leaving(ARRANGEMENTS)
    await desk.post()
    assert desk.waits() == []
    assert await desk.bounces.bounced(page, WHY)
    assert WaitingFor.PAGE in desk.waits()
    lifting = desk.act("lift_restriction", restriction=number, reason="Quiet.").id
    letter = desk.leaving(lifting)
    await desk.post()
    assert await desk.bounces.bounced(letter, WHY)
    assert WaitingFor.OWED_CAME_BACK in desk.waits()


async def test_a_copy_that_came_back_takes_nothing_from_the_party(desk):
    """The party is told; that the advocate did not get theirs is one alert."""
    number = desk.untold()
    until = str(desk.here.clock().date().replace(year=2027))
    who = {"advocate": "An Advocate", "identifiers": ["a.advocate@example.org"], "consent": "A form."}
    desk.act("authorise_advocate", until=until, **who)
    desk.leaving(number)
    await desk.post()
    reference = message_ids(desk)["a.advocate@example.org"]
    assert [await desk.bounces.bounced(reference, WHY) for _ in range(2)] == [True, False]
    assert (desk.state(number), alerted(desk)) == ("in_force", 1)


async def test_what_the_other_side_said_is_one_short_line(desk):
    """Their words are not ours: no line feed, no control, no novel on the file."""
    notice = desk.leaving(desk.untold())
    await desk.post()
    assert await desk.bounces.bounced(notice, "550\r\nBcc: x@example.org\x1b[2J" + "x" * 5000)
    detail = desk.notice(notice).detail
    assert len(detail) <= 400
    assert detail.isprintable()
