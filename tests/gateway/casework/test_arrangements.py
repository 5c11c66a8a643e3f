"""The page of contact arrangements is kept current: owed anew as soon as it says something else, and not before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.casework.outline import outline
from gateway.casework.overview import everything_that_waits
from gateway.casework.sheet import sheet
from rules import measures
from rules.casework import catalogue
from rules.casework.notices import ARRANGEMENTS
from rules.casework.refused import Refused
from rules.waiting_for import WaitingFor
from tests.gateway.casework.desk import CLERK, MANAGER
from tests.gateway.casework.notice_desk import DAILY, NoticeDesk
from tests.gateway.office import SENT, office


@pytest.fixture
async def desk(folder):
    """A desk at which one party got the notice of a restriction, with the page, by mail."""
    async with office(folder) as here:
        desk = NoticeDesk(here)
        desk.number = desk.untold()
        desk.leaving(desk.number)
        await desk.post()
        yield desk


def page(desk):
    """Give what waits of a page; None where none is owed."""
    policy, now = desk.here.settings.policy, desk.here.clock()
    found = desk.read_record(lambda reader: everything_that_waits(reader, policy, now))
    return next((one.waiting for one in found if one.waiting.what is WaitingFor.PAGE), None)


def agreed(desk):
    """Agree an adjustment."""
    return desk.act("agree_adjustment", need="Cannot write for long", open=["call"]).id


def advocate(desk, **more):
    """Let an advocate speak for the party in everything."""
    fields = {"advocate": "An Advocate", "identifiers": ["a.advocate@example.org"], "consent": "A form."} | more
    return desk.act("authorise_advocate", until=desk.here.clock().date() + timedelta(days=90), **fields).id


async def test_the_page_that_went_with_the_notice_is_current(desk):
    """Nothing is owed, however often it is asked and on whatever day, while it says what holds."""
    assert page(desk) is None
    desk.here.clock.advance(days=20)
    desk.incident()
    assert page(desk) is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(agreed, id="an adjustment is agreed"),
        pytest.param(lambda desk: desk.act("agree_adjustment", need="Sight", forms=["large_print"]), id="a form"),
        pytest.param(advocate, id="an advocate with consent, who gets a copy"),
        pytest.param(
            lambda desk: desk.act("share_identifier", identifier="r.example@example.org", reason="A household"),
            id="the address that it went to is shared",
        ),
        pytest.param(lambda desk: desk.told({"kind": "return_letters"}), id="another restriction, told by hand"),
    ],
)
async def test_a_page_that_says_something_else_is_owed_anew(desk, change):
    """From that day, late after two working days; the next page that leaves closes it."""
    desk.here.clock.advance(days=3)
    change(desk)
    waits = page(desk)
    assert waits is not None
    assert (waits.about, waits.overdue(desk.here.clock())) == (ARRANGEMENTS, False)
    desk.here.clock.advance(days=5)
    desk.incident()
    late = page(desk)
    assert (late.due, late.overdue(desk.here.clock())) == (waits.due, True)
    desk.notices.posted(desk.read(ARRANGEMENTS, forms=["pdf"]), CLERK)
    assert page(desk) is None


async def test_PHSO_M13_the_new_page_goes_to_the_advocate_too(desk):
    """With consent a copy leaves; once the authority is ended the page is owed again."""
    authority = advocate(desk)
    desk.leaving(ARRANGEMENTS)
    await desk.post()
    assert len(desk.here.mailbox(SENT)) == 3
    assert page(desk) is None
    desk.act("end_authority", authority=authority, reason="She asked.")
    assert page(desk) is not None


async def test_an_advocate_for_one_matter_changes_no_page(desk):
    """Who speaks for the party in one matter gets no copy, and the page does not name them."""
    advocate(desk, scope="the rent")
    assert page(desk) is None


async def test_a_change_that_was_taken_back_is_owed_no_page(desk):
    """The party has the page that holds again."""
    adjustment = agreed(desk)
    assert page(desk) is not None
    desk.act("end_adjustment", MANAGER, adjustment=adjustment, advice="Legal", route="By letter", asked_by="k.two")
    assert page(desk) is None


async def test_a_page_of_a_day_to_come_is_current_until_then(folder):
    """A restriction that begins next week is told with its page as of that day; it is owed neither now nor then."""
    async with office(folder) as here:
        desk = NoticeDesk(here)
        number = desk.untold(starts=str(here.clock().date() + timedelta(days=7)))
        desk.leaving(number)
        await desk.post()
        assert page(desk) is None
        here.clock.advance(days=8)
        assert (page(desk), desk.state(number)) == (None, "in_force")


async def test_by_the_clock_too(desk):
    """An adjustment for a time runs out: the page is owed from that day, though nobody did anything."""
    ends = desk.here.clock().date() + timedelta(days=4)
    desk.act("agree_adjustment", need="In hospital", open=["call"], ends=str(ends))
    desk.leaving(ARRANGEMENTS)
    await desk.post()
    assert page(desk) is None
    desk.here.clock.advance(days=6)
    assert page(desk) is not None


async def test_another_letter_that_is_owed_brings_the_page_along(desk):
    """One thing waits and not two; once that letter left, with its page, nothing does."""
    desk.here.clock.advance(days=1)
    paper = desk.act("review_restriction", restriction=desk.number, outcome="continue", reason="It goes on.").id
    agreed(desk)
    assert desk.waits() == [WaitingFor.LETTER_OWED]
    desk.leaving(paper)
    await desk.post()
    assert desk.waits() == []


async def test_where_nothing_is_in_force_no_page_is_owed(desk):
    """The letter on the end says it all."""
    paper = desk.act("lift_restriction", restriction=desk.number, reason="Quiet.").id
    agreed(desk)
    assert desk.waits() == [WaitingFor.LETTER_OWED]
    desk.leaving(paper)
    await desk.post()
    assert desk.waits() == []


async def test_one_of_two_restrictions_ended(desk):
    """What still stands is told with the letter on the end; told by hand, the page is still owed."""
    other = desk.untold(DAILY)
    desk.leaving(other)
    await desk.post()
    assert page(desk) is None
    paper = desk.act("lift_restriction", restriction=other, reason="Quiet.").id
    desk.act("send_notice", about=paper, how="a letter of our own")
    assert page(desk) is not None


async def test_who_was_told_by_hand_has_no_page_yet(folder):
    """A restriction whose notice the office wrote itself, or that was brought in, owes its page."""
    async with office(folder) as here:
        desk = NoticeDesk(here)
        desk.told()
        assert page(desk) is not None


async def test_a_reason_for_no_page_is_put_on_file_with_the_page(desk):
    """Closed with a reason it is owed no more, until it says something else again; an act alone says not which."""
    agreed(desk)
    with pytest.raises(Refused, match="Which page"):
        desk.act("record_no_notice", about=ARRANGEMENTS, reason="No")
    with pytest.raises(Refused, match="Which page"):
        desk.act("send_notice", about=ARRANGEMENTS)
    desk.notices.close(desk.draft(ARRANGEMENTS).id, CLERK, reason="Told on the phone; she wants no letter.")
    (paper,) = desk.acts("record_no_notice")
    assert paper.act.reason.startswith("Told on the phone")
    assert desk.waits() == []
    desk.act("agree_adjustment", need="Sight", forms=["large_print"])
    assert page(desk) is not None


async def test_C6_a_page_that_came_back_is_owed_again(desk):
    """Whether it went by itself or with a letter: the party does not have it."""
    agreed(desk)
    notice = desk.leaving(ARRANGEMENTS)
    await desk.post()
    assert page(desk) is None
    desk.notices.came_back(notice, CLERK, detail="550")
    assert page(desk) is not None


async def test_a_merge_that_changes_the_page_owes_it(desk):
    """What was on the other party is on this one now, and their page does not say so."""
    other = NoticeDesk(desk.here, emails=("s.example@example.org",), name="S. Example")
    other.told({"kind": "call_length_limit", "minutes": 10})
    assert page(desk).about == ARRANGEMENTS  # the other's own
    desk.notices.close(other.draft(ARRANGEMENTS).id, CLERK, reason="By hand.")
    assert page(desk) is None
    merge = catalogue.parse("merge", {"other": other.party, "reason": "One person"})
    paper = desk.casework.do_now(desk.party, merge, MANAGER).paper.id
    assert page(desk) is not None
    split = catalogue.parse("split", {"merge": paper, "reason": "They are two"})
    desk.here.clock.advance(minutes=1)
    desk.casework.do_now(desk.party, split, MANAGER)
    assert page(desk) is None


async def test_SPSO_14_the_sheet_and_the_file_show_what_letters_we_owe(desk):
    """Before another restriction is proposed it is seen that the party was not told of the last decision."""
    desk.act("lift_restriction", restriction=desk.number, reason="Quiet.")
    policy = desk.here.settings.policy

    def ours():
        now = desk.here.clock()
        part = sheet(desk.here.record, desk.party, [measures.parse(DAILY)], policy, MANAGER, now=now).ours
        return part.letters_owed, part.letters_late

    assert ours() == (1, 0)
    desk.here.clock.advance(days=7)
    assert ours() == (1, 1)
    data = outline(desk.file(desk.party), desk.shelf(), policy, MANAGER, desk.here.clock())
    assert [(one["what"], one["overdue"]) for one in data["history"]["waiting"]] == [("letter_owed", True)]
