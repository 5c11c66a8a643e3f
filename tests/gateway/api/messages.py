"""Messages of a party on record, for the routes that read them: one that went back, and the same sent again."""

from __future__ import annotations

from datetime import timedelta

from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import Entry, Goal, State

SENDER = "r@example.net"
RUDE = "You are a <b>fool</b>."
ASKED = "Where is my file HS-1234? I sent the forms on 3 March and have heard nothing since then from any of you."
INBOX = "clerk@office.example.org"


def message(desk, number: int, body: str, party: int = 1) -> str:
    """Put a filed message of a party on record, with its copy; gives its number."""
    contact = f"contact{number:015}"
    entry = Entry(
        id=contact,
        channel=Channel.EMAIL,
        at=desk.clock() + timedelta(seconds=number),
        whose=f"party:{party}",
        state=State.FILED,
        decided=Outcome.FILE,
        carried=Outcome.FILE,
        party_id=party,
        sender=f"email:{SENDER}",
        targets=(Goal(INBOX, Outcome.FILE, INBOX, True),),
    )
    raw = f"From: R <{SENDER}>\r\nTo: {INBOX}\r\nMessage-ID: <{number}@example.org>\r\n\r\n{body}\r\n".encode()

    def job(tx) -> None:
        assert tx.add_contact(entry)
        tx.keep_raw(contact, SENDER, raw)

    desk.record.write_now(job)
    return contact


def two_versions(desk) -> tuple[str, str]:
    """Have one message go back with passages marked, and come again without them; gives both."""
    first = message(desk, 1, f"{RUDE} {ASKED}")
    answer = desk.ask("POST", f"/parties/1/contacts/{first}/highlight", json={"words": [RUDE], "note": "It insults."})
    assert answer.status_code == 201, answer.text
    return first, message(desk, 2, ASKED)
