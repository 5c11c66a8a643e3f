"""Twilio's words for what happens on a call, in ours.

Belongs here: pure readers of a form's parameters. They never raise: a word that we do not know is UNKNOWN, a number
that is none is unavailable, and the payload is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from adapters.phone.call import CallProgress, CallStatus, DialEnded, DialStatus, IncomingCall, Recording
from rules import identity
from rules.contact import Caller

# What carriers and Twilio write where a number is missing, as a word or spelt on a keypad (its changelog of
# 16 November 2022 goes from digits to words; both are seen).
_NO_NUMBER = {
    "anonymous": Caller.WITHHELD,
    "266696687": Caller.WITHHELD,
    "restricted": Caller.WITHHELD,
    "7378742833": Caller.WITHHELD,
    "blocked": Caller.WITHHELD,
    "2562533": Caller.WITHHELD,
    "private": Caller.WITHHELD,
    "withheld": Caller.WITHHELD,
    "464": Caller.WITHHELD,
    "unknown": Caller.UNAVAILABLE,
    "8656696": Caller.UNAVAILABLE,
    "unavailable": Caller.UNAVAILABLE,
    "86282452253": Caller.UNAVAILABLE,
}
_DIAL_STATUSES = {status.value: status for status in DialStatus}
_CALL_STATUSES = {status.value: status for status in CallStatus}
_LINE_NUMBER = re.compile(r"\+?[0-9 ().-]+")
_WHOLE = re.compile(r"[0-9]{1,9}")
_LONGEST_ATTESTATION = 64


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
    """Say what the network told of the caller, with the number in E.164, or "" (THREATS T5).

    An address (`sip:`, `client:`) is no number; only its word for "anonymous" (RFC 3323) says more than unavailable.
    """
    scheme, _, address = given.strip().lower().rpartition(":")
    word = address.partition("@")[0].removeprefix("+")
    if word in _NO_NUMBER and scheme != "client":
        return _NO_NUMBER[word], ""
    if not _LINE_NUMBER.fullmatch(given.strip()):
        return Caller.UNAVAILABLE, ""
    identifier = identity.phone(given.strip(), region)
    return (Caller.NUMBER, identifier.value) if identifier else (Caller.UNAVAILABLE, "")


def parse_dial_ended(form: Mapping[str, str]) -> DialEnded:
    """Read the request for what follows a <Dial>."""
    return DialEnded(
        sid=form.get("CallSid", ""),
        leg_sid=form.get("DialCallSid", ""),
        status=_DIAL_STATUSES.get(form.get("DialCallStatus", ""), DialStatus.UNKNOWN),
        duration_s=_whole(form.get("DialCallDuration")),
        raw=form,
    )


def parse_progress(form: Mapping[str, str]) -> CallProgress:
    """Read a status callback, of the caller's own call or of the leg that was dialled for it."""
    return CallProgress(
        sid=form.get("CallSid", ""),
        status=_CALL_STATUSES.get(form.get("CallStatus", ""), CallStatus.UNKNOWN),
        duration_s=_whole(form.get("CallDuration")),
        sequence=_whole(form.get("SequenceNumber")),
        raw=form,
        parent_sid=form.get("ParentCallSid", ""),
    )


def parse_recording(form: Mapping[str, str]) -> Recording:
    """Read the request that follows a <Record>."""
    return Recording(
        sid=form.get("CallSid", ""),
        recording_sid=form.get("RecordingSid", ""),
        url=form.get("RecordingUrl", ""),
        duration_s=_whole(form.get("RecordingDuration")),
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text and _WHOLE.fullmatch(text) else None
