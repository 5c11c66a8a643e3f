"""Every kind of notice under every policy and with every measure: what it must say, and how it must say it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.notices.composing import compose
from gateway.notices.notice import Heading, Kind, Listing, Notice, Paragraph, Table
from gateway.notices.phrases import shipped
from gateway.notices.position import AdvocateCopy, ArrangementsFacts, EndFacts, ReviewFacts, WarningFacts
from gateway.notices.readability import longest_sentence, reading_age
from rules.contact import Channel
from rules.measures import KINDS, Measure, parse
from rules.policies import Appeal, Review
from rules.standing import Adjustment
from tests.gateway.notices.office import (
    FACTS,
    LONDON,
    OVER,
    PHONE_OPEN,
    POLICY,
    SAMPLES,
    SHIPPED,
    every_facts,
    policy,
    position,
    restriction,
)
from tests.rules.office import NOW
from tests.rules.strategies import ADJUSTMENTS, RESTRICTIONS

EN = shipped()
BLOCK = parse({"kind": "block"})
OFFENDING = re.compile(
    r"abuser|vexatious|unreasonable (?:person|complainant|customer)|offender|perpetrator|culprit|trouble|nuisance|"
    r"aggressor|banned|punish|sanction|penalty|demanding|difficult (?:person|customer)|serial complain|harasser",
    re.IGNORECASE,
)


def written(name: str, *measures: Measure, easy: bool = False, **changes) -> Notice:
    """Write one kind of notice on a restriction of these measures."""
    one = restriction(*measures, ground=next(iter(changes.get("policy", POLICY).grounds)))
    stand = () if name in OVER else (one,)
    phrases = EN.easily() if easy else EN
    return compose(every_facts(one)[name], position(*stand, **changes), phrases)


def said(notice: Notice) -> str:
    """Give all that a notice says."""
    return "\n".join(notice.texts())


def under(notice: Notice, heading: str) -> str:
    """Give what stands under a heading; fails where there is none."""
    blocks = list(notice.blocks)
    start = blocks.index(Heading(EN.say(f"heading.{heading}"))) + 1
    kept = []
    for block in blocks[start:]:
        if isinstance(block, Heading):
            break
        kept.append(block)
    return said(replace(notice, title="", blocks=tuple(kept))).strip()


def row(notice: Notice, channel: str) -> tuple[str, ...]:
    """Give the row of a channel in the table of what works."""
    table = next(block for block in notice.blocks if isinstance(block, Table))
    return next(one for one in table.rows if one[0] == channel)


@pytest.mark.parametrize("name", FACTS)
@pytest.mark.parametrize("office", SHIPPED)
@pytest.mark.parametrize("easy", [pytest.param(False, id="as a letter"), pytest.param(True, id="in Easy Read")])
def test_every_notice_is_plain_and_neutral(name, office, easy):
    """Under every policy that ships, with all measures at once, the reading age is 12 at most and no word is unkind."""
    notice = written(name, *SAMPLES.values(), policy=policy(office), adjustments=(PHONE_OPEN,), easy=easy)
    assert reading_age(notice) <= 12
    assert longest_sentence(notice) <= 32
    assert not OFFENDING.search(said(notice))


@pytest.mark.parametrize("kind", KINDS)
def test_every_measure_is_said_in_plain_words(kind):
    """Each measure of the catalogue has a sentence for the party, filled in to the last brace, and easy to read."""
    notice = written("restriction", SAMPLES[kind])
    rules = under(notice, "rules")
    assert len(rules) > 20
    assert not re.search(r"[{}]|None|frozenset|_", rules)
    assert rules.endswith(".")
    assert reading_age(replace(notice, blocks=(Paragraph(rules),))) <= 12


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


def test_a_warning_to_somebody_under_a_restriction_shows_what_works():
    """Where measures are in force already, a warning does not say that all is open."""
    notice = compose(WarningFacts("You shouted"), position(restriction(BLOCK)), EN)
    assert "same ways as before" not in said(notice)
    assert row(notice, "Email")[1] == "No"


def test_an_end_says_that_it_may_come_again_where_the_policy_says_so():
    """For the policy's months the same behaviour is restricted again without a warning (PHSO-17)."""
    months = POLICY.durations.renewal_months
    assert f"within {months} months" in under(written("end"), "end")
    never = POLICY.durations.model_copy(update={"renewal_months": 0})
    assert "within" not in under(written("end", policy=replace(POLICY, durations=never)), "end")
    assert "within" not in under(written("appeal: upheld"), "end")


def test_an_end_with_another_restriction_left_says_what_stands():
    """Whoever is freed of one restriction learns what the other still closes."""
    left = restriction(BLOCK, id="2")
    notice = compose(EndFacts(restriction()), position(left), EN)
    assert row(notice, "Letter")[1] == "No"
    assert "Your appeal goes to" in under(notice, "challenge")


def test_what_works_when_and_with_whom():
    """The table names hours, limits and the person's inbox as the measures have them."""
    hours = parse(
        {"kind": "time_window", "channels": ["call"], "days": ["mon", "tue", "wed"], "from": "9:00", "to": "12:30"}
    )
    named = parse({"kind": "named_contact", "inbox": "casework@example.org", "phone": "+441632960200"})
    limit = parse({"kind": "volume_limit", "channels": ["email", "sms"], "count": 1, "per": "week"})
    notice = written("restriction", hours, named, limit, parse({"kind": "call_length_limit", "minutes": 10}))
    assert row(notice, "Phone") == (
        "Phone",
        "Yes",
        "Monday to Wednesday, 09:00 to 12:30. At other times you hear a recorded message. "
        "Call in good time: the call ends with the hours. Up to 10 minutes for each call",
        "One member of our staff: 01632 960200",
    )
    assert row(notice, "Email")[2:] == (
        "At any time. Up to 1 contact in a week, with email or text message counted together",
        "One member of our staff: casework@example.org",
    )


def test_an_adjustment_is_told_first():
    """A person who may always phone is told so, in the table and beside what they need (PHSO-23)."""
    notice = written("restriction", BLOCK, adjustments=(PHONE_OPEN,), forms=("large_print", "easy_read"))
    assert row(notice, "Phone")[1] == "Yes. We agreed this with you."
    adjustments = under(notice, "adjustments")
    assert (
        "You told us what you need: you cannot write for long. You can always reach a person by phone." in adjustments
    )
    assert "We write to you in this form: large print and Easy Read." in adjustments


def test_a_total_block_says_that_no_way_is_open():
    """Where nothing works the letter says so plainly, and still names emergencies and help."""
    notice = written("restriction", BLOCK)
    assert "No way is open to you for now." in under(notice, "ways")


def test_what_is_always_open_is_named():
    """Inboxes and numbers that no measure closes stand in every notice."""
    rules = replace(POLICY, always_open=frozenset({"appeals@example.org", "+441632960100"}))
    assert "always use: 01632 960100 and appeals@example.org." in under(
        written("restriction", policy=rules), "elsewhere"
    )


def test_what_is_filed_is_said_with_who_looks_at_it():
    """What goes on file is looked at within the policy's days; a closed matter may stay unread (PHSO-22)."""
    assert "within 2 working days" in under(written("restriction", SAMPLES["file_unanswered"]), "filed")
    closed = parse({"kind": "issue_limit", "cases": ["HO/2024-123"], "closed": True})
    assert "We may not read it." in under(
        written("restriction", closed, policy=replace(POLICY, closed_unread=True)), "filed"
    )
    assert "A person looks at it." in under(written("restriction", closed), "filed")


def test_what_comes_later_is_told_apart():
    """A restriction that begins after the day of the page does not close anything on it yet."""
    later = restriction(BLOCK, id="2", starts=datetime(2026, 4, 1, tzinfo=LONDON))
    notice = compose(ArrangementsFacts(), position(restriction(), later), EN)
    assert row(notice, "Letter")[1] == "Yes"
    assert under(notice, "later").startswith("From Wednesday 1 April 2026: We no longer take contact")


def test_a_contract_is_told_with_its_conditions():
    """Conditions are told one by one; once they are agreed they alone hold (PHSO-M4)."""
    found = (SAMPLES["behaviour_contract"], BLOCK)
    assert "until you agree" in under(written("restriction", *found), "conditions")
    agreed = restriction(*found, contract_agreed=NOW)
    notice = compose(ArrangementsFacts(), position(agreed), EN)
    assert "You agreed to this" in under(notice, "conditions")
    assert row(notice, "Letter")[1] == "Yes"


def test_a_copy_goes_to_advocates_with_consent_alone():
    """Without the party's consent an advocate gets nothing and is not named."""
    advocates = (AdvocateCopy("A. Advocate", "a@example.org", consent=True), AdvocateCopy("B. Other", "b@example.org"))
    notice = written("restriction", advocates=advocates)
    assert [copy.address for copy in notice.copies] == ["a@example.org"]
    assert "we send a copy of this to A. Advocate." in said(notice)
    assert "B. Other" not in said(notice)


def test_names_and_reasons_cannot_break_a_line():
    """Control characters and marks that turn the reading direction are gone from what people typed."""
    party = replace(position().party, name="Ann\r\nBcc: x@example.org\u202e")
    one = restriction(reason="You\x00 wrote\nmuch")
    notice = compose(every_facts(one)["restriction"], position(one, party=party), EN)
    assert Paragraph("Dear Ann Bcc: x@example.org,") in notice.blocks
    assert Paragraph("You wrote much.") in notice.blocks


def test_braces_in_what_people_typed_are_words():
    """A name that looks like a phrase to be filled in stays a name."""
    party = replace(position().party, name="{office} {0.__class__}")
    notice = compose(ArrangementsFacts(), position(restriction(), party=party), EN)
    assert "This page is for {office} {0.__class__}." in said(notice)


def test_the_digest_is_that_of_the_words():
    """The same words have the same digest; one other word has another."""
    assert written("restriction").digest == written("restriction").digest
    digests = {written(name).digest for name in FACTS} | {written("restriction", easy=True).digest}
    assert len(digests) == len(FACTS) + 1


def test_easy_read_has_questions_and_one_idea_a_line():
    """Easy Read has no table and no list, headings that ask, and lines of one sentence each."""
    notice = written("restriction", *SAMPLES.values(), easy=True)
    assert all(isinstance(block, Heading | Paragraph) for block in notice.blocks)
    headings = [block.text for block in notice.blocks if isinstance(block, Heading)]
    assert all(text.endswith("?") for text in headings)
    lines = [block.text for block in notice.blocks if isinstance(block, Paragraph)]
    assert not any(re.search(r"[a-z][.!?] [A-Z]", line) for line in lines)


@pytest.mark.parametrize("outcome", ["continue", "amend", "lift"])
def test_a_review_says_what_came_of_it(outcome):
    """Each outcome of a review opens in its own words and gives the reason."""
    stand = () if outcome == "lift" else (restriction(),)
    notice = compose(ReviewFacts(restriction(), outcome, "We heard from you less often"), position(*stand), EN)
    assert EN.say(f"opening.review_{outcome}") in said(notice)
    assert "We heard from you less often." in under(notice, "why")


@settings(max_examples=60, deadline=None)
@given(
    found=RESTRICTIONS,
    adjustments=st.lists(ADJUSTMENTS, max_size=1).map(tuple),
    name=st.sampled_from(FACTS),
    easy=st.booleans(),
)
def test_whatever_an_office_writes_down_can_be_told(found, adjustments, name, easy):
    """No restriction that the rules allow leaves a notice without words or with an unfilled phrase."""
    stand = position(found, adjustments=adjustments)
    notice = compose(every_facts(found)[name], stand, EN.easily() if easy else EN)
    assert not re.search(r"[{}]", said(notice))
    assert all(text.strip() for text in notice.texts())


def test_channels_that_an_office_has_not_are_left_out():
    """An office without a web form does not speak of one."""
    office = replace(position().office, channels=frozenset({Channel.EMAIL, Channel.LETTER}))
    table = next(block for block in written("restriction", office=office).blocks if isinstance(block, Table))
    assert [one[0] for one in table.rows] == ["Email", "Letter"]


def test_items_are_sentences():
    """Items of lists are whole sentences, so that a reader of screens pauses."""
    for block in written("restriction", *SAMPLES.values()).blocks:
        if isinstance(block, Listing):
            assert all(item.endswith((".", "!", "?")) for item in block.items)


def test_an_adjustment_with_an_end_says_its_last_day():
    """An adjustment for a time is told with its last day."""
    ends = Adjustment("you are in hospital", frozenset({Channel.EMAIL}), ends=datetime(2026, 4, 1, tzinfo=LONDON))
    assert "up to Tuesday 31 March 2026" in under(written("restriction", adjustments=(ends,)), "adjustments")


@pytest.mark.parametrize(
    "measure",
    [
        pytest.param({"kind": "time_out", "until": "2026-03-10"}, id="a time out that is over"),
        pytest.param({"kind": "stop_case", "case": ["HO/2024-123"], "until": "2026-03-10"}, id="a stop that is over"),
        pytest.param({"kind": "meeting", "on": "2026-03-10"}, id="a meeting that was"),
        pytest.param({"kind": "interim_protection"}, id="interim protection that lapsed"),
        pytest.param(
            {"kind": "third_party", "advocates": [{"name": "A. Advocate", "until": "2026-03-10"}]},
            id="advocates without authority",
        ),
    ],
)
def test_what_is_spent_is_not_said(measure):
    """A measure that does nothing any more is not told as though it did."""
    assert under(written("restriction", parse(measure)), "rules") == "No limit is set on your contact."
    assert row(written("restriction", parse(measure)), "Email")[1] == "Yes"


def test_protection_that_lapsed_leaves_the_named_contact():
    """Once interim protection is over, mail is with the named colleague and no manager."""
    named = parse({"kind": "named_contact", "inbox": "casework@example.org"})
    notice = written("restriction", parse({"kind": "interim_protection", "inbox": "duty@example.org"}), named)
    assert row(notice, "Email")[3] == "One member of our staff: casework@example.org"
    assert row(notice, "Letter")[3] == "One member of our staff"


def test_protection_sends_all_to_a_manager_and_gives_no_direct_line():
    """While it lasts a manager deals with everything; their inbox is not given out."""
    one = restriction(parse({"kind": "interim_protection", "inbox": "duty@example.org", "phone": "+441632960200"}))
    notice = compose(ArrangementsFacts(), position(one, at=one.starts), EN)
    assert row(notice, "Email")[3] == row(notice, "Phone")[3] == "A manager"
    assert "duty@" not in said(notice)


def test_a_review_after_the_end_is_none():
    """A review that would come after the end is not promised."""
    late = restriction(review_at=datetime(2026, 12, 1, tzinfo=LONDON))
    assert "before it ends" in under(compose(ArrangementsFacts(), position(late), EN), "review")


@pytest.mark.parametrize("facts", FACTS)
def test_own_words_stand_behind_the_opening(facts):
    """In every kind of notice, a paragraph for each line, and nothing else is changed by them."""
    one = restriction()
    plain = compose(every_facts(one)[facts], position(one), shipped())
    worded = compose(every_facts(one)[facts], position(one), shipped(), "We are sorry.\n\nThank you")
    added = [Paragraph("We are sorry."), Paragraph("Thank you.")]
    at = list(worded.blocks).index(added[0])
    assert list(worded.blocks[at : at + 2]) == added
    assert (*worded.blocks[:at], *worded.blocks[at + 2 :]) == plain.blocks
    assert at == (1 if facts == "arrangements" else 2)
