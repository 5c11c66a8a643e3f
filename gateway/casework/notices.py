"""Notices on their way to a party: drafted, read by a person, sent or posted; nobody is told before it left (PHSO-20).

Belongs here: what people do with a notice, for command line and API alike, each step in the chain of acts. That it left
by mail, or did not, is `notice_fate`'s to find. Its methods wait; not for event loops.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.casework.desk import Casework, Done, Stale, file_of
from gateway.casework.notice_drafts import Drafts, wanted_of
from gateway.casework.notice_mail import Postroom
from gateway.casework.notice_matter import addresses
from gateway.casework.notice_steps import (
    CHANGED,
    LOST,
    UNSENT,
    in_state,
    move,
    on_record,
    right_to_tell,
    same,
    short,
    telling,
    with_file,
)
from gateway.casework.notice_writing import Writing, Written, wanted_again
from gateway.casework.outline import READ_FILE
from gateway.clock import Clock
from gateway.config import Settings
from rules.casework.actor import Actor
from rules.casework.acts.act import Act, allowed, permitted
from rules.casework.acts.notice_came_back import NoticeCameBack
from rules.casework.acts.record_no_notice import RecordNoNotice
from rules.casework.file import CaseFile
from rules.casework.notices import ARRANGEMENTS, NoticeOnFile, NoticeState
from rules.casework.refused import Refused
from storage.notices import Printed
from storage.record import Record
from storage.transaction import Reader, Transaction

MOST_AGE = timedelta(days=7)
"""How old a draft may be when it leaves: a letter that carries last month's date tells of last month."""


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
        self._clock = clock
        self._writing = Writing(settings)
        self._drafts = Drafts(record, settings.policy, self._writing, clock)
        self._postroom = Postroom(self._writing.office, trace, settings.policy.zone)

    def draft(
        self,
        party: int,
        about: str,
        by: Actor,
        *,
        words: str = "",
        forms: Sequence[str] = (),
        to: str = "",
        language: str = "",
        translations: Mapping[str, str] | None = None,
    ) -> NoticeOnFile:
        """Draft a notice from the file as it is now; an earlier draft of the same is replaced.

        `words` are the office's own, `forms` besides those that were promised, `to` one of the party's own addresses.
        `language` names the office's file of phrases for a translated letter, `translations` what colleagues typed.
        """
        self._may_read(by)
        return self._drafts.draft(party, about, by, wanted_of(words, forms, language, translations), to)

    def list(self, party: int, by: Actor) -> tuple[NoticeOnFile, ...]:
        """List the notices to a party, and to those merged into it, the oldest first; that they looked is on record."""
        found = self.of(party, by)
        self._record.write_now(lambda tx: tx.act(by.name, READ_FILE, f"party:{party}", {"of": "notices"}))
        return found

    def of(self, party: int, by: Actor) -> tuple[NoticeOnFile, ...]:
        """Give the same to the office's own work, where what follows is on record by itself."""
        self._may_read(by)

        def job(reader: Reader) -> tuple[NoticeOnFile, ...]:
            numbers = (file_of(party, reader).party.id, *(number for number, _ in reader.aliases(party)))
            found = [one for number in numbers for one in reader.notices_of(number)]
            return tuple(sorted(found, key=lambda one: (one.drafted_at, one.id)))

        return self._record.read_now(job)

    def show(self, number: str, by: Actor) -> Shown:
        """Show a notice with its PDFs; that somebody looked is on record (THREATS W4)."""
        self._may_read(by)

        def job(tx: Transaction) -> Shown:
            found = on_record(tx, number)
            tx.act(by.name, "notice looked at", f"notice:{number}")
            return Shown(found, tx.printed(number))

        return self._record.write_now(job)

    def _may_read(self, by: Actor) -> None:
        """Refuse whoever tells parties but reads no files: a notice gives reasons, and what was agreed (SPSO-68)."""
        permitted(right_to_tell(), self._policy, by)
        allowed(READ_FILE, self._policy, by)

    def read(self, number: str, by: Actor) -> NoticeOnFile:
        """Say that you have read it as it will leave; the party is told in your name."""

        def job(tx: Transaction) -> NoticeOnFile:
            found = on_record(tx, number)
            permitted(telling(found, ""), self._policy, by)
            permitted(right_to_tell(), self._policy, by)
            moved = replace(found, state=NoticeState.READ, read_by=by.name, read_roles=tuple(sorted(by.roles)))
            move(tx, found, moved, NoticeState.DRAFTED)
            tx.act(by.name, "notice read", f"notice:{number}", {"digest": found.digest})
            return moved

        return self._record.write_now(job)

    def send(self, number: str, by: Actor) -> NoticeOnFile:
        """Put it into the outbox, with a copy to each advocate who gets one; the party is told once it has left."""
        permitted(right_to_tell(), self._policy, by)
        now = self._clock()
        found, file, printed = self._record.read_now(lambda reader: with_file(reader, number))
        _sendable(found, file, now)
        letters = self._postroom.letters(found, self._still(found, file, now), printed, now, file.party.name)

        def job(tx: Transaction) -> NoticeOnFile:
            tx.lock_party(found.party)
            same(tx, file)
            leaving = replace(found, state=NoticeState.LEAVING, letters=tuple(one.id for one in letters))
            move(tx, found, leaving, NoticeState.READ)
            for letter in letters:
                tx.enqueue(letter)
            tx.act(by.name, "notice leaving", f"notice:{number}", {"digest": found.digest})
            return leaving

        return self._record.write_now(job)

    def posted(self, number: str, by: Actor, *, how: str = "") -> NoticeOnFile:
        """Say that it left by other means than our mail: the party is told now, with what was read."""
        said = short(how) or "by post"
        now = self._clock()
        found, file, printed = self._record.read_now(lambda reader: with_file(reader, number))
        in_state(found, NoticeState.READ, NoticeState.FAILED, NoticeState.UNCLEAR)
        if not printed and not how:
            raise Refused("It has no PDF to be posted.", way="Draft it again in pdf, or say how it was given.")
        self._still(found, file, now)
        permitted(right_to_tell(), self._policy, by)
        moved = replace(found, state=NoticeState.POSTED, detail=said)
        return self._act(found, moved, telling(found, said), by, file.version, "notice posted")

    def came_back(self, number: str, by: Actor, *, detail: str = "") -> NoticeOnFile:
        """Say that it came back: the party was not told, and what it told of stands no more until they are."""
        said = short(detail)
        found = self._record.read_now(lambda reader: on_record(reader, number))
        in_state(found, NoticeState.SENT, NoticeState.POSTED, *([NoticeState.UNCLEAR] if found.paper else []))
        moved = replace(found, state=NoticeState.CAME_BACK, detail=said)
        if not found.paper:  # it left, and what it told of had fallen meanwhile
            return self._record.write_now(lambda tx: self._noted(tx, found, moved, by, "notice came back"))
        act = NoticeCameBack(about=found.about, detail=said)
        return self._act(found, moved, act, by, None, "notice came back")

    def close(self, number: str, by: Actor, *, reason: str) -> NoticeOnFile:
        """Say that nothing more is to be done about it, and why; of a page, that the party needs no new one."""
        said = short(reason)
        if not said:
            raise Refused("Say why it is closed.")
        found = self._record.read_now(lambda reader: on_record(reader, number))
        in_state(found, *UNSENT, *LOST)
        moved = replace(found, state=NoticeState.CLOSED, detail=said)
        if found.about == ARRANGEMENTS and found.state in UNSENT:
            none = RecordNoNotice(about=ARRANGEMENTS, reason=said, page=found.page)
            return self._act(found, moved, none, by, None, "notice closed")
        return self._record.write_now(lambda tx: self._noted(tx, found, moved, by, "notice closed"))

    def _act(
        self, found: NoticeOnFile, moved: NoticeOnFile, act: Act, by: Actor, version: int | None, what: str
    ) -> NoticeOnFile:
        """Do an act and move the notice in one transaction; gives the notice with the paper's id."""

        def follow(tx: Transaction, done: Done) -> None:
            move(tx, found, replace(moved, paper=done.paper.id), found.state)
            tx.act(by.name, what, f"notice:{found.id}", {"digest": found.digest, "paper": done.paper.id})

        party = self._record.read_now(lambda reader: reader.merged_into(found.party) or found.party)
        done = self._casework.also(follow).do_now(party, act, by, version=version)
        return replace(moved, paper=done.paper.id)

    def _noted(self, tx: Transaction, found: NoticeOnFile, moved: NoticeOnFile, by: Actor, what: str) -> NoticeOnFile:
        permitted(right_to_tell(), self._policy, by)
        move(tx, found, moved, found.state)
        tx.act(by.name, what, f"notice:{found.id}", {"digest": found.digest, "why": moved.detail})
        return moved

    def _still(self, found: NoticeOnFile, file: CaseFile, now: datetime) -> Written:
        """Write it again from the file as it is now; raises Stale where that is no longer what was read."""
        try:
            again = self._writing.write(found.about, file, found.drafted_at, now, wanted_again(found))
        except Refused as refused:
            raise Stale(f"{CHANGED} {refused}") from None
        if again.says != found.says:
            raise Stale(CHANGED)
        return again


def _sendable(found: NoticeOnFile, file: CaseFile, now: datetime) -> None:
    in_state(found, NoticeState.READ)
    if now - found.drafted_at > MOST_AGE:
        raise Stale(f"This notice was drafted more than {MOST_AGE.days} days ago. Draft it again, and read it.")
    if not found.to:
        raise Refused("No address of their own is on record.", way="Post it, and say so with notice posted.")
    if found.to not in addresses(file):
        raise Stale("The address that it was to go to is the person's no more. Draft it again.")
