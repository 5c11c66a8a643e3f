"""How the log is written: one JSON object a line on standard error, ids only, control characters escaped (THREATS W5).

Belongs here: structlog's set-up. On a terminal the same is shown in columns.
"""

from __future__ import annotations

import sys

import structlog


def to_stderr() -> None:
    """Send every log line to standard error, whatever that is at the time."""
    shown = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True), shown],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
