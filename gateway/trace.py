"""Our trace on what we pass on, and recognising it when a message comes round again.

Belongs here: the secret's use. The trace names no party or measure (DESIGN: never losing, never doubling).
"""

from __future__ import annotations

from adapters.mail.message import MOST_RECEIVED, Heading
from adapters.mail.trace import content_digest, trace_field, valid_trace
from rules.decision import Outcome


class Traces:
    """Write and recognise `Parley-Trace` with the installation's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def field(self, number: str, outcome: Outcome, digest: str) -> bytes:
        """Give the first header field of a message with this content digest, as we pass it on."""
        return trace_field(number, outcome.value, self._secret, digest)

    def own(self, number: str, message: bytes) -> bytes:
        """Give the first header field of a letter of our own."""
        return self.field(number, Outcome.DELIVER, content_digest(message))

    def goes_round(self, heading: Heading, digest: str) -> bool:
        """Tell whether a message was here before: our valid trace, or too many Received fields (THREATS S13)."""
        if heading.received_count > MOST_RECEIVED:
            return True
        return any(valid_trace(value, self._secret, digest) for value in heading.traces)
