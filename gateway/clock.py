"""The one place that reads the clock. Everywhere else time is a value that is passed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Give the time, aware, in UTC."""
    return datetime.now(UTC)
