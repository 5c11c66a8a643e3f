"""The whole chain but for Parley: Postfix at the border, Postfix behind, Dovecot with the mailboxes, all for real.

Belongs here: servers put together with what `deploy` ships, a sender outside, and what lies in mailboxes in the end.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.adapters.mail.certificates import Authority
from tests.adapters.mail.door import Client
from tests.bench.peers.processes import wait_for_port
from tests.gateway.office import DOMAIN, FILED
from tests.ports import free_port
from tests.servers.dovecot import SHIPPED, Dovecot
from tests.servers.postfix import Postfix

OUTSIDE = "192.0.2.7"
WIDE = f"j\N{LATIN SMALL LETTER U WITH DIAERESIS}rgen@{DOMAIN}"
PEOPLE = tuple(f"{name}@{DOMAIN}" for name in ("clerk", "head", "alerts", "appeals"))
_BORDER = ("border.main.cf", "border.master.cf", "outgoing.master.cf")


class Mailboxes(Dovecot):
    """Run Dovecot with LMTP and the Sieve script as shipped; `limit` is the most messages of a mailbox by LMTP."""

    def __init__(self, *, limit: int = 0) -> None:
        super().__init__()
        self.lmtp_port = free_port()
        shipped = (SHIPPED / "lmtp-and-sieve.conf").read_text("utf-8")
        for before, after in {"/etc/dovecot/parley": str(self.folder), "port = 24": f"port = {self.lmtp_port}"}.items():
            assert before in shipped
            shipped = shipped.replace(before, after)
        (self.folder / "lmtp-and-sieve.conf").write_text(shipped)
        shutil.copy(SHIPPED / "parley.sieve", self.folder)
        subprocess.run(["sievec", self.folder / "parley.sieve"], check=True, capture_output=True)
        self._more += f"!include {self.folder}/lmtp-and-sieve.conf\n"
        if limit:
            self._more += (
                "protocol lmtp {\n  mail_plugins = $mail_plugins quota\n}\n"
                f"plugin {{\n  quota = count:mailbox\n  quota_vsizes = yes\n  quota_rule = *:messages={limit}\n}}\n"
            )

    def start(self) -> None:
        """Start it, and wait for its LMTP port too."""
        # Postfix starts Dovecot's delivery program as the owner of the mail, who writes into the same log.
        (self.folder / "log").touch()
        (self.folder / "log").chmod(0o666)
        super().start()
        wait_for_port(self.lmtp_port)

    def users(self) -> list[str]:
        """Name everybody who has had mail."""
        return sorted(path.name for path in (self.folder / "mail").iterdir())


class Chain:
    """Run border, server behind and mailboxes; Parley's own `port` between them is for a test's office to listen on.

    The border asks Parley before it answers; or, where it is `queued`, out of its queue and under TLS, and then the
    path takes addresses beyond ASCII too.
    """

    def __init__(self, folder: Path, *, queued: bool = False) -> None:
        folder.chmod(0o755)
        self.authority = Authority(folder)
        self.certificate = self.authority.host("localhost")
        self.port, self.way_out = free_port(), free_port()
        self.mailboxes = Mailboxes()
        self.behind = self._behind(queued=queued)
        self.border = self._border(queued=queued)

    def _behind(self, *, queued: bool) -> Postfix:
        port, lmtp = free_port(), f"127.0.0.1:{self.mailboxes.lmtp_port}"
        changes = {"127.0.0.1:10026": f"127.0.0.1:{port}", "127.0.0.1:24": lmtp}
        files = ["mailboxes.main.cf", "mailboxes.master.cf"]
        if queued:
            files += ["utf8.main.cf", "utf8.master.cf"]
            conf = f"dovecot-lda -c {self.mailboxes.folder}/dovecot.conf"
            changes |= {"user=vmail": "user=nobody", "dovecot-lda": conf}
        tls = f"smtpd_tls_cert_file = {self.certificate.chain}\nsmtpd_tls_key_file = {self.certificate.key}\n"
        # Whoever is not of the office has a mailbox here too, so that a test sees what is sent to them.
        more = f"smtpd_tls_security_level = may\n{tls}default_transport = lmtp:inet:{lmtp}\n"
        postfix = Postfix(f"mail.{DOMAIN}", *files, port=port, changes=changes, more=more)
        _people(postfix)
        return postfix

    def _border(self, *, queued: bool) -> Postfix:
        port = free_port()
        changes = {"25        inet": f"127.0.0.1:{port} inet", "127.0.0.1:10027": f"127.0.0.1:{self.way_out}"}
        changes |= {"[127.0.0.1]:10026": f"[127.0.0.1]:{self.behind.port}"}
        if queued:
            files = ["border.main.cf", "queued.master.cf", "outgoing.master.cf"]
            changes |= {"smtputf8_enable = no": "smtputf8_enable = yes"}
            changes |= {"[127.0.0.1]:8025": f"[127.0.0.1]:{self.port}"}
            changes |= {"/etc/ssl/certs/ca-certificates.crt": str(self.authority.file)}
        else:
            files = [*_BORDER]
            changes |= {"127.0.0.1:8025": f"127.0.0.1:{self.port}"}
        # A sender outside has the address that the test chooses, none is made to wait for having been refused, and the
        # postmaster, who has no mailbox here, is not told of each outage.
        more = "smtpd_authorized_xclient_hosts = 127.0.0.0/8\nsmtpd_error_sleep_time = 0\nnotify_classes =\n"
        more += f"default_transport = lmtp:inet:127.0.0.1:{self.mailboxes.lmtp_port}\n"
        return Postfix(f"mx.{DOMAIN}", *files, port=port, changes=changes, more=more)

    def on_one_machine(self) -> tuple[Postfix, int]:
        """Give one Postfix that is border and server behind at once, and its port for Parley; same mailboxes."""
        border, behind, way_out = free_port(), free_port(), free_port()
        changes = {
            "25        inet": f"127.0.0.1:{border} inet",
            "127.0.0.1:8025": f"127.0.0.1:{self.port}",
            "127.0.0.1:10027": f"127.0.0.1:{way_out}",
            "127.0.0.1:24": f"127.0.0.1:{self.mailboxes.lmtp_port}",
            # As the files say of one machine.
            "\nrelay_": "\n# relay_",
            "127.0.0.1:10026": f"127.0.0.1:{behind}",
        }
        files = (*_BORDER, "mailboxes.main.cf", "mailboxes.master.cf")
        postfix = Postfix(f"mail.{DOMAIN}", *files, port=border, changes=changes)
        _people(postfix)
        return postfix, behind

    def start(self) -> None:
        """Start all three."""
        for one in (self.mailboxes, self.behind, self.border):
            one.start()

    def end(self) -> None:
        """End all three, and remove what they kept."""
        for one in (self.border, self.behind, self.mailboxes):
            one.end()

    def settings(self, **more: Any) -> dict[str, Any]:
        """Give the mail settings of an office in the middle."""
        return {
            "listen": f"127.0.0.1:{self.port}",
            "next_hop": f"127.0.0.1:{self.behind.port}",
            "xforward_from": ("127.0.0.1",),
            "outbound": {"server": f"127.0.0.1:{self.way_out}", "security": "none"},
        } | more

    @asynccontextmanager
    async def sender(self, address: str = OUTSIDE, *, port: int = 0) -> AsyncIterator[Client]:
        """Connect to the border as somebody outside does."""
        async with Client.of(SimpleNamespace(port=port or self.border.port)) as client:
            if address:
                assert (await client.say(f"XCLIENT ADDR={address} NAME=mail.example.org")).startswith("220 ")
                assert (await client.say("EHLO mail.example.org")).startswith("250")
            yield client

    async def arrived(self, user: str, folder: str = "INBOX", *, count: int = 1) -> list[tuple[bytes, set[str]]]:
        """Wait until so many messages lie in a folder; give them with their marks."""
        try:
            async with asyncio.timeout(20):
                while len(found := self.mailboxes.marked(user, folder)) < count:
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pytest.fail(f"{folder}: fewer than {count} messages; {self.logs}")
        return found

    @property
    def logs(self) -> str:
        """Give the last words of all three."""
        dovecot = (self.mailboxes.folder / "log").read_text(errors="replace")
        return "\n".join(text[-2000:] for text in (self.border.log, self.behind.log, dovecot))

    def empty(self) -> None:
        """Take all messages out of all mailboxes."""
        for user in self.mailboxes.users():
            for folder in ("INBOX", FILED):
                with self.mailboxes.reader(user, folder) as client:
                    if uids := client.search("ALL"):
                        client.delete_messages(uids)
                        client.expunge()


def _people(postfix: Postfix) -> None:
    """Write down who has a mailbox. Dovecot takes no name of one beyond ASCII, so that such an address is an alias."""
    (postfix.folder / "mailboxes").write_text("".join(f"{one} yes\n" for one in PEOPLE))
    (postfix.folder / "aliases").write_text(f"{WIDE} {PEOPLE[0]}\n")
