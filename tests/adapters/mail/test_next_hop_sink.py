"""The 35 faults of the next hop, made by Postfix's smtp-sink."""

import asyncio
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from adapters.mail.next_hop import NextHop, NextHopSettings
from rules.answers import Delivered, Permanent, Temporary
from tests.ports import free_port

SMTP_SINK = shutil.which("smtp-sink", path=os.environ.get("PATH", "") + ":/usr/sbin")
pytestmark = pytest.mark.servers

CLERK = "clerk@example.org"
MESSAGE = (b"Parley-Trace: v1; id=1\r\n", b"Subject: Hello\r\n\r\nGood morning\r\n.\r\n..\r\nend\r\n")
SOFT, HARD = "450 4.3.0 Error: command failed", "500 5.3.0 Error: command failed"
FAULTS = {"4xx": "-r", "5xx": "-f", "drop": "-q", "421": "-Q", "hang": ""}
STEPS = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT")
CELLS = [(step, fault) for step in STEPS for fault in FAULTS]
WAITED_FOR = {"CONNECT": "connect_timeout_s", ".": "data_timeout_s"}


@pytest.fixture
async def sink():
    """Give a function that starts smtp-sink with options and gives its port."""
    if SMTP_SINK is None:
        if os.environ.get("CI") == "true":
            pytest.fail("smtp-sink is missing: make servers")
        pytest.skip("smtp-sink is not installed: make servers")
    running = []

    async def start(*options, cwd=None):
        for _ in range(5):
            port = free_port()
            user = ["-u", "nobody"] if os.geteuid() == 0 else []
            process = subprocess.Popen([SMTP_SINK, *user, *options, f"127.0.0.1:{port}", "100"], cwd=cwd)
            running.append(process)
            if await listening(process, port):
                return port
        pytest.fail("smtp-sink does not start")

    yield start
    for process in running:
        process.kill()
        process.wait()


async def listening(process, port):
    """Wait until a server listens; False where it ended, its port taken by another."""
    for _ in range(2000):
        if process.poll() is not None:
            return False
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            await asyncio.sleep(0.005)
        else:
            return True
    return False


def door(port, **changes):
    """Open a next hop that is patient unless told otherwise."""
    patient = {"connect_timeout_s": 20, "reply_timeout_s": 20, "data_timeout_s": 20, "quit_timeout_s": 0.3}
    return NextHop(NextHopSettings("127.0.0.1", port, "gate.example.org", **(patient | changes)))


def expected(step, fault):
    """Say what the issue says: kind, the reply passed on, whether it is unclear."""
    if step == "QUIT":
        return (Delivered, None, False)
    if step in ("CONNECT", "EHLO") or fault in ("drop", "421", "hang"):
        return (Temporary, None, step == "." and fault in ("drop", "hang"))
    return (Temporary, SOFT, False) if fault == "4xx" else (Permanent, HARD, False)


@pytest.mark.parametrize(("step", "fault"), CELLS, ids=[f"{step} {fault}" for step, fault in CELLS])
async def test_every_fault_at_every_step(sink, step, fault):
    """Nothing is lost: refusals are passed on, everything else before the final reply is temporary, QUIT is nothing."""
    # smtp-sink refuses what is pipelined behind a command that it delays, so there it must not offer it.
    options = ["-p", "-W", f"{step.lower()}:60"] if fault == "hang" else [FAULTS[fault], step]
    port = await sink(*options)
    hasty = {WAITED_FOR.get(step, "reply_timeout_s"): 0.3} if fault == "hang" and step != "QUIT" else {}
    hop = door(port, **hasty)
    answer = (await hop.send("sender@example.org", (CLERK,), MESSAGE))[CLERK]
    assert (type(answer), getattr(answer, "reply", None), getattr(answer, "unclear", False)) == expected(step, fault)
    async with asyncio.timeout(10):
        await hop.close()


@pytest.mark.parametrize("options", [(), ("-p",), ("-8", "-p")], ids=["pipelined", "plain", "7 bit"])
async def test_messages_arrive_as_they_are(sink, tmp_path, options):
    """Several messages over one connection are in the sink's files line for line."""
    tmp_path.chmod(0o777)
    port = await sink(*options, "-d", "taken/m.", cwd=tmp_path)
    hop = door(port, pool_size=1)
    for number in range(3):
        answers = await hop.send("<>", (CLERK, "head@example.org"), (b"Number: %d\r\n" % number, *MESSAGE))
        assert all(isinstance(answer, Delivered) for answer in answers.values())
    await hop.close()
    taken = [Path(path).read_bytes().partition(b"\n")[2] for path in (tmp_path / "taken").iterdir()]
    assert len(taken) == 3
    for number in range(3):
        whole = b"".join((b"Number: %d\r\n" % number, *MESSAGE)).replace(b"\r\n", b"\n")
        assert sum(text.endswith(whole + b"\n") for text in taken) == 1


async def test_a_sink_that_refuses_and_stops_reading(sink):
    """A refusal in the middle of a large message is passed on at once, though the rest cannot be sent."""
    port = await sink("-A", "0")
    hop = door(port)
    async with asyncio.timeout(15):
        answer = (await hop.send("<>", (CLERK,), (b"x" * 998 + b"\r\n",) * 30000))[CLERK]
    assert isinstance(answer, Permanent | Temporary)
    assert not getattr(answer, "unclear", False)
    await hop.close()


async def test_many_at_once(sink):
    """Four hundred messages from forty senders are all taken, over at most ten connections."""
    port = await sink()
    hop = door(port, pool_size=10)

    async def sender():
        return [(await hop.send("a@example.org", (CLERK,), MESSAGE))[CLERK] for _ in range(10)]

    answers = await asyncio.gather(*(sender() for _ in range(40)))
    assert all(isinstance(answer, Delivered) for each in answers for answer in each)
    await hop.close()
