"""Documents that the provider keeps and serves by itself while we are down (THREATS T4).

Belongs here: TwiML that asks nobody of ours: no callback, no address of our servers, no text of a stranger.
"""

from __future__ import annotations

from twilio.twiml.voice_response import Dial, VoiceResponse

from adapters.phone.twiml import clean


def connecting(number: str, ring_s: int, *, words: str = "", then: str = "", longest_s: int = 180) -> str:
    """Write a document that puts a caller through to the office; with `then`, it takes a message where nobody answers.

    `words` are said before the message; `then` is the address at the provider of what is said after it.
    """
    response = VoiceResponse()
    dial = Dial(timeout=ring_s, answer_on_bridge=True)
    dial.number(clean(number))
    response.append(dial)
    if then:
        _take(response, words, then, longest_s)
    response.hangup()
    return str(response)


def taking(words: str, then: str, longest_s: int = 180) -> str:
    """Write a document that takes a message; `then` is the address at the provider of what is said after it."""
    response = VoiceResponse()
    _take(response, words, then, longest_s)
    response.hangup()
    return str(response)


def thanking(words: str) -> str:
    """Write what a caller hears who left a message."""
    response = VoiceResponse()
    response.say(clean(words), language="en-GB")
    response.hangup()
    return str(response)


def _take(response: VoiceResponse, words: str, then: str, longest_s: int) -> None:
    """Take a message; without an address of what follows, the provider would begin the same document again for ever."""
    response.say(clean(words), language="en-GB")
    response.record(action=then, max_length=longest_s, play_beep=True, transcribe=False)
