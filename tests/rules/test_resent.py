"""What is decided about a message that is sent again after it went back with passages marked (PHSO-M3)."""

from datetime import UTC, datetime

import pytest

from rules import identity
from rules.contact import Assurance, Channel, Contact, Resent
from rules.decide import decide
from rules.facts import NOTHING, Facts, Span
from rules.measures import parse
from rules.resent import is_resent
from rules.standing import Adjustment, Party, Restriction, Standing
from tests.rules.office import POLICY

NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
SENDER = identity.email("r.example@example.org")
OPEN = POLICY.with_changes(answer_claimed=True, always_open=frozenset({"appeals@office.example.org"}))
STILL, WITHOUT, ANSWER = Resent("C1", 1), Resent("C1", 0), Resent("C1", 1, near=False)


def asked(resent, *measures, policy=OPEN, adjustments=(), facts=NOTHING, **contact):
    """Decide on a second version."""
    begins, ends = NOW.replace(month=1), NOW.replace(month=12)
    restrictions = (Restriction("r1", tuple(map(parse, measures)), begins, ends, approved_by="M."),) if measures else ()
    given = {"recipients": ("clerk@office.example.org",), "resent": resent, "assurance": Assurance.VERIFIED} | contact
    standing = Standing(Party(1, "R. Example"), restrictions, adjustments, facts=facts)
    return decide(Contact("C2", Channel.EMAIL, NOW, SENDER, (SENDER,), **given), standing, policy, now=NOW)


BLOCK = {"kind": "block"}
RETURN = {"kind": "return_mail", "note": "Please write by post."}
FILE = {"kind": "file_unanswered"}
NO = {"assurance": Assurance.CLAIMED, "policy": OPEN.with_changes(answer_claimed=False)}
CASES = {
    "without the passages it is delivered": (WITHOUT, (), {}, "deliver", "without the passages"),
    "without the passages it is filed where a measure files": (WITHOUT, (FILE,), {}, "file", "without the passages"),
    "with one it goes back": (STILL, (), {}, "return", "It goes back again"),
    "with one it goes back where a measure files": (STILL, (FILE,), {}, "return", "It goes back again"),
    "what is refused stays refused": (STILL, (BLOCK,), {}, "refuse", "still has a passage"),
    "what is returned has the measure's words": (STILL, (RETURN,), {}, "return", "still has a passage"),
    "who may not be answered is put before a person": (STILL, (), NO, "hold", "so a person looks at it"),
    "an answer is no second version": (ANSWER, (), {}, "deliver", "It answers message C1"),
    "a cry for help reaches a person": (STILL, (), {"safeguards": ("risk to life",)}, "deliver", "reach a person"),
    "an open inbox is open": (STILL, (), {"recipients": ("Appeals@office.example.org",)}, "deliver", "always open"),
    "an adjustment stands": (
        STILL,
        (),
        {"adjustments": (Adjustment("cannot", frozenset({Channel.EMAIL})),)},
        "deliver",
        "An adjustment",
    ),
    "an answer to us passes": (
        STILL,
        (),
        {"facts": Facts(requests=(Span(NOW.replace(month=1)),))},
        "deliver",
        "a request of ours",
    ),
}


@pytest.mark.parametrize(("resent", "measures", "how", "outcome", "words"), CASES.values(), ids=CASES)
def test_PHSO_M3_a_second_version(resent, measures, how, outcome, words):
    """The outcome for each recipient, and the reason in words; on record before anything else."""
    decision = asked(resent, *measures, **how)
    assert (decision.outcome.value, {one.outcome.value for one in decision.targets}) == (outcome, {outcome})
    assert words in decision.reasons[-1].text
    assert (decision.reasons[-1].clause, decision.limited) == ("PHSO-M3", True)
    assert is_resent(decision.reasons)


def test_the_words_of_a_second_return_are_the_policys():
    """And those of a measure that returns everything are the measure's."""
    assert asked(STILL).sender_text == OPEN.texts.still_there
    assert asked(STILL, RETURN).sender_text == "Please write by post."
    assert (asked(STILL).note, asked(STILL).counts, asked(WITHOUT).counts) == (None, False, True)


def test_I4_forged_mail_is_no_second_version():
    """Nothing is said of it, and nothing done."""
    decision = asked(STILL, assurance=Assurance.FAILED)
    assert (decision.outcome.value, is_resent(decision.reasons)) == ("deliver", False)
