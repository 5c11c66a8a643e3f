"""Reads contacts of the past from JSON Lines, one object a line, as an office's logs are brought into that form.

Belongs here: what each key may hold. Never raises on a line but ValueError, with a sentence for a person.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from rules import identity
from rules.contact import Assurance, Caller, Channel, Contact, Identifier

E = TypeVar("E", bound=StrEnum)
KEYS = ("id", "channel", "from", "to", "cc", "at", "subject", "words", "duration_s", "assurance")
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_LONGEST = 100_000
_MOST_SECONDS = 7 * 86_400
_NO_ADDRESS = "the address cannot be read"


def contact_of(line: str, number: str) -> Contact:
    """Read one line; `number` names the contact where it has no `id`. Raises ValueError with a sentence."""
    data = _object(line)
    strange = [key for key in data if key not in KEYS]
    if strange:
        raise ValueError(f"There is no key {strange[0]!r}; the keys are {', '.join(KEYS)}")
    channel = _one_of(Channel, data, "channel")
    sender, candidates, caller = _from(data, channel)
    duration = _count(data, "duration_s", _MOST_SECONDS)
    if duration is not None and channel is not Channel.CALL:
        raise ValueError("duration_s is of calls only")
    return Contact(
        id=_text(data, "id") or number,
        channel=channel,
        at=_at(data),
        sender=sender,
        candidates=candidates,
        assurance=_one_of(Assurance, data, "assurance", Assurance.CLAIMED),
        caller=caller,
        recipients=_ways_in(data, "to", channel),
        cc=_ways_in(data, "cc", channel),
        subject=_text(data, "subject"),
        words=_count(data, "words", 1_000_000_000),
        duration_s=duration,
        doubt=_NO_ADDRESS if sender is None and caller is Caller.NUMBER else "",
    )


def _object(line: str) -> Mapping[str, Any]:
    try:
        data = json.loads(line)
    except ValueError as fault:
        raise ValueError(f"It is not JSON: {fault}") from None
    except RecursionError:
        raise ValueError("It is nested too deeply to be read") from None
    if not isinstance(data, dict):
        raise ValueError(f'A line is an object, as {{"channel": "call", ...}}, and not {_short(data)}')
    return data


def _one_of(kind: type[E], data: Mapping[str, Any], key: str, otherwise: E | None = None) -> E:
    value = data.get(key)
    if value is None and otherwise is not None:
        return otherwise
    if value is None:
        raise ValueError(f"{key} is missing")
    try:
        return kind(value)
    except ValueError:
        raise ValueError(f"{key} is {_short(value)}, but must be one of {', '.join(kind)}") from None


def _at(data: Mapping[str, Any]) -> datetime:
    value = data.get("at")
    if value is None:
        raise ValueError("at is missing; write it as 2026-03-09T10:00:00Z")
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"at is {_short(value)}; write it as 2026-03-09T10:00:00Z") from None
    if moment.tzinfo is None:
        raise ValueError("at says no zone; write it as 2026-03-09T10:00:00Z or 2026-03-09T10:00:00+00:00")
    if not EARLIEST <= moment < LATEST:
        raise ValueError(f"at is {_short(value)}, which no record of an office reaches")
    return moment.astimezone(UTC)


def _from(data: Mapping[str, Any], channel: Channel) -> tuple[Identifier | None, tuple[Identifier, ...], Caller]:
    """Read who it was from; several, or none that can be read, leave the identity uncertain (THREATS I1)."""
    if "from" not in data:
        raise ValueError("from is missing; write null where nobody can say")
    senders = _texts(data, "from")
    if channel in (Channel.CALL, Channel.SMS) and len(senders) <= 1:
        caller, number = identity.caller(senders[0] if senders else "")
        return number, (number,) if number else (), caller
    known = dict.fromkeys(filter(None, map(identity.anything, senders)))
    candidates = tuple(one for one in known if one is not None)
    sender = candidates[0] if len(candidates) == len(senders) == 1 else None
    return sender, candidates, Caller.NUMBER


def _ways_in(data: Mapping[str, Any], key: str, channel: Channel) -> tuple[str, ...]:
    """Read the office's addresses or numbers; a number in the form that measures and policy have."""
    texts = _texts(data, key)
    if channel in (Channel.CALL, Channel.SMS):
        return tuple(known.value if (known := identity.phone(text)) else text for text in texts)
    return tuple(texts)


def _texts(data: Mapping[str, Any], key: str) -> list[str]:
    value = data.get(key)
    values = value if isinstance(value, list) else [] if value is None or value == "" else [value]
    if not all(isinstance(each, str) for each in values):
        raise ValueError(f"{key} is {_short(value)}, but must be a text or a list of texts")
    return [_clean(each) for each in values]


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{key} is {_short(value)}, but must be a text")
    return _clean(value)


def _clean(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can write and nothing else can."""
    return text[:_LONGEST].encode("utf-8", "replace").decode("utf-8")


def _count(data: Mapping[str, Any], key: str, most: int) -> int | None:
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"{key} is {_short(value)}, but must be a whole number from 0 to {most}")
    return int(value)


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
