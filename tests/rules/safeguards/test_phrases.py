"""The notation of phrases: every way in which one may be written, and what is refused."""

from __future__ import annotations

import pytest

from rules.safeguards.phrases import ends, groups_of, inflected, needs, parts, written_out

GROUPS = groups_of({"me": ["me", "myself", "my own self"], "us": ["<me>", "us"]})


def stands(phrase, text):
    """Tell how many words of a text a phrase of one part may take, from its first word on."""
    (way,) = parts(phrase, GROUPS)
    words = text.split()
    return ends(way, words, 0, len(words))


STANDS = {
    "a word": ("kill", "kill", [1]),
    "another word": ("kill", "kiln", []),
    "a choice": ("kill|hurt them", "hurt them", [2]),
    "what may be missing and is there": ("the very? end", "the very end", [3]),
    "what may be missing and is": ("the very? end", "the end", [2]),
    "a gap that is empty": ("end .. life", "end life", [2]),
    "a gap of three words": ("end .. life", "end this my own life", [5]),
    "more than the gap": ("end .. life", "end a b c d life", []),
    "a gap of its own length": ("end ..6 life", "end a b c d e f life", [8]),
    "no gap is longer than eight": ("end ..9 life", "end a b c d e f g h i life", []),
    "every place that a gap leaves open": ("end ..6 life", "end life a life", [2, 4]),
    "a group": ("hurt <me>", "hurt my own self", [4]),
    "a group of a group": ("hurt <us>", "hurt my own self", [4]),
    "a group beside a word": ("hurt them|<me>", "hurt myself", [2]),
    "words that belong together": ("go_on|stop now", "go on now", [3]),
    "one of them alone": ("go_on|stop now", "go now", []),
    "accents and capitals": ("G\u0174YN", "gwyn", [1]),
    "all endings": ("end~", "ending", [1]),
}


@pytest.mark.parametrize(("phrase", "text", "found"), STANDS.values(), ids=STANDS)
def test_where_a_phrase_ends(phrase, text, found):
    """The notation means what its description says."""
    assert stands(phrase, text) == found


def test_the_parts_between_plus_signs_are_phrases_of_their_own():
    """A sentence may have them in any order."""
    assert len(parts("a rope + tonight + in the shed", GROUPS)) == 3


def test_what_a_phrase_needs_is_the_rarest_of_its_choices():
    """Of a way of several words one that says much is looked for."""
    (way,) = parts("i will hurt <us>", GROUPS)
    common = frozenset(("i", "will", "me", "us", "my", "own"))
    assert needs(way, common)[-2:] == [frozenset(("hurt",)), frozenset(("me", "myself", "us", "self"))]


def test_few_forms_are_written_out():
    """Those without gaps; none of a phrase that has more than are asked for."""
    assert sorted(written_out(parts("kill|hurt them", GROUPS)[0], 2)) == [("hurt", "them"), ("kill", "them")]
    assert list(written_out(parts("kill|hurt them", GROUPS)[0], 1)) == []
    assert list(written_out(parts("kill .. them", GROUPS)[0], 9)) == []


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("", "has no words"),
        ("a " * 15, "more than 14"),
        ("kill <nobody>", "names the group 'nobody', which there is not"),
        ("kill (him)", "'(him)', which is no word and no sign of the notation"),
        (".. life", "must begin and end with a word"),
        ("life ..", "must begin and end with a word"),
        ("very?", "must begin and end with a word"),
        ("a ..1 ..1 b", "two gaps in a row"),
        ("a ..1 b ..1 c ..1 d ..1 e ..1 f", "more than 4 gaps"),
        ("a + b + c + d + e", "more than 4 parts"),
    ],
)
def test_what_is_not_understood_is_refused(phrase, sentence):
    """A phrase that silently matched nothing would be worse than none."""
    with pytest.raises(ValueError, match=sentence.replace("(", r"\(").replace(")", r"\)").replace(".", r"\.")):
        parts(phrase, GROUPS)


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("end", "ended"),
        ("threaten", "threatening"),
        ("live", "lived"),
        ("stop", "stopped"),
        ("slash", "slashes"),
        ("carry", "carried"),
        ("stay", "stayed"),
        ("kill", "kills"),
    ],
)
def test_endings(word, form):
    """The forms of a word that people write are among its endings."""
    assert form in inflected(word)
