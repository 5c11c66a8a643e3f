"""Serial numbers tell when they were given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.serials import made_at, serial


@given(st.integers(0, 32_000_000_000_000))
def test_a_serial_tells_when_it_was_given(milliseconds):
    """To the millisecond."""
    now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    found = made_at(serial(now))
    assert found is not None
    assert abs(found - now) <= timedelta(milliseconds=1)


@pytest.mark.parametrize("number", ["", "arrangements", "z" * 22, "I" * 22, "0" * 21, "party:1"])
def test_what_is_no_serial_tells_nothing(number):
    """Neither of another length, nor of other letters, nor beyond the calendar."""
    assert made_at(number) is None
