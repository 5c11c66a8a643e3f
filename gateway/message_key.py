"""Under which key a message is on record, where its content alone does not say.

Belongs here: telling a message that comes again from another with the same words. Whoever asks has the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.mail.trace import is_unnumbered, next_key
from gateway.mail_contact import OPEN
from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import Entry
from storage.transaction import Reader

_TRIED_AGAIN = timedelta(hours=1)
"""How long a device that writes no Message-ID, Date or Received may try the same message again."""


def on_record(reader: Reader, key: str, raw: bytes, now: datetime) -> tuple[str, Entry | None]:
    """Give the key of a message that comes `now`, and what is on record of it, if anything.

    `key` is its content's. A message that nothing tells from another, of which one was settled more than an hour ago,
    is another: an alarm that says the same twice is two messages (THREATS C3).
    """
    earlier = reader.find(key)
    if earlier is None or not is_unnumbered(raw):
        return key, earlier
    while earlier is not None and earlier.state not in OPEN and now - earlier.at > _TRIED_AGAIN:
        key = next_key(key, earlier.id)
        earlier = reader.find(key)
    return key, earlier


def passed_further(reader: Reader, numbers: frozenset[str], recipients: Sequence[str]) -> str | None:
    """Give the key of the message that was passed on as these contacts, and was sent unchanged to more recipients.

    None where it goes round (THREATS S13): where all of them have it, or where it went elsewhere than its sender wrote.
    """
    entry = reader.contact(next(iter(numbers))) if len(numbers) == 1 else None
    if entry is None or entry.channel is not Channel.EMAIL:
        return None
    if any(goal.outcome is not Outcome.DELIVER or goal.to != goal.recipient for goal in entry.targets):
        return None
    reached = {goal.recipient.lower() for goal in entry.targets if goal.done}
    return entry.key if any(one.lower() not in reached for one in recipients) else None
