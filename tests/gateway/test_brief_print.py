"""The page `Today` as PDF: what the brief says and no more, one page for a small office, in black on white."""

from __future__ import annotations

import re

import pytest

from adapters.pdf.letter import Unprintable, pages
from gateway.brief_print import _parts, printed_brief
from rules.contact import Channel
from storage.entries import State
from tests.gateway.desk_office import at_desk
from tests.storage.office import entry

__all__ = ["at_desk"]  # a fixture
NUMBERS = [f"+4416329600{number:02}" for number in range(20, 32)]


@pytest.fixture
def small(at_desk):
    """A small office: six people under what such offices have, an adjustment, and a number that two share."""
    here = at_desk()
    for number in range(6):
        here.party(
            {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"},
            {"kind": "visit_terms", "appointment": True},
            name=f"R. Example {number}",
            known=(NUMBERS[number], f"r{number}@example.org"),
        )
    here.adjust(1, Channel.CALL, detail="They use a relay")
    for name in ("A. One", "B. Two"):
        here.party({"kind": "block"}, name=name, known=(NUMBERS[9],), shared=True)
    return here


def words(here):
    """Give all that is printed."""
    parts = _parts(here.brief(), here.settings.policy)
    return "\n".join(text for part in parts for row in (part.texts, *part.rows) for text in row)


def test_a_small_office_has_it_on_one_page(small):
    """Who, what to do, what to say, what was agreed, who may be whom, and since when it is right."""
    pdf = printed_brief(small.brief(), "The Office", small.settings.policy)
    assert (pdf[:5], pages(pdf)) == (b"%PDF-", 1)
    said = words(small)
    for text in (
        "R. Example 0\nparty 1\n",
        "01632 960020",
        "PHONE: ",
        "AGREED: ",
        "may be A. One or B. Two",
        "As of Monday 9 March 2026",
        "Until ",
    ):
        assert text in said, text
    assert re.search(r"[a-z] (At|When|Every|To|The|Open) ", said.replace("At any time", "")) is None


def test_SPSO_68_nothing_else_is_on_it(small):
    """No reason, no ground, no need, as on the page itself."""
    said = words(small)
    for secret in ("a reason that nobody", "abusive", "their own affair", "Head of Casework"):
        assert secret not in said, secret


def test_many_have_more_pages_that_can_be_read(at_desk):
    """What does not fit one page is set no smaller than ten points, on as many as it needs."""
    here = at_desk()
    for number in range(60):
        here.party({"kind": "visit_terms", "appointment": True}, name=f"R. Example {number}", known=())
    assert pages(printed_brief(here.brief(), "The Office", here.settings.policy)) > 1


def test_an_office_without_anybody_has_a_page_that_says_so(at_desk):
    """An empty sheet would look like a fault."""
    here = at_desk()
    assert "Nothing is in force on anybody here." in words(here)
    assert pages(printed_brief(here.brief(), "The Office", here.settings.policy)) == 1


def test_what_is_overdue_is_one_figure_that_names_nobody(small):
    """By queue; nothing overdue is said too, and those who may not read files have none."""
    assert "Nothing is overdue." in words(small)
    made = entry(state=State.FILED, at=small.clock(), look_by=small.clock(), sender="email:secret@example.org")
    small.record.write_now(lambda tx: tx.add_contact(made))
    said = words(small)
    assert "1 overdue: 1 contact to look at." in said and "secret" not in said
    assert small.brief(channel=Channel.CALL).overdue is None


def test_a_name_is_words_and_never_an_order_to_the_typesetter(at_desk):
    """Whatever stands in it is printed as it stands; a sign that no font has is refused in a sentence."""
    here = at_desk()
    here.party({"kind": "block"}, name='#read("/etc/passwd") $x$ *b* \u202e@r', known=())
    assert '#read("/etc/passwd") $x$ *b* @r' in words(here)
    assert pages(printed_brief(here.brief(), "The #Office", here.settings.policy)) == 1
    here.party({"kind": "block"}, name="\u5f20\u4e09", known=())
    with pytest.raises(Unprintable, match=r"U\+5F20"):
        printed_brief(here.brief(), "The Office", here.settings.policy)
