"""Catalogues of phrases: English is whole, another language is whole or refused, nothing is half translated."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.notices.composing import compose
from gateway.notices.phrases import MissingPhrase, Phrases, names, parse, shipped, untranslated
from gateway.notices.position import ArrangementsFacts, RestrictionFacts
from tests.gateway.notices.languages import made_up
from tests.gateway.notices.office import FACTS, SAMPLES, every_facts, position, restriction


def test_english_is_whole():
    """The shipped catalogue fills in what is known and nothing else."""
    assert shipped().say("opening.dear", name="R. Example") == "Dear R. Example,"
    missing = untranslated(shipped())
    assert all(key.startswith("measure.") for key in missing)  # those say it in their own words


@pytest.mark.parametrize("name", FACTS)
def test_another_language_has_not_one_english_word(name):
    """A notice in another language is in that language from title to last cell."""
    one = restriction(*SAMPLES.values())
    phrases = Phrases("xx", made_up()).with_translations(_typed(one, name))
    notice = compose(every_facts(one)[name], position(one), phrases)
    kept = {"R. Example", "Example Office", *(each.name for each in SAMPLES["third_party"].advocates)}
    text = " ".join(notice.texts())
    for each in kept:
        text = text.replace(each, "")
    english = {word for word in shipped().say("opening.restriction", day="").split() if len(word) > 3}
    assert not english & set(text.split())
    assert notice.language == "xx"


def _typed(one, name: str) -> dict[str, str]:
    facts = every_facts(one)[name]
    typed = [getattr(facts, field, "") for field in ("reason", "happened", "asked", "lifted")] + [one.reason]
    typed += [*SAMPLES["behaviour_contract"].conditions, *SAMPLES["issue_limit"].subjects]
    typed += [getattr(SAMPLES["visit_terms"], "place", "")]
    typed += [each.scope for each in SAMPLES["third_party"].advocates]
    return {text: "xx xx" for text in typed if text}


@pytest.mark.parametrize(
    "key", ["title.arrangements", "way.email", "text.help", "ground.persistent_contact", "role.head"]
)
def test_a_missing_phrase_is_refused(key):
    """One phrase missing, and nothing is composed: the sentence names the phrase."""
    words = made_up()
    del words[key]
    with pytest.raises(MissingPhrase, match=key):
        compose(ArrangementsFacts(), position(restriction()), Phrases("xx", words))


def test_what_a_colleague_typed_is_translated_or_refused():
    """A reason without its translation is refused; with it, it stands in the letter."""
    one = restriction(reason="You wrote often")
    phrases = Phrases("xx", made_up())
    with pytest.raises(MissingPhrase, match="Nobody has translated 'You wrote often' into xx"):
        compose(RestrictionFacts(one), position(one), phrases)
    notice = compose(RestrictionFacts(one), position(one), phrases.with_translations({"You wrote often": "yy"}))
    assert "yy." in list(notice.texts())


def test_what_is_left_to_translate_is_named():
    """A catalogue in the making is told what it lacks, down to the measures."""
    words = made_up()
    assert untranslated(Phrases("xx", words)) == ()
    del words["measure.named_contact"], words["weekday.1"]
    assert set(untranslated(Phrases("xx", words))) == {"measure.named_contact", "weekday.1"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param('[opening]\ndear = "Annwyl"', "leaves out name", id="a phrase that leaves out the name"),
        pytest.param('[opening]\ndear = "{name} {date}"', "names date, which nobody fills in", id="one that asks more"),
        pytest.param('[opening]\ndear = "{name.x}"', "a bare name and nothing else", id="one that looks inside"),
        pytest.param('[opening]\ndear = "{name!r}"', "a bare name and nothing else", id="one that converts"),
        pytest.param('[opening]\ndear = "{name"', "opening.dear", id="a brace left open"),
        pytest.param('[opening]\ndear = "{name}\\n"', "not one clean line", id="a line end"),
        pytest.param("[opening]\ndear = 3", "not a text", id="a number"),
    ],
)
def test_a_catalogue_with_a_fault_is_refused(text, sentence):
    """A catalogue is measured against the English one when it is read."""
    with pytest.raises(ValueError, match=sentence):
        parse("cy", text)


def test_a_language_may_have_its_own_forms_for_numbers():
    """A language with a form for two says it; others use the one for many."""
    phrases = Phrases("cy", {"days.1": "un", "days.2": "dau", "days.many": "{n} x"})
    assert [phrases.count("days", number) for number in (1, 2, 3)] == ["un", "dau", "3 x"]


def test_days_are_said_in_the_catalogues_words():
    """A day is written out, whatever the machine's own language."""
    assert shipped().day(date(2028, 2, 29)) == "Tuesday 29 February 2028"


def test_names_of_a_phrase():
    """A phrase names what it fills in."""
    assert names("{a} and {b}") == {"a", "b"}
