"""What a client has sent and nobody took yet: lines, blocks, pauses and ends."""

import asyncio

import pytest

from adapters.mail.smtp_in_wire import LONGEST_COMMAND, OVERLONG, READ_AHEAD, Intake


class Line:
    """A transport that notes whether it was paused."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def pause_reading(self) -> None:
        """Note it."""
        self.said.append("pause")

    def resume_reading(self) -> None:
        """Note it."""
        self.said.append("resume")


def intake() -> tuple[Intake, Line]:
    """Give an intake with its line."""
    made, line = Intake(asyncio.get_running_loop()), Line()
    made.begin(line)
    return made, line


async def test_who_sends_too_much_is_paused_until_it_is_taken():
    """Over READ_AHEAD the client is paused, once; taking all resumes it, as does waiting for more."""
    held, line = intake()
    held.hear(b"x" * READ_AHEAD)
    assert line.said == []
    held.hear(b"x")
    held.hear(b"x")
    assert line.said == ["pause"]
    assert len(held.pour()) == READ_AHEAD + 2
    assert line.said == ["pause", "resume"]
    held.hear(b"x" * (READ_AHEAD + 1))
    waiting = asyncio.ensure_future(held.more())
    await asyncio.sleep(0)
    assert line.said == ["pause", "resume"] * 2
    held.hear(b"x")
    assert await waiting


async def test_more_waits_for_more():
    """What is there already is not more; what comes is, and the end is not."""
    held, _ = intake()
    held.hear(b"there")
    waiting = asyncio.ensure_future(held.more())
    await asyncio.sleep(0)
    assert not waiting.done()
    held.hear(b"!")
    assert await waiting
    waiting = asyncio.ensure_future(held.more())
    await asyncio.sleep(0)
    held.end()
    assert not await waiting
    assert not await held.more()
    assert held.pour() == b"there!"


async def test_octets_before_the_end_are_more():
    """Who sends and closes at once is heard before the end is."""
    held, _ = intake()
    waiting = asyncio.ensure_future(held.more())
    await asyncio.sleep(0)
    held.hear(b"QUIT\r\n")
    held.end()
    assert await waiting
    assert not await held.more()


@pytest.mark.parametrize("first", [True, False], ids=["while it is waited for", "before it is waited for"])
async def test_a_broken_line_is_an_error(first):
    """What broke the line is raised to who waits, then or later."""
    held, _ = intake()
    if first:
        waiting = asyncio.ensure_future(held.more())
        await asyncio.sleep(0)
        held.end(ConnectionResetError())
    else:
        held.end(ConnectionResetError())
        waiting = asyncio.ensure_future(held.more())
    with pytest.raises(ConnectionResetError):
        await waiting


async def test_the_rest_of_an_overlong_line_begins_no_line():
    """While a line that is too long is skipped, nothing waits and yet what comes is no new line."""
    held, _ = intake()
    assert held.at_line_start
    held.hear(b"x" * (LONGEST_COMMAND + 1))
    assert held.line() is None
    assert held.waiting == 0
    assert not held.at_line_start
    held.hear(b"MAIL FROM:<>\r\n")
    assert held.line() is OVERLONG
    assert held.at_line_start
    held.hear(b"NO")
    assert not held.at_line_start
