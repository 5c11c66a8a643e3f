"""Named steps at which a test can stop the process; in an office they do nothing.

Belongs here: the names that `make crash` kills at. Every effect on a contact's way passes one.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

Failpoint = Callable[[str], None]

NAMES = (
    "mail.heard",
    "mail.decided",
    "mail.intended",
    "mail.handed_on",
    "mail.recorded",
    "mail.stored",
    "call.heard",
    "call.recorded",
    "call.settled",
    "text.heard",
    "text.recorded",
    "text.handed_on",
    "letter.claimed",
    "letter.left",
    "letter.settled",
    "hold.released",
    "alert.told",
    "alert.gathered",
    "alert.claimed",
    "alert.left",
    "alert.settled",
    "record.before_commit",
    "record.after_commit",
)


def nothing(name: str) -> None:
    """Pass every step, as an office does."""


def planned(plan: str) -> Failpoint:
    """Give the failpoint that a plan asks for; where it is empty, nothing happens at any step."""
    return dying(plan) if plan else nothing


def dying(plan: str) -> Failpoint:
    """Read a plan, `name:count`, and give a failpoint that kills the process with -9 at that step's count-th passing.

    Raises ValueError where the plan names no step.
    """
    name, _, count = plan.partition(":")
    if name not in NAMES or not (count or "1").isdigit():
        raise ValueError(f"there is no failpoint {plan!r}")
    left = [int(count or 1)]

    def failpoint(passed: str) -> None:
        if passed != name:
            return
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return failpoint
