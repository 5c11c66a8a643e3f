"""Postfix for real, on loopback, with the lines that `deploy/postfix` ships; folders, ports and names are ours.

Belongs here: starting and killing an instance of our own beside the system's, which is never touched. Postfix's master
runs only as root.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.bench.peers.postfix import daemon_directory
from tests.bench.peers.processes import ended_with_us, listening, start, stop, wait_for

SHIPPED = Path(__file__).parents[2] / "deploy" / "postfix"
_OURS = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = {daemons}
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = {name}
mydestination =
local_recipient_maps =
alias_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
disable_dns_lookups = yes
"""
_SERVICES = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """Run one Postfix with shipped files, in which each of `changes` has to be found; `more` are lines for main.cf."""

    def __init__(self, name: str, *files: str, port: int, changes: dict[str, str], more: str = "") -> None:
        # Not below pytest's own folders: its daemons are another user.
        self.folder = Path(tempfile.mkdtemp(prefix="parley-postfix-"))
        self.folder.chmod(0o755)
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._guard = contextlib.ExitStack()
        for part in ("etc", "queue", "data"):
            (self.folder / part).mkdir(mode=0o755)
        os.chown(self.folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
        ours = _OURS.format(folder=self.folder, daemons=daemon_directory(), name=name)
        shipped = {file: (SHIPPED / file).read_text("utf-8") for file in files}
        changes = {"/etc/postfix": str(self.folder)} | changes
        for before in changes:
            assert any(before in text for text in shipped.values()), f"{before} is not in {files}"
        # All at once: what one change puts there is not for another to find (a port that begins like another's).
        wanted = re.compile("|".join(map(re.escape, sorted(changes, key=len, reverse=True))))
        shipped = {file: wanted.sub(lambda found: changes[found[0]], text) for file, text in shipped.items()}
        main = [text for file, text in shipped.items() if file.endswith("main.cf")]
        master = [text for file, text in shipped.items() if file.endswith("master.cf")]
        (self.folder / "etc" / "main.cf").write_text(ours + _settings(main) + more)
        (self.folder / "etc" / "master.cf").write_text("\n".join([_SERVICES, *master]))
        shutil.copy(SHIPPED / "parley_header_checks", self.folder)

    @property
    def log(self) -> str:
        """Give what it wrote into its log."""
        file = self.folder / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def start(self) -> None:
        """Start it and wait until its port answers."""
        checked = subprocess.run(
            ["postfix", "-c", str(self.folder / "etc"), "check"], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stderr
        assert "warning" not in checked.stderr, checked.stderr
        self._process = start([f"{daemon_directory()}/master", "-c", str(self.folder / "etc"), "-s"])
        self._guard.enter_context(ended_with_us(self._process.pid))
        try:
            wait_for(lambda: listening(self.port), f"port {self.port}")
        except TimeoutError:
            pytest.fail(f"postfix does not start: {self.log[-2000:]}")

    def stop(self) -> None:
        """End it and all that it started; its queue stays."""
        self._guard.close()
        if self._process is not None:
            stop(self._process)
            self._process = None

    def end(self) -> None:
        """End it and remove its queue."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def queue(self) -> str:
        """Give what is in its queue, one message a line; empty where nothing is."""
        command = ["postqueue", "-c", str(self.folder / "etc"), "-j"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def flush(self) -> None:
        """Have it try at once whatever it put off."""
        subprocess.run(["postqueue", "-c", str(self.folder / "etc"), "-f"], check=True, capture_output=True)

    def submit(self, message: bytes, recipient: str) -> None:
        """Send a message from the machine itself, by its sendmail."""
        command = ["sendmail", "-C", str(self.folder / "etc"), "-f", "head@office.example.org", recipient]
        subprocess.run(command, input=message, check=True, capture_output=True)


def _settings(files: list[str]) -> str:
    """Give the settings of several files; the later stand in the place of those of the same name, as the files say."""
    lines = [line for text in files for line in text.splitlines() if line and not line.startswith("#")]
    return "".join(f"{line}\n" for line in {line.partition(" =")[0]: line for line in lines}.values())


def needed() -> None:
    """Skip where there is no Postfix or no root; under CI that is a failure."""
    missing = [name for name in ("postfix", "sievec") if shutil.which(name, path="/usr/sbin:/usr/bin") is None]
    why = f"{missing[0]} is missing: make servers" if missing else "" if os.geteuid() == 0 else "Postfix needs root"
    if why and os.environ.get("CI") == "true":
        pytest.fail(why)
    if why:
        pytest.skip(why)
