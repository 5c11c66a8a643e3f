"""What became of notices that went into the outbox: only a letter that left tells anybody anything (PHSO-20, C6, W6).

Belongs here: following letters to their end. Act and state go into the record together, so that it happens once,
whenever the process dies; what did not leave is put before a person, with one alert. (Copies: `parley queue`.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import structlog

from gateway.casework.desk import Casework, Done, NoSuchParty, Stale
from gateway.casework.notice_steps import telling
from gateway.clock import Clock
from gateway.ending import FATAL
from gateway.incident import where
from gateway.letters import Letters
from rules.casework.actor import Actor
from rules.casework.notices import NoticeOnFile, NoticeState
from rules.casework.refused import Refused
from storage.entries import LetterState
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.transaction import Reader, Transaction

_NOT_LEFT = {
    LetterState.FAILED: NoticeState.FAILED,
    LetterState.LOOKED_AT: NoticeState.FAILED,
    LetterState.UNCLEAR: NoticeState.UNCLEAR,
}
_WORDS = {
    NoticeState.FAILED: "A notice did not leave: the person was not told",
    NoticeState.UNCLEAR: "Nobody knows whether a notice left: find out, and say so",
}
_NOTHING_TOLD = "A notice left, and what it told of stands no longer"

log = structlog.get_logger()


class Faster(Exception):
    """Say that somebody else has followed this notice; nothing was done here."""


class NoticeFate:
    """Follow the notices that are leaving; may be run by several at once, and again after any fault."""

    def __init__(self, record: Record, casework: Casework, letters: Letters, clock: Clock) -> None:
        self._record = record
        self._casework = casework
        self._letters = letters
        self._clock = clock

    async def follow(self) -> int:
        """Do what is due for every notice whose letter has left, or will not leave; gives how many those were."""
        done = 0
        for notice, state in await self._record.read(lambda reader: tuple(_leaving(reader))):
            try:
                done += await self._follow(notice, state)
            except Faster:
                continue
            except (*FATAL, RecordUnavailable):
                raise
            except Exception as fault:  # the one broad except of this loop: the others are told all the same
                log.error("notice not followed", notice=notice.id, **where(fault))
        return done

    async def _follow(self, notice: NoticeOnFile, state: LetterState) -> bool:
        if state is LetterState.SENT:
            await self._left(notice)
            return True
        failed = _NOT_LEFT.get(state)
        if failed is None:
            return False
        await self._record.write(lambda tx: self._lost(tx, notice, failed))
        return True

    async def _left(self, notice: NoticeOnFile) -> None:
        """The party is told: in the name of who read it."""
        moved = replace(notice, state=NoticeState.SENT)

        def follow(tx: Transaction, done: Done) -> None:
            _moved(tx, notice, replace(moved, paper=done.paper.id))

        party = await self._record.read(lambda reader: reader.merged_into(notice.party) or notice.party)
        by = Actor(notice.read_by, frozenset(notice.read_roles))
        try:
            await self._casework.also(follow).do(party, telling(notice, "by email", to=notice.to), by)
        except Stale:
            return  # the file is being changed at this moment: at the next time
        except (Refused, NoSuchParty) as refused:
            why = str(refused)
            await self._record.write(lambda tx: self._told_nothing(tx, notice, why))

    def _told_nothing(self, tx: Transaction, notice: NoticeOnFile, why: str) -> None:
        """Put down that it left although what it told of had fallen meanwhile; a person has to know."""
        _moved(tx, notice, replace(notice, state=NoticeState.SENT, detail=why))
        self._alert(tx, notice, _NOTHING_TOLD)

    def _lost(self, tx: Transaction, notice: NoticeOnFile, state: NoticeState) -> None:
        letter = tx.letter(notice.letters[0])
        detail = letter.detail if letter is not None else ""
        _moved(tx, notice, replace(notice, state=state, detail=detail))
        self._alert(tx, notice, _WORDS[state])

    def _alert(self, tx: Transaction, notice: NoticeOnFile, what: str) -> None:
        party = tx.party(tx.merged_into(notice.party) or notice.party)
        tx.enqueue(self._letters.alert_paper(notice.id, what, party, self._clock()))


def _leaving(reader: Reader) -> Iterator[tuple[NoticeOnFile, LetterState]]:
    for notice in reader.notices_in(NoticeState.LEAVING):
        letter = reader.letter(notice.letters[0])
        yield notice, letter.state if letter is not None else LetterState.FAILED


def _moved(tx: Transaction, notice: NoticeOnFile, moved: NoticeOnFile) -> None:
    """Move a notice on from leaving; raises Faster, which undoes all of it, where another has."""
    if not tx.move_notice(NoticeState.LEAVING, moved):
        raise Faster
    detail = {"digest": notice.digest, "paper": moved.paper}
    tx.act(notice.read_by, f"notice {moved.state.value}", f"notice:{notice.id}", detail)
