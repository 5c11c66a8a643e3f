"""Thresholds by their names, as flags hold them when the policy has changed."""

from __future__ import annotations

import pytest

from rules.levels.kinds import Level
from rules.policies import Threshold
from rules.policies.thresholds import LEAST
from rules.windows import Mode, Per
from tests.rules.policies.shipped import SHIPPED


@pytest.mark.parametrize("policy", SHIPPED.values(), ids=SHIPPED)
def test_every_shipped_threshold_is_read_back(policy):
    """Level, channels, window and number stand in the name."""
    for one in policy.thresholds:
        again = Threshold.named(one.name)
        assert again is not None
        assert again.alike(one)
        assert (again.name, again.at_least) == (one.name, one.at_least)


@pytest.mark.parametrize("level", LEAST)
def test_every_level_is_read_back(level):
    """Also those that no shipped policy uses."""
    channels = {"channels": frozenset({"call"})} if level is Level.TALK_MINUTES else {}
    one = Threshold(level=level, at_least=600, per=Per.WEEK, window=Mode.CALENDAR, **channels)
    again = Threshold.named(one.name)
    assert again is not None
    assert (again.name, again.alike(one)) == (one.name, True)


@pytest.mark.parametrize("name", ["", "all:5/day", "fax:5/day/rolling", "all:5fish/day/rolling", "all:1/day/rolling"])
def test_what_is_no_name_is_none(name):
    """A level that is no more, a number below what makes sense now."""
    assert Threshold.named(name) is None
