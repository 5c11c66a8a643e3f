"""What follows for a decision: clauses, marks, counting, the note; never anything stricter."""

from __future__ import annotations

import pytest

from rules.decision import Outcome
from rules.on_file import counts_to_levels
from rules.policies.safeguarding import Safeguards
from rules.safeguards.bearing import SAFEGUARD
from rules.safeguards.kinds import NOT_READ, SELF_HARM, TOPICS, Kind, in_words, kind_of, kinds_of
from tests.rules.deciding import decision
from tests.rules.office import contact
from tests.rules.policies.shipped import SHIPPED

THREAT, APPEAL = TOPICS[Kind.RISK_TO_LIFE, "threat"], TOPICS[Kind.APPEAL, "restriction"]
ABOUT_US, NEW = TOPICS[Kind.SERVICE_COMPLAINT, "about_us"], TOPICS[Kind.NEW_COMPLAINT, "new"]


def test_the_words_on_a_contact_tell_their_kind():
    """Topic or kind alone; words of whoever logged it are of no kind."""
    for (kind, _), words in TOPICS.items():
        assert kind_of(words) is kind
    assert [kind_of(in_words(kind)) for kind in Kind] == list(Kind)
    assert (kind_of(NOT_READ), kind_of("a worry")) == (Kind.NOT_READ, None)
    assert kinds_of([APPEAL, "a worry", SELF_HARM]) == (Kind.RISK_TO_LIFE, Kind.APPEAL)


@pytest.mark.parametrize(
    ("policy", "safeguards", "clauses"),
    [
        pytest.param("phso", (SELF_HARM,), ["PHSO-27"], id="PHSO-27 self-harm"),
        pytest.param("phso", (ABOUT_US,), ["PHSO-28"], id="PHSO-28 a complaint about us"),
        pytest.param("phso", (APPEAL,), ["PHSO-28"], id="PHSO-28 an appeal where decisions are final"),
        pytest.param("phso", (NEW,), ["PHSO-M7"], id="PHSO-M7 a new complaint"),
        pytest.param("spso", (THREAT,), ["SPSO-32"], id="SPSO-32 a threat"),
        pytest.param("spso", (APPEAL,), ["SPSO-22"], id="SPSO-22 an appeal"),
        pytest.param("phso", (SELF_HARM, ABOUT_US, THREAT), ["PHSO-27", "PHSO-28"], id="each clause once"),
        pytest.param("default", ("a worry",), ["SPSO-32"], id="words of whoever logged it"),
    ],
)
def test_the_reasons_name_the_clause(policy, safeguards, clauses):
    """Whoever asks why is told by which row."""
    found = decision(contact(safeguards=safeguards), {"kind": "block"}, policy=SHIPPED[policy])
    assert [reason.clause for reason in found.reasons if reason.measure == SAFEGUARD] == clauses
    assert (found.outcome, found.safeguards) == (Outcome.FILE, safeguards)


@pytest.mark.parametrize(
    ("safeguards", "days"),
    [
        ((), None),
        ((SELF_HARM, NEW), 0),
        ((APPEAL, NEW), 1),
        ((NEW,), 2),
        ((NOT_READ,), 2),
        (("a worry",), 0),
    ],
)
def test_it_is_looked_at_by_the_gravest(safeguards, days):
    """The earliest of its kinds counts."""
    assert Safeguards().look_by_days(safeguards) == days


@pytest.mark.parametrize(
    ("safeguards", "counts"), [((), True), ((SELF_HARM,), False), ((THREAT,), False), ((NEW,), True)]
)
def test_phso_27_a_risk_to_life_is_counted_for_nothing(safeguards, counts):
    """Neither towards a limit nor towards a level."""
    limit = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}
    found = decision(contact(safeguards=safeguards), limit)
    assert (found.outcome, found.counts, counts_to_levels(found)) == (Outcome.DELIVER, counts, counts)
