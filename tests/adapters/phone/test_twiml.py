"""Tests of our answers as TwiML."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.phone.call import CallAnswer, Spoken
from adapters.phone.twiml import clean, render_answer, render_ending, render_fallback, render_hangup
from rules.decision import Outcome
from tests.adapters.phone.office import SETTINGS

BASE = SETTINGS.public_url
DESK = "+441632960100"
PHONED = [Outcome.CONNECT, Outcome.ROUTE, Outcome.VOICEMAIL, Outcome.AUTOMATED_LINE, Outcome.REFUSE]
ANYTHING = st.text(st.characters())
LEG = {"statusCallback": f"{BASE}/calls/status", "statusCallbackEvent": "answered completed"}
DIAL = {"action": f"{BASE}/calls/dial", "answerOnBridge": "true", "timeout": "30"}
RECORD = ("Record", {"action": f"{BASE}/calls/recorded", "maxLength": "180", "playBeep": "true", "transcribe": "false"})
ENGLISH = {"language": "en-GB"}


def verbs(document: str) -> list[tuple]:
    """Give what a document says: each verb with its attributes and its text or nouns."""

    def read(element):
        rest = [element.text] if element.text else []
        return (element.tag, dict(element.attrib), *rest, *map(read, element))

    root = ElementTree.fromstring(document)
    assert root.tag == "Response"
    return [read(child)[:2] if len(child) == 0 and not child.text else read(child) for child in root]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(
            CallAnswer(Outcome.CONNECT, dial=DESK, time_limit_s=600),
            [("Dial", DIAL | {"timeLimit": "600"}, ("Number", LEG, DESK))],
            id="connected for ten minutes",
        ),
        pytest.param(
            CallAnswer(Outcome.CONNECT, dial=DESK),
            [("Dial", DIAL, ("Number", LEG, DESK))],
            id="connected without limit",
        ),
        pytest.param(
            CallAnswer(Outcome.ROUTE, dial="sip:desk@pbx.example.org", shown=DESK),
            [("Dial", DIAL | {"callerId": DESK}, ("Sip", LEG, "sip:desk@pbx.example.org"))],
            id="routed to a SIP phone that shows the office's line",
        ),
        pytest.param(
            CallAnswer(Outcome.CONNECT, dial=DESK, time_limit_s=999_999),
            [("Dial", DIAL | {"timeLimit": "14400"}, ("Number", LEG, DESK))],
            id="never longer than Twilio allows",
        ),
        pytest.param(
            CallAnswer(Outcome.VOICEMAIL, say="Leave a message", language="cy-GB"),
            [
                ("Say", {"language": "cy-GB"}, "Leave a message"),
                RECORD,
                ("Say", ENGLISH, "Goodbye."),
                ("Hangup", {}),
            ],
            id="a message is taken, and an empty one ends",
        ),
        pytest.param(
            CallAnswer(Outcome.AUTOMATED_LINE, say="We answer\x07 by letter."),
            [("Say", ENGLISH, "We answer by letter."), ("Hangup", {})],
            id="a recorded text is spoken",
        ),
        pytest.param(
            CallAnswer(Outcome.AUTOMATED_LINE, say="spoken", play="https://calls.example.org/line.wav"),
            [("Play", {}, "https://calls.example.org/line.wav"), ("Hangup", {})],
            id="a recording is played",
        ),
        pytest.param(
            CallAnswer(Outcome.AUTOMATED_LINE, say=" \x00"),
            [("Hangup", {})],
            id="a text of nothing but controls",
        ),
        pytest.param(
            CallAnswer(Outcome.AUTOMATED_LINE),
            [("Say", ENGLISH, "Goodbye."), ("Hangup", {})],
            id="without a text, the closing words",
        ),
        pytest.param(
            CallAnswer(Outcome.AUTOMATED_LINE, say="Hi", language='en" loop="9'),
            [("Say", ENGLISH, "Hi"), ("Hangup", {})],
            id="a language that is none",
        ),
        pytest.param(CallAnswer(Outcome.REFUSE), [("Reject", {"reason": "rejected"})], id="refused"),
    ],
)
def test_an_answer_becomes_a_document(answer, expected):
    """Each outcome has its verbs, in their order, with the office's own addresses."""
    assert verbs(render_answer(answer, SETTINGS)) == expected


def test_a_refusal_sounds_as_the_office_chose():
    """The reason of a refusal is a setting, and the refusal comes first, before anything that would answer the call."""
    document = render_answer(CallAnswer(Outcome.REFUSE, say="ignored"), replace(SETTINGS, reject_reason="busy"))
    assert verbs(document) == [("Reject", {"reason": "busy"})]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(CallAnswer(Outcome.CONNECT), id="nowhere to connect to"),
        pytest.param(CallAnswer(Outcome.CONNECT, dial=" \x00"), id="nothing but controls to connect to"),
        pytest.param(CallAnswer(Outcome.CONNECT, dial=DESK, time_limit_s=0), id="no time"),
        pytest.param(CallAnswer(Outcome.ROUTE, dial=DESK, time_limit_s=-5), id="less than no time"),
        pytest.param(CallAnswer(Outcome.HOLD, dial=DESK), id="an outcome of mail"),
    ],
)
def test_an_answer_that_cannot_be_is_our_fault(answer):
    """It raises, so that the door puts the caller through, and never becomes a document that fails at Twilio."""
    with pytest.raises(ValueError):
        render_answer(answer, SETTINGS)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(
            SETTINGS,
            [
                ("Dial", {"answerOnBridge": "true", "timeout": "30"}, ("Number", {}, "+441632960999")),
                ("Hangup", {}),
            ],
            id="to the switchboard, asking us nothing more",
        ),
        pytest.param(
            replace(SETTINGS, fallback_number="", fallback_say="Please leave a message."),
            [("Say", ENGLISH, "Please leave a message."), RECORD, ("Say", ENGLISH, "Goodbye."), ("Hangup", {})],
            id="a message is taken",
        ),
    ],
)
def test_the_fallback_reaches_a_person_or_takes_a_message(settings, expected):
    """Our own fault is never a refusal (THREATS T4)."""
    assert verbs(render_fallback(settings)) == expected


def test_the_ends_of_a_call():
    """Thanks are the office's words; an end is an end."""
    assert verbs(render_ending(Spoken("Thank you. Goodbye."), SETTINGS)) == [
        ("Say", ENGLISH, "Thank you. Goodbye."),
        ("Hangup", {}),
    ]
    assert verbs(render_hangup()) == [("Hangup", {})]


def test_a_long_text_is_spoken_whole_in_pieces():
    """No piece is longer than Twilio's voices take, and no word is lost or cut."""
    text = " ".join(f"word{number}" for number in range(700))
    *says, _ = verbs(render_answer(CallAnswer(Outcome.AUTOMATED_LINE, say=text), SETTINGS))
    assert len(says) > 1
    assert all(len(words) <= 1000 for _, _, words in says)
    assert " ".join(words for _, _, words in says) == text


@given(st.sampled_from(PHONED), ANYTHING, ANYTHING, ANYTHING, ANYTHING, ANYTHING)
def test_any_text_makes_a_well_formed_document(outcome, dial, say, play, language, shown):
    """Whatever stands in an answer, the document parses, holds no illegal character and no verb of the text's own."""
    answer = CallAnswer(outcome, dial=f"+44{dial}", say=say, play=play, language=language, shown=shown)
    document = render_answer(answer, SETTINGS)
    document.encode()  # no lone surrogate
    texts = [node for element in ElementTree.fromstring(document).iter() for node in _strings(element)]
    assert clean(document) == document
    assert {name for name, *_ in verbs(document)} <= {"Dial", "Say", "Play", "Record", "Hangup", "Reject"}
    if outcome is Outcome.AUTOMATED_LINE and clean(say).strip() and not play:
        assert clean(say).strip() in texts


@given(ANYTHING)
def test_cleaning_keeps_every_legal_letter(text):
    """Only what XML 1.0 forbids or discourages is dropped, and cleaning twice changes nothing."""
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert all(char in cleaned for char in text if char.isalnum())
    ElementTree.fromstring(f"<a>{cleaned.replace('&', '').replace('<', '').replace(']]>', '')}</a>")


@pytest.mark.parametrize(
    "char", ["\x00", "\x0b", "\x1b", "\x7f", "\x9f", "\ud800", "\udfff", "\ufdd0", "\uffff", "\U0001fffe"]
)
def test_what_cleaning_drops(char):
    """Controls, lone surrogates and noncharacters go, and what stood around them stays."""
    assert clean(f"a{char}b") == "ab"


def _strings(element):
    return [text for text in (element.text, element.tail, *element.attrib.values()) if text]
