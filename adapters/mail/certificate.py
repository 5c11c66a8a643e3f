"""The certificate that our door shows: read from files, and again when they were renewed.

Belongs here: the TLS context of the door. A renewal that cannot be read leaves the old one in use, and is logged.
"""

from __future__ import annotations

import ssl
from pathlib import Path

import structlog

log = structlog.get_logger()


class Certificate:
    """Give the context for a handshake; raises OSError or ssl.SSLError where the files cannot be read at first.

    `chain` and `key` are PEM files; the key has no passphrase. TLS 1.2 and later only (RFC 8996).
    """

    def __init__(self, chain: Path, key: Path) -> None:
        self._chain, self._key = chain, key
        self._seen = self._marks()
        self._context = self._read()

    def context(self) -> ssl.SSLContext:
        """Give the context, read anew where the files changed since."""
        try:
            marks = self._marks()
            if marks != self._seen:
                self._context, self._seen = self._read(), marks
        except (OSError, ssl.SSLError) as fault:
            log.error("certificate unreadable", fault=type(fault).__name__)
        return self._context

    def _marks(self) -> tuple[tuple[int, int], ...]:
        return tuple((one.st_mtime_ns, one.st_ino) for one in (self._chain.stat(), self._key.stat()))

    def _read(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self._chain, self._key)
        return context
