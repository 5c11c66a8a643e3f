"""The letters of a notice as they go into the outbox: the party's first, then a copy to each advocate who gets one.

Belongs here: one message an addressee; whoever gets one sees nobody else's address (SPSO-28). Each has its Message-ID
before it leaves, by which a bounce finds the notice again (C6, W6).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from gateway.casework.notice_writing import Written, enclosures
from gateway.notices.phrases import shipped
from gateway.notices.position import Office
from gateway.notices.posting import Envelope, as_copy, as_mail
from gateway.serials import serial
from rules.casework.notices import NoticeOnFile
from storage.entries import Letter
from storage.notices import Printed

NOTICE = "notice"
"""The kind of letter in the outbox that a notice is."""


@dataclass(frozen=True, slots=True)
class Postroom:
    """Write the letters of notices for one office; `trace` gives the first header field of a letter of ours."""

    office: Office
    trace: Callable[[str, bytes], bytes]
    zone: tzinfo

    def letters(
        self, found: NoticeOnFile, written: Written, printed: Sequence[Printed], now: datetime, name: str
    ) -> tuple[Letter, ...]:
        """Give the party's letter, and a copy for each advocate that the notice names; `name` is the party's."""
        rcpts = (found.to, *found.copies)
        return tuple(self._letter(each, rcpt, found, written, printed, now, name) for each, rcpt in enumerate(rcpts))

    def _letter(
        self,
        place: int,
        rcpt: str,
        found: NoticeOnFile,
        written: Written,
        printed: Sequence[Printed],
        now: datetime,
        name: str,
    ) -> Letter:
        number, pdfs = serial(now), enclosures(printed)
        local = now.astimezone(self.zone)
        envelope = Envelope(rcpt, f"<{number}@{self.office.address.rpartition('@')[2]}>", local)
        # Without a PDF the page stands in the mail itself.
        further = (*(written.both[1:] if not pdfs else ()), *written.translated)
        if place == 0:
            mail = as_mail(written.notice, self.office, envelope, pdfs, further)
        else:
            mail = as_copy(written.notice, self.office, envelope, name, shipped(), pdfs, further)
        octets = self.trace(number, mail.content) + mail.content
        once = f"{NOTICE}:{found.id}:{place}"
        return Letter(number, NOTICE, self.office.address, rcpt, envelope.message_id, octets, now, once)
