"""What a message says of itself: every mark that programs are known to set, and that a person's mail has none."""

from __future__ import annotations

import pytest

from adapters.mail.automatic import nature_of
from adapters.mail.message import answerable, read
from rules.contact import Nature

R = "r@example.org"
MARKS = {
    "nothing": ("", R, Nature.PERSON),
    "it says that it is not automatic": ("Auto-Submitted: no", R, Nature.PERSON),
    "a wish for silence": ("X-Auto-Response-Suppress: All", R, Nature.PERSON),
    "an automatic reply": ("Auto-Submitted: auto-replied", R, Nature.AUTO_REPLY),
    "with a type": ("Auto-Submitted: Auto-Replied; owner-email=x (vacation)", R, Nature.AUTO_REPLY),
    "without a sender": ("Auto-Submitted: auto-replied", "<>", Nature.AUTO_REPLY),
    "a vendor's mark": ("X-Autoreply: yes", R, Nature.AUTO_REPLY),
    "another vendor's": ("X-Autorespond: Re", R, Nature.AUTO_REPLY),
    "a vendor's mark that says no": ("X-Autoreply: no", R, Nature.PERSON),
    "a precedence that some set": ("Precedence: auto_reply", R, Nature.AUTO_REPLY),
    "something generated": ("Auto-Submitted: auto-generated", R, Nature.MACHINE),
    "bulk": ("Precedence: bulk", R, Nature.MACHINE),
    "junk": ("Precedence: junk", R, Nature.MACHINE),
    "the null path alone": ("", "<>", Nature.MACHINE),
    "a list": ("List-Id: <talk.example.org>", R, Nature.LIST),
    "a list by its precedence": ("Precedence: list", R, Nature.LIST),
    "an automatic reply to a list": ("List-Unsubscribe: <x>\nAuto-Submitted: auto-replied", R, Nature.LIST),
}


@pytest.mark.parametrize(("lines", "mail_from", "nature"), MARKS.values(), ids=MARKS)
def test_what_a_message_says_of_itself(lines, mail_from, nature):
    """By header and envelope alone; what a machine sends is never answered (C4)."""
    heading = read(f"From: {R}\n{lines}\n\nHello\n".replace("\n\n\n", "\n\n").replace("\n", "\r\n").encode())
    assert nature_of(heading, mail_from) is nature
    if nature is not Nature.PERSON:
        assert not answerable(heading, mail_from)
