"""Other actions on record: concerns about us, meetings, platforms, passages marked in a message."""

from hashlib import sha256

import pytest

from rules.casework.acts.highlight import Highlight
from rules.casework.acts.platform_action import PlatformAction
from rules.casework.acts.report_concern import ReportConcern
from rules.casework.passages import Passage, quoted
from rules.casework.refused import Refused
from tests.rules.casework.acts.clerk import Clerk

CONCERN = {"kind": "service_complaint", "what": "Nobody rang back.", "owner": "H. Head"}


def test_PHSO_28_a_concern_about_us_reaches_a_person_though_appeals_are_off():
    """Under a policy without appeal it is taken, by anybody, whatever is restricted."""
    clerk = Clerk()
    assert clerk.policy.appeal is None
    clerk.restriction({"kind": "file_unanswered", "channels": ["email"]})
    clerk.do("report_concern", **CONCERN, about=["A. Clerk"])
    ((_, act),) = clerk.file.of(ReportConcern)
    assert act.owner == "H. Head"


def test_PHSO_28_nobody_looks_at_a_concern_about_themselves():
    """However the name is written."""
    with pytest.raises(Refused, match="is about"):
        Clerk().do("report_concern", **CONCERN, about=["A. Clerk", "h. head"])


MEETING = {"day": "2026-03-20", "who": ["M. Manager"], "needs": "A room on the ground floor."}


def test_PHSO_M2_a_meeting_is_planned_and_its_outcome_put_on_record():
    """First its day, then what came of it, both with the restriction that they belong to."""
    clerk = Clerk()
    number = clerk.restriction({"kind": "meeting", "on": "2026-03-20"})
    clerk.do("meet", **MEETING, restriction=number)
    clerk.wait(days=10)
    clerk.do("meet", **MEETING, restriction=number, outcome="Agreed to write once a week.")
    assert [paper.act.name for paper in clerk.file.papers[-2:]] == ["meet", "meet"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param({"outcome": "All well."}, "still to come", id="an outcome before the day"),
        pytest.param({"day": "2026-03-10"}, "is past", id="a past day without an outcome"),
        pytest.param({"restriction": "none"}, "no restriction", id="a restriction that is not there"),
    ],
)
def test_PHSO_M2_a_meeting_has_a_day_and_then_an_outcome(fields, why):
    """Anything else is refused."""
    with pytest.raises(Refused, match=why):
        Clerk().do("meet", **MEETING | fields)


ACTION = {"platform": "A platform", "handle": "@example", "action": "reported", "evidence": "Picture, sealed."}


def test_SPSO_31_an_action_on_a_platform_is_on_record_with_its_day():
    """Today unless another is given."""
    clerk = Clerk("spso")
    clerk.do("platform_action", **ACTION, incident=clerk.incident())
    ((_, act),) = clerk.file.of(PlatformAction)
    assert (act.action, act.day.isoformat()) == ("reported", "2026-03-11")


@pytest.mark.parametrize(
    ("fields", "why"), [({"day": "2026-03-12"}, "still to come"), ({"incident": "none"}, "no incident")]
)
def test_SPSO_31_an_action_was_taken_and_belongs_to_what_is_on_file(fields, why):
    """A day to come and an unknown incident are refused."""
    with pytest.raises(Refused, match=why):
        Clerk("spso").do("platform_action", **ACTION | fields)


TEXT = "You are a fool. Where is my file? I know where you live."
FOOL, LIVE = (0, 15), (34, 56)


def passage(start, end, words=None):
    """Write a passage of the text, or of other words at the same place."""
    return {"start": start, "end": end, "digest": quoted(words or TEXT[start:end])}


def marked(*passages):
    """Mark passages of a message."""
    return {"contact": "C1", "passages": list(passages), "note": "Please write it again without these."}


def test_PHSO_M3_passages_are_marked_in_order_and_without_their_words():
    """What is kept is where they stand and a digest; the text shows whether they still stand there."""
    clerk = Clerk()
    clerk.do("highlight", **marked(passage(*LIVE), passage(*FOOL)))
    ((paper, act),) = clerk.file.of(Highlight)
    assert [(one.start, one.end) for one in act.passages] == [FOOL, LIVE]
    assert all(one.stands_in(TEXT) for one in act.passages)
    assert not any(one.stands_in(TEXT.replace("fool", "F00L")) for one in act.passages[:1])
    assert "fool" not in paper.act.model_dump_json()


def test_PHSO_M3_a_passage_beyond_the_text_does_not_stand_in_it():
    """Even where the rest of the text is the same words."""
    one = Passage(start=50, end=60, digest=sha256(TEXT[50:60].encode()).hexdigest())
    assert not one.stands_in(TEXT)


def test_PHSO_M3_a_message_is_marked_once():
    """It goes back once."""
    clerk = Clerk()
    clerk.do("highlight", **marked(passage(*FOOL)))
    with pytest.raises(Refused, match="marked before"):
        clerk.do("highlight", **marked(passage(*LIVE)))


@pytest.mark.parametrize(
    "passages",
    [
        pytest.param([], id="nothing is marked"),
        pytest.param([passage(0, 15), passage(14, 20)], id="two overlap"),
        pytest.param([passage(0, 15), passage(0, 15)], id="one is marked twice"),
        pytest.param([passage(5, 5, "x")], id="a passage without a character"),
        pytest.param([passage(-1, 5, "x")], id="a passage before the text"),
        pytest.param([{"start": 0, "end": 5, "digest": "x"}], id="a digest that is none"),
    ],
)
def test_PHSO_M3_passages_stand_apart(passages):
    """What cannot be shown is no act at all."""
    with pytest.raises(ValueError, match=r"passage|digest|start"):
        Clerk().do("highlight", **marked(*passages))
