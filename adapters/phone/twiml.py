"""Our answers in Twilio's words.

Belongs here: TwiML, made by Twilio's library. It promises well-formed XML 1.0 whatever the texts hold, and that only a
decision to refuse ever becomes a <Reject> (THREATS T3, T4).
"""

from __future__ import annotations

import re
import textwrap

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from adapters.phone.call import HERE, CallAnswer, Menu, Spoken, Turn
from adapters.phone.twilio_events import write_turn
from adapters.phone.twilio_settings import TwilioSettings
from rules.decision import Outcome

DIAL_ENDED, STATUS, RECORDED = "/calls/dial", "/calls/status", "/calls/recorded"
PRESSED, NUMBERED = "/calls/menu", "/calls/number"

# XML 1.0, 2.2: neither what may not stand in a document nor the controls and noncharacters that it discourages.
_PLANES = "".join(f"{chr(plane)}-{chr(plane + 0xFFFD)}" for plane in range(0x10000, 0x110000, 0x10000))
_NOT_XML = re.compile(f"[^\t\n\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd{_PLANES}]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LONGEST_CALL_S = 4 * 60 * 60  # Twilio's own cap
# Twilio's voices take 3,000 to 5,000 characters, 4,500 once encoded for a URL (error 13521); a document 64 kB.
_LONGEST_SAY, _MOST_SAYS = 1000, 20
_LONGEST_NUMBER = 20
"""Keys; E.164 has 15 digits at most, and some dial 00 before them."""


def render_answer(answer: CallAnswer, settings: TwilioSettings) -> str:
    """Write the document that carries out `answer`.

    An outcome that calls do not have, a connection to nowhere or without any time is a ValueError: our fault, for which
    the door has its fallback.
    """
    response = VoiceResponse()
    if answer.menu is not None:
        _ask(response, answer.menu, settings)
    for said in answer.before:
        _speak(response, said, settings)
    said = Spoken(answer.say, answer.play, answer.language)
    match answer.outcome:
        case Outcome.CONNECT | Outcome.ROUTE:
            _speak(response, said, settings)
            _connect(response, answer, settings)
        case Outcome.VOICEMAIL:
            _speak(response, said, settings)
            _record(response, settings, answer)
        case Outcome.AUTOMATED_LINE:
            words = said if said.play or said.say.strip() else _closing(answer, settings)
            _speak(response, words, settings)
            response.hangup()
        case Outcome.REFUSE:
            response.reject(reason=settings.reject_reason)
        case _:
            raise ValueError(f"A call cannot have the outcome {answer.outcome}.")
    return str(response)


def render_fallback(settings: TwilioSettings) -> str:
    """Write what a caller gets when we cannot decide: a person, or a message; never a refusal (THREATS T4)."""
    response = VoiceResponse()
    if settings.fallback_number:
        # No callbacks: they would ask the side that just failed, and there is nothing on record that they concern.
        _dial(Dial(timeout=settings.ring_s, answer_on_bridge=True), settings.fallback_number, response)
        response.hangup()
    else:
        _speak(response, Spoken(settings.fallback_say), settings)
        _record(response, settings)
    return str(response)


def render_ending(said: Spoken, settings: TwilioSettings) -> str:
    """Write what a caller hears last."""
    response = VoiceResponse()
    _speak(response, said, settings)
    response.hangup()
    return str(response)


def render_hangup() -> str:
    """Write the end of a call."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def clean(text: str) -> str:
    """Drop what may not stand in XML 1.0, lone surrogates included; any line end becomes a newline."""
    return _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _connect(response: VoiceResponse, answer: CallAnswer, settings: TwilioSettings) -> None:
    limit = answer.time_limit_s
    if limit is not None and limit <= 0:
        raise ValueError("A call cannot be connected for no time at all.")
    if answer.meets:
        _meet(response, answer, settings)
        return
    dial = Dial(
        action=settings.address(DIAL_ENDED) + write_turn(answer.turn),
        timeout=settings.ring_s,
        time_limit=None if limit is None else min(limit, _LONGEST_CALL_S),
        answer_on_bridge=True,
        caller_id=clean(answer.shown) or None,
    )
    callbacks = {
        "status_callback": settings.address(STATUS)
        + write_turn(Turn(waits=answer.turn.waits, warns_s=answer.turn.warns_s)),
        "status_callback_event": "answered completed",
    }
    _dial(dial, answer.dial, response, **(callbacks if answer.reported else {}))


def _meet(response: VoiceResponse, answer: CallAnswer, settings: TwilioSettings) -> None:
    """Go on in a conference of two, in silence until the other is there; it ends when either leaves."""
    action = settings.address(DIAL_ENDED) + write_turn(answer.turn) if answer.reported else None
    dial = Dial(action=action, time_limit=answer.time_limit_s, timeout=settings.ring_s)
    dial.conference(
        answer.meets,
        beep="false",
        start_conference_on_enter=True,
        end_conference_on_exit=True,
        wait_url="",
        max_participants=2,
    )
    response.append(dial)


def _ask(response: VoiceResponse, menu: Menu, settings: TwilioSettings) -> None:
    """Ask for keys, never for speech; who presses none is led on by what stands behind it in the document."""
    wanted = {"finish_on_key": "#", "num_digits": _LONGEST_NUMBER} if menu.number else {"num_digits": 1}
    gather = Gather(
        input="dtmf",
        action=settings.address(NUMBERED if menu.number else PRESSED) + write_turn(menu.turn),
        timeout=menu.wait_s,
        **wanted,
    )
    for said in menu.heard:
        _speak(gather, said, settings)
    response.append(gather)


def _dial(dial: Dial, to: str, response: VoiceResponse, **callbacks: str) -> None:
    number = clean(to).strip()
    if not number:
        raise ValueError("A call is to be connected, and nobody said to which number of the office.")
    if number.lower().startswith(("sip:", "sips:")):
        dial.sip(number, **callbacks)
    else:
        dial.number(number, **callbacks)
    response.append(dial)


def _speak(response: VoiceResponse | Gather, said: Spoken, settings: TwilioSettings) -> None:
    if said.play:
        response.play(clean(said.play))
        return
    words = clean(said.say).strip()
    pieces = [words] if len(words) <= _LONGEST_SAY else textwrap.wrap(words, _LONGEST_SAY)[:_MOST_SAYS]
    language = _language(said.language, settings)
    # A voice speaks one language: what is said in another gets the provider's own voice for it.
    voice = clean(settings.voice) if language == _language("", settings) else ""
    for piece in pieces:
        if piece:
            response.say(piece, language=language, voice=voice or None)


def _closing(answer: CallAnswer | None, settings: TwilioSettings) -> Spoken:
    return (answer.ending if answer else None) or Spoken(settings.closing)


def _record(response: VoiceResponse, settings: TwilioSettings, answer: CallAnswer | None = None) -> None:
    """Take a message; Twilio calls nobody about an empty one and goes on with the words behind it."""
    response.record(
        action=settings.address(RECORDED) + write_turn(answer.turn if answer else HERE),
        max_length=settings.longest_message_s,
        play_beep=True,
        transcribe=False,
    )
    _speak(response, _closing(answer, settings), settings)
    response.hangup()


def _language(wanted: str, settings: TwilioSettings) -> str | None:
    return next((tag for tag in (wanted, settings.language) if _LANGUAGE.fullmatch(tag)), None)
