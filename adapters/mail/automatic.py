"""What a message says of itself in its header: that a program wrote it, a list sent it on, or neither.

Belongs here: the reading of such marks into one word (RFC 3834, 5230, 2369, and vendors' own).
The promise (THREATS C4, C5): whoever writes such a mark is not answered, and gains nothing else by it.
"""

from __future__ import annotations

from adapters.mail.message import NULL_PATH, Heading
from rules.contact import Nature


def nature_of(heading: Heading, mail_from: str) -> Nature:
    """Say what wrote a message, by its header and envelope alone; reports are read by `bounces`."""
    if heading.listed:
        return Nature.LIST
    if heading.auto_reply:
        return Nature.AUTO_REPLY
    # No person's mail program sends with the null path (RFC 5321 4.5.5).
    return Nature.MACHINE if heading.automatic or mail_from in ("", NULL_PATH) else Nature.PERSON
