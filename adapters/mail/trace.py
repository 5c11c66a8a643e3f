"""How a message is known again: its digest, the key of its contact, and the trace that we put in front of it.

Belongs here: what must stay the same when a message comes twice, or comes back. The promise (THREATS C3, S13): fields
that servers on the way add change nothing, and a trace counts only on the very message that we wrote it for.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from adapters.mail.header import LONGEST_HEADER

_DIGEST_SIZE = 20
_MAC_LENGTH = 32
# What servers add on the way (DESIGN.md, "Never losing, never doubling"), and our own mark, with their folded lines.
_ADDED = re.compile(
    rb"(?im)^(?:received|return-path|delivered-to|authentication-results|arc-[!-9;-~]++|parley-trace)[ \t]*+:"
    rb"[^\r\n]*+\r\n(?>(?:[ \t][^\r\n]*+\r\n)*)"
)
_TRACES = re.compile(rb"(?im)^parley-trace[ \t]*+:[^\r\n]*+\r\n(?>(?:[ \t][^\r\n]*+\r\n)*)")
# What tells two messages with the same words apart, unless neither is there (RFC 5322 3.6: Date must be).
_TOLD_APART = re.compile(rb"(?im)^(?:message-id|date)[ \t]*+:[ \t]*+[^\s]")
_RECEIVED = re.compile(rb"(?im)^received[ \t]*+:[^\r\n]*+\r\n(?>(?:[ \t][^\r\n]*+\r\n)*)")
_TRACE = re.compile(r"v1; id=([A-Za-z0-9_-]{1,64}); outcome=([a-z_]{1,32}); mac=([0-9a-f]{32})")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OUTCOME = re.compile(r"[a-z_]{1,32}")


def content_digest(raw: bytes) -> str:
    """Digest a message with CRLF line ends, less the fields that servers add and less Parley-Trace; hexadecimal."""
    end = _header_end(raw)
    # SHA-256, cut off: processors of today have instructions for it, and take half as long as for BLAKE2.
    digest = hashlib.sha256(_ADDED.sub(b"", raw[:end]), usedforsecurity=False)
    digest.update(memoryview(raw)[end:])
    return digest.digest()[:_DIGEST_SIZE].hex()


def _header_end(raw: bytes) -> int:
    """Give where the header's last line ends; what lies beyond the longest header is digested as it is."""
    end = raw.find(b"\r\n\r\n", 0, LONGEST_HEADER)
    return end + 2 if end >= 0 else min(len(raw), LONGEST_HEADER)


def content_key(sender: str, raw: bytes, digest: str = "") -> str:
    """Give the key under which this message of this sender is one contact, however often it comes (THREATS C3).

    `digest` is its `content_digest`, where that is known already. A Parley-Trace that it came with is part of the key;
    so is, without Message-ID and Date, the first Received that it ever got, which every later try has too.
    """
    end = _header_end(raw)
    first = [] if _TOLD_APART.search(raw, 0, end) else _RECEIVED.findall(raw, 0, end)[-1:]
    traces = _TRACES.findall(raw, 0, end) if b"parley-trace" in raw[:end].lower() else []
    parts = (sender.encode("utf-8", "surrogatepass"), (digest or content_digest(raw)).encode("ascii"), *traces, *first)
    whole = b"".join([len(part).to_bytes(4, "big") + part for part in parts])
    return hashlib.blake2b(whole, digest_size=_DIGEST_SIZE, usedforsecurity=False).hexdigest()


def is_unnumbered(raw: bytes) -> bool:
    """Tell whether nothing in a message's header tells it from another with the same words: no id, no time, no way."""
    end = _header_end(raw)
    return not _TOLD_APART.search(raw, 0, end) and not _RECEIVED.search(raw, 0, end)


def next_key(key: str, number: str) -> str:
    """Give the key of a message that comes after contact `number`, has that one's key, and is another message."""
    both = f"{key} {number}".encode()
    return hashlib.blake2b(both, digest_size=_DIGEST_SIZE, usedforsecurity=False).hexdigest()


def without_traces(raw: bytes) -> bytes:
    """Give a message less every Parley-Trace of its header, as it was before we passed it on."""
    end = _header_end(raw)
    return _TRACES.sub(b"", raw[:end]) + raw[end:]


def trace_field(contact_id: str, outcome: str, secret: bytes, digest: str) -> bytes:
    """Render the Parley-Trace field of a message with this `content_digest`, CRLF included.

    The mac covers id, outcome and content, so that a trace cannot be pasted onto other mail. Raises ValueError for an
    id or outcome that could break the field, and for a secret of more than 64 octets.
    """
    if not _ID.fullmatch(contact_id) or not _OUTCOME.fullmatch(outcome):
        raise ValueError("a contact id or outcome that does not fit into Parley-Trace")
    mac = _mac(contact_id, outcome, secret, digest)
    return f"Parley-Trace: v1; id={contact_id}; outcome={outcome}; mac={mac}\r\n".encode("ascii")


def valid_trace(value: str, secret: bytes, digest: str) -> bool:
    """Tell whether we wrote this Parley-Trace, for the message with this `content_digest`."""
    return traced_contact(value, secret, digest) is not None


def traced_contact(value: str, secret: bytes, digest: str) -> str | None:
    """Give the contact that a Parley-Trace of ours names; None where we did not write it for this `content_digest`."""
    found = _TRACE.fullmatch(value.strip())
    if found is None or not hmac.compare_digest(found[3], _mac(found[1], found[2], secret, digest)):
        return None
    return found[1]


def _mac(contact_id: str, outcome: str, secret: bytes, digest: str) -> str:
    covered = f"parley-trace v1\n{contact_id}\n{outcome}\n{digest}".encode("ascii")
    # BLAKE2 with a key is a mac by itself (RFC 7693 2.9), at a fifth of what OpenSSL's HMAC costs for so short a text.
    return hashlib.blake2b(covered, key=secret, digest_size=_MAC_LENGTH // 2).hexdigest()
