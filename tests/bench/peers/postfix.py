"""Postfix as a filter hop without a queue (smtpd_proxy_filter) that asks postfwd for a rate per sender.

Everything is in a folder of its own, on loopback; /etc/postfix and the system's service are not touched. Nothing is
logged: without a syslog daemon Postfix's lines go nowhere, which favours this peer.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench.peers.processes import ended_with_us, running, stop_tree, wait_for, wait_for_port
from tests.bench.peers.sink import missing
from tests.ports import LOOPBACK, free_port

GENEROUS = 100_000_000

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
myhostname = border.example.org
mydestination =
local_recipient_maps =
alias_maps =
relay_domains = example.org
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
disable_dns_lookups = yes
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = {restrictions}
message_size_limit = 0
"""

_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd -o smtpd_proxy_filter={next_hop}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""


class Postfix:
    """Run a Postfix hop in front of a next hop's port, with postfwd unless `policy` is off.

    `rate` is how many mails an hour postfwd lets a sender send. Only as root (see `sink.missing`).
    """

    def __init__(self, next_port: int, *, policy: bool = True, rate: int = GENEROUS) -> None:
        """Prepare."""
        self.next_port, self.port = next_port, free_port()
        self.postfwd = Postfwd(rate) if policy else None
        self.pids: list[int] = []
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Start postfwd, then Postfix."""
        reason = missing()
        if reason:
            raise OSError(reason)
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(open_folder("parley-postfix-"))
            if self.postfwd:
                stack.enter_context(self.postfwd)
                self.pids += self.postfwd.pids
            self._configure(folder)
            self._check(folder)
            master = [f"{daemon_directory()}/master", "-c", str(folder / "etc"), "-s"]
            self.pids.append(stack.enter_context(running(master, self.port)).pid)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        """Stop both and remove the folder."""
        self._stack.close()
        self.pids = []

    def _configure(self, folder: Path) -> None:
        for name in ("etc", "queue", "data"):
            (folder / name).mkdir(mode=0o755)
        os.chown(folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
        service = [f"check_policy_service inet:{LOOPBACK}:{self.postfwd.port}"] if self.postfwd else []
        restrictions = ", ".join([*service, "permit"])
        main = _MAIN.format(folder=folder, daemons=daemon_directory(), restrictions=restrictions)
        (folder / "etc" / "main.cf").write_text(main)
        next_hop = f"{LOOPBACK}:{self.next_port}"
        (folder / "etc" / "master.cf").write_text(_MASTER.format(port=self.port, next_hop=next_hop))

    @staticmethod
    def _check(folder: Path) -> None:
        """Let Postfix make its queue's folders and say what it dislikes."""
        done = subprocess.run(
            ["postfix", "-c", str(folder / "etc"), "check"], capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode:
            raise OSError(f"postfix check: {done.stderr[-800:]}")


def daemon_directory() -> str:
    """Give the folder of Postfix's daemons."""
    done = subprocess.run(["postconf", "-dh", "daemon_directory"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@contextlib.contextmanager
def open_folder(prefix: str) -> Iterator[Path]:
    """Make a temporary folder that the servers' own users may enter."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Postfwd:
    """Run postfwd2 on loopback with one rule: a rate per sender."""

    def __init__(self, rate: int = GENEROUS) -> None:
        """Prepare; `rate` is the mails an hour."""
        self.rate, self.port = rate, free_port()
        self.pids: list[int] = []
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Start; it makes itself a daemon, so its process is known by its pid file."""
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(open_folder("parley-postfwd-"))
            pid_file = folder / "run" / "postfwd.pid"
            pid_file.parent.mkdir()
            shutil.chown(pid_file.parent, "nobody", "nogroup")
            subprocess.run(self._command(pid_file), check=True, capture_output=True, timeout=30)
            wait_for(lambda: pid_file.exists() and pid_file.read_text().strip().isdigit(), "postfwd's pid file")
            self.pids = [int(pid_file.read_text())]
            stack.callback(stop_tree, self.pids[0])
            stack.enter_context(ended_with_us(self.pids[0]))
            wait_for_port(self.port)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        """Stop it with all its children."""
        self._stack.close()
        self.pids = []

    def _command(self, pid_file: Path) -> list[str]:
        rule = f"id=RATE; action=rate(sender/{self.rate}/3600/450 4.7.1 too much mail from you)"
        place = ["--interface", LOOPBACK, "--port", str(self.port), "--pidfile", str(pid_file)]
        cache = ["--cache_socket", f"unix::{pid_file.parent}/cache.socket"]
        return [
            "postfwd2",
            "--nodns",
            "--perfmon",
            "--rule",
            rule,
            *place,
            *cache,
            "--user",
            "nobody",
            "--group",
            "nogroup",
        ]
