"""What a door for texts hears, and how many parts a text of ours has.

Belongs here: the values between any provider's words and the gateway. Numbers and words stay out of their repr, so that
no log shows them by accident.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from rules.contact import Caller

# GSM 03.38: a text of these signs alone has 160 in one part, the second row taking two places each; any other, 70.
_PLAIN = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("^{}\\[~]|€\f")


class Wish(StrEnum):
    """Say whether a text asks that no more are sent to its number, or that they are again; most ask neither."""

    NONE = "none"
    STOP = "stop"
    START = "start"


@dataclass(frozen=True, slots=True)
class IncomingText:
    """Hold a text that came.

    `number` is in E.164, "" unless `caller` is a number; `shown` is the sender as the provider writes it, which may be
    a name or a short code; `to` is the office's line. `media` is how many pictures and files came with it.
    """

    sid: str
    account: str
    caller: Caller
    number: str = field(repr=False)
    shown: str = field(repr=False)
    to: str
    words: str = field(repr=False)
    media: int = 0
    wish: Wish = Wish.NONE


def parts(words: str) -> int:
    """Count the parts in which a text goes over the air, each of which costs (GSM 03.40: long ones lose some room)."""
    if all(sign in _PLAIN or sign in _DOUBLE for sign in words):
        length, whole, piece = sum(1 + (sign in _DOUBLE) for sign in words), 160, 153
    else:
        length, whole, piece = len(words.encode("utf-16-be", "replace")) // 2, 70, 67
    return 1 if length <= whole else -(-length // piece)
