"""The document that the phone provider serves by itself while we are down (THREATS T4).

Belongs here: what callers meet then, by the settings: the switchboard, or a message. It needs none of our servers.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from adapters.phone.static_twiml import connecting, taking, thanking
from gateway.config import Settings

_RING_S = 30


class NoFallback(Exception):
    """Say why no document can be written, and what to do."""


def document(settings: Settings, second: str = "") -> str:
    """Write the document; `second` is the address at the provider of the one that follows a message.

    Raises NoFallback where a message is to be taken and nothing is there to follow it.
    """
    phone, words = settings.config.phone, _words(settings)
    if not phone.configured:
        raise NoFallback("This office takes no calls: [phone] of the settings is empty.")
    if second:
        _check(second, phone.public_url)
    if phone.fallback == "switchboard":
        return connecting(phone.switchboard or "", _RING_S, words=words, then=second)
    if not second:
        raise NoFallback(
            "A message needs a second document, which is said after it. Print it by `parley fallback --second`, make "
            "it a TwiML Bin, and give its address: parley fallback --then https://handler.twilio.com/twiml/..."
        )
    return taking(words, second)


def second_document(settings: Settings) -> str:
    """Write what a caller hears who left a message while we were down."""
    return thanking(settings.policy.texts.message_taken)


def _words(settings: Settings) -> str:
    return settings.policy.texts.voicemail.replace("{office}", settings.config.office.name)


def _check(second: str, public_url: str) -> None:
    try:
        parts = urlsplit(second)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme != "https" or not host or not second.isascii() or not second.isprintable() or " " in second:
        raise NoFallback("That is no address of a TwiML Bin; it begins with https://handler.twilio.com/twiml/.")
    if host == urlsplit(public_url).hostname:
        raise NoFallback("That address is our own: while we are down nobody would answer there.")
