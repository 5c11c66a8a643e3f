"""The published fake ends of data through the whole office: one message in, one message out (THREATS S3)."""

import pytest

from adapters.mail.line_ends import only_crlf
from tests.adapters.mail.door import Client
from tests.adapters.mail.test_smtp_in_smuggling import OTHERS, PAIRS, SMUGGLED, WITH_NUL, ends_seen_by_anybody
from tests.gateway.hop import Hop
from tests.gateway.office import CLERK, office, untraced

HEADER = b"From: r.example@example.org\r\nSubject: %d\r\n\r\nHello"


@pytest.mark.parametrize("through", ["the next hop", "a mailbox"])
async def test_every_sequence_is_one_message(folder, through):
    """Whoever reads what leaves, with whatever idea of line ends, sees one message for each that came."""
    ends = list((PAIRS | WITH_NUL | OTHERS).values())
    async with (
        Hop() as hop,
        office(folder, mail={"next_hop": f"127.0.0.1:{hop.port}"} if "hop" in through else {}) as here,
    ):
        async with Client.of(here.gateway.smtp) as client:
            for number, end in enumerate(ends):
                data = HEADER % number + end + SMUGGLED.replace(b"office@example.org", CLERK.encode())
                assert (await client.post(data, CLERK)).startswith("250 2.0.0 Ok "), end
        assert here.states() == ["delivered"] * len(ends)
        left = [took.octets for took in hop.messages] if "hop" in through else here.mailbox()
        assert len(left) == len(ends)
        for message in left:
            assert only_crlf(message)
            assert untraced(message).startswith(b"From: r.example@example.org\r\n")
            assert b"Pay at once" in message
            if "hop" in through:
                # What stood on the wire had its dots doubled; a lone dot within would have ended it for somebody.
                assert ends_seen_by_anybody(message.replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n") == 1
