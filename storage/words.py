"""Text as both databases can keep it. Belongs here: what senders chose, made storable, and values written as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from json.encoder import encode_basestring_ascii as _quoted

from rules.decision import Outcome, Reason
from storage.entries import Goal

OUTCOMES = {outcome.value: outcome for outcome in Outcome}


def storable(text: str) -> str:
    """Replace what a database cannot keep: NUL (PostgreSQL) and halves of surrogate pairs (both)."""
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def write_reasons(reasons: Sequence[Reason]) -> str:
    """Write reasons as JSON, ASCII only, so that any text in them can be kept."""
    # By hand, here and below: every contact comes by, and json.dumps makes an encoder for each.
    return f"[{', '.join([_reason(each) for each in reasons])}]"


def _reason(one: Reason) -> str:
    return f"[{_quoted(one.restriction)}, {_quoted(one.measure)}, {_quoted(one.clause)}, {_quoted(one.text)}]"


def read_reasons(text: str) -> tuple[Reason, ...]:
    """Read what `write_reasons` wrote."""
    return tuple(Reason(*each) for each in json.loads(text)) if text != "[]" else ()


def write_goals(goals: Sequence[Goal]) -> str:
    """Write goals as JSON, ASCII only, so that any address in them can be kept."""
    return f"[{', '.join([_goal(each) for each in goals])}]"


def _goal(one: Goal) -> str:
    done = "true" if one.done else "false"
    return f"[{_quoted(one.recipient)}, {_quoted(one.outcome.value)}, {_quoted(one.to)}, {done}]"


def read_goals(text: str) -> tuple[Goal, ...]:
    """Read what `write_goals` wrote."""
    if text == "[]":
        return ()
    return tuple(Goal(who, OUTCOMES[outcome], to, done) for who, outcome, to, done in json.loads(text))
