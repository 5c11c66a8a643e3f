"""The door for texts over Twilio: signed webhooks in, TwiML out.

Belongs here: reading a text's parameters, and the two documents there are. It promises never to raise on what a
stranger wrote, and that our own fault is a 503, so that Twilio goes to its fallback (THREATS T2-T4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.twiml.messaging_response import MessagingResponse

from adapters.phone.text_message import IncomingText, Wish
from adapters.phone.twilio_door import Alarm, TwilioDoor
from adapters.phone.twilio_events import parse_caller
from adapters.phone.twilio_settings import TwilioSettings
from adapters.phone.twiml import clean

TEXTS = "/texts"

_READ = frozenset({"From", "To", "Body", "NumMedia", "OptOutType"})
_WHOLE = re.compile(r"[0-9]{1,3}")
_LONGEST_SENDER = 40
# The provider's own words: who sends one of them alone is sent nothing more by it either, until START. A bare YES,
# which it takes for START as well, is more often somebody's answer to a question.
_WISHES = {
    **dict.fromkeys(("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit"), Wish.STOP),
    **dict.fromkeys(("revoke", "optout", "opt out", "opt-out"), Wish.STOP),
    **dict.fromkeys(("start", "unstop"), Wish.START),
}


class Texts(Protocol):
    """Name what the gateway does with texts; it may be asked again about what it already knows (T2)."""

    async def incoming(self, text: IncomingText) -> str:
        """Decide once per sid and give the document; asked again, give the stored one, byte for byte."""
        ...


def text_routes(settings: TwilioSettings, texts: Texts, *, alarm: Alarm | None = None) -> list[Route]:
    """Build the webhook: POST only, signed only; 503 with an empty body where `texts` fails or takes too long."""
    door = TwilioDoor(settings, about="text", key="MessageSid", read=_READ, alarm=alarm)

    async def incoming(request: Request) -> Response:
        return await door.hear(request, lambda form: texts.incoming(parse_text(form, settings.region)))

    return [Route(TEXTS, incoming, methods=["POST"])]


def parse_text(form: Mapping[str, str], region: str = "GB") -> IncomingText:
    """Read the webhook of a text; `region` is the country of numbers without one."""
    shown = form.get("From", "")
    caller, number = parse_caller(shown, region)
    media = form.get("NumMedia", "")
    words = form.get("Body", "")
    return IncomingText(
        sid=form.get("MessageSid", ""),
        account=form.get("AccountSid", ""),
        caller=caller,
        number=number,
        shown=shown[:_LONGEST_SENDER],
        to=form.get("To", ""),
        words=words,
        media=int(media) if _WHOLE.fullmatch(media) else 0,
        wish=_wish(form.get("OptOutType", ""), words),
    )


def _wish(told: str, words: str) -> Wish:
    """Give what the provider took it for where it says so, in whatever language; else what the words alone say."""
    wish = _WISHES.get(told.strip().lower(), Wish.NONE)
    return (
        wish if wish is not Wish.NONE else _WISHES.get(" ".join(words.lower().strip(" \t\r\n.!\"'").split()), Wish.NONE)
    )


def render_text(words: str) -> str:
    """Write the document that answers with a text, or, without words, with none."""
    response = MessagingResponse()
    kept = clean(words).strip()
    if kept:
        response.message(kept)
    return str(response)
