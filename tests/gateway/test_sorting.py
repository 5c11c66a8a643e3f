"""What stays in its mailbox needs no door: it is settled in the commit that decides it."""

from __future__ import annotations

import pytest

from gateway.sorting import OnTheSpot
from rules.answers import Delivered
from rules.decision import Outcome, Target

HERE, THERE = "enquiries@office.example.org", "named@office.example.org"
STAYS = Target(HERE, Outcome.FILE, HERE.upper())
GOES = Target(HERE, Outcome.ROUTE, THERE)
TARGETS = {
    "filed it stays, however its address is written": ([STAYS], [Delivered()]),
    "routed it goes": ([GOES], None),
    "of both, a door is needed": ([STAYS, GOES], None),
    "held it is none of the doors'": ([], []),
}


@pytest.mark.parametrize(("targets", "answers"), TARGETS.values(), ids=TARGETS)
def test_what_needs_no_door(targets, answers):
    """The answers are there at once where every target stays."""
    assert OnTheSpot(lambda *_: b"", None).at_once(targets) == answers
