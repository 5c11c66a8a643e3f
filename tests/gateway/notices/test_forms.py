"""Forms of a notice: text, PDF, large print, colours, and the digests that prove what was sent."""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from adapters.pdf.letter import Press, Unprintable, contrast, pages
from gateway.notices.composing import compose
from gateway.notices.forms import INKS, PAPERS, Form, as_pdf, as_text, coloured, plain_text, proof
from gateway.notices.notice import Heading, Paragraph
from gateway.notices.phrases import shipped
from gateway.notices.position import ArrangementsFacts
from rules.contact import Channel
from rules.measures import parse
from tests.gateway.notices.office import FACTS, PHONE_OPEN, SAMPLES, SHIPPED, every_facts, policy, position, restriction
from tests.rules.office import NOW

PRESS = Press()
EN = shipped()


def page(*measures, **changes):
    """Write the page of arrangements."""
    return compose(ArrangementsFacts(), position(restriction(*measures), **changes), EN)


@pytest.mark.parametrize("name", FACTS)
@pytest.mark.parametrize("form", [Form.PDF, Form.LARGE_PRINT, Form.COLOURED, Form.EASY_READ])
def test_every_kind_prints_in_every_form(name, form):
    """Every kind of notice, with all measures at once, prints as tagged PDF in every form."""
    one = restriction(*SAMPLES.values())
    phrases = EN.easily() if form is Form.EASY_READ else EN
    printed = as_pdf(compose(every_facts(one)[name], position(one), phrases), PRESS, NOW, form)
    assert printed.form is form
    assert all(
        mark in printed.content for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang(en-GB)", b"pdfuaid:part>1")
    )


@pytest.mark.parametrize("office", SHIPPED)
def test_the_page_is_one_page(office):
    """Under every policy the arrangements of an ordinary restriction with an adjustment are one page."""
    found = [
        {"kind": "channel_only", "allowed": ["email", "letter"]},
        {"kind": "volume_limit", "channels": ["email"], "count": 2, "per": "week"},
        {"kind": "named_contact", "inbox": "casework.team.of.the.north@department.example.org"},
    ]
    rules = policy(office)
    one = restriction(*map(parse, found), ground=next(iter(rules.grounds)))
    notice = compose(ArrangementsFacts(), position(one, policy=rules, adjustments=(PHONE_OPEN,)), EN)
    assert pages(as_pdf(notice, PRESS, NOW).content) == 1


def test_too_much_for_a_page_keeps_its_size():
    """What does not fit a page in readable letters has more pages, never smaller letters."""
    conditions = [f"Condition number {number} of our many conditions for contact" for number in range(20)]
    notice = page(*SAMPLES.values(), parse({"kind": "behaviour_contract", "conditions": conditions}))
    assert pages(as_pdf(notice, PRESS, NOW).content) > 1


def drawn(pdf):
    """Give what is drawn on the pages of a PDF."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    found = []
    for one in streams:
        with suppress(zlib.error):
            found.append(zlib.decompress(one))
    return b"\n".join(found)


def letters_of(pdf):
    """Give the sizes of letters of a PDF's words, in points."""
    return {round(float(size), 1) for size in re.findall(rb"/[\w.]+ ([\d.]+) Tf", drawn(pdf))}


@pytest.mark.parametrize(
    ("form", "least"),
    [(Form.PDF, 12), (Form.COLOURED, 12), (Form.EASY_READ, 16), (Form.LARGE_PRINT, 18)],
    ids=["a letter", "in colour", "in Easy Read", "in large print"],
)
def test_HO_3_no_letter_is_smaller_than_its_form_promises(form, least):
    """The words of a letter have 12 points, of Easy Read 16, of large print 18: headings more, nothing less."""
    one = restriction()
    notice = compose(every_facts(one)["restriction"], position(one), EN)
    found = letters_of(as_pdf(notice, PRESS, NOW, form).content)
    assert min(found) == least
    assert max(found) == pytest.approx(least * 1.5)


def test_HO_3_coloured_paper_is_drawn_and_can_be_read():
    """The paper fills the page, and paper and ink are 7 to 1 at least (WCAG 2.2, 1.4.6)."""
    for paper, colour in PAPERS.items():
        shares = b" ".join(b"%g" % (round(int(colour[at : at + 2], 16) / 255, 8)) for at in (1, 3, 5))
        printed = drawn(as_pdf(page(), PRESS, NOW, Form.COLOURED, coloured(paper)).content)
        assert any(_alike(one, shares) for one in re.findall(rb"([\d. ]+) (?:scn|rg)\b", printed)), paper
        assert all(contrast(colour, ink) >= 7 for ink in INKS.values())


def _alike(one, other):
    mine, wanted = one.split(), other.split()
    return len(mine) == len(wanted) and all(abs(float(a) - float(b)) < 0.005 for a, b in zip(mine, wanted, strict=True))


def test_HO_3_easy_read_has_pictures_beside_its_questions():
    """Each way has its picture, each answer its tick or cross; they are artifacts, and headings keep order."""
    notice = compose(ArrangementsFacts(), position(restriction(parse({"kind": "block", "channels": ["sms"]}))), EN)
    easy = compose(
        ArrangementsFacts(), position(restriction(parse({"kind": "block", "channels": ["sms"]}))), EN.easily()
    )
    headings = [block for block in easy.blocks if isinstance(block, Heading)]
    assert [one.picture for one in headings if one.picture] == [channel.value for channel in Channel]
    answers = [block.picture for block in easy.blocks if isinstance(block, Paragraph) and block.picture]
    assert (answers.count("no"), answers.count("yes")) == (1, len(Channel) - 1)
    printed = as_pdf(easy, PRESS, NOW, Form.EASY_READ).content
    assert b"/Artifact" in drawn(printed)
    assert all(tag in printed for tag in (b"/S/H1", b"/S/H2", b"/S/H3"))
    levels = [one.level for one in headings]
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert b"/S/H2" not in as_pdf(notice, PRESS, NOW).content


def test_the_page_is_never_in_small_letters():
    """The page of arrangements has letters of 10 points at least, however much it says."""
    for found in ((), tuple(SAMPLES.values())):
        assert min(letters_of(as_pdf(page(*found), PRESS, NOW).content)) >= 10


def test_colours_are_those_that_can_be_read():
    """Every paper goes with every ink; what is not there is refused with what is."""
    for paper in PAPERS:
        for ink in INKS:
            assert coloured(paper, ink)
    with pytest.raises(ValueError, match="there are white, cream"):
        coloured("tartan")
    with pytest.raises(ValueError, match="no ink 'white'"):
        coloured("cream", "white")
    notice = page()
    forms = {as_pdf(notice, PRESS, NOW, Form.COLOURED, coloured(paper)).digest for paper in PAPERS}
    assert len(forms) == len(PAPERS)


def test_a_name_that_no_font_shows_is_refused_and_still_goes_as_text():
    """A party whose name is in another script gets text, and the refusal of the PDF says what would help."""
    notice = page(party=replace(position().party, name="王芳"))
    with pytest.raises(Unprintable, match=r"U\+738B.*send it as mail"):
        as_pdf(notice, PRESS, NOW)
    assert "王芳" in as_text(notice).content.decode()


def test_plain_text_is_read_in_order():
    """Text has no table: each channel with its answers beneath, lines of 72 signs at most."""
    text = plain_text(page(parse({"kind": "block", "channels": ["email"]})))
    assert "\nEmail\n  Does it work: No\n\nPhone\n  Does it work: Yes\n  When: When our office is open\n" in text
    assert max(map(len, text.splitlines())) <= 72


def test_what_was_sent_can_be_proven():
    """The same notice in the same forms gives the same proof; another form, day or word another one."""
    notice = page()
    sent = [as_text(notice), as_pdf(notice, PRESS, NOW)]
    again = [as_pdf(page(), Press(), NOW), as_text(page())]
    assert proof(notice, sent) == proof(page(), again)
    assert proof(notice, sent) != proof(notice, sent[:1])
    assert proof(notice, sent) != proof(notice, [sent[0], as_pdf(notice, PRESS, NOW + timedelta(days=1))])
    assert proof(notice, sent) != proof(page(SAMPLES["block"]), sent)


def test_large_print_has_no_table():
    """Four columns leave no room for large letters, so each channel is an item of a list."""
    assert b"/S/TH" in as_pdf(page(), PRESS, NOW).content
    assert b"/S/TH" not in as_pdf(page(), PRESS, NOW, Form.LARGE_PRINT).content
