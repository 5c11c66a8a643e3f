"""The sender's own words in a text: without what they quote or forward, and without their signature.

Belongs here: finding quotes by lines, never by patterns over several (they hang on hostile text). The promise
(THREATS C1): one pass, bounded by the lines that it is given.
"""

from __future__ import annotations

from collections.abc import Sequence

_QUOTED = (">", "|")
# Lines with which mail programs begin what they quote or forward; the words of English, Welsh and French ones.
_BELOW = ("-----original message", "---------- forwarded message", "begin forwarded message:", "________________")
_WROTE = ("wrote:", "ysgrifennodd:", "ysgrifennodd", "a écrit :", "a écrit:")
_INTRODUCED = ("on ", "ar ", "le ")
_FIELDS = ("from:", "sent:", "date:", "to:", "subject:", "oddi wrth:", "anfonwyd:", "de :", "envoyé :")
_LEAST_FIELDS = 3
_SIGNATURE = "-- "


def own_lines(lines: Sequence[str]) -> list[str]:
    """Leave out what the sender quotes, and all from where a quoted message or a signature begins."""
    own: list[str] = []
    for number, line in enumerate(lines):
        bare = line.strip()
        if bare.startswith(_QUOTED):
            _drop_introduction(own)
            continue
        if line.rstrip("\r") == _SIGNATURE or _begins_another(bare, lines, number):
            break
        own.append(line)
    return own


def _drop_introduction(own: list[str]) -> None:
    """Take back `On Monday R. Example wrote:`, which stands on one line or two before a quote."""
    while own and not own[-1].strip():
        own.pop()
    if own and own[-1].strip().lower().endswith(_WROTE):
        own.pop()
        if own and own[-1].strip().lower().startswith(_INTRODUCED):
            own.pop()


def _begins_another(bare: str, lines: Sequence[str], number: int) -> bool:
    """Tell whether a line begins a message that is quoted without marks: a ruler, or a header of three fields."""
    low = bare[:80].lower()
    if low.startswith(_BELOW):
        return True
    if not low.lstrip("*").startswith(_FIELDS):
        return False
    nearby = (line.strip().lstrip("*")[:80].lower() for line in lines[number : number + 6])
    return sum(line.startswith(_FIELDS) for line in nearby) >= _LEAST_FIELDS
