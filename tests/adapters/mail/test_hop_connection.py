"""The waits of one connection to a next hop: each has its own end, though one timer serves for several."""

import asyncio
import time

import pytest

from adapters.mail.hop_connection import SILENT, HopConnection


class Wire(asyncio.Transport):
    """A transport that notes what is said on it."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[bytes] = []
        self.aborted = False

    def write(self, data):
        """Note it."""
        self.said.append(data)

    def abort(self):
        """Note it."""
        self.aborted = True


def connected():
    """Give a connection with its wire."""
    connection, wire = HopConnection(asyncio.get_running_loop()), Wire()
    connection.connection_made(wire)
    return connection, wire


async def answered(connection, timeout_s):
    """Ask something that is answered at once."""
    asking = asyncio.ensure_future(connection.ask([b"NOOP\r\n"], timeout_s))
    await asyncio.sleep(0)
    connection.data_received(b"250 Ok\r\n")
    heard = await asking
    assert (heard.failure, heard.replies[0].code) == ("", 250)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param([], id="the first wait"),
        pytest.param([60.0], id="after a longer one"),
        pytest.param([0.05], id="after a shorter one"),
        pytest.param([0.05, 60.0, 0.05], id="after several"),
    ],
)
async def test_a_wait_ends_in_its_own_time(before):
    """Silence ends a wait when its own time is over, not sooner and not much later, whatever was waited for before."""
    connection, wire = connected()
    await connection._hear(0, 1)
    connection._greeting = False
    for timeout_s in before:
        await answered(connection, timeout_s)
    begin = time.monotonic()
    heard = await connection.ask([b"NOOP\r\n"], 0.2)
    assert heard.failure == SILENT
    assert 0.15 < time.monotonic() - begin < 5
    assert wire.aborted


async def test_nothing_happens_to_who_waits_for_nothing():
    """The timer of a wait that is over closes nothing."""
    connection, wire = connected()
    connection._greeting = False
    await answered(connection, 0.02)
    await asyncio.sleep(0.06)
    assert connection.usable
    assert not wire.aborted
    await answered(connection, 0.02)


async def test_a_connection_that_is_gone_leaves_no_timer():
    """Whatever ends a connection ends its timer too."""
    connection, _ = connected()
    connection._greeting = False
    await answered(connection, 60)
    assert connection._timer is not None
    connection.connection_lost(None)
    assert connection._timer is None
