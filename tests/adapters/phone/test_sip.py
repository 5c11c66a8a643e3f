"""Tests of the door for a PBX: who is heard, what is a mistake of the PBX, what is never one, and no 500."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from adapters.phone import sip
from adapters.phone.call import Spoken
from adapters.phone.sip import NotClear, SipAnswer, SipEnded, SipSettings, parse_question, render_decision
from gateway.wrong_tokens import WrongTokens
from rules.contact import Caller
from rules.decision import Outcome

OLD, NEW = "a" * 32, "b" * 32
QUESTION = {"call_id": "7f1c", "from": "01632 960001", "to": "+441632960100", "attestation": "TN-Validation-Passed-A"}
OVER = {"call_id": "7f1c", "answered": True, "duration_s": 312}
DOCUMENT = '{"outcome": "connect"}'


class FakeCalls:
    """Hears everything and says the same of every call, or raises what it is given."""

    def __init__(self, *, known=True, fault=None):
        self.heard = []
        self._known, self._fault = known, fault

    async def decide(self, call):
        self.heard.append(call)
        if self._fault:
            raise self._fault
        return DOCUMENT

    async def ended(self, ended):
        await self.decide(ended)
        return self._known


class Clock:
    """Tells the time that a test chose."""

    at = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)

    def __call__(self):
        return self.at


def client(calls, clock=None, **changes):
    """Give the door as a program would serve it, without a token."""
    opening = SipSettings((NEW, OLD), **changes)
    return TestClient(Starlette(routes=sip.routes(opening, calls, WrongTokens(clock or Clock()))))


def bearer(token=NEW):
    """Give the headers of one who has a token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("token", [NEW, OLD], ids=["the new token", "the old one, while it is changed"])
def test_a_question_with_a_token_is_answered(token):
    """The gateway hears the call in our own terms, and its answer goes back byte for byte."""
    calls = FakeCalls()
    answer = client(calls).post(sip.DECIDE, json=QUESTION, headers=bearer(token))
    assert (answer.status_code, answer.text) == (200, DOCUMENT)
    (call,) = calls.heard
    assert (call.sid, call.caller, call.number, call.to) == (
        "sip:7f1c",
        Caller.NUMBER,
        "+441632960001",
        "+441632960100",
    )
    assert call.attestation == "TN-Validation-Passed-A"


def test_the_end_of_a_call_is_passed_on():
    """What the PBX says of it becomes our value, and an empty object says that it was heard."""
    calls = FakeCalls()
    answer = client(calls).post(sip.ENDED, json=OVER, headers=bearer())
    assert (answer.status_code, answer.json()) == (200, {})
    assert calls.heard == [SipEnded("sip:7f1c", True, 312)]


def test_the_end_of_a_call_that_nobody_asked_about():
    """It is a 404 with a sentence, upon which a PBX need not say it again."""
    answer = client(FakeCalls(known=False)).post(sip.ENDED, json=OVER, headers=bearer())
    assert answer.status_code == 404
    assert "asked about" in answer.json()["error"]


STRANGERS = {
    "no token": {},
    "an empty one": {"Authorization": "Bearer "},
    "another": {"Authorization": f"Bearer {'c' * 32}"},
    "one sign less": {"Authorization": f"Bearer {NEW[1:]}"},
    "another scheme": {"Authorization": f"Basic {NEW}"},
    "no ASCII": {"Authorization": b"Bearer \xff\xfe"},
}


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS)
@pytest.mark.parametrize("path", [sip.DECIDE, sip.ENDED])
def test_a_stranger_is_not_heard(path, headers):
    """Without a valid token it is 401, and the gateway hears nothing."""
    calls = FakeCalls()
    answer = client(calls).post(path, json=QUESTION, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert calls.heard == []


def test_two_tokens_at_once_open_nothing():
    """A second Authorization field is nobody's honest request."""
    headers = [("Authorization", f"Bearer {NEW}"), ("Authorization", f"Bearer {OLD}")]
    assert client(FakeCalls()).post(sip.DECIDE, json=QUESTION, headers=headers).status_code == 401


def test_wrong_tokens_are_put_off_and_right_ones_never():
    """After ten wrong ones in a minute the rest is 429, and the PBX itself is answered as ever."""
    clock = Clock()
    asking = client(FakeCalls(), clock)
    codes = [asking.post(sip.DECIDE, json=QUESTION, headers=bearer("c" * 32)).status_code for _ in range(12)]
    assert codes == [401] * 10 + [429] * 2
    assert asking.post(sip.DECIDE, json=QUESTION, headers=bearer()).status_code == 200
    clock.at += timedelta(minutes=1)
    assert asking.post(sip.DECIDE, json=QUESTION).status_code == 401


MISTAKES = {
    "no JSON": (400, b"from=1"),
    "nested past all reason": (400, b"[" * 16_000),
    "no UTF-8": (400, b'{"call_id": "\xff"}'),
    "a list": (422, b"[]"),
    "no call_id": (422, json.dumps(QUESTION | {"call_id": None}).encode()),
    "a call_id with a blank": (422, json.dumps(QUESTION | {"call_id": "a b"}).encode()),
    "a call_id that is too long": (422, json.dumps(QUESTION | {"call_id": "a" * 201}).encode()),
    "a number in from": (422, json.dumps(QUESTION | {"from": 441632960001}).encode()),
    "no from": (422, json.dumps({"call_id": "1", "to": ""}).encode()),
    "no to": (422, json.dumps({"call_id": "1", "from": ""}).encode()),
    "too large": (413, b" " * 16_385),
}


@pytest.mark.parametrize(("status", "body"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_of_the_pbx_is_a_sentence(status, body):
    """It is a 4xx that tells whoever set the PBX up what to mend; the gateway hears nothing."""
    calls = FakeCalls()
    headers = bearer() | {"Content-Type": "application/json"}
    answer = client(calls).post(sip.DECIDE, content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")
    assert calls.heard == []


ENDINGS = {
    "a word for true": {"answered": "yes"},
    "no answered": {"answered": None},
    "half a second": {"duration_s": 0.5},
    "less than nothing": {"duration_s": -1},
    "more than a week": {"duration_s": 604_801},
    "true for a number": {"duration_s": True},
    "a date in words": {"at": "2026-03-09"},
    "a time of no call": {"at": 99_999_999_999},
    "half a question": {"to": "+441632960100"},
}


@pytest.mark.parametrize("change", ENDINGS.values(), ids=ENDINGS)
def test_an_ending_that_is_not_clear(change):
    """Nothing is settled by what is not clear."""
    calls = FakeCalls()
    assert client(calls).post(sip.ENDED, json=OVER | change, headers=bearer()).status_code == 422
    assert calls.heard == []


def test_forms_are_not_json():
    """Another content type is 415, and what is no POST is not there."""
    asking = client(FakeCalls())
    assert asking.post(sip.DECIDE, data=QUESTION, headers=bearer()).status_code == 415
    assert asking.get(sip.DECIDE, headers=bearer()).status_code == 405


CALLERS = {
    "a whole number": ("+441632960001", Caller.NUMBER, "+441632960001"),
    "as it is dialled at home": ("01632960001", Caller.NUMBER, "+441632960001"),
    "withheld": ("anonymous", Caller.WITHHELD, ""),
    "unavailable": ("unavailable", Caller.UNAVAILABLE, ""),
    "nothing": ("", Caller.UNAVAILABLE, ""),
    "null": (None, Caller.UNAVAILABLE, ""),
    "a name": ("reception", Caller.ODD, ""),
    "no end of digits": ("0" * 5000, Caller.ODD, ""),
    "half a character": ("\ud800", Caller.UNAVAILABLE, ""),
}


@pytest.mark.parametrize(("written", "caller", "number"), CALLERS.values(), ids=CALLERS)
def test_whatever_a_caller_chose_is_taken(written, caller, number):
    """A caller cannot bring about a 4xx, upon which the PBX would put the call through unasked (THREATS T4, T5)."""
    call = parse_question(QUESTION | {"from": written, "to": written})
    assert (call.caller, call.number) == (caller, number)
    assert len(call.to) <= 320
    assert call.to.isprintable()


@given(st.text(), st.text(), st.text())
@settings(max_examples=50)
def test_no_text_of_a_caller_is_refused(written, dialled, attestation):
    """Any text at all is a call that can be decided on."""
    call = parse_question({"call_id": "1", "from": written, "to": dialled, "attestation": attestation})
    assert (call.caller is Caller.NUMBER) == bool(call.number)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner)))
@settings(max_examples=30)
def test_no_json_at_all_is_a_fault_of_ours(given_value):
    """Whatever JSON a PBX sends is a call or a sentence."""
    for about in (given_value, {"call_id": given_value, "from": given_value, "to": given_value}):
        try:
            parse_question(about)
        except NotClear as fault:
            assert str(fault).endswith(".")


@pytest.mark.parametrize("path", [sip.DECIDE, sip.ENDED])
def test_our_own_fault_is_503(path):
    """A fault, and an answer that takes too long, are 503 with a sentence; the log has no number (THREATS T4)."""
    calls = FakeCalls(fault=OSError("+441632960001"))
    with capture_logs() as said:
        answer = client(calls).post(path, json=QUESTION | OVER, headers=bearer())
    assert answer.status_code == 503
    assert "put the call through" in answer.json()["error"]
    assert [line["event"] for line in said] == ["sip_fault"]
    assert "960001" not in str(said)


ANSWERS = {
    "put through": (SipAnswer(Outcome.CONNECT, "c1"), {"outcome": "connect"}),
    "for three seconds": (SipAnswer(Outcome.CONNECT, "c1", limit_s=3), {"outcome": "connect", "limit_s": 3}),
    "to a named person": (
        SipAnswer(Outcome.ROUTE, "c1", target="+441632960555"),
        {"outcome": "connect", "target": "+441632960555"},
    ),
    "refused": (SipAnswer(Outcome.REFUSE, "c1", sip.BUSY), {"outcome": "refuse", "status": 486}),
    "the recorded line": (
        SipAnswer(Outcome.AUTOMATED_LINE, "c1", sip.DECLINE, said=Spoken("Please write.")),
        {"outcome": "automated_line", "status": 603, "announcement": "automated_line", "say": "Please write."},
    ),
    "the recorded line, and a person for who stays": (
        SipAnswer(Outcome.AUTOMATED_LINE, "c1", sip.DECLINE, person=True),
        {"outcome": "automated_line", "status": 603, "announcement": "automated_line_then_person"},
    ),
    "a recording": (
        SipAnswer(
            Outcome.VOICEMAIL, "c1", sip.DECLINE, said=Spoken(play="https://office.example.org/a.wav", language="cy-GB")
        ),
        {
            "outcome": "voicemail",
            "status": 603,
            "announcement": "voicemail",
            "play": "https://office.example.org/a.wav",
            "language": "cy-GB",
        },
    ),
}


@pytest.mark.parametrize(("answer", "fields"), ANSWERS.values(), ids=ANSWERS)
def test_every_answer_has_every_field(answer, fields):
    """What does not apply is null, so that a PBX reads one form."""
    names = ("outcome", "status", "target", "limit_s", "announcement", "say", "play", "language")
    assert json.loads(render_decision(answer)) == {"id": "c1"} | dict.fromkeys(names) | fields


def test_the_page_names_every_field():
    """What deploy/kamailio.md says of questions and answers has every field that there is."""
    page = (Path(__file__).parents[3] / "deploy" / "kamailio.md").read_text("utf-8")
    fields = {*json.loads(render_decision(SipAnswer(Outcome.CONNECT, "c1"))), *QUESTION, *OVER, "at"}
    assert [name for name in sorted(fields) if not re.search(rf"^\|.*`{name}`.*\|", page, re.MULTILINE)] == []
