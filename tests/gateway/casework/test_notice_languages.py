"""Letters in another language: an office's own words, that a lawyer of the language answers for, beside the English."""

from __future__ import annotations

import pytest

from gateway.notices.phrases import shipped
from rules.casework.refused import Refused
from tests.gateway.casework.desk import CLERK
from tests.gateway.casework.notice_desk import NoticeDesk, message
from tests.gateway.notices.languages import CHECKED, catalogue_in
from tests.gateway.office import SENT, office

REASON = {"You called us eleven times in a day.": "Sonasoch un waith ar ddeg.", "Reads Welsh": "Yn darllen Cymraeg"}


@pytest.fixture
async def desk(folder):
    """A desk with a party that was promised Welsh, and a restriction to tell them of."""
    async with office(folder) as here:
        desk = NoticeDesk(here)
        desk.number = desk.untold()
        desk.act("agree_adjustment", need="Reads Welsh", forms=["translated"], detail="Welsh")
        desk.folder = here.settings.config.state / "languages"
        desk.folder.mkdir()
        yield desk


def bring(desk, text):
    """Put the office's file of Welsh words in its place."""
    (desk.folder / "cy.toml").write_text(text, "utf-8")


async def test_HO_3_a_letter_in_another_language_is_refused_with_the_way(desk):
    """English alone is shipped: a person has it translated, and says that it was sent."""
    with pytest.raises(Refused, match="translated") as refused:
        desk.draft(desk.number)
    assert "none yet" in refused.value.way
    desk.act("send_notice", about=desk.number, how="A translated letter by post")
    assert desk.state(desk.number) == "in_force"


@pytest.mark.parametrize(
    ("text", "language", "why"),
    [
        pytest.param(None, "cy", "There are no phrases in 'cy'; there are: none", id="no such file"),
        pytest.param("", "../cy", "names no language", id="a path"),
        pytest.param("", "en", "names no language", id="English"),
        pytest.param(catalogue_in("cy", checked=""), "cy", "names no lawyer of that language", id="no lawyer"),
        pytest.param(
            catalogue_in("cy", checked='[checked]\nby = " "\non = 2026-01-15'), "cy", "names no lawyer", id="no name"
        ),
        pytest.param(
            catalogue_in("cy", checked='[checked]\nby = "A. Lawyer"'), "cy", "no day", id="a lawyer without a day"
        ),
        pytest.param(
            catalogue_in("cy", checked='[checked]\nby = "A. Lawyer"\non = 2099-01-01'),
            "cy",
            "still to come",
            id="later",
        ),
        pytest.param(f'language = "cy"\n{CHECKED}', "cy", "it has no words for", id="half a translation"),
        pytest.param(catalogue_in("fr"), "cy", "says that its language is fr", id="another language"),
        pytest.param("language = ", "cy", "cannot be used", id="no TOML"),
    ],
)
async def test_SPSO_64_words_that_no_lawyer_answers_for_are_refused(desk, text, language, why):
    """With a sentence and the other way; nothing is drafted."""
    if text is not None:
        bring(desk, text)
    with pytest.raises(Refused, match=why) as refused:
        desk.draft(desk.number, language=language)
    assert "send_notice" in refused.value.way
    assert desk.notices.list(desk.party, CLERK) == ()


async def test_SPSO_64_what_colleagues_typed_is_translated_too(desk):
    """A reason that nobody translated is refused with its words; given, the draft says it."""
    bring(desk, catalogue_in("cy"))
    with pytest.raises(Refused, match="Nobody has translated 'You called us"):
        desk.draft(desk.number, language="cy")
    drafted = desk.draft(desk.number, language="cy", translations=REASON)
    assert (drafted.language, drafted.forms) == ("cy", ("pdf", "translated"))
    assert REASON["You called us eleven times in a day."] in drafted.text


async def test_SPSO_64_the_english_letter_goes_beside_it(desk):
    """Both letters and both pages leave, as text and as PDF; what left is what was read."""
    bring(desk, catalogue_in("cy"))
    notice = desk.leaving(desk.number, language="cy", translations=REASON)
    await desk.post()
    (octets,) = desk.here.mailbox(SENT)
    text, *pdfs = message(octets).iter_parts()
    lines = text.get_content().splitlines()
    assert lines.index(shipped().say("title.restriction")) < lines.index("Xxx")
    assert [one.get_filename() for one in pdfs] == [
        "restriction-pdf-1.pdf",
        "arrangements-pdf-2.pdf",
        "restriction-translated-3.pdf",
        "arrangements-translated-4.pdf",
    ]
    assert b"/Lang(cy)" in pdfs[2].get_content()
    assert desk.notice(notice).state == "sent"


async def test_words_that_were_changed_since_it_was_read_do_not_leave(desk):
    """The file of phrases is looked at again when it is sent."""
    bring(desk, catalogue_in("cy"))
    notice = desk.read(desk.number, language="cy", translations=REASON)
    bring(desk, catalogue_in("cy", mark="yyy"))
    with pytest.raises(Exception, match="Draft it again"):
        desk.notices.send(notice, CLERK)
