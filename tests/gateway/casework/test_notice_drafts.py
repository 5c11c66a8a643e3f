"""Drafts of notices: from the file as it is now, read by a person, in the forms that were promised."""

from __future__ import annotations

import pytest

from gateway.casework.desk import Stale
from gateway.casework.notice_steps import NoSuchNotice
from rules.casework.notices import ARRANGEMENTS
from rules.casework.refused import Refused
from rules.policies.parts import Approval
from rules.waiting_for import WaitingFor
from tests.gateway.casework.desk import CLERK, MANAGER
from tests.gateway.casework.notice_desk import CONCEAL, NoticeDesk, message
from tests.gateway.office import SENT, office


@pytest.fixture
async def desk(folder):
    """A desk in an office whose own mail goes into `Sent out`."""
    async with office(folder) as here:
        yield NoticeDesk(here)


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


BLOCKED = Approval(total_block=("manager",))


async def test_SPSO_22_no_letter_offers_an_appeal_that_nobody_could_send(folder):
    """Where nothing is left open the office names what is always open; the letter says so beside the appeal."""
    async with office(folder, policy={"approval": BLOCKED, "always_open": frozenset()}) as here:
        desk = NoticeDesk(here)
        number = desk.untold({"kind": "block"})
        with pytest.raises(Refused, match="no way to reach anybody") as refused:
            desk.draft(number)
        assert "always_open" in str(refused.value)


async def test_SPSO_22_a_letter_that_closes_everything_names_what_is_always_open(folder):
    """At the top of the ways, with the appeal, and where else to turn; and whoever decides had no part (not a role)."""
    async with office(folder, policy={"approval": BLOCKED, "always_open": frozenset({"appeals@example.org"})}) as here:
        desk = NoticeDesk(here)
        text = " ".join(desk.draft(desk.untold({"kind": "block"})).text.split())
        letter = text.partition("Your contact arrangements")[0]
        assert letter.count("you can always use: appeals@example.org") == 3
        assert "No way is open" not in text
        assert "Whoever decides on it had no part in what we decided." in letter


async def test_what_the_letter_does_not_speak_of_may_change(desk):
    """An incident noted meanwhile, or an identifier more, leaves the draft as true as it was."""
    number = desk.untold()
    notice = desk.read(number)
    desk.incident()
    desk.here.clock.advance(days=1)
    assert desk.notices.send(notice, CLERK).state == "leaving"


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


async def test_the_address_that_is_wanted_is_written_to(folder):
    """One of the party's own, else the one that was confirmed last."""
    async with office(folder) as here:
        desk = NoticeDesk(here, emails=("a@example.org", "b@example.org"))
        number = desk.untold()
        here.clock.advance(days=1)
        desk.act("confirm_identifier", identifier="b@example.org", how="She wrote")
        assert desk.draft(number).to == "b@example.org"
        assert desk.draft(number, to=" A@example.org ").to == "a@example.org"


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


@pytest.mark.parametrize(
    ("end", "why"),
    [
        pytest.param(
            lambda desk, about: desk.act("send_notice", about=about), "told of this before", id="told by hand"
        ),
        pytest.param(
            lambda desk, about: desk.act("record_no_notice", MANAGER, about=about, reason="Not safe."),
            "told of this before",
            id="a reason for none",
        ),
        pytest.param(
            lambda desk, about: desk.act("lift_restriction", restriction=about, reason="Quiet."), "lifted", id="lifted"
        ),
    ],
)
async def test_a_draft_of_what_nobody_is_told_any_more_is_closed(desk, end, why):
    """Whether it was read or not it waits for nobody, says why, and the closing is in the chain of acts."""
    number = desk.untold()
    notice = desk.read(number)
    end(desk, number)
    found = desk.notice(notice)
    assert (found.state, why in found.detail) == ("closed", True)
    assert WaitingFor.LETTER_UNSENT not in desk.waits()
    links = desk.read_record(lambda reader: reader.acts_about(f"notice:{notice}"))
    assert links[-1].act == "notice closed"


async def test_PHSO_6_a_warnings_draft_is_closed_once_its_letter_was_sent_by_hand(desk):
    """A draft of another matter stays."""
    warning, other = desk.warning(), desk.warning()
    notice, kept = desk.draft(warning).id, desk.draft(other).id
    desk.act("communicate_warning", warning=warning, how="A letter of our own")
    assert (desk.notice(notice).state, desk.notice(kept).state) == ("closed", "drafted")


async def test_a_page_that_another_letter_brought_along_is_closed_as_a_draft(desk):
    """The person has a newer page than the one that was drafted."""
    page = desk.draft(ARRANGEMENTS).id
    desk.notices.posted(desk.read(desk.untold()), CLERK)
    assert desk.notice(page).state == "closed"
