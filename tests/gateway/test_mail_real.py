"""All the real mail in shared, sent by SMTP through a running office with ten connections."""

import asyncio
import re
from pathlib import Path

import pytest

from adapters.mail.maildir_names import message_file
from tests.adapters.mail.door import Client
from tests.gateway.office import deliver, office, untraced

REAL = Path(__file__).parents[3] / "shared" / "data" / "real-mail"
CONNECTIONS = 10
INBOX = "reading.room@example.org"
pytestmark = [
    pytest.mark.skipif(not REAL.is_dir(), reason="the real mail is not here"),
    pytest.mark.xdist_group("real mail"),
]


def real_messages() -> list[bytes]:
    """Give the messages without the mbox `From ` line, their line ends CRLF."""
    found = []
    for path in sorted(REAL.rglob("*.eml")):
        octets = path.read_bytes()
        if octets.startswith(b"From "):
            octets = octets.partition(b"\n")[2]
        text = re.sub(rb"\r\n|\r|\n", b"\r\n", octets)
        found.append(text if text.endswith(b"\r\n") else text + b"\r\n")
    return found


async def test_all_of_it_arrives(folder):
    """1,400 accepted, each one in the mailbox octet for octet behind the trace, 1,400 contacts on record."""
    messages = real_messages()
    assert len(messages) == 1400
    accepted: dict[str, bytes] = {}
    waiting = list(enumerate(messages))

    async def sender(door) -> None:
        async with Client.of(door) as client:
            while waiting:
                number, message = waiting.pop()
                reply = await deliver(client, message, [INBOX], f"sender{number}@example.net")
                assert reply.startswith("250 2.0.0 Ok "), (number, reply)
                accepted[reply.split()[-1]] = message

    async with office(folder) as here:
        await asyncio.gather(*(sender(here.gateway.smtp) for _ in range(CONNECTIONS)))
        contacts = {entry.id: entry for entry in here.contacts()}
        assert len(accepted) == 1400
        assert contacts.keys() == accepted.keys()
        assert {entry.state for entry in contacts.values()} == {"delivered"}
        inbox = here.settings.config.maildir / INBOX
        lying = {path.name: path.read_bytes() for part in ("new", "cur") for path in (inbox / part).iterdir()}
        assert len(lying) == 1400
        for number, message in accepted.items():
            assert untraced(lying[message_file(number)]) == message, number
