"""Notices on their way to a party: drafted, read by a person, sent or posted; nobody is told before it left (PHSO-20).

Belongs here: what people do with a notice, for command line and API alike, each step in the chain of acts. That it left
by mail, or did not, is `notice_fate`'s to find. Its methods wait; not for event loops.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.mail.own_mail import writable
from gateway.casework.desk import Casework, Done, NoSuchParty, Stale, file_of
from gateway.casework.notice_matter import addresses
from gateway.casework.notice_writing import FORMS, Writing, Written, enclosures, kept, whole
from gateway.clock import Clock
from gateway.config import Settings
from gateway.notices.phrases import shipped
from gateway.notices.posting import Envelope, as_copy, as_mail
from gateway.serials import serial
from rules.casework.actor import Actor
from rules.casework.acts.act import Act, permitted
from rules.casework.acts.communicate_warning import CommunicateWarning
from rules.casework.acts.notice_came_back import NoticeCameBack
from rules.casework.acts.send_notice import SendNotice
from rules.casework.file import CaseFile
from rules.casework.notices import ARRANGEMENTS, NoticeOnFile, NoticeState
from rules.casework.refused import Refused
from storage.entries import Letter
from storage.notices import Printed
from storage.record import Record
from storage.transaction import Reader, Transaction

NOTICE = "notice"
"""The kind of letter in the outbox that a notice is."""
MOST_AGE = timedelta(days=7)
"""How old a draft may be when it leaves: a letter that carries last month's date tells of last month."""
MOST_WORDS = 4000
_UNSENT = (NoticeState.DRAFTED, NoticeState.READ)
_LOST = (NoticeState.FAILED, NoticeState.UNCLEAR, NoticeState.CAME_BACK)
_CHANGED = "What this notice tells of has changed since it was drafted. Draft it again, and read it again."


class NoSuchNotice(NoSuchParty):
    """Say that there is no notice of this id."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold a notice with its PDFs."""

    notice: NoticeOnFile
    printed: tuple[Printed, ...]


class Notices:
    """Draft, read, send and post notices; `trace` gives the first header field of a letter of ours.

    Each method raises Refused with the way that is open, NoSuchNotice or NoSuchParty, and Stale where the file or the
    notice has changed meanwhile; then nothing was done.
    """

    def __init__(
        self,
        record: Record,
        settings: Settings,
        casework: Casework,
        trace: Callable[[str, bytes], bytes],
        clock: Clock,
    ) -> None:
        self._record = record
        self._policy = settings.policy
        self._casework = casework
        self._trace = trace
        self._clock = clock
        self._writing = Writing(settings)

    def draft(
        self, party: int, about: str, by: Actor, *, words: str = "", forms: Sequence[str] = (), to: str = ""
    ) -> NoticeOnFile:
        """Draft a notice from the file as it is now; an earlier draft of the same is replaced.

        `words` are the office's own, `forms` besides those that were promised, `to` one of the party's own addresses.
        """
        permitted(_telling(), self._policy, by)
        _fit(words, forms)
        now = self._clock()
        file = self._record.read_now(lambda reader: _readable(reader, party))
        written = self._writing.write(about, file, now, now, words=words, forms=forms)
        rcpt = _address(file, to)
        pdfs = self._writing.printed(written, now)
        drafted = NoticeOnFile(
            id=serial(now),
            party=party,
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
            words=words,
            forms=tuple(form.value for form in written.forms),
            to=rcpt,
            copies=tuple(copy.address for copy in written.notice.copies if writable(copy.address)),
            changed_at=now,
        )

        def job(tx: Transaction) -> None:
            tx.lock_party(party)
            _same(tx, file)
            _replace(tx, drafted)
            tx.add_notice(drafted, kept(pdfs))
            tx.act(by.name, "notice drafted", f"notice:{drafted.id}", _detail(drafted))

        self._record.write_now(job)
        return drafted

    def list(self, party: int, by: Actor) -> tuple[NoticeOnFile, ...]:
        """List the notices to a party, and to those merged into it, the oldest first."""
        permitted(_telling(), self._policy, by)

        def job(reader: Reader) -> tuple[NoticeOnFile, ...]:
            numbers = (file_of(party, reader).party.id, *(number for number, _ in reader.aliases(party)))
            found = [one for number in numbers for one in reader.notices_of(number)]
            return tuple(sorted(found, key=lambda one: (one.drafted_at, one.id)))

        return self._record.read_now(job)

    def show(self, number: str, by: Actor) -> Shown:
        """Show a notice with its PDFs; that somebody looked is on record (THREATS W4)."""
        permitted(_telling(), self._policy, by)

        def job(tx: Transaction) -> Shown:
            found = _on_record(tx, number)
            tx.act(by.name, "notice looked at", f"notice:{number}")
            return Shown(found, tx.printed(number))

        return self._record.write_now(job)

    def read(self, number: str, by: Actor) -> NoticeOnFile:
        """Say that you have read it as it will leave; the party is told in your name."""

        def job(tx: Transaction) -> NoticeOnFile:
            found = _on_record(tx, number)
            permitted(telling(found, ""), self._policy, by)
            permitted(_telling(), self._policy, by)
            moved = replace(found, state=NoticeState.READ, read_by=by.name, read_roles=tuple(sorted(by.roles)))
            _move(tx, found, moved, NoticeState.DRAFTED)
            tx.act(by.name, "notice read", f"notice:{number}", {"digest": found.digest})
            return moved

        return self._record.write_now(job)

    def send(self, number: str, by: Actor) -> NoticeOnFile:
        """Put it into the outbox, with a copy to each advocate who gets one; the party is told once it has left."""
        permitted(_telling(), self._policy, by)
        now = self._clock()
        found, file, printed = self._record.read_now(lambda reader: _with_file(reader, number))
        _in(found, NoticeState.READ)
        if now - found.drafted_at > MOST_AGE:
            raise Stale(f"This notice was drafted more than {MOST_AGE.days} days ago. Draft it again, and read it.")
        if not found.to:
            raise Refused("No address of their own is on record.", way="Post it, and say so with notice posted.")
        if found.to not in addresses(file):
            raise Stale("The address that it was to go to is the person's no more. Draft it again.")
        letters = self._letters(found, self._still(found, file, now), printed, now, file.party.name)

        def job(tx: Transaction) -> NoticeOnFile:
            tx.lock_party(found.party)
            _same(tx, file)
            leaving = replace(found, state=NoticeState.LEAVING, letters=tuple(one.id for one in letters))
            _move(tx, found, leaving, NoticeState.READ)
            for letter in letters:
                tx.enqueue(letter)
            tx.act(by.name, "notice leaving", f"notice:{number}", {"digest": found.digest})
            return leaving

        return self._record.write_now(job)

    def posted(self, number: str, by: Actor, *, how: str = "") -> NoticeOnFile:
        """Say that it left by other means than our mail: the party is told now, with what was read."""
        said = _short(how) or "by post"
        now = self._clock()
        found, file, printed = self._record.read_now(lambda reader: _with_file(reader, number))
        _in(found, NoticeState.READ, NoticeState.FAILED, NoticeState.UNCLEAR)
        if not printed and not how:
            raise Refused("It has no PDF to be posted.", way="Draft it again in pdf, or say how it was given.")
        self._still(found, file, now)
        moved = replace(found, state=NoticeState.POSTED, detail=said)
        return self._told(found, moved, by, said, file.version)

    def came_back(self, number: str, by: Actor, *, detail: str = "") -> NoticeOnFile:
        """Say that it came back: the party was not told, and what it told of stands no more until they are."""
        said = _short(detail)
        found = self._record.read_now(lambda reader: _on_record(reader, number))
        _in(found, NoticeState.SENT, NoticeState.POSTED)
        moved = replace(found, state=NoticeState.CAME_BACK, detail=said)
        if not found.paper:
            return self._record.write_now(lambda tx: self._noted(tx, found, moved, by, "notice came back"))
        act = NoticeCameBack(about=found.about, detail=said)
        return replace(moved, paper=self._act(found, moved, act, by, None, "notice came back"))

    def close(self, number: str, by: Actor, *, reason: str) -> NoticeOnFile:
        """Say that nothing more is to be done about it, and why; nobody is told by that."""
        said = _short(reason)
        if not said:
            raise Refused("Say why it is closed.")
        found = self._record.read_now(lambda reader: _on_record(reader, number))
        _in(found, *_UNSENT, *_LOST)
        moved = replace(found, state=NoticeState.CLOSED, detail=said)
        return self._record.write_now(lambda tx: self._noted(tx, found, moved, by, "notice closed"))

    def _told(self, found: NoticeOnFile, moved: NoticeOnFile, by: Actor, how: str, version: int) -> NoticeOnFile:
        if not found.act:
            return self._record.write_now(lambda tx: self._noted(tx, found, moved, by, "notice posted"))
        permitted(_telling(), self._policy, by)
        paper = self._act(found, moved, telling(found, how), by, version, "notice posted")
        return replace(moved, paper=paper)

    def _act(
        self, found: NoticeOnFile, moved: NoticeOnFile, act: Act, by: Actor, version: int | None, what: str
    ) -> str:
        """Do an act and move the notice in one transaction; gives the paper's id."""

        def follow(tx: Transaction, done: Done) -> None:
            _move(tx, found, replace(moved, paper=done.paper.id), found.state)
            tx.act(by.name, what, f"notice:{found.id}", {"digest": found.digest, "paper": done.paper.id})

        party = self._record.read_now(lambda reader: reader.merged_into(found.party) or found.party)
        return self._casework.also(follow).do_now(party, act, by, version=version).paper.id

    def _noted(self, tx: Transaction, found: NoticeOnFile, moved: NoticeOnFile, by: Actor, what: str) -> NoticeOnFile:
        permitted(_telling(), self._policy, by)
        _move(tx, found, moved, found.state)
        tx.act(by.name, what, f"notice:{found.id}", {"digest": found.digest, "why": moved.detail})
        return moved

    def _still(self, found: NoticeOnFile, file: CaseFile, now: datetime) -> Written:
        """Write it again from the file as it is now; raises Stale where that is no longer what was read."""
        try:
            again = self._writing.write(found.about, file, found.drafted_at, now, words=found.words, forms=found.forms)
        except Refused as refused:
            raise Stale(f"{_CHANGED} {refused}") from None
        if again.says != found.says:
            raise Stale(_CHANGED)
        return again

    def _letters(
        self, found: NoticeOnFile, written: Written, printed: Sequence[Printed], now: datetime, name: str
    ) -> tuple[Letter, ...]:
        """Write the party's letter and the copies; whoever gets one sees nobody else's address."""
        office, pdfs = self._writing.office, enclosures(printed)
        local = now.astimezone(self._policy.zone)
        # Without a PDF the page stands in the mail itself.
        further = written.both[1:] if not pdfs else ()
        letters: list[Letter] = []
        for rcpt in (found.to, *found.copies):
            number = serial(now)
            envelope = Envelope(rcpt, f"<{number}@{office.address.rpartition('@')[2]}>", local)
            if rcpt == found.to and not letters:
                mail = as_mail(written.notice, office, envelope, pdfs, further)
            else:
                mail = as_copy(written.notice, office, envelope, name, shipped(), pdfs, further)
            octets = self._trace(number, mail.content) + mail.content
            once = f"notice:{found.id}:{len(letters)}"
            letters.append(Letter(number, NOTICE, office.address, rcpt, envelope.message_id, octets, now, once))
        return tuple(letters)


def telling(notice: NoticeOnFile, how: str) -> Act:
    """Give the act by which the party counts as told of what this notice is about."""
    if notice.act == CommunicateWarning.name:
        return CommunicateWarning(warning=notice.about, how=f"{how}, notice {notice.id}")
    return SendNotice(about=notice.about, how=how, digest=notice.digest, read_by=notice.read_by)


def _telling() -> Act:
    """Give the act whose right opens all that is done with notices."""
    return SendNotice(about=ARRANGEMENTS)


def _fit(words: str, forms: Sequence[str]) -> None:
    if len(words) > MOST_WORDS:
        raise Refused(f"Your own words have {MOST_WORDS} characters at most.")
    known = [form.value for form in FORMS]
    for form in forms:
        if form not in known:
            raise Refused(f"There is no form {form!r}.", way=f"The forms are {', '.join(known)}.")


def _short(text: str) -> str:
    if len(text) > 400:
        raise Refused("Say it in 400 characters at most.")
    return text.strip()


def _address(file: CaseFile, to: str) -> str:
    """Give the address that it goes to; empty where it has to be posted."""
    own = addresses(file)
    if to:
        if to.strip().lower() not in own:
            raise Refused("This is not an address of the person's own on their file.", way="Add it there first.")
        if not writable(to.strip().lower()):
            raise Refused("No mail of ours can go to this address.", way="Leave it out, and post the notice.")
        return to.strip().lower()
    return next((one for one in own if writable(one)), "")


def _readable(reader: Reader, party: int) -> CaseFile:
    file = file_of(party, reader)
    into = reader.merged_into(party)
    if into is not None:
        raise Refused(f"This party was merged into party {into}.", way="Write to that one.")
    return file


def _on_record(reader: Reader, number: str) -> NoticeOnFile:
    found = reader.notice(number)
    if found is None:
        raise NoSuchNotice("There is no such notice.")
    return found


def _with_file(reader: Reader, number: str) -> tuple[NoticeOnFile, CaseFile, tuple[Printed, ...]]:
    found = _on_record(reader, number)
    party = reader.merged_into(found.party) or found.party
    return found, file_of(party, reader), reader.printed(number)


def _in(found: NoticeOnFile, *states: NoticeState) -> None:
    if found.state not in states:
        wanted = " or ".join(one.value.replace("_", " ") for one in states)
        raise Refused(f"This notice is {found.state.value.replace('_', ' ')}; this is done to one that is {wanted}.")


def _move(tx: Transaction, found: NoticeOnFile, moved: NoticeOnFile, *states: NoticeState) -> None:
    """Move a notice on; raises Refused in a wrong state, Stale where somebody else was faster."""
    _in(found, *states)
    if not tx.move_notice(found.state, moved):
        raise Stale("Somebody else has moved this notice on since you looked at it.")


def _same(tx: Transaction, file: CaseFile) -> None:
    """Raise Stale where the file has changed between two moments of one command."""
    if file_of(file.party.id, tx).version != file.version:
        raise Stale(_CHANGED)


def _replace(tx: Transaction, drafted: NoticeOnFile) -> None:
    """Put earlier notices of the same aside; raises Refused where one is on its way, or told of it before."""
    for one in tx.notices_of(drafted.party):
        if one.about != drafted.about:
            continue
        if one.state is NoticeState.LEAVING:
            raise Refused("A notice of this is on its way.", way="Wait until it has left.")
        told = one.state in (NoticeState.SENT, NoticeState.POSTED)
        if told and not drafted.act and drafted.about != ARRANGEMENTS:
            raise Refused("The person was told of this before.")
        if one.state in (*_UNSENT, *_LOST):
            tx.move_notice(one.state, replace(one, state=NoticeState.REPLACED, detail=drafted.id))


def _detail(notice: NoticeOnFile) -> dict[str, object]:
    return {"party": notice.party, "about": notice.about, "kind": notice.kind, "digest": notice.digest}
