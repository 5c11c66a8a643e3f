"""The words of a text: what is made plain, what ends a sentence, which tricks of spelling are seen through."""

from __future__ import annotations

import pytest

from rules.safeguards.words import LONGEST_TEXT, words_of

READ = {
    "small letters": ("I WANT To", "i want to"),
    "apostrophes of every kind": ("don't don\u2019t don\u02bct don`t", "dont dont dont dont"),
    "accents": ("g\u0175yn c\u0302\u0175n", "gwyn cwn"),
    "full width": ("\uff4b\uff49\uff4c\uff4c", "kill"),
    "what cannot be seen": ("ki\u200bl\u00adl my\u2060self", "kill myself"),
    "a star in a word": ("k*ll su*cide", "kll sucide"),
    "letter by letter": ("K I L L  M Y S E L F", "kill myself"),
    "letter by letter with dots": ("k.i.l.l m.y.s.e.l.f", "kill myself"),
    "long drawn, where the word is known": ("killll meeee aaah", "kill me aaah"),
    "digits for letters, where the word is known": ("k1ll 4u k1te", "kill 4u k1te"),
    "sentences end": ("One. Two! Three? Four; five\u2026 six", "one . two . three . four . five . six"),
    "a broken line ends none": ("one\ntwo", "one two"),
    "an empty line ends one": ("one\n \ntwo", "one . two"),
    "commas are no words": ("one, two (three): four", "one two three four"),
    "initials are no word": ("J. R. Sample", "j . r . sample"),
    "nothing": ("", ""),
    "signs alone": ("--- *** ___", ""),
}


@pytest.mark.parametrize(("text", "words"), READ.values(), ids=READ)
def test_a_text_is_read_as_plain_words(text, words):
    """Whoever writes otherwise means the same."""
    assert " ".join(words_of(text, {}, frozenset({"kill", "me"})).words) == words


def test_slips_are_read_as_what_was_meant():
    """A slip that the lists know is the word."""
    assert words_of("kil miself", {"kil": "kill"}).words == ("kill", "miself")


def test_commas_are_remembered():
    """A clause ends before the word of that number."""
    read = words_of("not joking, I will", {})
    assert (read.words, read.breaks) == (("not", "joking", "i", "will"), {2})


def test_what_was_written_letter_by_letter_is_kept_run_together():
    """Nobody can tell where one word ended."""
    assert words_of("k i l l m y s e l f", {}).run_together == ("killmyself",)


def test_no_more_is_read_than_the_longest_text():
    """A message of any size costs no more."""
    assert len(words_of("a. " * LONGEST_TEXT, {}).words) <= LONGEST_TEXT
