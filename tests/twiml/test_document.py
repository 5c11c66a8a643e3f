"""Tests that the interpreter is strict: what Twilio would overlook, or forbids, is a fault here."""

import pytest

from tests.twiml.document import NotTwiml, read

RECORD = '<Record action="https://calls.example.org/calls/recorded" transcribe="false"/>'
BAD = {
    "it is not well-formed": "<Response><Say>Hello</Response>",
    "it is another document": "<html/>",
    "a verb that nobody knows": "<Response><Shout>Hello</Shout></Response>",
    "an attribute that nobody knows": '<Response><Say tone="stern">Hello</Say></Response>',
    "a value that is not allowed": '<Response><Reject reason="unwanted"/></Response>',
    "nothing is said": "<Response><Say> </Say></Response>",
    "words outside of a verb": "<Response>Hello<Hangup/></Response>",
    "a relative address": '<Response><Gather action="/calls/menu" input="dtmf"/></Response>',
    "an address of another host": '<Response><Gather action="https://example.org/calls" input="dtmf"/></Response>',
    "an address without TLS": '<Response><Gather action="http://calls.example.org/calls" input="dtmf"/></Response>',
    "a recording from a path alone": "<Response><Play>/calls/sounds/x.mp3</Play></Response>",
    "speech as a way through": (
        '<Response><Gather action="https://calls.example.org/calls/menu" input="dtmf speech"/></Response>'
    ),
    "a menu that leads nowhere": '<Response><Gather input="dtmf"/></Response>',
    "a call inside a menu": (
        '<Response><Gather action="https://calls.example.org/calls/menu" input="dtmf"><Dial timeout="30">'
        "<Number>+441632960999</Number></Dial></Gather></Response>"
    ),
    "a menu inside a call": '<Response><Dial timeout="30"><Gather input="dtmf"/></Dial></Response>',
    "a number that is none": '<Response><Dial timeout="30"><Number>999 or so</Number></Dial></Response>',
    "a call to nobody": '<Response><Dial timeout="30"/></Response>',
    "a call without an end to the ringing": "<Response><Dial><Number>+441632960999</Number></Dial></Response>",
    "a call longer than Twilio allows": (
        '<Response><Dial timeout="30" timeLimit="14401"><Number>+441632960999</Number></Dial></Response>'
    ),
    "somebody's words written down": RECORD.replace("false", "true").join(("<Response>", "</Response>")),
    "a message that nobody hears of": '<Response><Record transcribe="false"/></Response>',
    "something after the end": "<Response><Hangup/><Say>Hello</Say></Response>",
    "a refusal after something was said": "<Response><Say>Hello</Say><Reject/></Response>",
    "a fragment in an address": '<Response><Redirect method="POST">https://calls.example.org/calls#x</Redirect></Response>',
    "more than 64 kB": f"<Response><Say>{'x' * 4000}</Say>{'<Pause/>' * 9000}</Response>",
}


@pytest.mark.parametrize("document", BAD.values(), ids=BAD)
def test_what_is_refused(document):
    """Each of these fails the test that meets it."""
    with pytest.raises(NotTwiml):
        read(document)


def test_what_is_read():
    """A document that is right is read whole."""
    say, record = read(f"<Response><Say>Hello</Say>{RECORD}</Response>")
    assert (say.text, record.addresses()) == ("Hello", ["https://calls.example.org/calls/recorded"])
