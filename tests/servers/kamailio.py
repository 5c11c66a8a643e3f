"""Kamailio for real, on loopback, with the very files that `deploy/kamailio` ships; addresses and ports are ours.

Belongs here: starting and ending an instance of our own beside the system's, which is never touched, and the Parley
that it asks.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.bench.peers.processes import ended_with_us, stop, wait_for
from tests.gateway.office import Office, office
from tests.gateway.sip import CALLER, SIP, TOKEN
from tests.ports import LOOPBACK, free_port

SHIPPED = Path(__file__).parents[2] / "deploy" / "kamailio"
_PROGRAM = shutil.which("kamailio", path=os.environ.get("PATH", "") + ":/usr/sbin")
_TABLES = Path("/usr/share/kamailio/dbtext/kamailio")
_MODULES = ("http_client.so", "jansson.so", "uuid.so")
_PROBE = """\
OPTIONS sip:{host}:{port} SIP/2.0
Via: SIP/2.0/UDP {host}:{own};branch=z9hG4bKprobe
From: <sip:probe@{host}>;tag=probe
To: <sip:{host}:{port}>
Call-ID: probe
CSeq: 1 OPTIONS
Max-Forwards: 70
Content-Length: 0

"""


class Kamailio:
    """Run one Kamailio between a trunk and a PBX.

    `changes` are values of settings.cfg by name; None takes a definition out, "" puts one in that is a comment.
    """

    def __init__(self, folder: Path, **changes: str | None) -> None:
        self.folder = folder / "kamailio"
        self.folder.mkdir()
        self.port, self.pbx_port, self.parley_port = free_port(), free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._guard = contextlib.ExitStack()
        shutil.copy(SHIPPED / "kamailio.cfg", self.folder)
        kept = self.folder / "kept"
        kept.mkdir()
        for table in ("version", "dialog", "dialog_vars"):
            shutil.copy(_TABLES / table, kept)
        pbx = f"{LOOPBACK}:{self.pbx_port}"
        values: dict[str, str | None] = {
            "LISTEN_ADDRESS": LOOPBACK,
            "LISTEN_PORT": str(self.port),
            "PBX_URI": f"sip:{pbx}",
            "KEPT_CALLS": str(kept),
            "TRUNK_ADDRESSES": f"{LOOPBACK}/32",
            "PARLEY_URL": f"http://{LOOPBACK}:{self.parley_port}",
            "PARLEY_TOKEN": TOKEN,
            "AUTOMATED_LINE_URI": f"sip:parley-message@{pbx}",
            "VOICEMAIL_URI": f"sip:parley-voicemail@{pbx}",
        }
        text = (SHIPPED / "settings.cfg").read_text("utf-8")
        for name, value in (values | changes).items():
            text = _changed(text, name, value)
        (self.folder / "settings.cfg").write_text(text, "utf-8")

    def __enter__(self) -> Kamailio:
        """Start it and wait until it answers a question by SIP."""
        command = [str(_PROGRAM), "-f", str(self.folder / "kamailio.cfg"), "-DD", "-E", "-m", "16", "-M", "4"]
        command += ["-Y", str(self.folder), "-P", str(self.folder / "pid")]
        with (self.folder / "log").open("ab") as log:
            # In its own session, as it has processes of its own.
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self._guard.enter_context(ended_with_us(self._process.pid))
        try:
            wait_for(self._answers, f"Kamailio on port {self.port}")
        except TimeoutError:
            self.__exit__()
            pytest.fail(f"kamailio does not start: {self.log[-2000:]}")
        return self

    def __exit__(self, *_: object) -> None:
        """End it and all that it started."""
        self._guard.close()
        if self._process is not None:
            stop(self._process)
            self._process = None

    def anew(self, *, lost: bool = False) -> None:
        """Stop and start it, as an office does; `lost` tells that it is killed, and keeps nothing."""
        if lost and self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self.__exit__()
        self.__enter__()

    @property
    def log(self) -> str:
        """Give what it wrote into its log."""
        return (self.folder / "log").read_text(errors="replace")

    def _answers(self) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.2)
            probe.bind((LOOPBACK, 0))
            text = _PROBE.format(host=LOOPBACK, port=self.port, own=probe.getsockname()[1])
            with contextlib.suppress(OSError):
                probe.sendto(text.replace("\n", "\r\n").encode(), (LOOPBACK, self.port))
                return probe.recv(2000).startswith(b"SIP/2.0 200")
        return False


@asynccontextmanager
async def parley(folder: Path, kamailio: Kamailio, *measures: dict[str, Any], **more: Any) -> AsyncIterator[Office]:
    """Serve an office where Kamailio asks, with one party where there are measures for it."""
    listen = {"listen": f"{LOOPBACK}:{kamailio.parley_port}"}
    async with office(folder, phone_changes=listen, **({"sip": SIP} | more)) as here:
        if measures:
            here.party(*measures, emails=(), phones=[CALLER])
        yield here


async def until(true: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait a bounded time for something to become true."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


def _changed(text: str, name: str, value: str | None) -> str:
    """Give the settings with another value; a setting that is not shipped is a fault of the test."""
    if value is None:
        assert f"#!define {name}\n" in text, f"{name} is not in settings.cfg"
        return text.replace(f"#!define {name}\n", "")
    if not value:
        assert f"##!define {name}\n" in text, f"{name} is not in settings.cfg as a comment"
        return text.replace(f"##!define {name}\n", f"#!define {name}\n")
    changed, found = re.subn(rf'^(#!substdef "!{name}!).*(!g")$', rf"\g<1>{value}\g<2>", text, flags=re.MULTILINE)
    assert found == 1, f"{name} is not in settings.cfg"
    return changed


def needed() -> None:
    """Skip where Kamailio, a module of it, or SIPp is missing; under CI that is a failure."""
    missing = [name for name in _MODULES if not list(Path("/usr/lib").glob(f"*/kamailio/modules/{name}"))]
    if _PROGRAM is None:
        missing = ["kamailio"]
    if shutil.which("sipp") is None:
        missing.append("sipp")
    if missing:
        why = f"{missing[0]} is missing: make servers"
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
