"""Posts an event to another system, signed as Standard Webhooks 1.0 has it; the answer is its status and nothing else.

Belongs here: where events may be sent, what a signature is, one attempt. Promises that no redirect is followed, that an
attempt ends in time whatever the other side does, and that what it answers is neither read nor kept.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

from rules.answers import Answer, Delivered, Permanent, Temporary

TIMEOUT_S = 10.0
"""How long one attempt takes at most, from the look-up of the name to the status line and its headers."""
_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64  # bytes; Standard Webhooks 1.0, signature scheme
_GONE = 410


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Hold where events go, and the key that signs them."""

    url: str
    key: bytes = field(repr=False)


def checked_url(text: str) -> str:
    """Give an address that events may go to: https, or http within this machine; raises ValueError with a sentence."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if not host or port == 0 or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("that is no web address; write it as https://cases.example.org/hook")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("an address of a webhook has no name, password or # in it; events are signed")
    if parts.scheme != "https" and not (parts.scheme == "http" and _loopback(host)):
        raise ValueError("events leave this machine by https only")
    return text


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def key_of(secret: str) -> bytes:
    """Give the key of a secret written `whsec_` and Base64; raises ValueError with a sentence that does not show it."""
    try:
        key = base64.b64decode(secret.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.strip().startswith(_PREFIX) or not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"a secret is {_PREFIX} and {_SHORTEST} to {_LONGEST} random bytes in Base64")
    return key


def signed(key: bytes, number: str, at: datetime, body: bytes) -> dict[str, str]:
    """Give the headers of an attempt made at `at` (aware UTC): id, time in whole seconds, HMAC-SHA256 of both and body.

    The id is the event's own at every attempt, so that the other side can tell a repeat; the time is the attempt's, so
    that what was overheard cannot be played again for ever.
    """
    seconds = str(int(at.timestamp()))
    mark = hmac.new(key, f"{number}.{seconds}.".encode() + body, sha256).digest()
    return {
        "webhook-id": number,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(mark).decode()}",
    }


async def post(endpoint: Endpoint, number: str, at: datetime, body: bytes, *, timeout_s: float = TIMEOUT_S) -> Answer:
    """Make one attempt; anything but a 2xx is Temporary, and 410 (nobody wants these any more) Permanent."""
    import aiohttp  # only who sends needs it, and it takes a sixth of a second to load

    headers = signed(endpoint.key, number, at, body) | {"Content-Type": "application/json", "User-Agent": "Parley"}
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=timeout_s),
                connector=aiohttp.TCPConnector(limit=1, force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,  # a proxy of the environment would see events that nobody sent it
            ) as session,
            session.post(endpoint.url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            status = response.status
            response.close()
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as fault:
        return Temporary(type(fault).__name__)
    if 200 <= status < 300:
        return Delivered()
    return Permanent(f"answered {status}") if status == _GONE else Temporary(f"answered {status}")
