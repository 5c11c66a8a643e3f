"""Whether a message carries a valid signature of its author's domain (DKIM, RFC 6376): dkimpy's work, under guards.

Belongs here: which signatures are looked at, and what of a message dkimpy is given. The promise (THREATS C1, I4): no
exception but NotNow, linear time on hostile mail, and no signature that leaves out the author or the end of the body.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import dkim  # type: ignore[import-untyped]  # it has no types; its objects stay in this module

from adapters.mail.alignment import aligned, named_domain
from adapters.mail.dns_answers import NotNow, Questions

LONGEST_HEADER = 64 * 1024
LARGEST_MESSAGE = 32 * 1024 * 1024
_MOST_SIGNATURES = 4
_LONGEST_SIGNATURE = 6 * 1024
_MOST_SIGNED_FIELDS = 200
_MOST_FIELDS = 1_000
# dkimpy takes the square, or worse, of a run of blanks in a signature.
_LONG_BLANKS = re.compile(rb"[ \t\r\n]{50}")
_SIGNED = re.compile(rb"(?im)^dkim-signature[ \t]*+:")
# Logs would get the domains that a sender wrote.
_SILENT = logging.Logger("dkim", logging.CRITICAL + 1)


def may_be_signed(raw: bytes) -> bool:
    """Tell whether there is a signature to be looked at; not below more header than anybody writes."""
    end = raw.find(b"\r\n\r\n", 0, LONGEST_HEADER)
    return end > 0 and _SIGNED.search(raw, 0, end) is not None


def signer(raw: bytes, author: str, questions: Questions, wanted: Callable[[str], bool]) -> str:
    """Name the domain, aligned with `author` and `wanted`, whose signature on a message is valid; empty for none.

    Raises NotNow where there is a signature and nobody can tell just now, or the body is too long to be looked at. What
    only a forger would write is no signature, or it would save him from being found out.
    """
    if not may_be_signed(raw):
        return ""
    head, _, body = raw.partition(b"\r\n\r\n")
    if head.count(b"\r\n") > _MOST_FIELDS:
        return ""
    if len(raw) > LARGEST_MESSAGE:
        raise NotNow
    try:
        message = dkim.DKIM(head + b"\r\n\r\n", logger=_SILENT)
        signed = [value for name, value in message.headers if name.lower() == b"dkim-signature"]
    except Exception:  # dkimpy raises many kinds on hostile text; any of them means that nothing is signed
        return ""
    later = False
    for number, value in enumerate(signed[:_MOST_SIGNATURES]):
        domain = _usable(value)
        if domain and aligned(domain, author) and wanted(domain):
            try:
                if _valid(message, number, body, questions):
                    return domain
            except NotNow:
                later = True
    if later:
        raise NotNow
    return ""


def _usable(value: bytes) -> str:
    """Give a signature's domain; empty where it proves nothing.

    One with `l=` says nothing of what follows that length, one without From nothing of the author; SHA-1 is broken
    (RFC 8301).
    """
    if len(value) > _LONGEST_SIGNATURE or _LONG_BLANKS.search(value):
        return ""
    try:
        tags = dkim.util.parse_tag_value(value)
    except Exception:  # whatever it raises, this is no signature
        return ""
    fields = [name.strip().lower() for name in tags.get(b"h", b"").split(b":")]
    if b"l" in tags or b"from" not in fields or len(fields) > _MOST_SIGNED_FIELDS or tags.get(b"a") == b"rsa-sha1":
        return ""
    return named_domain(tags.get(b"d", b"").decode("ascii", "replace"))


def _relaxed(body: bytes) -> bytes:
    """Put a body into its relaxed form (RFC 6376 3.4.4)."""
    spaced = body.replace(b"\t", b" ")
    while b"  " in spaced:
        spaced = spaced.replace(b"  ", b" ")
    return _ended(spaced.replace(b" \r\n", b"\r\n").removesuffix(b" "))


def _ended(body: bytes) -> bytes:
    """End a body with one line end (RFC 6376 3.4.3); its CR and LF come in pairs."""
    return body.rstrip(b"\r\n") + b"\r\n"


def _valid(message: dkim.DKIM, number: int, body: bytes, questions: Questions) -> bool:
    def key(name: bytes, timeout: float = 0) -> bytes | None:
        found = questions.texts(name.decode("ascii", "replace"))
        return found[0] if found else None

    try:
        tags, fields, signed = message.verify_headerprep(number)
        header_way, _, body_way = tags.get(b"c", b"simple/simple").partition(b"/")
        message.body = _relaxed(body) if body_way == b"relaxed" else _ended(body)
        if message.body == b"\r\n" and body_way == b"relaxed":
            message.body = b""  # of which alone the two forms differ yet
        elif body_way in (b"relaxed", b"simple", b""):
            # dkimpy takes the square of a run of blanks for the relaxed form, which this body has already.
            tags[b"c"] = header_way + b"/simple"
        return bool(message.verify_sig(tags, fields, signed[number], key))
    except NotNow:
        raise
    except Exception:  # dkimpy raises many kinds, on hostile text ones that are not its own: none is a valid signature
        return False
