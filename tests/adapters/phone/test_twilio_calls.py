"""Tests of the door: who is heard, what Twilio gets when we fail, and that nothing is a 500."""

from __future__ import annotations

import asyncio
import http.client
import socket
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from adapters.phone.call import CallProgress, CallStatus, DialEnded, DialStatus, IncomingCall, Recording
from adapters.phone.twilio_calls import render_fallback
from tests.adapters.phone.office import (
    ACCOUNT,
    CALL,
    DOCUMENT,
    SETTINGS,
    SID,
    TOKEN,
    FakeCalls,
    application,
    client,
    headers,
    post,
    signature,
)

PATHS = ["/calls", "/calls/dial", "/calls/status", "/calls/recorded"]
CALLBACKS = PATHS[1:]
BODY = urlencode(CALL)
FORM = "application/x-www-form-urlencoded"


def test_a_call_that_twilio_signed_is_decided():
    """The gateway hears the call, and its document goes back as XML, byte for byte."""
    calls = FakeCalls()
    answer = post(client(calls), "/calls")
    assert (answer.status_code, answer.content) == (200, DOCUMENT.encode())
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert [(call.sid, call.account, call.number) for call in calls.heard] == [(SID, ACCOUNT, "+441632960001")]


@pytest.mark.parametrize(
    ("path", "params", "event", "status"),
    [
        pytest.param("/calls", {}, IncomingCall, 200, id="a call"),
        pytest.param("/calls/dial", {"DialCallStatus": "completed"}, DialEnded, 200, id="the end of a connection"),
        pytest.param("/calls/status", {"SequenceNumber": "0"}, CallProgress, 204, id="a report"),
        pytest.param("/calls/recorded", {"RecordingSid": "RE1"}, Recording, 200, id="a message that was left"),
    ],
)
def test_each_address_tells_the_gateway_its_event(path, params, event, status):
    """Every webhook becomes its value, and a report needs no document."""
    calls = FakeCalls()
    assert post(client(calls), path, **params).status_code == status
    assert [type(heard) for heard in calls.heard] == [event]


def test_repeated_and_late_callbacks_are_passed_on_with_what_tells_them_apart():
    """The door keeps nothing: the gateway sees every report with its sequence and status (THREATS T2)."""
    calls = FakeCalls()
    with client(calls) as twilio:
        for status, sequence in [("completed", "3"), ("in-progress", "2"), ("completed", "3")]:
            post(twilio, "/calls/status", CallStatus=status, SequenceNumber=sequence, CallDuration="40")
        post(twilio, "/calls/dial", DialCallSid="CA2", DialCallStatus="no-answer")
    *reports, ended = calls.heard
    assert [(report.sequence, report.status) for report in reports] == [
        (3, CallStatus.COMPLETED),
        (2, CallStatus.IN_PROGRESS),
        (3, CallStatus.COMPLETED),
    ]
    assert (ended.leg_sid, ended.status, ended.duration_s) == ("CA2", DialStatus.NO_ANSWER, None)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", list(CALL))
def test_a_changed_parameter_is_refused(path, name):
    """Each parameter is under the signature, whatever is done to it."""
    calls = FakeCalls()
    signed = headers(path, BODY)
    changes = [
        CALL | {name: CALL[name] + "0"},
        {key: value for key, value in CALL.items() if key != name},
        CALL | {name + "x": "1"},
        {key + "x" * (key == name): value for key, value in CALL.items()},
    ]
    with client(calls) as twilio:
        answers = [twilio.post(path, content=urlencode(form), headers=signed) for form in changes]
        answers.append(twilio.post(path, content=f"{BODY}&{name}=another", headers=signed))
    assert [answer.status_code for answer in answers] == [403] * 5
    assert calls.heard == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/calls?a=1", 403, id="a query more"),
        pytest.param("/calls/status", 403, id="the address of another webhook"),
        pytest.param("/c%61lls", 403, id="the same path, written otherwise"),
        pytest.param("//calls", 404, id="two slashes"),
        pytest.param("/calls/", 404, id="a slash behind"),
        pytest.param("/CALLS", 404, id="capitals"),
    ],
)
def test_a_changed_address_is_refused(path, status):
    """What was signed for /calls is good for nothing else."""
    calls = FakeCalls()
    answer = client(calls).post(path, content=BODY, headers=headers("/calls", BODY), follow_redirects=False)
    assert (answer.status_code, calls.heard) == (status, [])


def test_a_query_that_was_signed_is_heard():
    """An office may add a query to the address that it gives Twilio."""
    assert post(client(FakeCalls()), "/calls?office=a%20b&x=%2F").status_code == 200


@pytest.mark.parametrize("host", ["evil.example.org", "calls.example.org:1", "", "a b", "[::"])
def test_the_host_header_does_not_matter(host):
    """The address is the configured one: a proxy's Host changes nothing, nor does a stranger's (THREATS T1)."""
    calls = FakeCalls()
    forged = signature(f"https://{host}/calls", BODY, TOKEN)
    with client(calls) as twilio:
        right = twilio.post("/calls", content=BODY, headers=headers("/calls", BODY) | {"Host": host})
        wrong = twilio.post(
            "/calls", content=BODY, headers={"Content-Type": FORM, "X-Twilio-Signature": forged, "Host": host}
        )
    assert (right.status_code, wrong.status_code, len(calls.heard)) == (200, 403, 1)


@pytest.mark.parametrize(
    "given_signature",
    [
        pytest.param([], id="none"),
        pytest.param([""], id="an empty one"),
        pytest.param(["a" * 28], id="one of the right length"),
        pytest.param(["\xff\xfe"], id="bytes that are no text"),
        pytest.param([signature("https://calls.example.org/calls", BODY, "other")], id="one with another token"),
        pytest.param([signature("https://calls.example.org/calls", BODY)] * 2, id="the right one twice"),
        pytest.param([signature("https://calls.example.org/calls", BODY)[:-1]], id="the right one cut short"),
    ],
)
def test_a_wrong_or_missing_signature_is_refused(given_signature):
    """Without exactly one right signature nobody is heard and nothing is said."""
    calls = FakeCalls()
    fields = [(b"content-type", FORM.encode())]
    fields += [(b"x-twilio-signature", text.encode("latin-1")) for text in given_signature]
    answer = client(calls).post("/calls", content=BODY, headers=fields)
    assert (answer.status_code, answer.content, calls.heard) == (403, b"", [])


@pytest.mark.parametrize("account", ["AC" + "6" * 32, "", ACCOUNT.lower(), ACCOUNT + " "])
def test_another_account_is_refused(account):
    """A request that Twilio signed for another account with our token's help is not ours (THREATS T2)."""
    calls = FakeCalls()
    assert post(client(calls), "/calls", AccountSid=account).status_code == 403
    assert calls.heard == []


@pytest.mark.parametrize("sid", ["", "CA 1", "CA\n1", "../CA1", "C" * 65])
def test_a_call_without_a_proper_id_is_refused(sid):
    """The id is the key of the record and stands in logs: letters and digits only."""
    assert post(client(FakeCalls()), "/calls", CallSid=sid).status_code == 403


@pytest.mark.parametrize("name", ["AccountSid", "CallSid", "From"])
def test_two_values_for_what_we_act_on_are_refused(name):
    """Even signed: which of the two would be meant?"""
    body = f"{BODY}&{name}=another"
    calls = FakeCalls()
    assert client(calls).post("/calls", content=body, headers=headers("/calls", body)).status_code == 403
    assert calls.heard == []


@pytest.mark.parametrize("more", ["&Unread=1&Unread=2", f"&CallSid={SID}", "&Empty=", "&Unread", "&%C5%B5=%C5%B5"])
def test_signed_oddities_that_change_nothing_are_heard(more):
    """Twilio adds parameters without notice; they are signed, and nobody reads them."""
    assert client(FakeCalls()).post("/calls", content=BODY + more, headers=headers("/calls", BODY + more)).is_success


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        pytest.param(b"", FORM, 403, id="empty"),
        pytest.param(b"\xff\xfe\x00", FORM, 403, id="not UTF-8"),
        pytest.param(b"From=%FF%FE", FORM, 403, id="not UTF-8 behind percent signs"),
        pytest.param(b"From=%ED%A0%80", FORM, 403, id="a surrogate behind percent signs"),
        pytest.param(b"%zz=%&=&&==&%", FORM, 403, id="broken percent signs"),
        pytest.param(b"&" * 60_000, FORM, 403, id="too many parameters"),
        pytest.param(b"a" * 70_000, FORM, 413, id="too large"),
        pytest.param(b"{}", "application/json", 415, id="JSON"),
        pytest.param(BODY.encode(), "", 415, id="no content type"),
        pytest.param(BODY.encode(), "text/plain", 415, id="plain text"),
        pytest.param(BODY.encode(), f"{FORM}x", 415, id="almost a form"),
        pytest.param(BODY.encode(), f"{FORM.upper()} ; charset=x", 200, id="a form in capitals"),
    ],
)
def test_bodies_that_are_no_form(content, kind, status):
    """Each is refused with its status and an empty body, and never an exception."""
    answer = client(FakeCalls()).post(
        "/calls", content=content, headers=headers("/calls", BODY) | {"Content-Type": kind}
    )
    assert answer.status_code == status
    assert status == 200 or answer.content == b""


@pytest.mark.parametrize(
    ("signed", "sent"),
    [
        pytest.param("&A=%EF%BF%BD", "&A=%FF", id="bytes that would be read as the sign for unreadable ones"),
        pytest.param("".join(f"&a{n}=1" for n in range(300)), None, id="three hundred parameters"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused_though_its_signature_fits(signed, sent):
    """What is not UTF-8 is not replaced by something that is, and nobody has to sort a pile of parameters."""
    body = BODY + (signed if sent is None else sent)
    answer = client(FakeCalls()).post("/calls", content=body, headers=headers("/calls", BODY + signed))
    assert answer.status_code == 403


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_post_is_heard(method, path):
    """Twilio posts; everything else is 405."""
    assert client(FakeCalls()).request(method, path, headers=headers(path, "")).status_code == 405


@pytest.mark.parametrize(
    "fault", [RuntimeError("+441632960001 broke it"), TimeoutError(), OSError(28, "disk full"), KeyError("x")]
)
def test_our_own_fault_puts_the_caller_through(fault):
    """An incoming call gets the fallback with status 200, and never a refusal (THREATS T4)."""
    with capture_logs() as logs:
        answer = post(client(FakeCalls(fault=fault)), "/calls")
    assert (answer.status_code, answer.text) == (200, render_fallback(SETTINGS))
    assert [(log["event"], log["call"], log["fault"]) for log in logs] == [("call_fault", SID, type(fault).__name__)]
    assert "1632960" not in str(logs)


@pytest.mark.parametrize("path", CALLBACKS)
def test_our_own_fault_in_a_callback_is_503(path):
    """Twilio is told to come again, and learns nothing."""
    answer = post(client(FakeCalls(fault=RuntimeError("secret"))), path)
    assert (answer.status_code, answer.content) == (503, b"")


def test_a_document_that_cannot_be_sent_is_our_fault_too():
    """A lone surrogate cannot be put on the wire: the caller is put through."""
    assert post(client(FakeCalls("\ud800")), "/calls").text == render_fallback(SETTINGS)


class SlowCalls(FakeCalls):
    """Never comes to an answer."""

    async def incoming(self, call) -> str:
        await asyncio.Event().wait()
        return ""


def test_an_answer_that_takes_too_long_puts_the_caller_through():
    """Twilio waits 15 seconds in all; we stop before that (THREATS T4)."""
    assert post(client(SlowCalls(), answer_within_s=0.05), "/calls").text == render_fallback(SETTINGS)


def test_a_run_of_refusals_alarms_once():
    """Five in a row are said once, with no content; a good request ends the run, and the next run is said again."""
    with capture_logs() as logs, client(FakeCalls()) as twilio:
        for _ in range(7):
            twilio.post("/calls", content=BODY, headers={"Content-Type": FORM})
        assert [log["event"] for log in logs] == ["twilio_refused_in_a_row"]
        post(twilio, "/calls")
        for _ in range(5):
            twilio.post("/calls", content=BODY, headers={"Content-Type": FORM, "X-Twilio-Signature": "x"})
    assert [(log["run"], log["last"]) for log in logs] == [(5, "no signature"), (5, "signature")]
    assert "1632960" not in str(logs)


def test_both_tokens_are_good_while_one_replaces_the_other():
    """The old token stays valid until it is taken out of the configuration."""
    with client(FakeCalls(), auth_tokens=("old", "new")) as twilio:
        answers = [
            twilio.post("/calls", content=BODY, headers=headers("/calls", BODY, token)).status_code
            for token in ("old", "new", TOKEN)
        ]
    assert answers == [200, 200, 403]


@pytest.mark.parametrize("base", ["https://calls.example.org:443", "https://calls.example.org"])
def test_the_default_port_may_be_signed_or_not(base):
    """Twilio is not consistent about it, and its own library tries both."""
    assert client(FakeCalls()).post("/calls", content=BODY, headers=headers("/calls", BODY, base=base)).is_success


def test_a_proxy_may_put_a_path_in_front():
    """What a root path adds is not part of what stands behind the public address."""
    app = application(FakeCalls(), public_url="https://www.example.org/parley")

    async def mounted(scope, receive, send):
        scope = scope | {"root_path": "/parley", "path": "/parley/calls", "raw_path": b"/parley/calls"}
        await app(scope, receive, send)

    assert (
        asyncio.run(_ask(mounted, BODY.encode(), headers("/calls", BODY, base="https://www.example.org/parley"))) == 200
    )


async def _ask(app, body: bytes, fields: dict[str, str], path: bytes = b"/calls", query: bytes = b"") -> int:
    """Post straight to an ASGI application, and give the status."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields.items()],
    }
    await app(scope, receive, send)
    return sent[0]["status"]


_LATIN = st.text(st.characters(max_codepoint=255), max_size=30)


@given(st.binary(max_size=200), _LATIN, _LATIN, st.sampled_from(PATHS), st.binary(max_size=20))
def test_nothing_that_a_stranger_sends_is_a_500(body, signed, kind, path, query):
    """Any bytes as body, signature, content type and query are refused."""
    fields = {"Content-Type": kind or FORM, "X-Twilio-Signature": signed}
    assert asyncio.run(_ask(application(FakeCalls()), body, fields, path.encode(), query)) in (403, 415)


@settings(max_examples=50)
@given(st.dictionaries(st.text(max_size=5) | st.sampled_from(list(CALL)), st.text(max_size=10)), st.sampled_from(PATHS))
def test_nothing_that_twilio_signs_is_a_500(params, path):
    """Any signed text is heard or refused."""
    body = urlencode(CALL | params)
    status = asyncio.run(_ask(application(FakeCalls()), body.encode(), headers(path, body), path.encode()))
    assert status in (200, 204, 403)


def test_a_caller_who_goes_away_mid_body_harms_nobody():
    """A connection lost before the body is whole is refused, not raised."""

    async def gone():
        return {"type": "http.disconnect"}

    async def scenario():
        app = application(FakeCalls())
        return await _ask(lambda scope, _receive, send: app(scope, gone, send), b"", {"Content-Type": FORM})

    assert asyncio.run(scenario()) == 400


def test_over_a_real_server(serving):
    """A signed call through uvicorn gets its document; hostile bytes get no 5xx, and the next call is fine."""
    calls = FakeCalls()
    with serving(application(calls, body_within_s=0.2)) as port:
        assert _call(port) == (200, DOCUMENT.encode())
        for hostile in _HOSTILE:
            reply = _raw(port, hostile)
            assert reply == b"" or 400 <= int(reply.split()[1]) < 500, hostile
        assert _call(port) == (200, DOCUMENT.encode())
    assert len(calls.heard) == 2


_HEAD = b"POST /calls HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
_HOSTILE = [
    _HEAD + b"Content-Length: 5\r\n\r\na=%ff",
    _HEAD + b"Content-Length: 5\r\n\r\n\x00\xff\xfe\r\n",
    _HEAD + b"Content-Length: 100\r\n\r\nFrom=",  # and then nothing more
    _HEAD + b"Content-Length: -1\r\n\r\n",
    _HEAD + b"Content-Length: 99999999999\r\n\r\n" + b"a" * 80_000,
    _HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"ffff\r\n" + b"a" * 0xFFFF + b"\r\n" + b"ff\r\n" + b"a" * 0xFF,
    _HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    _HEAD + b"X-Twilio-Signature: \xff\x80\r\nContent-Length: 0\r\n\r\n",
    _HEAD + b"X-Twilio-Signature: a\r\nX-Twilio-Signature: b\r\nContent-Length: 0\r\n\r\n",
    b"POST /calls?%ff=\xff HTTP/1.1\r\nHost: \xff\r\n\r\n",
    b"POST http://evil.example.org/calls HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /calls\x00 HTTP/1.1\r\n\r\n",
    b"GET /calls HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x16\x03\x01\x00\xa5\x01\x00",
]


def _call(port: int) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/calls", BODY, headers("/calls", BODY))
    answer = connection.getresponse()
    try:
        return answer.status, answer.read()
    finally:
        connection.close()


def _raw(port: int, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        try:
            connection.sendall(data)
            return connection.recv(4096)
        except ConnectionError:  # it hung up on us before we had said everything
            return b""


def test_the_form_is_read_as_the_oracle_reads_it():
    """What stands behind percent signs and pluses arrives as text."""
    calls = FakeCalls()
    body = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in parse_qsl(BODY)) + "&StirVerstat=a+b%20c"
    assert client(calls).post("/calls", content=body, headers=headers("/calls", body)).is_success
    assert calls.heard[0].attestation == "a b c"
