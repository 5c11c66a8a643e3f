"""Closed cases: closed once they were explained, and open again when there is something new."""

from datetime import timedelta

import pytest

from rules.casework.closed_cases import closed_cases
from rules.casework.refused import Refused
from tests.rules.casework.acts.clerk import Clerk

CLOSED = {"reference": "HO/2024-123", "explained": "2026-03-01", "how": "By letter; on the case file."}


def references(clerk):
    """Name the cases that are closed now."""
    return [one.reference for one in closed_cases(clerk.shelf, clerk.now)]


def test_PHSO_22_a_case_is_closed_once_it_was_explained():
    """From then on it is among the closed ones, with the day of the explanation, and before it was not."""
    clerk = Clerk()
    clerk.do("close_case", **CLOSED)
    (one,) = closed_cases(clerk.shelf, clerk.now)
    assert (one.reference, one.explained.isoformat()) == ("HO/2024-123", "2026-03-01")
    assert closed_cases(clerk.shelf, clerk.now - timedelta(microseconds=1)) == ()


def test_PHSO_22_a_case_opens_again_and_may_be_closed_again():
    """Opened again it is closed no more; opened twice is refused; a new closing is another."""
    clerk = Clerk()
    number = clerk.do("close_case", **CLOSED).id
    clerk.wait(days=1)
    clerk.do("reopen_case", case=number, reason="New facts.")
    assert references(clerk) == []
    with pytest.raises(Refused, match="no such closed case"):
        clerk.do("reopen_case", case=number, reason="Again.")
    clerk.do("close_case", **CLOSED)
    assert references(clerk) == ["HO/2024-123"]


def test_PHSO_22_explained_comes_before_closed():
    """A day to come is refused with the clause."""
    with pytest.raises(Refused, match="still to come") as refused:
        Clerk().do("close_case", **CLOSED | {"explained": "2026-03-12"})
    assert refused.value.clause == "PHSO-22"


@pytest.mark.parametrize("spelling", ["HO/2024-123", "ho 2024 123", "HO/2024/123"])
def test_PHSO_22_a_case_is_closed_once_however_it_is_written(spelling):
    """All spellings are the same case."""
    clerk = Clerk()
    clerk.do("close_case", **CLOSED)
    with pytest.raises(Refused, match="closed already"):
        clerk.do("close_case", **CLOSED | {"reference": spelling})


@pytest.mark.parametrize("reference", ["", "my case", "x" * 90 + "1"])
def test_PHSO_22_a_reference_is_one_that_matches_one_case(reference):
    """What would be found in any message is no reference."""
    with pytest.raises(ValueError, match="reference"):
        Clerk().do("close_case", **CLOSED | {"reference": reference})
