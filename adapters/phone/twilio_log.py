"""Twilio's own log, in our words: calls, texts, recordings, and how numbers are set.

Belongs here: pure readers of the JSON of its REST API. They never raise: a word that we do not know is UNKNOWN, a time
that cannot be read is None, a number that is none is unavailable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from adapters.phone.call import CallStatus
from adapters.phone.twilio_events import parse_caller
from rules.contact import Caller

_STATUSES = {status.value: status for status in CallStatus}
_WHOLE = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """Hold a call, or a leg dialled for one (`parent_sid`), as the provider logged it; times are aware UTC.

    `duration_s` is in seconds, None while it goes on; `inbound` tells that somebody called us.
    """

    sid: str
    parent_sid: str
    inbound: bool
    caller: Caller
    number: str = field(repr=False)
    to: str = field(repr=False)
    status: CallStatus
    started_at: datetime | None
    duration_s: int | None


@dataclass(frozen=True, slots=True)
class LoggedText:
    """Hold a text as the provider logged it; `raw` has its parameters by the names that a webhook gives them."""

    sid: str
    inbound: bool
    sent_at: datetime | None
    raw: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoggedRecording:
    """Hold a recording as the provider logged it; `completed` tells that its sound can be fetched."""

    sid: str
    call_sid: str
    duration_s: int | None
    completed: bool


@dataclass(frozen=True, slots=True)
class Number:
    """Hold one of the account's numbers and the addresses that it is set to, "" where none is.

    Where it has a TwiML app, by `application` for calls and `sms_application` for texts, the app's addresses go for it.
    """

    number: str
    voice_url: str
    voice_method: str
    fallback_url: str
    status_url: str
    sms_url: str
    application: str = ""
    sms_application: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """Hold one TwiML app of the account and the addresses that it is set to, "" where none is."""

    sid: str
    voice_url: str
    voice_method: str
    fallback_url: str
    status_url: str
    sms_url: str


def read_call(told: Mapping[str, Any], region: str = "GB") -> LoggedCall:
    """Read one call of the list of calls."""
    caller, number = parse_caller(_text(told, "from"), region)
    return LoggedCall(
        sid=_text(told, "sid"),
        parent_sid=_text(told, "parent_call_sid"),
        inbound=_text(told, "direction") == "inbound",
        caller=caller,
        number=number,
        to=_text(told, "to"),
        status=_STATUSES.get(_text(told, "status"), CallStatus.UNKNOWN),
        started_at=_moment(_text(told, "start_time")),
        duration_s=_whole(told.get("duration")),
    )


def read_text(told: Mapping[str, Any]) -> LoggedText:
    """Read one text of the list of texts."""
    sid = _text(told, "sid")
    raw = {
        "MessageSid": sid,
        "AccountSid": _text(told, "account_sid"),
        "From": _text(told, "from"),
        "To": _text(told, "to"),
        "Body": _text(told, "body"),
        "NumMedia": _text(told, "num_media"),
        "NumSegments": _text(told, "num_segments"),
    }
    sent = _moment(_text(told, "date_sent")) or _moment(_text(told, "date_created"))
    return LoggedText(sid, _text(told, "direction") == "inbound", sent, raw)


def read_recording(told: Mapping[str, Any]) -> LoggedRecording:
    """Read one recording of the list of recordings."""
    completed = _text(told, "status") == "completed"
    return LoggedRecording(_text(told, "sid"), _text(told, "call_sid"), _whole(told.get("duration")), completed)


def read_number(told: Mapping[str, Any]) -> Number:
    """Read one phone number of the account."""
    return Number(
        number=_text(told, "phone_number"),
        voice_url=_text(told, "voice_url"),
        voice_method=_text(told, "voice_method").upper(),
        fallback_url=_text(told, "voice_fallback_url"),
        status_url=_text(told, "status_callback"),
        sms_url=_text(told, "sms_url"),
        application=_text(told, "voice_application_sid"),
        sms_application=_text(told, "sms_application_sid"),
    )


def read_application(told: Mapping[str, Any]) -> Application:
    """Read one TwiML app of the account."""
    return Application(
        sid=_text(told, "sid"),
        voice_url=_text(told, "voice_url"),
        voice_method=_text(told, "voice_method").upper(),
        fallback_url=_text(told, "voice_fallback_url"),
        status_url=_text(told, "status_callback"),
        sms_url=_text(told, "sms_url"),
    )


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int | None:
    text = str(value)
    return int(text) if _WHOLE.fullmatch(text) else None


def _moment(text: str) -> datetime | None:
    """Read a time as this API writes it (RFC 2822)."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        return None
