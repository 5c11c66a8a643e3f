"""The 35 faults of the next hop made by Postfix's smtp-sink, through the whole office, then the hop is well again."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess

import pytest

from tests.gateway.hop import CELLS, expected
from tests.gateway.office import mail, office, with_record
from tests.ports import free_port

SINK = shutil.which("smtp-sink", path=os.environ.get("PATH", "") + ":/usr/sbin")
OPTIONS = {"4xx": "-r", "5xx": "-f", "drop": "-q", "421": "-Q"}
SOFT, HARD = "450 4.3.0 Error: command failed", "500 5.3.0 Error: command failed"
pytestmark = pytest.mark.servers


class Sink:
    """Run smtp-sink on one port, sick or well; what it takes lies in a file each."""

    def __init__(self, folder):
        self.folder = folder
        self.port = 0
        self._process = None

    async def start(self, *options):
        """Start it, on the port that it had before."""
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o777)
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        for _ in range(10):
            self.port = self.port or free_port()
            command = [SINK, *user, *options, "-d", "m.", f"127.0.0.1:{self.port}", "100"]
            self._process = subprocess.Popen(command, cwd=self.folder)
            if await self._listens():
                return
        pytest.fail("smtp-sink does not start")

    async def _listens(self):
        for _ in range(1000):
            if self._process.poll() is not None:
                return False
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return True
            await asyncio.sleep(0.005)
        return False

    def stop(self):
        """Kill it, and everything that it forked."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def taken(self):
        """Give the messages that it took, less the header that it writes itself."""
        return [path.read_bytes() for path in self.folder.iterdir()]


@pytest.fixture
def sink(tmp_path):
    """A smtp-sink of the test's own."""
    if SINK is None:
        if os.environ.get("CI") == "true":
            pytest.fail("smtp-sink is missing: make servers")
        pytest.skip("smtp-sink is not installed: make servers")
    sink = Sink(tmp_path / "taken")
    yield sink
    sink.stop()


@pytest.mark.parametrize(("step", "fault"), CELLS, ids=[f"{fault} at {step}" for step, fault in CELLS])
async def test_every_fault(sink, tmp_path, template, step, fault):
    """The sender is told what the issue says, and the same message is delivered once when the hop is well again."""
    # smtp-sink refuses what is pipelined behind a command that it delays, so there it must not offer it.
    sick = ["-p", "-W", f"{step.lower()}:60"] if fault == "hang" else [OPTIONS[fault], step]
    await sink.start(*sick)
    waits = {"reply_timeout_s": 0.6, "data_timeout_s": 0.6} if fault == "hang" else {}
    settings = {"next_hop": f"127.0.0.1:{sink.port}"} | waits
    async with office(with_record(tmp_path, template), mail=settings) as here:
        party = here.party({"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"})
        reply = await here.post(mail())
        assert reply.startswith(expected(step, fault, SOFT, HARD)), reply
        assert here.used(party) == (step == "QUIT")
        assert set(here.states()) <= {
            "delivered" if step == "QUIT" else "passed_back" if reply[0] == "5" else "deferred"
        }
        sink.stop()
        await sink.start()
        assert (await here.post(mail())).startswith("250 2.0.0 Ok ")
        assert (here.states(), here.used(party)) == (["delivered"], 1)
    # At the final dot smtp-sink writes what it then refuses or hangs on, and its file of that stays.
    kept = [text for text in sink.taken() if b"Subject: Message 1\n" in text]
    assert len(kept) == 1 if step != "." else len(kept) >= 1
    assert all(b"\nParley-Trace: v1; id=" in text for text in kept)
