"""Notices from draft to what became of them: nothing is in force before its letter left, and it is told once."""

from __future__ import annotations

import email
import email.policy

import pytest

from gateway.build import fate_of
from gateway.casework.desk import Stale
from gateway.casework.notice_fate import Faster
from gateway.casework.notices import NoSuchNotice
from gateway.casework.overview import everything_that_waits
from rules.casework import catalogue
from rules.casework.actor import Actor
from rules.casework.notices import ARRANGEMENTS, NoticeState
from rules.casework.refused import Refused
from rules.casework.waiting import WaitingFor
from storage.entries import LetterState
from storage.faults import RecordLocked
from tests.gateway.casework.desk import CLERK, MANAGER
from tests.gateway.casework.notice_desk import CONCEAL, DAILY, WEEKLY, NoticeDesk
from tests.gateway.hop import DROP, Hop
from tests.gateway.office import SENT, office, settled
from tests.gateway.test_outbox import outbound

NOBODY = Actor("a.visitor", frozenset())


@pytest.fixture
async def desk(folder):
    """A desk in an office whose own mail goes into `Sent out`."""
    async with office(folder) as here:
        yield NoticeDesk(here)


def waits(desk):
    """Say what waits for a person over all files."""
    policy, now = desk.here.settings.policy, desk.here.clock()
    return [one.waiting.what for one in desk.read_record(lambda reader: everything_that_waits(reader, policy, now))]


def message(octets):
    """Read a message as a mail program does."""
    return email.message_from_bytes(octets, policy=email.policy.default)


async def test_PHSO_20_nothing_is_in_force_before_its_letter_left(desk):
    """Drafted, read, in the outbox: not told. Left: in force, in the name of who read it, with what was sent."""
    number = desk.untold()
    drafted = desk.draft(number)
    assert (drafted.kind, drafted.state, desk.state(number)) == ("restriction", "drafted", "awaiting_notice")
    assert WaitingFor.LETTER_UNREAD in waits(desk)
    desk.notices.read(drafted.id, MANAGER)
    assert WaitingFor.LETTER_UNSENT in waits(desk)
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
    assert waits(desk) == []
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
        assert waiting in waits(desk)
        here.clock.advance(days=1)
        every = [*here.letters(), *here.letters(LetterState.SENT), *_stuck(here)]
        assert len([one for one in every if one.kind == "alert" and notice in one.once]) == 1
        desk.notices.posted(notice, CLERK)
        assert desk.state(number) == "in_force"
        assert (desk.acts("send_notice")[0].act.how, desk.acts("send_notice")[0].by) == ("by post", CLERK.name)
        assert waiting not in waits(desk)


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
        assert bool(shown.paper) == (kind in ("warning", "restriction", "extension") or "quieter" in shown.text)
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


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            lambda desk: desk.act("agree_adjustment", need="Cannot write", open=["call"]), id="an adjustment is agreed"
        ),
        pytest.param(
            lambda desk: desk.act("agree_adjustment", need="Sight", forms=["large_print"]), id="a form is promised"
        ),
        pytest.param(lambda desk: desk.told({"kind": "return_mail"}), id="another restriction came into force"),
        pytest.param(
            lambda desk: desk.act("remove_identifier", identifier="email:r.example@example.org", reason="Not theirs"),
            id="the address is theirs no more",
        ),
        pytest.param(lambda desk: desk.here.clock.advance(days=8), id="it is a week old"),
    ],
)
async def test_what_has_changed_since_the_draft_is_drafted_again(desk, change):
    """Sending it is refused as stale, nothing is in the outbox, and a new draft goes."""
    number = desk.untold()
    notice = desk.read(number)
    change(desk)
    with pytest.raises(Stale, match=r"[Dd]raft it again"):
        desk.notices.send(notice, CLERK)
    assert (desk.here.told(), desk.notice(notice).state) == ([], "read")
    assert desk.notices.read(desk.draft(number).id, CLERK).state == "read"
    assert desk.notice(notice).state == "replaced"


async def test_what_the_letter_does_not_speak_of_may_change(desk):
    """An incident noted meanwhile, or an identifier more, leaves the draft as true as it was."""
    number = desk.untold()
    notice = desk.read(number)
    desk.incident()
    desk.here.clock.advance(days=1)
    assert desk.notices.send(notice, CLERK).state == "leaving"


async def test_two_who_send_the_same(desk):
    """The second is told; one letter leaves."""
    notice = desk.leaving(desk.untold())
    with pytest.raises(Refused, match="leaving"):
        desk.notices.send(notice, CLERK)
    with pytest.raises(Refused, match="on its way"):
        desk.draft(desk.notice(notice).about)
    await desk.post()
    assert len(desk.here.mailbox(SENT)) == 1


async def test_one_that_was_replaced_cannot_leave(desk):
    """Of two drafts of the same the newer one counts, whoever read the older."""
    number = desk.untold()
    older = desk.read(number)
    newer = desk.draft(number, words="We are sorry that this took long.")
    for step in (desk.notices.read, desk.notices.send, desk.notices.posted):
        with pytest.raises(Refused, match="replaced"):
            step(older, CLERK)
    assert desk.notices.read(newer.id, CLERK).state == "read"


async def test_a_draft_that_nobody_read_cannot_leave(desk):
    """A person reads it first; then it may be sent by the same person: the policy's four eyes are for approvals."""
    drafted = desk.draft(desk.untold())
    for step in (desk.notices.send, desk.notices.posted):
        with pytest.raises(Refused, match="drafted"):
            step(drafted.id, CLERK)
    desk.notices.read(drafted.id, CLERK)
    assert desk.notices.send(drafted.id, CLERK).state == "leaving"


async def test_own_words_stand_behind_the_opening_and_count(desk):
    """They are read, they make it harder, long sentences are named, and nothing in them can be markup or a control."""
    number = desk.untold()
    plain = desk.draft(number)
    long = " ".join(["notwithstanding"] * 30)
    words = f"We are sorry.\n\x1b[2J{long}."
    drafted = desk.draft(number, words=words)
    assert "We are sorry.\n\n" in drafted.text
    assert "\x1b" not in drafted.text
    assert drafted.reading_age > plain.reading_age
    assert any("notwithstanding" in one for one in drafted.look_at)
    assert drafted.digest != plain.digest


@pytest.mark.parametrize(
    "words",
    ["Your contact is m.smith from now on.", "Ring K.JONES.", "Write to Duty@office.example.org."],
    ids=["a manager who wrote on the file", "a clerk who wrote on the file", "an inbox that contact is routed to"],
)
async def test_PHSO_M6_a_name_that_would_show_is_refused(desk, words):
    """Where staff are concealed no draft names one, in the office's own words either; without them it is drafted."""
    named = {"kind": "named_contact", "inbox": "duty@office.example.org"}
    number = desk.untold(CONCEAL, named)
    desk.act("note_incident", MANAGER, category="persistent_contact", what="He called again")
    with pytest.raises(Refused, match="colleague") as refused:
        desk.draft(number, words=words)
    assert "smith" not in str(refused.value)
    assert refused.value.clause == "PHSO-M6"
    assert desk.notices.list(desk.party, CLERK) == ()
    assert desk.draft(number).state == "drafted"


@pytest.mark.parametrize(
    "name",
    ["R. Example\r\nBcc: x@example.org", "#eval(sys)", "\u202ecte", "=?utf-8?q?x?=", "<b>&amp;</b>", "*_`$"],
    ids=["a header", "typst", "turned text", "an encoded word", "markup", "signs"],
)
async def test_C2_hostile_names_are_words_and_nothing_else(folder, name):
    """One addressee, one letter, whatever the party is called."""
    async with office(folder) as here:
        desk = NoticeDesk(here, name=name)
        desk.leaving(desk.untold())
        assert await desk.post() == 1
        (octets,) = here.mailbox(SENT)
        assert message(octets)["To"] == "r.example@example.org"
        assert message(octets)["Bcc"] is None
        assert b"\r\nBcc:" not in octets.partition(b"\r\n\r\n")[0]


async def test_a_script_that_no_font_has_is_refused_with_a_sentence(folder):
    """Never our fault: in plain text it goes all the same."""
    async with office(folder) as here:
        desk = NoticeDesk(here, name="\u0e01\u0e02")
        number = desk.untold()
        with pytest.raises(Refused, match="fonts"):
            desk.draft(number)
        assert desk.draft(number, forms=["plain_text"]).forms == ("plain_text",)


@pytest.mark.parametrize(
    ("promised", "more", "forms", "pdfs"),
    [
        pytest.param([], (), ("pdf",), 2, id="nothing promised"),
        pytest.param(["large_print"], (), ("large_print",), 2, id="large print"),
        pytest.param(["plain_text"], (), ("plain_text",), 0, id="plain text alone"),
        pytest.param(["easy_read", "call_warning"], ["pdf"], ("pdf", "easy_read"), 4, id="easy read, and a PDF"),
    ],
)
async def test_HO_3_letters_come_in_the_forms_that_were_promised(desk, promised, more, forms, pdfs):
    """Letter and page in each of them; in plain text the page stands in the mail."""
    number = desk.untold()
    if promised:
        desk.act("agree_adjustment", need="Sight", forms=promised)
    notice = desk.leaving(number, forms=more)
    shown = desk.notices.show(notice, CLERK)
    assert (shown.notice.forms, len(shown.printed)) == (forms, pdfs)
    assert await desk.post() == 1
    (octets,) = desk.here.mailbox(SENT)
    text = message(octets).get_body().get_content() if pdfs == 0 else ""
    assert (pdfs > 0) or "Your contact arrangements" in text


async def test_HO_3_a_letter_in_another_language_is_refused_with_the_way(desk):
    """English alone is shipped: a person has it translated, and says that it was sent."""
    number = desk.untold()
    desk.act("agree_adjustment", need="Reads Welsh", forms=["translated"], detail="Welsh")
    with pytest.raises(Refused, match="translated"):
        desk.draft(number)
    desk.act("send_notice", about=number, how="A translated letter by post")
    assert desk.state(number) == "in_force"


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
    assert {WaitingFor.NOTICE_CAME_BACK, WaitingFor.LETTER_CAME_BACK} <= set(waits(desk))
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
    assert waits(desk).count(WaitingFor.LETTER_CAME_BACK) == 3


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


async def test_only_what_informs_is_posted_without_an_act(desk):
    """The page of arrangements is posted; no paper says that anybody was told of anything."""
    notice = desk.read(ARRANGEMENTS)
    assert desk.notices.posted(notice, CLERK).state == "posted"
    assert (desk.notice(notice).paper, desk.acts("send_notice")) == ("", [])
    plain = desk.read(ARRANGEMENTS, forms=["plain_text"])
    with pytest.raises(Refused, match="no PDF"):
        desk.notices.posted(plain, CLERK)
    assert desk.notices.posted(plain, CLERK, how="read out on the phone").detail == "read out on the phone"


async def test_the_address_that_is_wanted_is_written_to(folder):
    """One of the party's own, else the one that was confirmed last."""
    async with office(folder) as here:
        desk = NoticeDesk(here, emails=("a@example.org", "b@example.org"))
        number = desk.untold()
        here.clock.advance(days=1)
        desk.act("confirm_identifier", identifier="b@example.org", how="She wrote")
        assert desk.draft(number).to == "b@example.org"
        assert desk.draft(number, to=" A@example.org ").to == "a@example.org"


async def test_what_nobody_has_to_do_any_more_is_closed(desk):
    """With a reason, and then it waits for nobody and cannot leave."""
    notice = desk.read(desk.untold())
    with pytest.raises(Refused, match="why"):
        desk.notices.close(notice, CLERK, reason=" ")
    desk.notices.close(notice, CLERK, reason="Told in person")
    assert WaitingFor.LETTER_UNSENT not in waits(desk)
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


@pytest.mark.parametrize(
    ("about", "more", "why"),
    [
        pytest.param("nothing", {}, "nothing of this id", id="an unknown id"),
        pytest.param(None, {"forms": ["braille"]}, "no form 'braille'", id="an unknown form"),
        pytest.param(None, {"to": "x@example.org"}, "not an address", id="somebody else's address"),
        pytest.param(None, {"words": "x" * 4001}, "characters at most", id="too many words"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_sentence(desk, about, more, why):
    """Nothing is on record after it."""
    number = desk.untold()
    with pytest.raises(Refused, match=why):
        desk.draft(about or number, **more)
    assert desk.notices.list(desk.party, CLERK) == ()


async def test_what_is_no_party_or_no_notice(desk):
    """Each is a sentence; so are a draft restriction, and a warning of which the person was told."""
    with pytest.raises(NoSuchNotice):
        desk.notices.read("none", CLERK)
    incident = desk.incident()
    spoken = desk.act("warn", incidents=[incident], text="Stop.", spoken=True).id
    with pytest.raises(Refused, match="before"):
        desk.draft(spoken)
    with pytest.raises(Refused, match="nothing of this id"):
        desk.draft(incident)


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
