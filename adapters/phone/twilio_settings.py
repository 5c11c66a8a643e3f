"""What the Twilio door must be told before it opens.

Belongs here: one frozen value, refused with a sentence where it cannot work. Times are seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

_HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]")


@dataclass(frozen=True, slots=True)
class TwilioSettings:
    """Hold the office's account, address and phone manners; a setting that cannot work is a ValueError.

    `public_url` is what stands before `/calls` in the addresses that Twilio knows (THREATS T1). Several `auth_tokens`
    are valid at once while a token is changed; `shared_keys` are ids and secrets of keys that the office made to sign
    with. When our own side fails, a caller is put through to `fallback_number`, or, where there is none, hears
    `fallback_say` and leaves a message (T4). `answer_within_s` is well under the 15 seconds that Twilio waits.
    `alarm_after` is how many refusals in a row mean that something is set up wrongly.
    """

    public_url: str
    account_sid: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    shared_keys: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    fallback_number: str = ""
    fallback_say: str = ""
    reject_reason: Literal["rejected", "busy"] = "rejected"
    language: str = "en-GB"
    voice: str = ""
    closing: str = "Goodbye."
    region: str = "GB"
    ring_s: int = 30
    longest_message_s: int = 180
    answer_within_s: float = 8.0
    body_within_s: float = 5.0
    largest_body: int = 64 * 1024
    alarm_after: int = 5

    def __post_init__(self) -> None:
        _check_url(self.public_url)
        if not self.account_sid:
            raise ValueError("Twilio's account_sid is missing: copy it from the account's page.")
        if not self.auth_tokens or not all(self.auth_tokens):
            raise ValueError("Twilio's auth token is missing or empty: without it no call can be trusted.")
        if not self.fallback_number and not self.fallback_say.strip():
            raise ValueError("Say what happens to calls when we fail: set fallback_number, or fallback_say.")
        if self.reject_reason not in ("rejected", "busy"):
            raise ValueError(f"reject_reason is 'rejected' or 'busy', not {self.reject_reason!r}.")
        _check_numbers(self)

    def address(self, path: str) -> str:
        """Give the public address of one of our paths."""
        return self.public_url.rstrip("/") + path


def _check_numbers(settings: TwilioSettings) -> None:
    for name in ("ring_s", "longest_message_s", "answer_within_s", "body_within_s", "largest_body", "alarm_after"):
        if getattr(settings, name) <= 0:
            raise ValueError(f"{name} must be greater than nought.")


def _check_url(url: str) -> None:
    """Refuse what could never be the address that Twilio signs."""
    wanted = "public_url is the address that Twilio knows, such as https://calls.example.org"
    try:
        parts = urlsplit(url)
        host, port = parts.netloc, parts.port
    except ValueError as fault:
        raise ValueError(f"{wanted}; {url!r} is no address ({fault}).") from None
    if parts.scheme not in ("http", "https") or parts.query or parts.fragment or not url.isascii():
        raise ValueError(f"{wanted}, without a query; {url!r} is not.")
    if not _HOST.fullmatch(host.removesuffix(f":{port}")):
        raise ValueError(f"{wanted}, with a plain host and without a user; {url!r} is not.")
