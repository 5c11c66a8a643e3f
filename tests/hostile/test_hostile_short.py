"""A minute of `make hostile`, and that its law bites."""

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pytest
import structlog

from tests.hostile.apart import committed_seeds, try_seeds
from tests.hostile.run import Findings, Listener, _judge

SECONDS = 60.0


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_minute_of_hostile_mail(tmp_path):
    """What nobody honest sends is answered by 250 and kept, by 4xx, or by a rule; nothing breaks, nothing hangs."""
    seeds = [*committed_seeds(), *range(900_000, 901_000)]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(try_seeds, tmp_path, seeds, SECONDS).result()
    assert found.failures == []
    assert found.counts["message"] > 500
    assert found.counts["dialogue"] > 200
    assert {f"message answered {code}" for code in ("250", "354", "550", "221")} <= set(found.counts)


@pytest.mark.parametrize(
    "said",
    [b"Traceback (most recent call last):\r\n", b"250 2.0.0 Ok\n", b"250 caf\xc3\xa9\r\n", b"600 no\r\n", b"250"],
    ids=["no reply at all", "a bare line feed", "not ASCII", "no such code", "cut off"],
)
def test_what_is_no_reply_is_found(said):
    """The law sees a line that SMTP does not have."""
    assert _judge(said, "message", Findings(), [])


def test_a_promise_that_is_not_kept_is_found(tmp_path):
    """A message that was answered 250 and is nowhere, and one that was taken and not answered, are found."""
    from tests.hostile.office import hostile_office
    from tests.hostile.run import _missing, _one_message

    async def look():
        async with hostile_office(tmp_path) as here:
            from random import Random

            said = b""
            for number in range(20):
                said += await _one_message(here, Random(number))
            taken = []
            _judge(said, "message", Findings(), taken)
            assert taken
            assert _missing(here, taken, 0) == []
            assert "not on record" in _missing(here, [*taken, b"01m7nowhere"], 0)[0]
            for path in here.settings.config.maildir.rglob("*"):
                if path.is_file():
                    path.unlink()
            return _missing(here, taken, 0), _missing(here, [], 0)

    lost, unanswered = asyncio.run(look())
    assert any("lies nowhere" in one for one in lost)
    assert any("were taken and 0" in one for one in unanswered)


def test_a_fault_of_ours_is_heard():
    """An error in the log is a finding, and so is a message that was put aside."""
    listener = Listener()
    for method, event in (("error", "message failed"), ("warning", "shunted"), ("info", "serving")):
        with pytest.raises(structlog.DropEvent):
            listener(None, method, {"event": event})
    assert len(listener.heard) == 2
