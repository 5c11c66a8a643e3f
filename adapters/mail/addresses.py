"""Whose address a header names, and every address that somebody might read there.

Belongs here: single address fields as bytes. The promise (THREATS I1, C1): no exception, linear time, and an address is
certain only where this module's own strict reading and both of the standard library's agree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from email.headerregistry import HeaderRegistry
from email.utils import getaddresses
from itertools import islice, pairwise

from adapters.mail.encoded_words import decoded

LONGEST_AUTHOR = 1_000
"""Octets of a From field above which nobody is taken to be its one author."""
MOST_CANDIDATES = 200
TOO_LONG = "The From field is longer than is read."
NOT_ONE = "The From field does not name exactly one address in the usual form."
AMBIGUOUS = "The From field can be read in more than one way."
_LONGEST_LOOKED_THROUGH = 16 * 1024
_MOST_FIELDS = 50
_MOST_HITS = 4_000
_MOST_FIELDS_PARSED = 4
_LONGEST_ADDRESS = 320

_ATOM = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\xff-]++"
_LOCAL = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++(?>(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++)*)"
_DOMAIN = rb"[A-Za-z0-9_-]++(?>(?:\.[A-Za-z0-9_-]++)*)"
_QUOTED = rb'"(?>(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[ -~])*)"'
_BARE = _LOCAL + rb"@" + _DOMAIN
_WORD = _ATOM + rb"(?>(?:\.++" + _ATOM + rb")*)\.*+"
# A full stop right before a bracket or quote makes the library fall over.
_NAME = rb"(?>(?:(?:" + _QUOTED + rb"|" + _WORD + rb")(?:[ \t]++|(?<!\.)(?=[\"<])))*)"
_COMMENT = rb"\([^()<>@,;:\"\[\]\\\x00-\x08\x0a-\x1f\x7f]*+\)"
_BLANKS = rb"[ \t]*+"
# Fields of which all readers agree, as the tests try with both of the standard library's.
_ONE_AUTHOR = re.compile(
    rb"%(blanks)b(?:(?P<bare>%(bare)b)|%(name)b<(?P<angle>%(bare)b)>)%(blanks)b(?:%(comment)b%(blanks)b)?"
    % {b"blanks": _BLANKS, b"bare": _BARE, b"name": _NAME, b"comment": _COMMENT}
)
_BREAKS = re.compile(r"""[\s<>()",;:\[\]\\]+""")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_UNFIT = re.compile(rf"\s|{_CONTROLS.pattern}")
# Once begun it always matches, to the end of the text if need be: quotes that never close cost no second look.
_QUOTED_TEXT = re.compile(r'"(?>(?:[^"\\]++|\\.?)*)"?', re.DOTALL)
_registry = HeaderRegistry()


def lowered(address: str) -> str:
    """Give the address with its domain in lower case and its local part as it stands."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain.lower()}"


def one_author(value: bytes) -> tuple[str | None, str]:
    """Read an unfolded From field: its one address, or None and why nobody can be sure."""
    if len(value) > LONGEST_AUTHOR:
        return None, TOO_LONG
    address = _strictly(value)
    return (lowered(address), "") if address else _agreed(value)


def _strictly(value: bytes) -> str:
    """Read a field that all readers read alike; empty where it is not of that kind."""
    found = _ONE_AUTHOR.fullmatch(value)
    address: bytes = (found["bare"] or found["angle"]) if found else b""
    # Programs that decode encoded words within an address would read another one (THREATS I1).
    return "" if b"=?" in address else address.decode("ascii")


def _agreed(value: bytes) -> tuple[str | None, str]:
    """Compare the own reading of an unusual field with the library's two."""
    own = _strictly(_without_comments(value))
    if not own:
        return None, NOT_ONE
    text = value.decode("utf-8", "replace")
    if _by_utils(text) == _by_registry(text) == [lowered(own)]:
        return lowered(own), ""
    return None, AMBIGUOUS


def _by_utils(text: str) -> list[str]:
    try:
        return [lowered(address) for _, address in getaddresses([text]) if address]
    except Exception:  # the library raises many kinds on hostile text; any of them means that it has no reading
        return []


def _by_registry(text: str) -> list[str]:
    try:
        field = _registry("From", text)
        return [lowered(one.addr_spec) for one in getattr(field, "addresses", ()) if one.addr_spec]
    except Exception:  # RecursionError, IndexError and others (THREATS I1); any of them means that it has no reading
        return []


def _without_comments(value: bytes) -> bytes:
    """Take comments out, nested ones too; what is not balanced comes back as it was."""
    kept = bytearray()
    depth, quoted, position = 0, False, 0
    while position < len(value):
        octet = value[position : position + 1]
        width = 2 if octet == b"\\" else 1
        if octet == b'"' and not depth:
            quoted = not quoted
        if octet == b"(" and not quoted:
            depth += 1
        elif octet == b")" and depth:
            depth -= 1
            kept += b" " if not depth else b""
        elif not depth:
            kept += value[position : position + width]
        position += width
    return value if depth else bytes(kept)


def candidates(values: Iterable[bytes]) -> tuple[tuple[str, ...], bool]:
    """Find every address that some reading of these fields could give, and tell whether there were too many to say.

    Quotes, comments, blanks, control characters, encoded words and look-alike signs are each tried both ways.
    """
    found: dict[str, None] = {}
    room = _LONGEST_LOOKED_THROUGH
    for number, value in enumerate(dict.fromkeys(values)):
        hits = list(islice(_all_readings(value[:room]), _MOST_HITS))
        found.update(dict.fromkeys(hits))
        if number == _MOST_FIELDS or len(value) > room or len(hits) == _MOST_HITS or len(found) > MOST_CANDIDATES:
            return tuple(found)[:MOST_CANDIDATES], True
        room -= len(value)
        if number < _MOST_FIELDS_PARSED and len(value) <= LONGEST_AUTHOR:
            text = value.decode("utf-8", "replace")
            found.update(dict.fromkeys(filter(_fit, _by_utils(text) + _by_registry(text))))
    return tuple(found)[:MOST_CANDIDATES], len(found) > MOST_CANDIDATES


def _all_readings(value: bytes) -> Iterator[str]:
    """Give the addresses of all readings, one as often as it is found."""
    text = value.decode("utf-8", "replace")
    readings = dict.fromkeys(reading for variant in (text, decoded(text)) for reading in _readings(variant))
    return (address for reading in readings for address in _address_like(reading) if _fit(address))


def _fit(address: str) -> bool:
    """Tell whether it may be shown and looked up: what has blanks or control characters is here without them too."""
    return "@" in address and not _UNFIT.search(address)


def _readings(text: str) -> Iterator[str]:
    bare = _CONTROLS.sub("", text)
    flat = unicodedata.normalize("NFKC", bare)
    yield text
    yield bare
    yield flat
    for joined in (flat, _outside_comments(flat)):
        tight = " ".join(joined.replace('"', "").replace("\\", "").split())
        for mark in "@.":
            tight = tight.replace(f" {mark}", mark).replace(f"{mark} ", mark)
        yield tight


def _outside_comments(text: str) -> str:
    depth, kept = 0, []
    for piece in re.split(r"([()])", text):
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(piece)
    return "".join(kept)


def _address_like(text: str) -> Iterator[str]:
    """Cut the text at signs that end an address; `a@b@c` gives both of its pairs."""
    for token in _BREAKS.split(text):
        if "@" not in token:
            continue
        parts = token.split("@")
        for local, domain in pairwise(parts):
            for one in (local, local.strip("'.")):
                address = f"{one}@{domain.lower().strip(chr(39) + '.')}"
                if one and not address.endswith("@") and len(address) <= _LONGEST_ADDRESS:
                    yield address


def named(value: bytes, most: int) -> tuple[str, ...]:
    """List the addresses of a To or Cc field, at most `most` of them, for showing and matching, never for identity."""
    text = value[: 200 * most].decode("utf-8", "replace")
    if '"' in text:
        text = _QUOTED_TEXT.sub(" ", text)
    if "@" not in text:
        return ()
    found = dict.fromkeys(
        lowered(token) for token in _BREAKS.split(text) if token.count("@") == 1 and 2 < len(token) <= _LONGEST_ADDRESS
    )
    return tuple(_CONTROLS.sub("", address) for address in found)[:most]
