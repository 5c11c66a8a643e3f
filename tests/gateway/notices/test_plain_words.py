"""Every word that goes to a party is plain, neutral and whole: all measures, under every policy, in each form."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.notices.composing import compose
from gateway.notices.notice import Heading, Listing, Paragraph
from gateway.notices.phrases import shipped
from gateway.notices.position import ArrangementsFacts
from gateway.notices.readability import longest_sentence, reading_age
from rules.measures import KINDS
from tests.gateway.notices.letters import EN, said, under, written
from tests.gateway.notices.office import (
    FACTS,
    PHONE_OPEN,
    SAMPLES,
    SHIPPED,
    every_facts,
    policy,
    position,
    restriction,
)
from tests.rules.strategies import ADJUSTMENTS, RESTRICTIONS

OFFENDING = re.compile(
    r"abuser|vexatious|unreasonable (?:person|complainant|customer)|offender|perpetrator|culprit|trouble|nuisance|"
    r"aggressor|banned|punish|sanction|penalty|demanding|difficult (?:person|customer)|serial complain|harasser",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", FACTS)
@pytest.mark.parametrize("office", SHIPPED)
@pytest.mark.parametrize("easy", [pytest.param(False, id="as a letter"), pytest.param(True, id="in Easy Read")])
def test_every_notice_is_plain_and_neutral(name, office, easy):
    """Under every policy that ships, with all measures at once, the reading age is 12 at most and no word is unkind."""
    notice = written(name, *SAMPLES.values(), policy=policy(office), adjustments=(PHONE_OPEN,), easy=easy)
    assert reading_age(notice) <= 12
    assert longest_sentence(notice) <= 32
    assert not OFFENDING.search(said(notice))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("office", SHIPPED)
@pytest.mark.parametrize("easy", [pytest.param(False, id="as a letter"), pytest.param(True, id="in Easy Read")])
def test_every_measure_is_said_in_plain_words(kind, office, easy):
    """Under every policy each measure has a sentence for the party, filled in to the last brace and easy to read."""
    notice = written("restriction", SAMPLES[kind], policy=policy(office), easy=easy)
    rules = under(notice, "rules", easy=easy)
    assert len(rules) > 20
    assert not re.search(r"[{}]|None|frozenset|_", rules)
    assert rules.endswith(".")
    assert reading_age(replace(notice, blocks=(Paragraph(rules),))) <= 12
    assert reading_age(notice) <= 12
    assert longest_sentence(notice) <= 32


def test_easy_read_has_questions_and_one_idea_a_line():
    """Easy Read has no table and no list, headings that ask, and lines of one sentence each."""
    notice = written("restriction", *SAMPLES.values(), easy=True)
    assert all(isinstance(block, Heading | Paragraph) for block in notice.blocks)
    headings = [block.text for block in notice.blocks if isinstance(block, Heading)]
    assert all(text.endswith("?") for text in headings)
    lines = [block.text for block in notice.blocks if isinstance(block, Paragraph)]
    assert not any(re.search(r"[a-z][.!?] [A-Z]", line) for line in lines)


def test_items_are_sentences():
    """Items of lists are whole sentences, so that a reader of screens pauses."""
    for block in written("restriction", *SAMPLES.values()).blocks:
        if isinstance(block, Listing):
            assert all(item.endswith((".", "!", "?")) for item in block.items)


def test_names_and_reasons_cannot_break_a_line():
    """Control characters and marks that turn the reading direction are gone from what people typed."""
    party = replace(position().party, name="Ann\r\nBcc: x@example.org\u202e")
    one = restriction(reason="You\x00 wrote\nmuch")
    notice = compose(every_facts(one)["restriction"], position(one, party=party), EN)
    assert Paragraph("Dear Ann Bcc: x@example.org,") in notice.blocks
    assert Paragraph("You wrote much.") in notice.blocks


def test_braces_in_what_people_typed_are_words():
    """A name that looks like a phrase to be filled in stays a name."""
    party = replace(position().party, name="{office} {0.__class__}")
    notice = compose(ArrangementsFacts(), position(restriction(), party=party), EN)
    assert "This page is for {office} {0.__class__}." in said(notice)


@settings(max_examples=60, deadline=None)
@given(
    found=RESTRICTIONS,
    adjustments=st.lists(ADJUSTMENTS, max_size=1).map(tuple),
    name=st.sampled_from(FACTS),
    easy=st.booleans(),
)
def test_whatever_an_office_writes_down_can_be_told(found, adjustments, name, easy):
    """No restriction that the rules allow leaves a notice without words or with an unfilled phrase."""
    stand = position(found, adjustments=adjustments)
    notice = compose(every_facts(found)[name], stand, EN.easily() if easy else EN)
    assert not re.search(r"[{}]", said(notice))
    assert all(text.strip() for text in notice.texts())


@pytest.mark.parametrize("facts", FACTS)
def test_own_words_stand_behind_the_opening(facts):
    """In every kind of notice, a paragraph for each line, and nothing else is changed by them."""
    one = restriction()
    plain = compose(every_facts(one)[facts], position(one), shipped())
    worded = compose(every_facts(one)[facts], position(one), shipped(), "We are sorry.\n\nThank you")
    added = [Paragraph("We are sorry."), Paragraph("Thank you.")]
    at = list(worded.blocks).index(added[0])
    assert list(worded.blocks[at : at + 2]) == added
    assert (*worded.blocks[:at], *worded.blocks[at + 2 :]) == plain.blocks
    assert at == (1 if facts == "arrangements" else 2)
