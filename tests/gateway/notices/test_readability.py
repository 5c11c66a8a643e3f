"""The reading age: syllables of words that people counted, ages of texts whose level is known."""

from __future__ import annotations

import pytest

from gateway.notices.notice import Kind, Listing, Notice, Paragraph
from gateway.notices.readability import long_sentences, reading, sentences_of, syllables_of

COUNTED = """
the/1 be/1 once/1 large/1 these/1 used/1 asked/1 made/1 passed/1 calls/1 times/1 don't/1 strength/1 through/1 please/1
about/2 contact/2 complaint/2 office/2 email/2 letter/2 decide/2 again/2 any/2 over/2 needed/2 started/2 people/2
table/2 little/2 opened/2 being/2 centre/2 agreed/2 open/2 Monday/2 danger/2 minutes/2 restriction/3 another/3
anything/3 limited/3 decision/3 services/3 advocate/3 already/3 November/3 manager/3 information/4 emergency/4
arrangements/4 reasonable/4 February/4 societies/4 disability/5 organisation/5 evaluation/5 cooperation/5
"""


@pytest.mark.parametrize("counted", [pytest.param(one, id=one) for one in COUNTED.split()])
def test_syllables_are_those_that_people_count(counted):
    """Words of notices have the syllables that a speaker of English hears."""
    word, _, number = counted.rpartition("/")
    assert syllables_of(word) == int(number)


CHILD = "The cat sat on the mat. It was a big cat. The dog ran up to it. They had fun in the sun. " * 4
TWELVE = (
    "Jim lived on a small farm near the river with his father and his older sister. Every summer they picked the "
    "apples together and sold them at the market in the village. One morning the old truck would not start, so they "
    "walked the whole way with two baskets each. "
) * 3
LAW = (
    "Notwithstanding the foregoing provisions, the Commissioner may, having regard to all the circumstances and "
    "following consultation with such persons as appear to the Commissioner to be representative of the interests "
    "concerned, determine that the obligations imposed by this section shall be suspended in relation to any "
    "particular category of application. "
) * 3


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        pytest.param(CHILD, 0, 7, id="a first reader"),
        pytest.param(TWELVE, 9, 13, id="a story for older children"),
        pytest.param(LAW, 20, 60, id="a paragraph of law"),
    ],
)
def test_texts_of_known_levels(text, least, most):
    """Texts come out at the age that they were written for."""
    assert least <= reading([text]).age <= most


def test_addresses_and_numbers_are_one_word_each():
    """An address, a number and a time do not make a text hard."""
    found = reading(["Write to casework.team@department.example.org or call 01632 960999 at 09:30."])
    assert (found.sentences, found.words) == (1, 8)
    assert found.syllables == 8


def test_an_initial_ends_no_sentence():
    """R. Example is one name; a full stop behind a word ends the sentence."""
    assert list(sentences_of("R. Example wrote to us. We answered.")) == ["R. Example wrote to us.", "We answered."]


def test_nothing_to_read_has_no_age():
    """An empty text divides by nothing."""
    assert reading(["", " "]).age == 0


def test_long_sentences_are_named_once():
    """Those of more words than asked for, in order; headings and short ones are not."""
    long = "We " + "really " * 20 + "did."
    made = Notice(
        Kind.WARNING, "en-GB", "Office", "Title", (Paragraph(f"Short. {long}"), Listing((long, "Also short.")))
    )
    assert long_sentences(made, 20) == (long,)
    assert long_sentences(made) == ()
