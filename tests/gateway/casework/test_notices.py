"""Notices as people send them: nothing is in force before its letter left, each step by who may, in the chain."""

from __future__ import annotations

import pytest

from rules.casework.actor import Actor
from rules.casework.notices import ARRANGEMENTS
from rules.casework.refused import Refused
from rules.waiting_for import WaitingFor
from storage.entries import LetterState
from tests.gateway.casework.desk import CLERK, MANAGER
from tests.gateway.casework.notice_desk import DAILY, WEEKLY, NoticeDesk, message
from tests.gateway.office import SENT, office

NOBODY = Actor("a.visitor", frozenset())


@pytest.fixture
async def desk(folder):
    """A desk in an office whose own mail goes into `Sent out`."""
    async with office(folder) as here:
        yield NoticeDesk(here)


async def test_PHSO_20_nothing_is_in_force_before_its_letter_left(desk):
    """Drafted, read, in the outbox: not told. Left: in force, in the name of who read it, with what was sent."""
    number = desk.untold()
    drafted = desk.draft(number)
    assert (drafted.kind, drafted.state, desk.state(number)) == ("restriction", "drafted", "awaiting_notice")
    assert WaitingFor.LETTER_UNREAD in desk.waits()
    desk.notices.read(drafted.id, MANAGER)
    assert WaitingFor.LETTER_UNSENT in desk.waits()
    leaving = desk.notices.send(drafted.id, CLERK)
    assert (leaving.state, desk.state(number)) == ("leaving", "awaiting_notice")
    assert await desk.fate.follow() == 0
    assert desk.state(number) == "awaiting_notice"
    assert await desk.post() == 1
    assert desk.state(number) == "in_force"
    (paper,) = desk.acts("send_notice")
    assert (paper.by, paper.role) == (MANAGER.name, "manager")
    assert (paper.act.digest, paper.act.read_by, paper.act.how) == (drafted.digest, MANAGER.name, "by email")
    assert (desk.notice(drafted.id).state, desk.notice(drafted.id).paper) == ("sent", paper.id)
    assert desk.waits() == []
    assert desk.read_record(lambda reader: reader.verify_acts()).broken_at is None


async def test_what_left_is_what_was_read(desk):
    """The mail holds the words and the PDFs of the draft, from the office, with the page of arrangements."""
    number = desk.leaving(desk.untold())
    await desk.post()
    (octets,) = desk.here.mailbox(SENT)
    found = message(octets)
    shown = desk.notices.show(number, CLERK)
    text, *pdfs = found.iter_parts()
    assert found["To"] == "r.example@example.org"
    assert found["From"].addresses[0].addr_spec == "office@office.example.org"
    assert shown.notice.text.startswith(text.get_content().replace("\r\n", "\n").rstrip())
    assert [one.get_content() for one in pdfs] == [one.content for one in shown.printed]
    assert [one.get_filename() for one in pdfs] == ["restriction-pdf-1.pdf", "arrangements-pdf-2.pdf"]
    (letter,) = [one for one in desk.here.letters(LetterState.SENT) if one.kind == "notice"]
    assert (letter.once, found["Message-ID"]) == (f"notice:{number}:0", letter.message_id)


async def test_PHSO_7_a_warning_runs_from_the_day_its_letter_left(desk):
    """Drafted on Monday, left on Wednesday: communicated on Wednesday."""
    warning = desk.warning()
    desk.leaving(warning)
    desk.here.clock.advance(days=2)
    await desk.post()
    assert desk.shelf().warnings[warning].communicated == desk.here.clock().date()
    assert len(desk.acts("communicate_warning")) == 1


async def kinds(desk):
    """Make something of each kind to tell of, one after the other; gives kind and what it is about."""
    yield "warning", desk.warning()
    restriction = desk.untold()
    yield "restriction", restriction
    desk.here.clock.advance(days=3)
    yield "extension", desk.act("extend_restriction", restriction=restriction, incident=desk.incident()).id
    amended = desk.act(
        "review_restriction", restriction=restriction, outcome="amend", reason="It is quieter.", measures=[DAILY]
    )
    yield "review_outcome", amended.id
    kept = desk.act("review_restriction", restriction=restriction, outcome="continue", reason="It goes on.")
    yield "review_outcome", kept.id
    appeal = desk.act("appeal", restriction=restriction, grounds="It is wrong").id
    head = Actor("h.head", frozenset({"head"}))
    yield (
        "appeal_outcome",
        desk.act("decide_appeal", head, appeal=appeal, outcome="dismissed", reason="It is right.").id,
    )
    yield "arrangements", ARRANGEMENTS
    yield "end", desk.act("lift_restriction", restriction=restriction, reason="You have kept to it.").id
    contract = {"kind": "behaviour_contract", "conditions": ["You call once a day"]}
    other = desk.told(WEEKLY, contract)
    yield "change", desk.act("agree_contract", restriction=other, how="In a letter.").id
    desk.here.clock.advance(days=300)
    yield "end", other
    yield "arrangements", ARRANGEMENTS


async def test_HO_5_a_notice_of_every_kind(desk):
    """Each is drafted, read, sent and told, once; each but the page has an end, a review and where help is."""
    found = []
    async for kind, about in kinds(desk):
        notice = desk.leaving(about)
        assert await desk.post() == 1, kind
        shown = desk.notice(notice)
        assert (shown.kind, shown.state) == (kind, "sent")
        assert shown.paper, kind
        assert 6 < shown.reading_age < 16, shown.text
        found.append(kind)
        if about != ARRANGEMENTS:
            with pytest.raises(Refused):
                desk.draft(about)
    assert set(found) == {
        *("warning", "restriction", "extension", "review_outcome", "appeal_outcome"),
        *("arrangements", "end", "change"),
    }
    assert desk.alerts() == [one for one in desk.alerts() if "paper:" in one.once]


async def test_an_end_that_moves_stands_once_its_letter_left(desk):
    """An extension's letter tells of the new end, and before it left the old one stands."""
    number = desk.told()
    ends = desk.shelf().restrictions[number].ends
    desk.here.clock.advance(days=30)
    change = desk.act("extend_restriction", restriction=number, incident=desk.incident()).id
    desk.leaving(change)
    assert desk.shelf().restrictions[number].ends == ends
    await desk.post()
    assert desk.shelf().restrictions[number].ends > ends


async def test_two_who_send_the_same(desk):
    """The second is told; one letter leaves."""
    notice = desk.leaving(desk.untold())
    with pytest.raises(Refused, match="leaving"):
        desk.notices.send(notice, CLERK)
    with pytest.raises(Refused, match="on its way"):
        desk.draft(desk.notice(notice).about)
    await desk.post()
    assert len(desk.here.mailbox(SENT)) == 1


async def test_PHSO_M13_an_advocate_gets_a_copy_with_consent(desk):
    """A letter of its own; one whose authority is for one matter alone gets none."""
    number = desk.untold()
    for who, scope in (("a.advocate@example.org", ""), ("b.partial@example.org", "the rent")):
        desk.act(
            "authorise_advocate",
            advocate="An Advocate",
            identifiers=[who],
            scope=scope,
            until=desk.here.clock().date().replace(year=2027),
            consent="A form.",
        )
    notice = desk.leaving(number)
    assert desk.notice(notice).copies == ("a.advocate@example.org",)
    await desk.post()
    to = sorted(str(message(octets)["To"]) for octets in desk.here.mailbox(SENT))
    assert to == ["a.advocate@example.org", "r.example@example.org"]
    assert len(desk.acts("send_notice")) == 1


async def test_who_has_no_address_of_their_own_gets_a_letter_by_post(folder):
    """A shared address is nobody's letter box."""
    async with office(folder) as here:
        desk = NoticeDesk(here, shared=True)
        number = desk.untold(not_recognised=True)
        notice = desk.read(number)
        assert desk.notice(notice).to == ""
        with pytest.raises(Refused, match="No address"):
            desk.notices.send(notice, CLERK)
        assert [one.content[:4] for one in desk.notices.show(notice, CLERK).printed] == [b"%PDF", b"%PDF"]
        desk.notices.posted(notice, CLERK)
        assert desk.state(number) == "in_force"


async def test_C6_a_notice_that_came_back_means_not_told(desk):
    """The restriction bites no more, somebody has to find another way, and a new notice can be drafted."""
    number = desk.untold()
    notice = desk.leaving(number)
    await desk.post()
    desk.notices.came_back(notice, CLERK, detail="550 unknown")
    assert (desk.state(number), desk.notice(notice).state) == ("awaiting_notice", "came_back")
    assert {WaitingFor.NOTICE_CAME_BACK, WaitingFor.LETTER_CAME_BACK} <= set(desk.waits())
    desk.notices.posted(desk.read(number), CLERK)
    assert (desk.state(number), desk.notice(notice).state) == ("in_force", "replaced")


async def test_C6_a_warning_and_a_change_that_came_back_were_not_told(desk):
    """The warning runs no more, the old end stands again; a notice that only informed is noted and waits."""
    warning = desk.warning()
    warned = desk.leaving(warning)
    number = desk.told()
    ends = desk.shelf().restrictions[number].ends
    desk.here.clock.advance(days=30)
    extended = desk.leaving(desk.act("extend_restriction", restriction=number, incident=desk.incident()).id)
    page = desk.leaving(ARRANGEMENTS)
    assert await desk.post() == 3
    assert (desk.shelf().warnings[warning].communicated is None, desk.shelf().restrictions[number].ends > ends) == (
        False,
        True,
    )
    for notice in (warned, extended, page):
        assert desk.notices.came_back(notice, CLERK).state == "came_back"
    assert desk.shelf().warnings[warning].communicated is None
    assert desk.shelf().restrictions[number].ends == ends
    assert desk.waits().count(WaitingFor.LETTER_CAME_BACK) == 3


async def test_the_page_is_posted_and_its_paper_says_which_page_it_was(desk):
    """The page of arrangements is posted: the file knows which one the party has, and nothing comes into force."""
    notice = desk.read(ARRANGEMENTS)
    assert desk.notices.posted(notice, CLERK).state == "posted"
    (paper,) = desk.acts("send_notice")
    assert (desk.notice(notice).paper, paper.act.about, paper.act.page) == (
        paper.id,
        ARRANGEMENTS,
        desk.notice(notice).page,
    )
    plain = desk.read(ARRANGEMENTS, forms=["plain_text"])
    with pytest.raises(Refused, match="no PDF"):
        desk.notices.posted(plain, CLERK)
    assert desk.notices.posted(plain, CLERK, how="read out on the phone").detail == "read out on the phone"


async def test_what_nobody_has_to_do_any_more_is_closed(desk):
    """With a reason, and then it waits for nobody and cannot leave."""
    notice = desk.read(desk.untold())
    with pytest.raises(Refused, match="why"):
        desk.notices.close(notice, CLERK, reason=" ")
    desk.notices.close(notice, CLERK, reason="Told in person")
    assert WaitingFor.LETTER_UNSENT not in desk.waits()
    with pytest.raises(Refused, match="closed"):
        desk.notices.send(notice, CLERK)


async def test_W4_only_who_may_send_notices_sees_or_does_anything(folder):
    """Under a policy that names roles for it; each step by a stranger is refused, and changes nothing."""
    rights = {"send_notice": frozenset({"manager"})}
    async with office(folder, policy={"rights": rights}) as here:
        desk = NoticeDesk(here)
        number = desk.untold()
        drafted = desk.notices.draft(desk.party, number, MANAGER)
        steps = [
            lambda: desk.notices.draft(desk.party, number, CLERK),
            lambda: desk.notices.list(desk.party, CLERK),
            *(lambda step=step: step(drafted.id, CLERK) for step in (desk.notices.show, desk.notices.read)),
        ]
        for step in steps:
            with pytest.raises(Refused, match="may not"):
                step()
        desk.notices.read(drafted.id, MANAGER)
        for step in (desk.notices.send, desk.notices.posted):
            with pytest.raises(Refused, match="may not"):
                step(drafted.id, CLERK)
        with pytest.raises(Refused, match="may not"):
            desk.notices.close(drafted.id, NOBODY, reason="x")
        assert desk.notice(drafted.id).state == "read"


async def test_every_step_is_in_the_chain_of_acts(desk):
    """Who drafted, looked, read, sent; with the digest of what it was."""
    notice = desk.read(desk.untold())
    desk.notices.show(notice, CLERK)
    desk.notices.send(notice, CLERK)
    await desk.post()
    links = desk.read_record(lambda reader: reader.acts_about(f"notice:{notice}"))
    assert [(one.act, one.who) for one in links] == [
        ("notice drafted", CLERK.name),
        ("notice read", MANAGER.name),
        ("notice looked at", CLERK.name),
        ("notice leaving", CLERK.name),
        ("notice sent", MANAGER.name),
    ]
    assert {one.detail["digest"] for one in links if one.detail} == {desk.notice(notice).digest}


async def test_PHSO_6_a_warnings_paper_says_what_was_sent_to_where_and_who_read_it(desk):
    """The digest of all that left stands on the file, with the page where one went with it."""
    number = desk.untold()
    desk.leaving(number)
    await desk.post()
    desk.act("agree_adjustment", need="Cannot write for long", open=["call"])
    warning = desk.warning()
    notice = desk.leaving(warning)
    await desk.post()
    (paper,) = desk.acts("communicate_warning")
    sent = desk.notice(notice)
    assert (paper.act.digest, paper.act.page, paper.act.to) == (sent.digest, sent.page, "r.example@example.org")
    assert (paper.act.read_by, paper.act.how) == (MANAGER.name, "by email")
    assert desk.waits() == []
