"""Keeps beside each contact what levels need to know of it, in the transaction that puts it on record.

Belongs here: the one way by which every door does so. What levels are made of it is `rules.levels`.
"""

from __future__ import annotations

from adapters.mail.message import Heading
from rules.contact import Contact
from rules.levels.particulars import particulars_of, place_number
from rules.policies import Policy
from rules.repeats import Repeat
from storage.transaction import Transaction


def keep_particulars(
    tx: Transaction,
    contact: Contact,
    number: str,
    policy: Policy,
    *,
    heading: Heading | None = None,
    thread: str = "",
    repeat: Repeat | None = None,
    pages: int = 0,
    minutes: int | None = None,
    documents: int = 0,
) -> None:
    """Keep what levels need of a contact that is on record as `number`; once, whoever asks again.

    A message's `heading` says whom it names in To and where its thread began; `thread` says the latter where there is
    no heading. `minutes` is what staff say it took, `pages` how many they counted, `documents` how many files
    with pages are attached, which nobody has counted yet (`gateway.page_count`).
    """
    known = particulars_of(
        contact,
        policy,
        to=heading.to if heading else (),
        thread=heading.root if heading else thread,
        repeat=repeat,
        pages=pages,
        minutes=minutes,
        files_not_counted=documents,
    )
    tx.keep_particulars(number, known)


def keep_more_places(tx: Transaction, number: str, recipients: tuple[str, ...]) -> None:
    """Keep that a contact on record as `number` reached these too."""
    tx.add_places(number, map(place_number, recipients))
