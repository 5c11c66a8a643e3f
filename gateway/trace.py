"""Our trace on what we pass on, and recognising it when a message comes round again.

Belongs here: the secret's use. The trace names no party or measure (DESIGN: never losing, never doubling).
"""

from __future__ import annotations

from adapters.mail.message import MOST_RECEIVED, Heading
from adapters.mail.trace import content_digest, trace_field, traced_contact
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

    def goes_round(self, heading: Heading) -> bool:
        """Tell whether a message has passed too many servers (THREATS S13)."""
        return heading.received_count > MOST_RECEIVED

    def contacts(self, heading: Heading, digest: str) -> frozenset[str]:
        """Give what a message was when it was here before, by our valid traces (THREATS S13)."""
        found = (traced_contact(value, self._secret, digest) for value in heading.traces)
        return frozenset(number for number in found if number is not None)
