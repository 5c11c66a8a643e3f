"""Builds that break a promise on purpose: the crash test must fail on each, or it proves nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

from adapters.mail import maildir
from gateway import build, text_replies
from storage import batches, sqlite, writer
from storage.entries import LetterState
from storage.transaction import Transaction

SLOW_DISK_S = 0.02


def nothing() -> None:
    """Leave the product as it is."""


def answer_before_commit() -> None:
    """Tell every caller of the record that its write is done, and only then commit, on a disk that takes 20 ms."""

    def together(self: batches.Batches, batch: list[batches.Task]) -> list[batches.Done]:
        transaction = self._begin()
        link = transaction.link
        done = [batches.Done(task, task.job(transaction)) for task in batch]
        for one in done:
            if one.task.loop is None:
                writer._tell([one])
            else:
                one.task.loop.call_soon_threadsafe(writer._tell, [one])
        time.sleep(SLOW_DISK_S)
        self._commit(link)
        self._failpoint("record.after_commit")
        return done

    def in_the_thread(self: writer.Writer, tasks: list[batches.Task]) -> bool:
        self._put(tasks)
        return False

    batches.Batches._together = together  # type: ignore[method-assign]  # that is the sabotage
    writer.Writer._do_in_loop = in_the_thread  # type: ignore[method-assign]  # so that the loop goes on meanwhile


def synchronous_off() -> None:
    """Let SQLite leave syncing to the operating system, and the check at start believe that it does not."""
    prepare = sqlite.SqliteLink._prepare

    def careless(self: sqlite.SqliteLink) -> None:
        prepare(self)
        self._raw.execute("PRAGMA synchronous = off").fetchall()

    sqlite.SqliteLink._prepare = careless  # type: ignore[method-assign]  # that is the sabotage


def letters_again() -> None:
    """Send everything again that was on its way when the process ended, as though it could not have left."""

    def careless(node: str, tx: Transaction) -> None:
        for letter_id in tx.recover(node).letters:
            tx.settle_letter(letter_id, LetterState.QUEUED)

    build.recover = careless  # type: ignore[attr-defined]  # that is the sabotage


def texts_again() -> None:
    """Answer every text of a number, however often it was answered."""
    text_replies.TextReplies._told = lambda *_: False  # type: ignore[method-assign]  # that is the sabotage


def mailboxes_unsynced() -> None:
    """Put messages into mailboxes and leave syncing to the operating system."""
    maildir._fsync = lambda _number: None


SABOTAGES: dict[str, Callable[[], None]] = {
    "none": nothing,
    "answer-before-commit": answer_before_commit,
    "synchronous-off": synchronous_off,
    "letters-again": letters_again,
    "texts-again": texts_again,
    "mailboxes-unsynced": mailboxes_unsynced,
}
