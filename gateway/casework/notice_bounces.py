"""Notices of ours that the post of the net brought back: then the party was not told (THREATS C6, PHSO-20).

Belongs here: from a returned message to the desk's act, without a person where somebody vouches for it, once however
often it comes; any other lifts nothing, and a person finds out (I4). What is no letter of ours is passed over.
"""

from __future__ import annotations

from dataclasses import replace

from adapters.mail.own_mail import clean_line
from gateway.casework.desk import Casework, Done, Stale
from gateway.casework.notice_mail import NOTICE
from gateway.clock import Clock
from gateway.letters import Letters
from rules.casework.actor import Actor
from rules.casework.acts.notice_came_back import NoticeCameBack
from rules.casework.notices import NoticeOnFile, NoticeState
from rules.casework.refused import Refused
from storage.record import Record
from storage.transaction import Reader, Transaction

BY = "(returned mail)"
"""In whose name it is put on file: nobody said so. It has the roles of who read the notice."""
_CAME_BACK = "A notice came back: the person was not told"
_DOUBTED = "A notice may not have arrived, and nobody vouches for that: find out, and say so. It holds until then"
_COPY = "The copy of a notice came back: an advocate did not get it"
_ON_ITS_WAY = (NoticeState.LEAVING, NoticeState.SENT, NoticeState.UNCLEAR)
_LONGEST = 400


class NoticeBounces:
    """Put on file that notices came back; may be called by several at once, and again after any fault."""

    def __init__(self, record: Record, casework: Casework, letters: Letters, clock: Clock) -> None:
        self._record = record
        self._casework = casework
        self._letters = letters
        self._clock = clock

    async def bounced(self, reference: str, why: str, vouched: bool = True) -> bool:
        """Take it that the letter of this Message-ID, or the notice of this id, came back; True where that is news.

        Where it is not `vouched` for, what the party was told of stands until a person says that it came back: whoever
        got the notice can write a report on it. `why` is what the other side said, cut to a line. Raises Stale where
        the file is being changed at this moment or the notice is on its way, RecordUnavailable; then it may be called
        again.
        """
        found = await self._record.read(lambda reader: _found(reader, reference.strip()))
        if found is None:
            return False
        notice, copy = found
        said = clean_line(why)[:_LONGEST]
        if copy:
            return await self._record.write(lambda tx: self._copy(tx, notice, reference.strip(), said))
        if notice.state not in _ON_ITS_WAY:
            return False  # told again or otherwise since, or known
        moved = replace(notice, state=NoticeState.CAME_BACK, detail=said)
        if notice.state is NoticeState.LEAVING and not vouched:
            raise Stale("This notice is on its way: it is seen first whether it left.")
        if notice.paper and not vouched:
            return await self._record.write(lambda tx: self._doubted(tx, notice, said))
        if not notice.paper:
            return await self._record.write(lambda tx: self._moved(tx, notice, moved))
        return await self._not_told(notice, moved)

    def _doubted(self, tx: Transaction, notice: NoticeOnFile, why: str) -> bool:
        """Put it before a person at once; it is told as it was, and waits, overdue, until they say what is so."""
        doubted = replace(notice, state=NoticeState.UNCLEAR, detail=why)
        if notice.state is NoticeState.UNCLEAR or not tx.move_notice(notice.state, doubted):
            return False
        tx.act(BY, "notice may not have arrived", f"notice:{notice.id}", {"digest": notice.digest, "why": why})
        return self._alert(tx, notice, f"{notice.id}:doubted", _DOUBTED)

    async def _not_told(self, notice: NoticeOnFile, moved: NoticeOnFile) -> bool:
        """Do the desk's own act; where it makes no sense any more the notice is noted all the same."""

        def follow(tx: Transaction, done: Done) -> None:
            if not self._moved(tx, notice, replace(moved, paper=done.paper.id)):
                raise Stale("Somebody else has moved this notice on.")

        party = await self._record.read(lambda reader: reader.merged_into(notice.party) or notice.party)
        act = NoticeCameBack(about=notice.about, detail=moved.detail)
        try:
            await self._casework.also(follow).do(party, act, Actor(BY, frozenset(notice.read_roles)))
        except Refused:
            return await self._record.write(lambda tx: self._moved(tx, notice, moved))
        return True

    def _moved(self, tx: Transaction, notice: NoticeOnFile, moved: NoticeOnFile) -> bool:
        if not tx.move_notice(notice.state, moved):
            return False
        tx.act(BY, "notice came back", f"notice:{notice.id}", {"digest": notice.digest, "paper": moved.paper})
        if not moved.paper or moved.paper == notice.paper:  # the desk's own act has its alert
            self._alert(tx, notice, f"{notice.id}:came back", _CAME_BACK)
        return True

    def _copy(self, tx: Transaction, notice: NoticeOnFile, message_id: str, why: str) -> bool:
        if not self._alert(tx, notice, message_id.strip("<>"), _COPY):
            return False
        tx.act(BY, "copy of a notice came back", f"notice:{notice.id}", {"digest": notice.digest, "why": why})
        return True

    def _alert(self, tx: Transaction, notice: NoticeOnFile, once: str, what: str) -> bool:
        party = tx.party(tx.merged_into(notice.party) or notice.party)
        return tx.enqueue(self._letters.alert_paper(once, what, party, self._clock()))


def _found(reader: Reader, reference: str) -> tuple[NoticeOnFile, bool] | None:
    """Give the notice that a reference names, and whether it is a copy of it; None for what is not ours.

    Our Message-ID begins with the letter's id; it counts only where the letter on record has this very Message-ID.
    """
    notice = reader.notice(reference)
    if notice is not None:
        return notice, False
    whole = f"<{reference.strip('<>')}>"
    letter = reader.letter(whole[1:].partition("@")[0])
    if letter is None or letter.message_id != whole or letter.kind != NOTICE:
        return None
    _, number, place = (letter.once or "::").split(":")
    notice = reader.notice(number)
    if notice is None or letter.id not in notice.letters:
        return None
    return notice, place != "0"
