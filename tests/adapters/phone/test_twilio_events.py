"""Tests of Twilio's words in ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.phone.call import CallStatus, DialStatus, IncomingCall, Recording
from adapters.phone.twilio_events import (
    parse_caller,
    parse_dial_ended,
    parse_incoming,
    parse_progress,
    parse_recording,
)
from rules.contact import Caller
from tests.adapters.phone.office import ACCOUNT, CALL, SID

NUMBER, WITHHELD, UNAVAILABLE, ODD = Caller


@pytest.mark.parametrize(
    ("given_as", "caller", "number"),
    [
        pytest.param("+441632960001", NUMBER, "+441632960001", id="a number in E.164"),
        pytest.param(" +441632960001", NUMBER, "+441632960001", id="a number with a space in front"),
        pytest.param("441632960001", NUMBER, "+441632960001", id="a number that lost its plus"),
        pytest.param("01632 960001", NUMBER, "+441632960001", id="a number of the office's own country"),
        pytest.param("+4401632960001", NUMBER, "+441632960001", id="a number with the trunk nought left in"),
        pytest.param("+447700900001", NUMBER, "+447700900001", id="a mobile number"),
        pytest.param("+12025550143", NUMBER, "+12025550143", id="a number of another country"),
        pytest.param("anonymous", WITHHELD, "", id="the word anonymous"),
        pytest.param("ANONYMOUS", WITHHELD, "", id="anonymous in capitals, as since 2022"),
        pytest.param("Restricted", WITHHELD, "", id="the word restricted"),
        pytest.param("Blocked", WITHHELD, "", id="the word blocked"),
        pytest.param("Private", WITHHELD, "", id="the word private"),
        pytest.param("+266696687", WITHHELD, "", id="ANONYMOUS on a keypad"),
        pytest.param("266696687", WITHHELD, "", id="ANONYMOUS on a keypad without the plus"),
        pytest.param("+7378742833", WITHHELD, "", id="RESTRICTED on a keypad"),
        pytest.param("+2562533", WITHHELD, "", id="BLOCKED on a keypad"),
        pytest.param("+464", WITHHELD, "", id="Twilio's number for no caller id"),
        pytest.param("sip:anonymous@anonymous.invalid", WITHHELD, "", id="anonymous by RFC 3323"),
        pytest.param("+8656696", UNAVAILABLE, "", id="UNKNOWN on a keypad"),
        pytest.param("+86282452253", UNAVAILABLE, "", id="UNAVAILABLE on a keypad"),
        pytest.param("unknown", UNAVAILABLE, "", id="the word unknown"),
        pytest.param("Unavailable", UNAVAILABLE, "", id="the word unavailable"),
        pytest.param("", UNAVAILABLE, "", id="nothing"),
        pytest.param("  ", UNAVAILABLE, "", id="nothing but spaces"),
        pytest.param("client:reception", ODD, "", id="a browser phone"),
        pytest.param("client:anonymous", ODD, "", id="a browser phone of that name"),
        pytest.param("client:+441632960001", ODD, "", id="a browser phone that calls itself a number"),
        pytest.param("sip:someone@pbx.example.org", ODD, "", id="a SIP address"),
        pytest.param("sip:+441632960001@pbx.example.org", ODD, "", id="a SIP address with a number in it"),
        pytest.param("+999", ODD, "", id="a number that cannot be"),
        pytest.param("+44163296000100000", ODD, "", id="a number with too many digits"),
        pytest.param("+" + "4" * 500, ODD, "", id="five hundred digits"),
        pytest.param("+44 1632 960001 ext. 9", ODD, "", id="an extension"),
        pytest.param("+٤٤١٦٣٢٩٦٠٠٠١", ODD, "", id="digits of another script"),
        pytest.param("+44<Say>", ODD, "", id="markup"),
    ],
)
def test_what_the_network_says_of_a_caller(given_as, caller, number):
    """A caller is a number in E.164, or withheld, unavailable or odd, and never an exception."""
    assert parse_caller(given_as) == (caller, number)


@given(st.dictionaries(st.sampled_from([*CALL, "SequenceNumber", "DialCallDuration"]), st.text(st.characters())))
def test_no_form_is_an_exception(form):
    """Whatever text stands in the parameters, each reader gives a value."""
    assert parse_incoming(form).sid == form.get("CallSid", "")
    assert parse_dial_ended(form).raw == parse_progress(form).raw == form
    assert parse_recording(form).sid == form.get("CallSid", "")


def test_an_incoming_call_is_read():
    """Sid, account, caller, line and attestation are those of the webhook."""
    call = parse_incoming(CALL | {"StirVerstat": "TN-Validation-Passed-A"})
    assert call == IncomingCall(SID, ACCOUNT, Caller.NUMBER, "+441632960001", "+441632960100", "TN-Validation-Passed-A")


@pytest.mark.parametrize(
    ("word", "status", "answered"),
    [
        ("completed", DialStatus.COMPLETED, True),
        ("answered", DialStatus.ANSWERED, True),
        ("busy", DialStatus.BUSY, False),
        ("no-answer", DialStatus.NO_ANSWER, False),
        ("failed", DialStatus.FAILED, False),
        ("canceled", DialStatus.CANCELED, False),
        ("cancelled", DialStatus.UNKNOWN, False),
        ("", DialStatus.UNKNOWN, False),
    ],
)
def test_how_a_connection_ended(word, status, answered):
    """Twilio's words become ours, one that we do not know is UNKNOWN, and the payload is kept."""
    form = {"CallSid": SID, "DialCallSid": "CA2", "DialCallStatus": word, "DialCallDuration": "61"}
    ended = parse_dial_ended(form)
    assert (ended.sid, ended.leg_sid, ended.status, ended.duration_s) == (SID, "CA2", status, 61)
    assert ended.status.answered is answered
    assert ended.raw == form


@pytest.mark.parametrize(
    ("word", "status", "final"),
    [
        ("queued", CallStatus.QUEUED, False),
        ("initiated", CallStatus.INITIATED, False),
        ("ringing", CallStatus.RINGING, False),
        ("in-progress", CallStatus.IN_PROGRESS, False),
        ("completed", CallStatus.COMPLETED, True),
        ("busy", CallStatus.BUSY, True),
        ("no-answer", CallStatus.NO_ANSWER, True),
        ("failed", CallStatus.FAILED, True),
        ("canceled", CallStatus.CANCELED, True),
        ("paused", CallStatus.UNKNOWN, False),
    ],
)
def test_how_far_a_call_has_come(word, status, final):
    """Twilio's words become ours, with what tells late and repeated reports apart."""
    report = parse_progress({"CallSid": SID, "CallStatus": word, "SequenceNumber": "3", "CallDuration": "95"})
    assert (report.status, report.status.final, report.sequence, report.duration_s) == (status, final, 3, 95)
    assert report.call_sid == SID


def test_a_report_on_the_leg_that_we_dialled_names_the_callers_call():
    """The leg has a sid of its own; the call it belongs to is the one that was decided."""
    report = parse_progress({"CallSid": "CA2", "ParentCallSid": SID, "CallStatus": "in-progress"})
    assert (report.sid, report.call_sid, report.sequence, report.duration_s) == ("CA2", SID, None, None)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e3", "٣", "0x10", " 1", "9" * 5000])
def test_a_duration_that_is_no_number_is_not_known(text):
    """What is no plain number of seconds is None, not a guess."""
    assert parse_dial_ended({"DialCallDuration": text}).duration_s is None


def test_a_recording_is_read():
    """Where the message lies is told as claimed."""
    form = {
        "CallSid": SID,
        "RecordingSid": "RE1",
        "RecordingUrl": "https://api.example.org/RE1",
        "RecordingDuration": "12",
    }
    assert parse_recording(form) == Recording(SID, "RE1", "https://api.example.org/RE1", 12)


def test_no_number_is_in_any_repr():
    """An event that lands in a log shows neither the number nor the payload."""
    events = [parse_incoming(CALL), parse_dial_ended(CALL), parse_progress(CALL)]
    assert not any("1632960001" in repr(event) for event in events)
