"""Passages by their words: where they stand, a text without them, and whether another text still has them."""

import time

import pytest

from rules.casework.passages import marked, still_there, without

TEXT = "You are a fool. Where is\nmy file? You are a fool, I say."
FOOL = "You are a fool"


def spans(words, text=TEXT):
    """Mark words; give where they stand."""
    return [(one.start, one.end) for one in marked(text, words)]


def test_words_are_marked_wherever_they_stand():
    """In the order of the text, whatever breaks the lines; the same words twice are one passage."""
    assert spans([FOOL]) == [(0, 14), (34, 48)]
    assert spans(["Where is my file?", FOOL, FOOL]) == [(0, 14), (16, 33), (34, 48)]


@pytest.mark.parametrize("words", [["You are a knave"], [""], [" "], ["you are a fool"], [FOOL, "a fool. Where"]])
def test_what_cannot_be_marked(words):
    """Words that are not there as they are written, none, and two that overlap."""
    with pytest.raises(ValueError, match="passage") as refused:
        marked(TEXT, words)
    assert "fool" not in str(refused.value)


def test_a_text_without_its_passages():
    """Nothing else is left out."""
    assert without(TEXT, marked(TEXT, [FOOL])).split() == [".", "Where", "is", "my", "file?", ",", "I", "say."]


STILL = {
    "as they were": (TEXT, 2),
    "in capitals, wrapped anew, with other punctuation": ("...YOU are -- a\n\n fool!", 2),
    "left out": ("Where is my file?", 0),
    "with a word between": ("You are such a fool", 0),
    "as part of a longer word": ("You are a foolish", 0),
}


@pytest.mark.parametrize(("text", "count"), STILL.values(), ids=STILL)
def test_what_is_still_there(text, count):
    """Words in a row count, whatever they are set in."""
    assert still_there(marked(TEXT, [FOOL]), TEXT, text) == count


def test_words_that_stand_elsewhere_unmarked_say_nothing():
    """A second version may have them where nobody minded them."""
    one = marked(TEXT, [FOOL])[:1]
    assert still_there(one, TEXT, TEXT) == 0


def test_signs_without_a_word_are_looked_for_as_they_are():
    """A row of signs is a passage too."""
    text = "Well. !!!***!!! Bye."
    passages = marked(text, ["!!!***!!!"])
    assert (still_there(passages, text, text), still_there(passages, text, "Well. Bye!")) == (1, 0)


def test_C1_hostile_text_does_not_hang():
    """As much text as is shown, and a passage that nearly matches everywhere."""
    began = time.perf_counter()
    with pytest.raises(ValueError, match="not in the text"):
        marked("a " * 10_000, ["a " * 900 + "b"])
    assert time.perf_counter() - began < 2
