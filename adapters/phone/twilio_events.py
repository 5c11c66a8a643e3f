"""Twilio's words for what happens on a call, in ours.

Belongs here: pure readers of a form's parameters. They never raise: a word that we do not know is UNKNOWN, a number
that is none is unavailable, and the payload is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from adapters.phone.call import (
    HERE,
    CallProgress,
    CallStatus,
    DialEnded,
    DialStatus,
    IncomingCall,
    Pressed,
    Recording,
    Turn,
)
from rules import identity
from rules.contact import Caller

_DIAL_STATUSES = {status.value: status for status in DialStatus}
_CALL_STATUSES = {status.value: status for status in CallStatus}
_WHOLE = re.compile(r"[0-9]{1,9}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_LONGEST_ATTESTATION = 64
_MOST_KEYS = 32
_FLAGS = ("person", "limited", "danger", "waits", "told")


def parse_incoming(form: Mapping[str, str], region: str = "GB") -> IncomingCall:
    """Read the webhook of a call that waits for an answer; `region` is the country of numbers without one."""
    caller, number = parse_caller(form.get("From", ""), region)
    return IncomingCall(
        sid=form.get("CallSid", ""),
        account=form.get("AccountSid", ""),
        caller=caller,
        number=number,
        to=form.get("To", ""),
        attestation=form.get("StirVerstat", "")[:_LONGEST_ATTESTATION],
    )


def parse_caller(given: str, region: str = "GB") -> tuple[Caller, str]:
    """Say what the network told of the caller, with the number in E.164, or "" (THREATS T5)."""
    caller, identifier = identity.caller(given, region)
    return caller, identifier.value if identifier else ""


def write_turn(turn: Turn) -> str:
    """Write a turn as the query of an address of ours, "" where it says nothing; `parse_turn` reads it."""
    said = {"lang": turn.language, "round": str(turn.round) if turn.round != 1 else ""}
    said |= {"warns": str(turn.warns_s) if turn.warns_s else ""}
    said |= {name: "1" for name in _FLAGS if getattr(turn, name)}
    found = {name: value for name, value in said.items() if value}
    return f"?{urlencode(found)}" if found else ""


def parse_turn(query: Mapping[str, str]) -> Turn:
    """Read a turn from the query of a signed address; what is not ours says nothing."""
    language = query.get("lang", "")
    return Turn(
        language=language if _LANGUAGE.fullmatch(language) else "",
        round=_whole(query.get("round")) or 1,
        warns_s=_whole(query.get("warns")) or 0,
        **{name: query.get(name) == "1" for name in _FLAGS},
    )


def parse_pressed(form: Mapping[str, str], turn: Turn = HERE, region: str = "GB") -> Pressed:
    """Read the request that follows keys, for what they were pressed."""
    return Pressed(parse_incoming(form, region), form.get("Digits", "")[:_MOST_KEYS], turn)


def parse_dial_ended(form: Mapping[str, str], turn: Turn = HERE) -> DialEnded:
    """Read the request for what follows a <Dial>."""
    return DialEnded(
        sid=form.get("CallSid", ""),
        leg_sid=form.get("DialCallSid", ""),
        status=_DIAL_STATUSES.get(form.get("DialCallStatus", ""), DialStatus.UNKNOWN),
        duration_s=_whole(form.get("DialCallDuration")),
        raw=form,
        turn=turn,
    )


def parse_progress(form: Mapping[str, str], turn: Turn = HERE) -> CallProgress:
    """Read a status callback, of the caller's own call or of the leg that was dialled for it."""
    return CallProgress(
        sid=form.get("CallSid", ""),
        status=_CALL_STATUSES.get(form.get("CallStatus", ""), CallStatus.UNKNOWN),
        duration_s=_whole(form.get("CallDuration")),
        sequence=_whole(form.get("SequenceNumber")),
        raw=form,
        parent_sid=form.get("ParentCallSid", ""),
        turn=turn,
    )


def parse_recording(form: Mapping[str, str], turn: Turn = HERE) -> Recording:
    """Read the request that follows a <Record>."""
    return Recording(
        sid=form.get("CallSid", ""),
        recording_sid=form.get("RecordingSid", ""),
        url=form.get("RecordingUrl", ""),
        duration_s=_whole(form.get("RecordingDuration")),
        turn=turn,
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text and _WHOLE.fullmatch(text) else None
