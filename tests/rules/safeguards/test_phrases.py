"""The notation of phrases: every way in which one may be written, and what is refused."""

from __future__ import annotations

import pytest

from rules.safeguards.phrases import Gap, groups_of, inflected, ways

GROUPS = groups_of({"me": ["me", "myself", "my own self"], "us": ["<me>", "us"]})


def said(phrase):
    """Write the ways of a phrase so that they can be read."""
    return [
        " ".join(f"..{item.most}" if isinstance(item, Gap) else "|".join(sorted(item)) for item in way)
        for way in ways(phrase, GROUPS)
    ]


WAYS = {
    "a word": ("kill", ["kill"]),
    "a choice": ("kill|hurt them", ["hurt|kill them"]),
    "what may be missing": ("the very? end", ["the end", "the very end"]),
    "a gap of three words": ("end .. life", ["end ..3 life"]),
    "a gap of its own length": ("end ..6 life", ["end ..6 life"]),
    "no gap is longer than eight": ("end ..9 life", ["end ..8 life"]),
    "a group": ("hurt <me>", ["hurt me|myself", "hurt my own self"]),
    "a group of a group": ("hurt <us>", ["hurt me|myself|us", "hurt my own self"]),
    "accents and capitals": ("G\u0174YN", ["gwyn"]),
    "all endings": ("end~", ["|".join(sorted(inflected("end")))]),
}


@pytest.mark.parametrize(("phrase", "found"), WAYS.values(), ids=WAYS)
def test_a_phrase_has_these_ways(phrase, found):
    """The notation means what its description says."""
    assert said(phrase) == found


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
        ("a ..1 b ..1 c ..1 d ..1 e", "more than 3 gaps"),
        (" ".join(["a?"] * 13) + " b", "8192 ways"),
    ],
)
def test_what_is_not_understood_is_refused(phrase, sentence):
    """A phrase that silently matched nothing would be worse than none."""
    with pytest.raises(ValueError, match=sentence.replace("(", r"\(").replace(")", r"\)").replace(".", r"\.")):
        ways(phrase, GROUPS)


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
