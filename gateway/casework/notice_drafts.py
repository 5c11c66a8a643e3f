"""Drafts of notices: written from the file as it is now, for a person to read; and closed once nobody is to be told.

Belongs here: drafting, and the effect by which no draft waits for ever. Its methods wait; not for event loops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.mail.own_mail import writable
from gateway.casework.desk import Done, file_of
from gateway.casework.notice_matter import Matter, addresses
from gateway.casework.notice_steps import LOST, UNSENT, right_to_tell, same
from gateway.casework.notice_writing import FORMS, Wanted, Writing, Written, kept, whole
from gateway.clock import Clock
from gateway.notices.forms import Rendered
from gateway.serials import serial
from rules.casework.actor import Actor
from rules.casework.acts.act import permitted
from rules.casework.file import CaseFile
from rules.casework.notices import ARRANGEMENTS, NoticeOnFile, NoticeState
from rules.casework.refused import Refused
from rules.policies import Policy
from storage.record import Record
from storage.transaction import Reader, Transaction

MOST_WORDS = 4000
DRAFTED = "notice drafted"
_MOST_TRANSLATED = 100


class Drafts:
    """Draft notices on one record; raises Refused with the way that is open, NoSuchParty, Stale."""

    def __init__(self, record: Record, policy: Policy, writing: Writing, clock: Clock) -> None:
        self._record = record
        self._policy = policy
        self._writing = writing
        self._clock = clock

    def draft(self, party: int, about: str, by: Actor, wanted: Wanted, to: str) -> NoticeOnFile:
        """Draft a notice; an earlier draft of the same is replaced. `to` is one of the party's own addresses."""
        permitted(right_to_tell(), self._policy, by)
        _fit(wanted)
        now = self._clock()
        file = self._record.read_now(lambda reader: _readable(reader, party))
        written = self._writing.write(about, file, now, now, wanted)
        rcpt = _address(file, to)
        pdfs = self._writing.printed(written, now)
        drafted = _drafted(file, about, by, wanted, written, pdfs, rcpt, now)

        def job(tx: Transaction) -> None:
            tx.lock_party(party)
            same(tx, file)
            _replace(tx, drafted)
            detail = {"kept": tx.add_notice(drafted, kept(pdfs))}
            tx.act(by.name, DRAFTED, f"notice:{drafted.id}", _detail(drafted) | detail)

        self._record.write_now(job)
        return drafted


class DraftsClosed:
    """Close the drafts of a party of which an act on the file leaves nobody to be told (an effect of acts)."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def __call__(self, tx: Transaction, done: Done) -> None:
        """Close each with what the desk would answer whoever sent it now."""
        numbers = (done.file.party.id, *(number for number, _ in tx.aliases(done.file.party.id)))
        for one in (each for number in numbers for each in tx.notices_of(number)):
            doubted = one.state is NoticeState.UNCLEAR and bool(one.paper)  # a person says whether it arrived
            why = self._over(one, done) if one.state in (*UNSENT, *LOST) and not doubted else ""
            if why:
                tx.move_notice(one.state, replace(one, state=NoticeState.CLOSED, detail=why))
                detail = {"digest": one.digest, "paper": done.paper.id}
                tx.act(done.paper.by, "notice closed", f"notice:{one.id}", detail)

    def _over(self, one: NoticeOnFile, done: Done) -> str:
        """Say why nobody is told of this by this notice any more; empty where somebody still is."""
        if one.about == ARRANGEMENTS:
            page = done.shelf.page
            return "The person has a newer page." if page is not None and page.at == done.paper.at else ""
        try:
            Matter(one.about, done.file, self._policy, done.paper.at, done.paper.at).facts()
        except Refused as refused:
            return refused.why
        return ""


def _drafted(
    file: CaseFile,
    about: str,
    by: Actor,
    wanted: Wanted,
    written: Written,
    pdfs: Sequence[Rendered],
    rcpt: str,
    now: datetime,
) -> NoticeOnFile:
    return NoticeOnFile(
        id=serial(now),
        party=file.party.id,
        about=about,
        kind=written.notice.kind.value,
        act=written.act,
        drafted_at=now,
        drafted_by=by.name,
        says=written.says,
        digest=whole(written, pdfs),
        text=written.text,
        reading_age=written.reading_age,
        look_at=written.look_at,
        words=wanted.words,
        forms=tuple(form.value for form in written.forms),
        language=written.language,
        translations=wanted.translations,
        page=written.page_says,
        to=rcpt,
        copies=tuple(copy.address for copy in written.notice.copies if writable(copy.address)),
        changed_at=now,
    )


def wanted_of(words: str, forms: Sequence[str], language: str, translations: Mapping[str, str] | None) -> Wanted:
    """Give what somebody wants of a draft."""
    return Wanted(words, tuple(forms), language.strip(), tuple(sorted((translations or {}).items())))


def _fit(wanted: Wanted) -> None:
    if len(wanted.words) > MOST_WORDS:
        raise Refused(f"Your own words have {MOST_WORDS} characters at most.")
    if len(wanted.translations) > _MOST_TRANSLATED or sum(map(_length, wanted.translations)) > 4 * MOST_WORDS:
        raise Refused(f"The translations have {_MOST_TRANSLATED} texts and {4 * MOST_WORDS} characters at most.")
    known = [form.value for form in FORMS]
    for form in wanted.forms:
        if form not in known:
            raise Refused(f"There is no form {form!r}.", way=f"The forms are {', '.join(known)}.")


def _length(pair: tuple[str, str]) -> int:
    return sum(map(len, pair))


def _address(file: CaseFile, to: str) -> str:
    """Give the address that it goes to; empty where it has to be posted."""
    own, wanted = addresses(file), to.strip().lower()
    if not to:
        return next((one for one in own if writable(one)), "")
    if wanted not in own:
        raise Refused("This is not an address of the person's own on their file.", way="Add it there first.")
    if not writable(wanted):
        raise Refused("No mail of ours can go to this address.", way="Leave it out, and post the notice.")
    return wanted


def _readable(reader: Reader, party: int) -> CaseFile:
    file = file_of(party, reader)
    into = reader.merged_into(party)
    if into is not None:
        raise Refused(f"This party was merged into party {into}.", way="Write to that one.")
    return file


def _replace(tx: Transaction, drafted: NoticeOnFile) -> None:
    """Put earlier notices of the same aside; raises Refused where one is on its way."""
    for one in tx.notices_of(drafted.party):
        if one.about != drafted.about:
            continue
        if one.state is NoticeState.LEAVING:
            raise Refused("A notice of this is on its way.", way="Wait until it has left.")
        if one.state in (*UNSENT, *LOST):
            tx.move_notice(one.state, replace(one, state=NoticeState.REPLACED, detail=drafted.id))


def _detail(notice: NoticeOnFile) -> dict[str, object]:
    return {"party": notice.party, "about": notice.about, "kind": notice.kind, "digest": notice.digest}
