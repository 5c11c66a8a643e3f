"""Writes a notice from the file: its words, the page of arrangements with it, and its PDFs in the forms promised.

Belongs here: what a draft holds before anybody reads it. What cannot be written is refused with a sentence: a name that
would show, a phrase that is missing, signs that no font has.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.pdf.letter import Press, Unprintable
from gateway.casework.notice_matter import Matter
from gateway.config import Settings
from gateway.notices.composing import compose
from gateway.notices.concealing import NamesStaff
from gateway.notices.forms import Form, Rendered, as_pdf, as_text, plain_text, proof
from gateway.notices.notice import Kind, Notice
from gateway.notices.phrases import MissingPhrase, shipped
from gateway.notices.position import ArrangementsFacts, Facts, Office, Position
from gateway.notices.readability import long_sentences, reading_age
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from storage.notices import Printed

FORMS = (Form.PDF, Form.PLAIN_TEXT, Form.LARGE_PRINT, Form.COLOURED, Form.EASY_READ)
"""The forms that a draft can be made in."""
_TRANSLATED = "translated"


@dataclass(frozen=True, slots=True)
class Written:
    """Hold a notice in words: with the page where the party is under a restriction, and both again for Easy Read."""

    act: str
    notice: Notice
    page: Notice | None
    easy: tuple[Notice, ...]
    forms: tuple[Form, ...]

    @property
    def both(self) -> tuple[Notice, ...]:
        """Give the notice, and the page where one goes with it."""
        return (self.notice,) if self.page is None else (self.notice, self.page)

    @property
    def text(self) -> str:
        """Give all that a person reads before it leaves."""
        return "\n\n".join(plain_text(one) for one in (*self.both, *self.easy))

    @property
    def says(self) -> str:
        """Give a digest of the words and forms: two drafts of the same digest say the same."""
        said = [self.act, *self.forms, *(one.digest for one in (*self.both, *self.easy))]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    @property
    def reading_age(self) -> float:
        """Give the reading age of the letter in years."""
        return round(reading_age(self.notice), 1)

    @property
    def look_at(self) -> tuple[str, ...]:
        """Give the sentences that are long, for a person to look at again."""
        return tuple(dict.fromkeys(one for each in self.both for one in long_sentences(each)))


class Writing:
    """Write notices for one office; the typesetter is made at the first letter that is printed."""

    def __init__(self, settings: Settings) -> None:
        config = settings.config
        self._policy = settings.policy
        self.office = Office(config.office.name, config.office.address, config.phone.switchboard or "")
        lines = (*config.phone.lines, *config.phone.lines.values())
        people = (name for one in config.people for name in (one.name, one.login))
        self._staff = frozenset({*people, *lines} - {"", self.office.phone})
        self._press: Press | None = None

    def write(
        self,
        about: str,
        file: CaseFile,
        at: datetime,
        now: datetime,
        *,
        words: str = "",
        forms: Sequence[str] = (),
    ) -> Written:
        """Write the notice as of `at` on the file as it is at `now`; raises Refused with a sentence."""
        matter = Matter(about, file, self._policy, at, now)
        facts = matter.facts()
        position = matter.position(self.office, self._staff)
        asked = _forms(position.forms, forms)
        try:
            notice, page = _composed(facts, position, words)
            easy = tuple(_easily(facts, position, words)) if Form.EASY_READ in asked else ()
        except NamesStaff as names:
            raise Refused(str(names), clause=self._policy.clause("conceal_staff")) from None
        except MissingPhrase as missing:
            raise Refused(str(missing)) from None
        return Written(matter.act, notice, page, easy, asked)

    def printed(self, written: Written, at: datetime) -> tuple[Rendered, ...]:
        """Print it in its forms, dated `at` (aware); raises Refused where no font has its signs."""
        try:
            return tuple(self._pdfs(written, at))
        except Unprintable as fault:
            raise Refused(str(fault), way="Or draft it in plain_text alone, which goes by email.") from None

    def _pdfs(self, written: Written, at: datetime) -> Iterator[Rendered]:
        for form in written.forms:
            if form is Form.PLAIN_TEXT:
                continue
            for notice in written.easy if form is Form.EASY_READ else written.both:
                yield as_pdf(notice, self._typesetter(), at, form)

    def _typesetter(self) -> Press:
        if self._press is None:
            self._press = Press()
        return self._press


def whole(written: Written, pdfs: Sequence[Rendered]) -> str:
    """Give the digest of all that leaves: the words, and every form of letter and page."""
    return proof(written.notice, (*map(as_text, written.both), *pdfs))


def kept(pdfs: Sequence[Rendered]) -> tuple[Printed, ...]:
    """Give PDFs as they are kept on record."""
    return tuple(Printed(one.form.value, (one.kind or Kind.ARRANGEMENTS).value, one.content) for one in pdfs)


def enclosures(printed: Sequence[Printed]) -> tuple[Rendered, ...]:
    """Give what was kept as it goes with a mail."""
    return tuple(Rendered(Form(one.form), one.content, Kind(one.kind)) for one in printed)


def _forms(asked: Sequence[str], more: Sequence[str]) -> tuple[Form, ...]:
    """Give the forms that were promised and those wanted besides; a PDF where nobody asked for any."""
    if _TRANSLATED in asked:
        raise Refused(
            "This person was promised letters in their language, and there are no phrases for it here.",
            way="Have the letter translated and send it yourselves; then say so with send_notice.",
        )
    wanted = {*asked, *more}
    return tuple(form for form in FORMS if form.value in wanted) or (Form.PDF,)


def _composed(facts: Facts, position: Position, words: str) -> tuple[Notice, Notice | None]:
    """Write the notice, and the page that goes with it where something is or will be in force."""
    notice = compose(facts, position, shipped(), words)
    needs = not isinstance(facts, ArrangementsFacts) and (position.in_force or position.ahead)
    return notice, compose(ArrangementsFacts(), position, shipped()) if needs else None


def _easily(facts: Facts, position: Position, words: str) -> Iterator[Notice]:
    easy = shipped().easily()
    yield compose(facts, position, easy, words)
    if not isinstance(facts, ArrangementsFacts) and (position.in_force or position.ahead):
        yield compose(ArrangementsFacts(), position, easy)
