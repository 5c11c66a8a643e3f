"""Fingerprints of texts: the same words make the same, little changes little, and hostile text costs little."""

from __future__ import annotations

import time
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rules.repeats import (
    BINS,
    LEAST_EXACT,
    LEAST_NEAR,
    Likeness,
    Print,
    Repeat,
    alike_enough,
    likeness,
    print_of,
    repeat_of,
)

WORD = st.text("abcdefghijklmnop\u00e9\u0175", min_size=1, max_size=8)
TEXT = st.lists(WORD, min_size=LEAST_NEAR, max_size=300)
LETTER = " ".join(f"word{number}" for number in range(100))

SAME = {
    "the same": "Call me today, please. It's late.",
    "in capitals": "CALL ME TODAY, PLEASE. IT'S LATE.",
    "over several lines": "Call me\n\n  today,\tplease.\r\nIt's late.",
    "other marks": "Call me today \u2013 please! (It's late)",
    "another apostrophe": "Call me today, please. It\u2019s late.",
    "in wide letters": "\uff23all me today, please. It's late.",
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_the_same_words_are_a_copy(text):
    """However they are set."""
    assert print_of(text).exact == print_of(SAME["the same"]).exact


@given(TEXT)
def test_a_copy_is_all_alike(words):
    """In capitals, in other lines, with its accents spelt otherwise: 100, and only then."""
    text = " ".join(words)
    again = unicodedata.normalize("NFD", "\n".join(words).upper().lower())
    assume(unicodedata.normalize("NFC", again.replace("\n", " ")) == text)
    assert likeness(print_of(text), print_of(again)) == 100
    assert repeat_of(print_of(text), [("1", print_of(again))]) == Repeat("1", Likeness.COPY, 100)


@given(TEXT, TEXT)
def test_likeness_is_the_same_from_both_sides(one, other):
    """Between 0 and 100, and 100 for the same words alone."""
    first, second = print_of(" ".join(one)), print_of(" ".join(other))
    assert likeness(first, second) == likeness(second, first)
    assert 0 <= likeness(first, second) <= 100
    assert (likeness(first, second) == 100) == (one == other)


@given(TEXT, st.data())
def test_one_word_changed_is_found(words, data):
    """A letter of sixty words and more with one word changed is a near copy, and shares a mark to be found by."""
    whole = [f"{word}{number}" for number, word in enumerate((words * 4)[:60])]
    at = data.draw(st.integers(0, len(whole) - 1))
    first, second = print_of(" ".join(whole)), print_of(" ".join([*whole[:at], "changed", *whole[at + 1 :]]))
    found = repeat_of(second, [("1", first)])
    assert found is not None
    assert found.how is Likeness.NEAR_COPY
    assert any(mark is not None and mark == other for mark, other in zip(first.marks, second.marks, strict=True))


@given(st.lists(st.integers(0, 1000), min_size=60, max_size=300, unique=True), st.randoms())
def test_other_words_are_no_repeat(numbers, random):
    """The same words in wild order are another text."""
    words = [f"w{number}" for number in numbers]
    first = print_of(" ".join(words))
    random.shuffle(words)
    text = " ".join(words)
    threes = set(zip(words, words[1:], words[2:], strict=False))
    before = [f"w{number}" for number in numbers]
    assume(len(threes & set(zip(before, before[1:], before[2:], strict=False))) < len(threes) / 3)
    assert repeat_of(print_of(text), [("1", first)]) is None


SHORT = {
    "nothing": ("", False, False),
    "three words": ("Thank you again", False, False),
    "four words": ("Call me back today", True, False),
    "fourteen words": (" ".join(f"w{n}" for n in range(LEAST_NEAR - 1)), True, False),
    "fifteen words": (" ".join(f"w{n}" for n in range(LEAST_NEAR)), True, True),
}


@pytest.mark.parametrize(("text", "exact", "near"), SHORT.values(), ids=SHORT)
def test_short_texts_say_little(text, exact, near):
    """Very short ones are no repeats at all, short ones only word for word."""
    made = print_of(text)
    assert (bool(made.exact), bool(made.sketch)) == (exact, near)
    assert (made.words >= LEAST_EXACT) is exact
    assert (repeat_of(made, [("1", print_of(text))]) is not None) is exact


def test_the_shorter_the_more_alike_it_has_to_be():
    """Seventy in a hundred are a near copy of a long letter, and not of a note."""
    long, note = print_of(LETTER), print_of(" ".join(LETTER.split()[:20]))
    assert alike_enough(long, long, 70)
    assert not alike_enough(note, note, 70)
    assert not alike_enough(note, long, 70)
    assert not alike_enough(Print(3), Print(3), 99)


def test_the_likest_is_named():
    """Of several the one that has most in common, the first of those that are equal."""
    now = print_of(LETTER)
    near = print_of(LETTER.replace("word50", "other"))
    nearer = print_of(LETTER + " end")
    assert repeat_of(now, [("near", near), ("nearer", nearer)]).of == "nearer"
    assert repeat_of(now, [("near", near), ("copy", now), ("older", now)]) == Repeat("copy", Likeness.COPY, 100)
    assert repeat_of(now, []) is None


def test_texts_of_different_length_are_compared_at_the_same_grain():
    """A very long letter keeps fewer numbers than a long one, and is still known in it."""
    short, long = LETTER + " end of it", " ".join(f"word{number}" for number in range(1_500))
    first, second = print_of(short), print_of(long)
    assert first.grain < second.grain
    assert 5 <= likeness(first, second) <= 25
    assert len(second.sketch) <= 192


HOSTILE = {
    "one word again and again": "a " * 200_000,
    "one long word": "a" * 400_000,
    "signs that become many": "\ufdfa " * 50_000,
    "apostrophes": "a'" * 200_000,
    "combining marks": "a" + "\u0301" * 200_000,
    "no letters": "!\u2028" * 200_000,
    "halves of pairs": "\ud800 " * 100_000,
    "all different": " ".join(str(number) for number in range(60_000)),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_costs_little(text):
    """Bounded in time and in what is kept (THREATS C1)."""
    began = time.perf_counter()
    made = print_of(text)
    assert likeness(made, replace(made, exact="")) <= 100
    assert time.perf_counter() - began < 1.0
    assert len(made.sketch) <= 192
    assert len(made.marks) == BINS


@given(st.text(max_size=200))
def test_no_text_raises(text):
    """Whatever the signs; the numbers fit into 32 bits."""
    made = print_of(text)
    assert all(0 <= number < 2**32 for number in made.sketch)
    assert list(made.sketch) == sorted(set(made.sketch))
