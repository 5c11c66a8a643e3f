"""Tests of the door for texts: what it reads, whom it hears, what Twilio gets when we fail."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from adapters.phone.text_message import IncomingText, Wish, parts
from adapters.phone.twilio_texts import parse_text, render_text, text_routes
from rules.contact import Caller
from tests.adapters.phone.office import ACCOUNT, SETTINGS, headers

SID = "SM" + "1" * 32
TEXT = {
    "AccountSid": ACCOUNT,
    "MessageSid": SID,
    "SmsSid": SID,
    "From": "+447700900001",
    "To": "+441632960100",
    "Body": "Good morning",
    "NumMedia": "0",
    "NumSegments": "1",
}
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response />'


class FakeTexts:
    """Hears everything, says the same to everyone, or raises what it is given."""

    def __init__(self, document: str = EMPTY, fault: Exception | None = None) -> None:
        self.heard: list[IncomingText] = []
        self._document, self._fault = document, fault

    async def incoming(self, text: IncomingText) -> str:
        self.heard.append(text)
        if self._fault:
            raise self._fault
        return self._document


def client(texts: FakeTexts) -> TestClient:
    """Give a client that lets no exception pass as an answer."""
    return TestClient(Starlette(routes=text_routes(SETTINGS, texts)), base_url="http://127.0.0.1:8080")


def post(texts: FakeTexts, **changes: str):
    """Post the sample text, signed by Twilio's own library."""
    body = urlencode(TEXT | changes)
    return client(texts).post("/texts", content=body, headers=headers("/texts", body))


def test_a_text_that_twilio_signed_is_heard():
    """The gateway hears the text, and its document goes back as XML, byte for byte."""
    texts = FakeTexts(render_text("Dŵr"))
    answer = post(texts, NumMedia="2")
    assert (answer.status_code, answer.text) == (200, render_text("Dŵr"))
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    (heard,) = texts.heard
    assert (heard.sid, heard.number, heard.to, heard.words, heard.media) == (
        *(SID, "+447700900001", "+441632960100", "Good morning", 2),
    )


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"Body": "Good evening"}, id="other words"),
        pytest.param({"From": "+447700900002"}, id="another sender"),
        pytest.param({"OptOutType": "STOP"}, id="a wish more"),
        pytest.param({"MessageSid": "SM2"}, id="another text"),
    ],
)
def test_a_changed_text_is_refused(changes):
    """Each parameter is under the signature."""
    texts = FakeTexts()
    signed = headers("/texts", urlencode(TEXT))
    answer = client(texts).post("/texts", content=urlencode(TEXT | changes), headers=signed)
    assert (answer.status_code, texts.heard) == (403, [])


@pytest.mark.parametrize("sid", ["", "SM 1", "SM\n1", "S" * 65])
def test_a_text_without_a_proper_id_is_refused(sid):
    """The id is the key of the record and stands in logs: letters and digits only."""
    assert post(FakeTexts(), MessageSid=sid).status_code == 403


def test_a_text_of_another_account_is_refused():
    """Twilio signs for whoever asks it to (THREATS T2)."""
    assert post(FakeTexts(), AccountSid="AC" + "6" * 32).status_code == 403


@pytest.mark.parametrize("name", ["From", "Body", "OptOutType"])
def test_two_values_for_what_we_act_on_are_refused(name):
    """Even signed: which of the two would be meant?"""
    texts = FakeTexts()
    body = f"{urlencode(TEXT | {name: 'one'})}&{name}=another"
    assert client(texts).post("/texts", content=body, headers=headers("/texts", body)).status_code == 403
    assert texts.heard == []


def test_our_own_fault_is_503_and_says_nothing():
    """Twilio is told to go to its fallback; neither it nor the log learns the number or the words."""
    with capture_logs() as logs:
        answer = post(FakeTexts(fault=RuntimeError("+447700900001 wrote Good morning")))
    assert (answer.status_code, answer.content) == (503, b"")
    assert [(log["event"], log["text"], log["fault"]) for log in logs] == [("text_fault", SID, "RuntimeError")]
    assert "900001" not in str(logs) and "morning" not in str(logs)


@pytest.mark.parametrize(
    ("sender", "caller", "number"),
    [
        pytest.param("+447700900001", Caller.NUMBER, "+447700900001", id="a mobile phone"),
        pytest.param("07700900001", Caller.NUMBER, "+447700900001", id="one without its country"),
        pytest.param("60006", Caller.ODD, "", id="a short code"),
        pytest.param("BigBank", Caller.ODD, "", id="a name"),
        pytest.param("+44BANK", Caller.ODD, "", id="a name that begins as a number"),
        pytest.param("whatsapp:+447700900001", Caller.ODD, "", id="another service"),
        pytest.param("Anonymous", Caller.WITHHELD, "", id="withheld"),
        pytest.param("", Caller.UNAVAILABLE, "", id="nothing"),
    ],
)
def test_who_sent_it(sender, caller, number):
    """Only a number is taken for one; a short code or a name is nobody's."""
    read = parse_text(TEXT | {"From": sender})
    assert (read.caller, read.number, read.shown) == (caller, number, sender)


@pytest.mark.parametrize(
    ("words", "told", "wish"),
    [
        *(pytest.param(word, "", Wish.STOP, id=word) for word in ("STOP", "stopall", "Unsubscribe", "CANCEL", "End")),
        *(pytest.param(word, "", Wish.STOP, id=word) for word in ("quit", "REVOKE", "optout", " Stop. ", "Stop all")),
        *(pytest.param(word, "", Wish.START, id=word) for word in ("START", "unstop")),
        *(pytest.param(word, "", Wish.NONE, id=word) for word in ("Yes", "HELP", "Please stop", "Stop it now", "")),
        pytest.param("Stopio", "STOP", Wish.STOP, id="in words that the provider knows as STOP"),
        pytest.param("Yes", "START", Wish.START, id="a yes that the provider takes for START"),
        pytest.param("What is this?", "HELP", Wish.NONE, id="a question"),
        pytest.param("STOP", "nonsense", Wish.STOP, id="a word of the provider that we do not know"),
    ],
)
def test_what_it_asks_for(words, told, wish):
    """The provider's own word counts; else a text of one such word alone, however it is written."""
    read = parse_text(TEXT | {"Body": words} | ({"OptOutType": told} if told else {}))
    assert read.wish is wish


@pytest.mark.parametrize(("given_count", "media"), [("0", 0), ("10", 10), ("", 0), ("-1", 0), ("x", 0), ("1" * 9, 0)])
def test_pictures_are_counted(given_count, media):
    """A count that is none is nought."""
    assert parse_text(TEXT | {"NumMedia": given_count}).media == media


@pytest.mark.parametrize(
    ("words", "count"),
    [
        pytest.param("", 1, id="nothing"),
        pytest.param("a" * 160, 1, id="a whole part of plain signs"),
        pytest.param("a" * 161, 2, id="one more"),
        pytest.param("a" * 306, 2, id="two whole parts"),
        pytest.param("a" * 307, 3, id="one more than two"),
        pytest.param("€" * 80, 1, id="signs that take two places"),
        pytest.param("€" * 81, 2, id="one more of them"),
        pytest.param("ŵ" * 70, 1, id="a whole part of other signs"),
        pytest.param("ŵ" * 71, 2, id="one more other sign"),
        pytest.param("😀" * 35, 1, id="signs of two units"),
        pytest.param("😀" * 36, 2, id="one more of two units"),
    ],
)
def test_parts_are_counted_as_they_are_charged(words, count):
    """By GSM 03.38 and 03.40: the oracle is arithmetic by hand."""
    assert parts(words) == count


@pytest.mark.parametrize("words", ["Dŵr & <Response>", "a\x00\ud800b", "two\nlines", "]]>"])
def test_our_answer_is_well_formed_whatever_it_says(words):
    """Markup is escaped and what XML cannot hold is dropped (THREATS T3)."""
    (message,) = ElementTree.fromstring(render_text(words))
    assert (message.tag, message.text) == ("Message", words.replace("\x00", "").replace("\ud800", ""))


@pytest.mark.parametrize("words", ["", "  ", "\x00"])
def test_no_words_are_no_text(words):
    """An empty document sends nothing."""
    assert render_text(words) == EMPTY


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(list(TEXT)), st.text(max_size=20)))
def test_nothing_that_twilio_signs_is_a_500(params):
    """Any signed text is heard or refused."""
    assert post(FakeTexts(), **params).status_code in (200, 403)


def test_an_answer_that_takes_too_long_is_503():
    """Twilio waits 15 seconds in all; we stop before that (THREATS T4)."""

    class Slow(FakeTexts):
        async def incoming(self, text: IncomingText) -> str:
            await asyncio.Event().wait()
            return ""

    hasty = replace(SETTINGS, answer_within_s=0.05)
    body = urlencode(TEXT)
    here = TestClient(Starlette(routes=text_routes(hasty, Slow())), base_url="http://127.0.0.1:8080")
    assert here.post("/texts", content=body, headers=headers("/texts", body)).status_code == 503
