"""What a policy says of calls: what the automated line offers, waiting for a named contact, the warning before the end.

Belongs here: the part of the file and its fixed values. No policy makes keys or speech the only way through.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from rules.policies.parts import Part


class Key(StrEnum):
    """Name the keys of the automated line, the same in every office and language."""

    AGAIN = "1"
    MESSAGE = "2"
    DANGER = "9"
    PERSON = "0"


def _warning(seconds: int) -> int:
    if seconds and not 15 <= seconds <= 300:
        raise ValueError("write 0 for no warning, or 15 to 300 seconds before the end")
    return seconds


class Phone(Part):
    """Hold the manners of the phone (SPSO-21.4, HO-3, PHSO-27); times in seconds.

    `messages` tells whether the automated line takes messages, which a person listens to; whoever presses nothing is
    led there. `danger` is what follows the key for danger: the words for an emergency, or these and then the duty
    manager's number. A caller waits at most `wait_s` for a named contact whose line is engaged, 0 not at all: it is
    rung again every quarter of a minute, and nobody is kept in order, so that who calls in between may come first. A
    limited call is told `warn_before_s` before its end, 0 not unless an adjustment says so.
    """

    messages: bool = True
    danger: Literal["advice", "duty_manager"] = "advice"
    wait_s: Annotated[int, Field(ge=0, le=600)] = 60
    warn_before_s: Annotated[int, AfterValidator(_warning)] = 0
