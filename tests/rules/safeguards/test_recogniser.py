"""Recognising: what denies, what ends a reach, what is another turn of phrase; bounded whatever the text."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.safeguards.kinds import TOPICS, Kind, kinds_of
from rules.safeguards.recogniser import recognise
from rules.safeguards.words import LONGEST_TEXT
from tests.safeguards.labelled import shipped

RISK = (Kind.RISK_TO_LIFE,)
SEEN = {
    "said": ("I will kill myself", RISK),
    "denied": ("I will not kill myself", ()),
    "denied a little earlier": ("I am not going to kill myself", ()),
    "denied in what was said of it": ("I never said that I would kill myself", ()),
    "a no that ends at the comma": ("I am not joking, I will kill myself", RISK),
    "a no that belongs to another word": ("I am not joking I will kill myself", RISK),
    "a no of the sentence before": ("You do not. I will kill myself", RISK),
    "a phrase with a no of its own": ("I do not want to be here any more", RISK),
    "over two lines": ("I will kill\nmyself", RISK),
    "over an empty line": ("The weeds I will kill\n\nMyself, I prefer roses", ()),
    "another turn of phrase": ("It would kill you to answer", ()),
    "another turn of phrase, and the thing itself": ("Would it kill you to answer? I will kill you.", RISK),
    "letter by letter without a gap": ("k i l l m y s e l f", RISK),
    "past": ("My brother killed himself in 2019", ()),
    "about somebody else, to come": ("My son says that he will kill himself", RISK),
    "two at once": ("This is a subject access request. I will kill you.", (Kind.RISK_TO_LIFE, Kind.LEGAL_CLOCK)),
    "Welsh": ("Dw i'n mynd i ladd fy hun", RISK),
    "a reason not to": ("Give me one reason not to kill myself", RISK),
    "digits for letters": ("I will k1ll mys3lf", RISK),
    "roundabout, about oneself": ("I have chosen the tree and I won't be here on Monday", RISK),
    "roundabout, about others": ("You won't get out of that building alive", RISK),
    "danger at home": ("He put his hands round my neck last night", RISK),
    "two signs": ("I have lost all hope. Forgive me.", RISK),
    "one sign": ("Forgive me for the late reply", ()),
    "urgent, at the top": ("This is urgent, please", (Kind.URGENT,)),
    "urgent, far below": ("word " * 60 + "urgent", ()),
    "not urgent": ("This is not urgent", ()),
    "an appeal by somebody who was told of nothing": ("I want to appeal.", ()),
    "a need of somebody who was told of nothing": ("I am deaf and cannot phone.", ()),
    "nothing": ("", ()),
}


@pytest.mark.parametrize(("text", "kinds"), SEEN.values(), ids=SEEN)
def test_what_is_recognised(text, kinds):
    """The gravest first, each once."""
    assert kinds_of(one.safeguard for one in recognise(text, "", shipped())) == kinds


def test_the_words_that_spoke_for_it_are_given():
    """Whoever looks at it can judge it."""
    (found,) = recognise("Please know that I WILL end my  own life.", "", shipped())
    assert (found.safeguard, found.words) == ("risk to life: self-harm", "end my own life")


def test_the_subject_is_the_top_as_well():
    """What our letters ask for is looked for in the first words, the subject's before all (PHSO-20)."""
    assert [one.safeguard for one in recognise("My tap drips.", "URGENT", shipped())] == ["urgent: so its sender says"]
    assert recognise("urgent", "word " * 60, shipped()) == ()


def test_SPSO_22_who_was_told_of_a_restriction_appeals_in_any_words():
    """The same words of somebody else are about something else."""
    for text in ("I want to appeal.", "You have the wrong man, it was my brother."):
        assert [one.safeguard for one in recognise(text, "", shipped(), told=True)] == [TOPICS[Kind.APPEAL, "told"]]
        assert recognise(text, "", shipped()) == ()


def test_subject_and_text_are_two_texts():
    """A phrase does not reach from the one into the other."""
    assert recognise("myself", "I will kill", shipped()) == ()


MADE = st.one_of(
    st.text(max_size=2000),
    st.lists(st.sampled_from(sorted(shipped().known)), max_size=400).map(" ".join),
    st.binary(max_size=500).map(lambda octets: octets.decode("utf-16", "replace")),
    st.tuples(st.text(max_size=4), st.integers(0, 3000)).map(lambda given: given[0] * given[1]),
)


@settings(max_examples=300, deadline=None)
@given(text=MADE, subject=st.text(max_size=100))
def test_no_text_breaks_it(text, subject):
    """Whatever is written, an answer comes, each safeguard once and of those there are."""
    found = [one.safeguard for one in recognise(text, subject, shipped())]
    assert len(set(found)) == len(found)
    assert set(found) <= set(TOPICS.values())


HOSTILE = {
    "one trigger": "kill ",
    "a trigger and what may follow": "someone will get hurt ",
    "gaps and their ends": "you will you will be you ",
    "denials": "not going to kill myself ",
    "turns of phrase": "kill you to ",
    "letter by letter": "k i l l ",
    "ligatures of eighteen letters": "\ufdfa",
    "one letter": "a",
    "line ends": "\n",
    "long drawn": "kiiiiill ",
    "every word of the lists": f"{' '.join(sorted(shipped().known)[::7])[:9000]} ",
    "what denies and what may stand between": "not going to be kill you i never would have wanted to ",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_with_the_text_and_no_faster(piece):
    """Four times the text takes no more than about four times the time, and the longest well under a second."""
    short, long = (piece * (size // len(piece)) for size in (LONGEST_TEXT // 4, LONGEST_TEXT))
    least = [min(_took(text) for _ in range(3)) for text in (short, long)]
    assert least[1] < max(10 * least[0], 0.05)
    assert least[1] < 2.0  # on a machine that does much else at once; by itself a fifth of that


def _took(text):
    begun = process_time()
    recognise(text, "", shipped())
    return process_time() - begun
