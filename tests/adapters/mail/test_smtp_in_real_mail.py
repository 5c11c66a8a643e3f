"""Real mail through the door, where the folder with it lies beside the repository."""

import asyncio
from collections import Counter

import pytest

from adapters.mail.smtp_commands import on_the_wire
from tests.adapters.mail.door import Client, open_door
from tests.adapters.mail.test_message_real_mail import MAIL, messages


@pytest.mark.skipif(not MAIL.is_dir(), reason="the real mail does not lie beside the repository")
async def test_all_real_mail_comes_through_byte_for_byte():
    """Ten clients at once send every message; each arrives once, as it was."""
    raws = messages(MAIL)
    async with open_door() as (door, reception):
        await asyncio.gather(*(post_all(door, raws[start::10]) for start in range(10)))
        assert Counter(message.raw for message in reception.messages) == Counter(raws)


async def post_all(door, raws: list[bytes]) -> None:
    """Send messages over one connection."""
    async with Client.of(door) as client:
        for raw in raws:
            await client.begin()
            await client.send(b"".join(on_the_wire([raw])))
            assert (await client.reply()).startswith("250 ")
