"""Every kind of notice: what it must say of the reason, the end, the review, the appeal and where help is."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime

import pytest

from gateway.notices.composing import compose
from gateway.notices.notice import Kind
from gateway.notices.position import AdvocateCopy, ArrangementsFacts, ReviewFacts, WarningFacts
from rules.policies import Appeal, Review
from tests.gateway.notices.letters import BLOCK, EN, said, under, written
from tests.gateway.notices.office import (
    FACTS,
    LONDON,
    POLICY,
    SHIPPED,
    policy,
    position,
    restriction,
)


@pytest.mark.parametrize("name", [name for name in FACTS if name != "arrangements"])
@pytest.mark.parametrize("office", SHIPPED)
def test_every_letter_says_all_that_it_must(name, office):
    """Reasons, what still works, the end, the review, the appeal and where help is stand in every letter (PHSO-20)."""
    rules = policy(office)
    notice = written(name, policy=rules)
    why = under(notice, "happened" if "warning" in name else "why")
    assert why
    for section in ("ways", "end", "review", "challenge", "elsewhere", "adjustments"):
        assert under(notice, section)
    assert rules.texts.help in said(notice)
    assert rules.texts.emergency in said(notice)
    assert rules.texts.data_request in said(notice)
    assert rules.texts.new_complaint in said(notice)
    assert rules.texts.about_us in said(notice)


def test_kinds_are_all_written():
    """No kind of notice is without a composer."""
    assert {written(name).kind for name in FACTS} == set(Kind)


def test_the_end_is_the_last_day_in_the_offices_zone():
    """Up to the first moment of 2 September in London means 1 September, whatever UTC makes of it."""
    ends = datetime(2026, 9, 2, tzinfo=LONDON)
    notice = compose(ArrangementsFacts(), position(restriction(ends=ends)), EN)
    assert under(notice, "end") == "This ends on Tuesday 1 September 2026. That is its last day."


def test_two_ends_are_both_said():
    """Restrictions that end on different days are each told with theirs."""
    other = restriction(BLOCK, id="2", ends=datetime(2026, 4, 1, tzinfo=LONDON))
    end = under(compose(ArrangementsFacts(), position(restriction(), other), EN), "end")
    assert "Tuesday 31 March 2026" in end
    assert "Tuesday 1 September 2026" in end


@pytest.mark.parametrize(
    ("changes", "rules", "sentence"),
    [
        pytest.param({}, {}, "on Monday 1 June 2026 or before", id="its day"),
        pytest.param({"review_at": None}, {}, "We do not look at this again before it ends.", id="that there is none"),
        pytest.param(
            {"review_at": None},
            {"review": Review(why_none="It protects staff.")},
            "The reason is this: It protects staff.",
            id="the policy's reason for none",
        ),
    ],
)
def test_the_review_or_why_none(changes, rules, sentence):
    """The party is told of the review, or that there is none and why (SPSO-23)."""
    notice = compose(ArrangementsFacts(), position(restriction(**changes), policy=replace(POLICY, **rules)), EN)
    assert sentence in under(notice, "review")


def test_a_restriction_has_its_own_reason_for_no_review():
    """What was put on record for this restriction comes before the policy's words (SPSO-23)."""
    stand = position(restriction(review_at=None), no_review={"1": "It ends in two weeks"})
    assert "The reason is this: It ends in two weeks." in under(compose(ArrangementsFacts(), stand, EN), "review")


def test_an_appeal_is_told_with_whom_and_by_when():
    """Where the policy has an appeal, the letter says to whom and within how many days (SPSO-22, HO-6)."""
    rules = replace(POLICY, appeal=Appeal(to=frozenset({"head"}), within_days=28))
    challenge = under(written("restriction", policy=rules), "challenge")
    assert "Your appeal goes to: Head of the office." in challenge
    assert "within 28 days of the date of this letter" in challenge


@pytest.mark.parametrize("office", ["phso", "mp-office"])
def test_no_appeal_is_told_too(office):
    """Where decisions are final the letter says so, and that a complaint about the service stays open (PHSO-21, 28)."""
    rules = policy(office)
    assert rules.appeal is None
    challenge = under(written("restriction", policy=rules), "challenge")
    assert re.search("no appeal|cannot appeal", challenge)
    assert "Your appeal goes to" not in challenge
    assert rules.texts.about_us in challenge


def test_no_appeal_is_told_though_the_policys_text_forgets_it():
    """A policy without an appeal whose wording is silent on it still tells the party."""
    texts = POLICY.texts.model_copy(update={"challenge": "Tell us if we got a fact wrong."})
    rules = replace(POLICY, appeal=None, texts=texts)
    assert "You cannot appeal against this." in under(written("change", policy=rules), "challenge")


def test_a_warning_says_until_when_and_that_nothing_is_closed():
    """A warning has its last day or its length, and leaves every way open."""
    spoken = compose(WarningFacts("You shouted", last_day=date(2026, 9, 11)), position(), EN)
    assert "This warning ends on Friday 11 September 2026." in under(spoken, "end")
    assert under(spoken, "ways") == "You can contact us in the same ways as before."
    assert "This warning lasts 6 months." in under(compose(WarningFacts("You shouted"), position(), EN), "end")


def test_an_end_says_that_it_may_come_again_where_the_policy_says_so():
    """For the policy's months the same behaviour is restricted again without a warning (PHSO-17)."""
    months = POLICY.durations.renewal_months
    assert f"within {months} months" in under(written("end"), "end")
    never = POLICY.durations.model_copy(update={"renewal_months": 0})
    assert "within" not in under(written("end", policy=replace(POLICY, durations=never)), "end")
    assert "within" not in under(written("appeal: upheld"), "end")


def test_a_copy_goes_to_advocates_with_consent_alone():
    """Without the party's consent an advocate gets nothing and is not named."""
    advocates = (AdvocateCopy("A. Advocate", "a@example.org", consent=True), AdvocateCopy("B. Other", "b@example.org"))
    notice = written("restriction", advocates=advocates)
    assert [copy.address for copy in notice.copies] == ["a@example.org"]
    assert "we send a copy of this to A. Advocate." in said(notice)
    assert "B. Other" not in said(notice)


def test_the_digest_is_that_of_the_words():
    """The same words have the same digest; one other word has another."""
    assert written("restriction").digest == written("restriction").digest
    digests = {written(name).digest for name in FACTS} | {written("restriction", easy=True).digest}
    assert len(digests) == len(FACTS) + 1


@pytest.mark.parametrize("outcome", ["continue", "amend", "lift"])
def test_a_review_says_what_came_of_it(outcome):
    """Each outcome of a review opens in its own words and gives the reason."""
    stand = () if outcome == "lift" else (restriction(),)
    notice = compose(ReviewFacts(restriction(), outcome, "We heard from you less often"), position(*stand), EN)
    assert EN.say(f"opening.review_{outcome}") in said(notice)
    assert "We heard from you less often." in under(notice, "why")


def test_a_review_after_the_end_is_none():
    """A review that would come after the end is not promised."""
    late = restriction(review_at=datetime(2026, 12, 1, tzinfo=LONDON))
    assert "before it ends" in under(compose(ArrangementsFacts(), position(late), EN), "review")
