"""What changed between two texts, word by word."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.changes import MOST_WORDS, Kind, changes

CASES = {
    "nothing changed": ("One two three.", "One two three.", [("same", "One two three.")]),
    "wrapped anew is the same": ("One two three.", "One\n two\tthree.", [("same", "One\n two\tthree.")]),
    "left out": (
        "You are a fool. Where is it?",
        "Where is it?",
        [("gone", "You are a fool. "), ("same", "Where is it?")],
    ),
    "added": ("Where is it?", "Where is it now?", [("same", "Where is "), ("gone", "it?"), ("new", "it now?")]),
    "one word for another": ("a b c", "a x c", [("same", "a "), ("gone", "b "), ("new", "x "), ("same", "c")]),
    "all of it": ("one two", "three", [("gone", "one two"), ("new", "three")]),
    "nothing before": ("", "new", [("new", "new")]),
    "nothing at all": ("", " \n ", []),
}


@pytest.mark.parametrize(("first", "second", "pieces"), CASES.values(), ids=CASES)
def test_what_changed(first, second, pieces):
    """What is gone stands before what is new in its place."""
    found, cut = changes(first, second)
    assert ([(one.kind.value, one.text) for one in found], cut) == (pieces, False)


WORDS = st.lists(st.sampled_from(["a", "b", "a.", "é", "<b>"]), max_size=40).map(" ".join)


@given(WORDS, WORDS)
def test_both_texts_can_be_read_from_the_pieces(first, second):
    """No word is lost, and none is made up."""
    found, _ = changes(first, second)
    ours = " ".join(one.text for one in found if one.kind is not Kind.NEW).split()
    theirs = " ".join(one.text for one in found if one.kind is not Kind.GONE).split()
    assert (ours, theirs) == (first.split(), second.split())


LONG = {
    "one word again and again": ("a " * 100_000, "a " * 99_999),
    "few words in turns": (
        " ".join(str(n % 120) for n in range(9_000)),
        " ".join(str(n * 7 % 120) for n in range(9_000)),
    ),
    "nothing in common": (" ".join(f"a{n}" for n in range(9_000)), " ".join(f"b{n}" for n in range(9_000))),
}


@pytest.mark.parametrize(("first", "second"), LONG.values(), ids=LONG)
def test_C1_the_work_is_bounded(first, second):
    """Whatever the texts say, as long as they like: well under a second, and it is said that they were cut."""
    began = time.perf_counter()
    found, cut = changes(first, second)
    assert time.perf_counter() - began < 1
    assert cut
    assert sum(len(one.text.split()) for one in found) <= 2 * MOST_WORDS
