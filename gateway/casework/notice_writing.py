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
from gateway.casework.arrangements import says
from gateway.casework.notice_matter import Matter
from gateway.config import Settings
from gateway.notices.composing import about_whom, compose
from gateway.notices.concealing import NamesStaff, names_perhaps
from gateway.notices.forms import Form, Rendered, as_pdf, as_text, plain_text, proof
from gateway.notices.languages import FOLDER, NoSuchLanguage, languages, read
from gateway.notices.notice import Kind, Notice
from gateway.notices.phrases import MissingPhrase, Phrases, shipped
from gateway.notices.position import ArrangementsFacts, Facts, Office, Position
from gateway.notices.readability import long_sentences, reading_age
from gateway.notices.ways import way_left
from rules.casework.file import CaseFile
from rules.casework.notices import NoticeOnFile
from rules.casework.refused import Refused
from storage.notices import Printed

FORMS = (Form.PDF, Form.PLAIN_TEXT, Form.LARGE_PRINT, Form.COLOURED, Form.EASY_READ, Form.TRANSLATED)
"""The forms that a draft can be made in."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Hold what somebody wants of a draft: words of their own, forms besides those promised, a language.

    `language` is the code of an office's file of phrases; `translations` what colleagues typed, each text beside its
    words in that language.
    """

    words: str = ""
    forms: tuple[str, ...] = ()
    language: str = ""
    translations: tuple[tuple[str, str], ...] = ()


def wanted_again(notice: NoticeOnFile) -> Wanted:
    """Give what was wanted of a notice that is on record."""
    return Wanted(notice.words, notice.forms, notice.language, notice.translations)


@dataclass(frozen=True, slots=True)
class Written:
    """Hold a notice in words: with the page where the party is under a restriction, and both again for Easy Read.

    `page_says` is the digest of the page that goes with it, empty where none does.
    """

    act: str
    notice: Notice
    page: Notice | None
    easy: tuple[Notice, ...]
    translated: tuple[Notice, ...]
    forms: tuple[Form, ...]
    page_says: str
    language: str = ""
    perhaps: tuple[str, ...] = ()

    @property
    def both(self) -> tuple[Notice, ...]:
        """Give the notice, and the page where one goes with it."""
        return (self.notice,) if self.page is None else (self.notice, self.page)

    @property
    def every(self) -> tuple[Notice, ...]:
        """Give all that it consists of: for Easy Read and in another language the letter and page stand again."""
        return (*self.both, *self.easy, *self.translated)

    @property
    def text(self) -> str:
        """Give all that a person reads before it leaves."""
        return "\n\n".join(plain_text(one) for one in self.every)

    @property
    def says(self) -> str:
        """Give a digest of the words and forms: two drafts of the same digest say the same."""
        said = [self.act, *self.forms, *(one.digest for one in self.every)]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    @property
    def reading_age(self) -> float:
        """Give the reading age of the letter in years."""
        return round(reading_age(self.notice), 1)

    @property
    def look_at(self) -> tuple[str, ...]:
        """Give the sentences that may name a colleague and those that are long, for a person to look at again."""
        return tuple(dict.fromkeys((*self.perhaps, *(one for each in self.both for one in long_sentences(each)))))


class Writing:
    """Write notices for one office; the typesetter is made at the first letter that is printed."""

    def __init__(self, settings: Settings) -> None:
        config = settings.config
        self._policy = settings.policy
        self._languages = config.state / FOLDER
        phone = config.phone.switchboard or ""
        self.office = Office(
            config.office.name,
            config.office.address,
            phone,
            channels=settings.policy.ways_in,
            domains=frozenset(config.office.domains),
        )
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
        wanted: Wanted,
    ) -> Written:
        """Write the notice as of `at` on the file as it is at `now`; raises Refused with a sentence."""
        matter = Matter(about, file, self._policy, at, now)
        facts = matter.facts()
        position = matter.position(self.office, self._staff)
        _reachable(position)
        asked = _forms(position.forms, wanted.forms)
        language = self._language(wanted, matter) if Form.TRANSLATED in asked else None
        try:
            notice, *page = _composed(facts, position, shipped(), wanted.words)
            easy = _composed(facts, position, shipped().easily(), wanted.words) if Form.EASY_READ in asked else ()
            translated = _composed(facts, position, language, wanted.words) if language is not None else ()
        except NamesStaff as names:
            raise Refused(str(names), clause=self._policy.clause("conceal_staff")) from None
        except MissingPhrase as missing:
            raise Refused(str(missing)) from None
        with_page = bool(page) or notice.kind is Kind.ARRANGEMENTS
        return Written(
            matter.act,
            notice,
            page[0] if page else None,
            easy,
            translated,
            asked,
            says(position) if with_page else "",
            wanted.language if language is not None else "",
            tuple(one for each in (notice, *page) for one in names_perhaps(each, position, about_whom(facts))),
        )

    def _language(self, wanted: Wanted, matter: Matter) -> Phrases:
        """Give the phrases of the language that was promised; raises Refused where no lawyer answers for any."""
        if not wanted.language:
            raise Refused(
                "This person was promised letters translated into their language. Which language it is is not said.",
                way=f"Name it: the languages of this office are {', '.join(languages(self._languages)) or 'none yet'}. "
                "Or have the letter translated and send it yourselves; then say so with send_notice.",
            )
        try:
            phrases = read(self._languages, wanted.language, matter.at.astimezone(self._policy.zone).date())
        except NoSuchLanguage as missing:
            raise Refused(
                str(missing),
                way="Have the letter translated and send it yourselves; then say so with send_notice.",
            ) from None
        return phrases.with_translations(dict(wanted.translations))

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
            for notice in _in_form(written, form):
                yield as_pdf(notice, self._typesetter(), at, form)

    def _typesetter(self) -> Press:
        if self._press is None:
            self._press = Press()
        return self._press


def whole(written: Written, pdfs: Sequence[Rendered]) -> str:
    """Give the digest of all that leaves: the words, and every form of letter and page."""
    return proof(written.notice, (*map(as_text, (*written.both, *written.translated)), *pdfs))


def kept(pdfs: Sequence[Rendered]) -> tuple[Printed, ...]:
    """Give PDFs as they are kept on record."""
    return tuple(Printed(one.form.value, (one.kind or Kind.ARRANGEMENTS).value, one.content) for one in pdfs)


def enclosures(printed: Sequence[Printed]) -> tuple[Rendered, ...]:
    """Give what was kept as it goes with a mail."""
    return tuple(Rendered(Form(one.form), one.content, Kind(one.kind)) for one in printed)


def _reachable(position: Position) -> None:
    """Refuse a letter that offers an appeal and help, and leaves no way to ask for either (SPSO-22, HO-6, PHSO-20)."""
    if position.in_force and not position.policy.always_open and not way_left(position):
        raise Refused(
            "This leaves the person no way to reach anybody, and nothing in this office is always open. The letter "
            "would offer an appeal, a complaint and help, and nobody could ask for them.",
            clause=position.policy.clause("always_open") or position.policy.clause("notice"),
            way="Name an inbox or a number in always_open of the policy: no measure closes it, and letters name it.",
        )


def _forms(asked: Sequence[str], more: Sequence[str]) -> tuple[Form, ...]:
    """Give the forms that were promised and those wanted besides; a PDF where nobody asked for any."""
    wanted = {*asked, *more}
    if wanted == {Form.TRANSLATED}:
        wanted.add(Form.PDF)  # the English letter goes beside it: it is the one that the office answers for
    return tuple(form for form in FORMS if form.value in wanted) or (Form.PDF,)


def _in_form(written: Written, form: Form) -> tuple[Notice, ...]:
    return {Form.EASY_READ: written.easy, Form.TRANSLATED: written.translated}.get(form, written.both)


def _composed(facts: Facts, position: Position, phrases: Phrases, words: str) -> tuple[Notice, ...]:
    """Write the notice, and the page that goes with it where something is or will be in force."""
    notice = compose(facts, position, phrases, words)
    if isinstance(facts, ArrangementsFacts) or not (position.in_force or position.ahead):
        return (notice,)
    return notice, compose(ArrangementsFacts(), position, phrases)
